# SPDX-License-Identifier: MIT
"""What can break: drive, key loop, sensor, relay, supply, program, flash."""

import sys

from treadguard.virtual import hall
from treadguard.virtual.built import StandIn
from treadguard.virtual.people import Refused
from treadguard.virtual.presets import MEMORY_KEY


def runaway(world, mm_s, accel_mm_s2):
    world.belt.force(mm_s, accel_mm_s2)


def drive_ok(world):
    world.belt.release()


def short_driver(world, accel_mm_s2):
    world.belt.short(accel_mm_s2)


def mains(world, to):
    world.belt.mains(to == "on")


def loop(world, obeys_ms):
    world.belt.obeys_ms = obeys_ms


def bypass(world, on):
    world.bypassed = on == "on"
    world.update_loop()


def gait(world, ripple_permille):
    world.belt.gait.typical = ripple_permille * 100


def sensor(world, fault):
    world.hall.fault = "" if fault == "none" else fault


def sensor_b(world, fault):
    the_second(world).fault = "" if fault == "none" else fault


def swap_halls(world):
    hall.swap(world.hall, the_second(world))


def reverse(world):
    """The belt runs the other way: B's magnets come before A's."""
    the_second(world).place(3)


def the_second(world):
    if world.hall_b is None:
        raise Refused("no second sensor is fitted")
    return world.hall_b


def contactor_fault(world, fault):
    if world.relay.contactor is None:
        raise Refused("no contactor is fitted")
    world.relay.contactor.break_it(fault)


def incline(world, permille, per_second):
    world.deck.raise_to(permille, per_second)


def incline_sensor(world, fault):
    if world.deck.chip is None:
        raise Refused("no inclinometer is fitted")
    world.deck.fault = fault


def footfalls(world, mg):
    world.deck.blow_mg = mg


def lose_magnet(world, index):
    world.hall.lose(index % len(world.hall.lost), True)


def edges(world, missed_permille, bounce_permille, jitter_us, shrink_um):
    world.hall.missed_permille = missed_permille
    world.hall.bounce_permille = bounce_permille
    world.hall.jitter_us = jitter_us
    world.hall.shrink_nm = shrink_um * 1000


def burst(world, count, gap_us):
    world.hall.burst(count, gap_us)


def relay_fault(world, fault, on, ms):
    world.relay.fault(fault, on == "on", ms * 1000)


def coil_supply(world, to):
    world.coil_supply(to == "on")


def power(world, to):
    if to == "off" and world.power:
        world.truth.begin_if_closed("power", False)
        world.cut_power()
    elif to == "on" and not world.power:
        world.restore_power()


def reset(world, kind):
    world.truth.begin_if_closed("reset", False)
    if world.power:
        world.reset_now(kind)


def inject(world, kind, where, ms):
    world.bomb = (where, kind, ms)


def late_handler(world, count, us):
    world.irq.late = count
    world.irq.late_us = us


def store(world, how):
    world.flash.failing = how == "fails"
    world.flash.free = 0 if how == "full" else 2 * 1024 * 1024


def damage(world, path, how, at):
    """What a bad block or a hand with mpremote does to a file; a flip inverts one bit.
    The path "nvs" is the memory of latches."""
    if path == "nvs":
        blob = bytearray(world.flash.nvs[MEMORY_KEY])
        blob[at] ^= 1
        world.flash.nvs[MEMORY_KEY] = bytes(blob)
        return
    data = world.flash.read(path)
    if data is None:
        raise Refused("there is no file " + path)
    if how == "remove":
        del world.flash.files[path]
    elif how == "truncate":
        world.flash.files[path] = data[:at]
    else:
        spoilt = bytearray(data)
        spoilt[at] ^= 1
        world.flash.files[path] = bytes(spoilt)


def erase_nvs(world):
    world.flash.nvs = {}


def poke(world, module, path, value):
    """A bit that flips in RAM: set an attribute of the running firmware."""
    names = path.split(".")
    target = sys.modules[module]
    if isinstance(target, StandIn):
        raise Refused("a built firmware has no " + module + " in RAM")
    for name in names[:-1]:
        target = getattr(target, name)
    setattr(target, names[-1], value)
