# SPDX-License-Identifier: MIT
"""Everything that can be done to the virtual world, as one table: for scenarios, where an action
is a table of named values, and for `simulate serve`, where it is a line of words.

An argument is (name, kind, default): a kind is int, str, dict or a tuple of allowed words, and
a default of REQUIRED must be given. Faults are injected here and nowhere else: the firmware has
no switch for them.
"""

from treadguard.virtual import breakage, contactor, deck, hall, people, relay, usb
from treadguard.virtual.chip import NAMES
from treadguard.virtual.people import Refused

REQUIRED = "required"
SIDES = ("left", "right", "both")
ON_OFF = ("on", "off")


SIDE = ("side", SIDES, REQUIRED)
TABLE = {
    "grip": (people.grip, (SIDE,)),
    "let_go": (people.let_go, (SIDE,)),
    "slip": (people.slip, (SIDE, ("ms", int, REQUIRED))),
    "chatter": (people.chatter, (SIDE, ("period_ms", int, 20), ("times", int, 3))),
    "tape": (people.tape, (SIDE, ("on", ON_OFF, "on"))),
    "rail": (people.rail, (SIDE, ("permille", int, REQUIRED))),
    "touch": (people.touch, (SIDE, ("fault", ("none", "zero", "error"), REQUIRED))),
    "step": (people.step, (("on", ON_OFF, REQUIRED),)),
    "fall": (people.fall, ()),
    "start": (
        people.start,
        (("what", ("press", "hold", "down", "release"), REQUIRED), ("ms", int, 200)),
    ),
    "mode": (people.mode, (("to", ("forward", "backward", "off", "both"), REQUIRED),)),
    "estop": (people.estop, (("what", ("press", "release"), REQUIRED),)),
    "key": (people.key, (("to", ("in", "out"), REQUIRED),)),
    "console": (people.console, (("what", ("speed", "stop"), REQUIRED), ("mm_s", int, 222))),
    "runaway": (breakage.runaway, (("mm_s", int, REQUIRED), ("accel_mm_s2", int, 0))),
    "drive_ok": (breakage.drive_ok, ()),
    "short_driver": (breakage.short_driver, (("accel_mm_s2", int, 1500),)),
    "mains": (breakage.mains, (("to", ON_OFF, REQUIRED),)),
    "push": (people.push, (("mm_s", int, REQUIRED), ("ms", int, 0))),
    "loop": (breakage.loop, (("obeys_ms", int, REQUIRED),)),
    "bypass": (breakage.bypass, (("on", ON_OFF, "on"),)),
    "gait": (breakage.gait, (("ripple_permille", int, REQUIRED),)),
    "sensor": (breakage.sensor, (("fault", ("none",) + hall.FAULTS, REQUIRED),)),
    "sensor_b": (breakage.sensor_b, (("fault", ("none",) + hall.FAULTS, REQUIRED),)),
    "swap_halls": (breakage.swap_halls, ()),
    "reverse": (breakage.reverse, ()),
    "contactor": (breakage.contactor_fault, (("fault", contactor.FAULTS, REQUIRED),)),
    "incline": (
        breakage.incline,
        (("permille", int, REQUIRED), ("per_second", int, 0)),
    ),
    "incline_sensor": (breakage.incline_sensor, (("fault", deck.FAULTS, REQUIRED),)),
    "footfalls": (breakage.footfalls, (("mg", int, REQUIRED),)),
    "lose_magnet": (breakage.lose_magnet, (("index", int, 0),)),
    "edges": (
        breakage.edges,
        (
            ("missed_permille", int, 0),
            ("bounce_permille", int, 0),
            ("jitter_us", int, 0),
            ("shrink_um", int, 0),
        ),
    ),
    "burst": (breakage.burst, (("count", int, REQUIRED), ("gap_us", int, 500))),
    "relay": (
        breakage.relay_fault,
        (("fault", relay.FAULTS, REQUIRED), ("on", ON_OFF, "on"), ("ms", int, 0)),
    ),
    "coil_supply": (breakage.coil_supply, (("to", ON_OFF, REQUIRED),)),
    "power": (breakage.power, (("to", ON_OFF, REQUIRED),)),
    "reset": (breakage.reset, (("kind", NAMES, REQUIRED),)),
    "inject": (
        breakage.inject,
        (
            ("kind", ("exception", "hang", "hang_masked", "slow") + NAMES, REQUIRED),
            ("where", ("read", "drive", "talk", "feed"), "read"),
            ("ms", int, 0),
        ),
    ),
    "late_handler": (breakage.late_handler, (("count", int, 1), ("us", int, 3000))),
    "store": (breakage.store, (("how", ("ok", "fails", "full"), REQUIRED),)),
    "damage": (
        breakage.damage,
        (
            ("path", str, REQUIRED),
            ("how", ("flip", "truncate", "remove"), "flip"),
            ("at", int, 0),
        ),
    ),
    "erase_nvs": (breakage.erase_nvs, ()),
    "host": (people.host, (("send", dict, REQUIRED),)),
    "host_raw": (people.host_raw, (("text", str, REQUIRED),)),
    "flood": (people.flood, (("byte", int, 85), ("count", int, REQUIRED))),
    "ctrl_c": (people.ctrl_c, ()),
    "usb": (people.usb, (("laptop", usb.PLACES, REQUIRED),)),
    "poke": (
        breakage.poke,
        (("module", str, REQUIRED), ("path", str, REQUIRED), ("value", int, REQUIRED)),
    ),
    "note": (people.note, (("text", str, REQUIRED),)),
}
# What is a hazard by itself, from the moment it is done, when the relay is closed.
HAZARDS = ("runaway", "short_driver", "sensor", "sensor_b", "lose_magnet", "reverse", "inject")


def do(world, name, values):
    """Carry out an action; values may hold more than its arguments."""
    function, arguments = TABLE[name]
    given = [values.get(argument[0], argument[2]) for argument in arguments]
    above_mm_s = values.get("above_mm_s", 0)
    hazard = values.get("hazard", name if name in HAZARDS else "")
    if hazard and above_mm_s:
        world.truth.begin_above(hazard, above_mm_s)
    elif hazard:
        world.truth.begin_if_closed(hazard, False)
    function(world, *given)
    if world.truth.waiting_mm_s:
        world.truth.belt_at(world.belt.mean_um_s)


__all__ = ["HAZARDS", "REQUIRED", "TABLE", "Refused", "do"]
