# SPDX-License-Identifier: MIT
"""Hazards of boards with options, and which of the ordinary ones such boards meet as well."""

from __future__ import annotations

import math
from collections.abc import Callable

from tests.campaign.draw import STANDING, Draw
from tests.campaign.hazards import (
    CLOSED,
    FAST,
    MOVING,
    WALKING,
    Entry,
    Facts,
    Hazard,
    belt_bound,
    fixed,
    late_loop,
    press_start,
)
from tests.campaign.hazards_belt import ALL, shorted
from tests.campaign.hazards_deck import (
    bypass,
    bypass_bound,
    incline_bound,
    incline_fault,
    key_locks,
    pole,
    raised,
    raised_bound,
)
from tests.campaign.options import HALL, INCLINE, KEY, QUADRATURE, STOP
from tests.campaign.outcome import Deadline, Outcome
from tests.campaign.travel import Magnet, Reversed, Silent
from treadguard import bounds, bounds_options

# Two sensors


def one_dead(d: Draw) -> list[Entry]:
    which = d.rng.choice(("sensor", "sensor_b"))
    fault = d.rng.choice(("dead", "stuck_low"))
    d.facts["belt_needed"] = True
    return [{"do": which, "fault": fault, "hazard": "one_of_two_dead"}]


def dead_bound(setup: bounds.Setup, facts: Facts, o: Outcome) -> float:
    """T5 adds its time when the silence was named a quiet end."""
    ms = belt_bound(setup, facts, o)
    return bounds.quiet_ms(ms) if o.fault == "BELT_STOPPED" else ms


def lead_b(d: Draw) -> list[Entry]:
    fault = d.rng.choice(("cut", "short", "odd"))
    return [{"do": "sensor_b", "fault": fault, "hazard": "second_hall_lead"}]


def four_magnets(d: Draw) -> None:
    d.profile = "recommended_4_magnet"
    for key in ("magnets", "circumference_um", "coast_mm_s2"):
        d.treadmill.pop(key, None)
    d.refresh()


def two_or_more(d: Draw) -> None:
    if d.numbers["magnets"] < 2:
        four_magnets(d)


def one_magnet(d: Draw) -> list[Entry]:
    index = d.between(0, d.numbers["magnets"] - 1)
    return [{"do": "lose_magnet", "index": index, "hazard": "one_magnet_of_two_sensors"}]


def opposite(d: Draw) -> list[Entry]:
    index = d.between(0, 1)
    return [
        {"do": "lose_magnet", "index": index, "hazard": "opposite_magnets"},
        {"do": "lose_magnet", "index": index + 2, "delay_ms": 0},
    ]


def started_wrong(d: Draw, what: str, name: str) -> list[Entry]:
    """Before the belt moves; the hazard begins with the console's start."""
    d.facts["belt_later"] = True
    mm_s = d.speed_below(d.limit_mm_s())
    start: Entry = {"do": "console", "what": "speed", "mm_s": mm_s, "hazard": name}
    return [{"do": what, "hazard": ""}, start]


def turned_round(d: Draw) -> list[Entry]:
    """Started the wrong way; or turned round in an instant, which no belt does, while it runs."""
    if d.moment == "WAIT_BELT":
        return started_wrong(d, "reverse", "reversed")
    return [{"do": "reverse", "hazard": "reversed"}]


def swapped(d: Draw) -> list[Entry]:
    """Nobody changes plugs on a running belt."""
    return started_wrong(d, "swap_halls", "halls_swapped")


def silent(setup: bounds.Setup, facts: Facts) -> Deadline:
    ways = bounds_options.one_dead_ways(setup, facts["discrepancy_ms"], facts["seen"])
    return Silent(setup, ways)


def magnet(setup: bounds.Setup, facts: Facts) -> Deadline:
    return Magnet(setup, facts["gait"])


def order(setup: bounds.Setup, facts: Facts) -> Deadline:
    return Reversed(setup, facts["gait"])


# Second stop


def shorted_two(d: Draw) -> list[Entry]:
    return [{**shorted(d)[0], "hazard": "shorted_second_stop"}]


def shorted_stands(setup: bounds.Setup, facts: Facts, o: Outcome) -> float:
    """The belt gains speed until the contactor has dropped, and coasts from there."""
    opened_ms = belt_bound(setup, facts, o)
    if math.isinf(opened_ms):
        return math.inf
    a, top = facts["a_mm_s2"], facts["to_mm_s"]

    def speed(ms: float) -> float:
        return float(min(top, o.speed_at_hazard + a * ms / 1000))

    v = speed(opened_ms)
    r = facts["ripple"]
    gains = bounds_options.gains_drop_ms(setup, v, a, top, r, facts["step_ms"])
    runs_on = bounds_options.runs_on_drop_ms(setup, v * (1 + r), v * (1 - r), facts["a_min"])
    dropped_ms = opened_ms + min(gains, runs_on)
    v = speed(dropped_ms + bounds_options.DROP_OUT_MS)
    return bounds_options.stands_ms(dropped_ms, v, facts["coast"])


def disobeys(d: Draw) -> list[Entry]:
    entries = late_loop(d)
    entries[1]["hazard"] = "disobeys_second_stop"
    return entries


def runs_on_stands(setup: bounds.Setup, facts: Facts, o: Outcome) -> float:
    """The belt goes on at its setting; the contactor drops with the lockout at the latest."""
    r = facts["ripple"]
    setting = facts["speed_mm_s"]
    slowest = min(o.speed_at_hazard, setting) * (1 - r) - facts["overshoot"]
    fastest = max(o.speed_at_hazard, setting) + facts["overshoot"]
    if slowest <= 0:
        return math.inf
    decided_ms = bounds.start_pressed_ms() - bounds.RELEASE_MS
    v0 = o.speed_at_hazard * (1 + r)
    ms = decided_ms + bounds_options.runs_on_drop_ms(setup, v0, slowest, facts["a_min"])
    obeys_ms = facts.get("obeys_ms", -1)
    if obeys_ms >= 0:
        ms = min(ms, bounds.start_pressed_ms() + obeys_ms)
    return bounds_options.stands_ms(ms, fastest, facts["coast"])


def pole_stands(setup: bounds.Setup, facts: Facts, o: Outcome) -> float:
    return runs_on_stands(setup, facts, o) if "second_stop" in facts["options"] else math.inf


def contactor(faults: tuple[str, ...], name: str, press: bool) -> Callable[[Draw], list[Entry]]:
    def draw(d: Draw) -> list[Entry]:
        entry: Entry = {"do": "contactor", "fault": d.rng.choice(faults)}
        return [entry, *press_start(name)(d)] if press else [{**entry, "hazard": name}]

    return draw


def open_bound(_setup: bounds.Setup, _facts: Facts, o: Outcome) -> float:
    ms = bounds_options.contactor_open_ms()
    return bounds.quiet_ms(ms) if o.fault == "BELT_STOPPED" else ms


def stuck_locks(setup: bounds.Setup, facts: Facts, o: Outcome) -> float:
    """START pressed; the loop stops the belt, which may still have been speeding up."""
    off_ms = bounds.start_pressed_ms() + facts["loop_delay_ms"]
    top = max(o.speed_at_hazard, facts["speed_mm_s"]) + facts["overshoot"]
    v = min(top, o.speed_at_hazard + facts["accel_mm_s2"] * off_ms / 1000)
    stood_ms = off_ms + v / facts["coast"] * 1000
    return bounds_options.contactor_stuck_ms(setup, stood_ms)


STARTING = ("WAIT_BELT",) * 5  # half of them
UPHILL = ("WAIT_BELT", *WALKING)
OPTIONS_ROWS = (
    Hazard("one_of_two_dead", "one of two hall sensors dies or sticks", CLOSED, one_dead,
           dead_bound, ("SENSOR_LOST",), needs=(HALL,), follows=silent),
    Hazard("second_hall_lead", "second sensor's lead cut or shorted", CLOSED, lead_b,
           fixed(bounds.wiring_ms()), ("HALL_B_WIRING",), needs=(HALL,)),
    Hazard("one_magnet_of_two_sensors", "a magnet falls off, two sensors", MOVING, one_magnet,
           belt_bound, ("CHANNELS_DISAGREE", "SENSOR_NOISE"), prepare=two_or_more,
           needs=(QUADRATURE,), follows=magnet),
    Hazard("opposite_magnets", "two opposite ones of four magnets fall off", MOVING, opposite,
           belt_bound, ("CHANNELS_DISAGREE", "SENSOR_NOISE"), prepare=four_magnets,
           needs=(QUADRATURE,), follows=magnet),
    Hazard("reversed", "belt runs the wrong way", (*STARTING, *MOVING), turned_round,
           belt_bound, ("BELT_REVERSED",), needs=(QUADRATURE,), follows=order),
    Hazard("halls_swapped", "plugs of the two sensors swapped", ("WAIT_BELT",), swapped,
           belt_bound, ("BELT_REVERSED",), needs=(QUADRATURE,), follows=order),
    Hazard("shorted_second_stop", "motor driver shorted, second stop fitted", MOVING, shorted_two,
           belt_bound, FAST, belt=True, needs=(STOP,), stands=shorted_stands),
    Hazard("disobeys_second_stop", "treadmill obeys late or never, second stop fitted", MOVING,
           disobeys, fixed(bounds.start_pressed_ms()), ("START_PRESSED", "STOP_FAILED"),
           needs=(STOP,), stands=runs_on_stands),
    Hazard("contactor_open", "contactor unplugged, or its contact shorted", CLOSED,
           contactor(("not_closing", "feedback_short"), "contactor_open", False), open_bound,
           ("SECOND_STOP_OPEN", "BELT_STOPPED"), needs=(STOP,)),
    Hazard("contactor_stuck", "contactor welded or its contact cut, then START pressed", CLOSED,
           contactor(("weld", "feedback_cut"), "contactor_stuck", True),
           fixed(bounds.start_pressed_ms()), ("START_PRESSED",), needs=(STOP,),
           locks=stuck_locks),
    Hazard("pole_key_sense", "key-loop pole welded, then START pressed; key sense", CLOSED, pole,
           fixed(math.inf), ("START_PRESSED",), needs=(KEY,), locks=key_locks,
           stands=pole_stands, opens=False),
    Hazard("bypassed", "key loop bypassed; key sense", (STANDING, *CLOSED), bypass, bypass_bound,
           ("START_PRESSED", "KEY_LOOP_CLOSED"), needs=(KEY,), locks=key_locks),
    Hazard("deck_raised", "deck raised over its limit", UPHILL, raised, raised_bound,
           ("INCLINE_TOO_STEEP",), needs=(INCLINE,)),
    Hazard("incline_fault", "inclinometer unplugged, stopped, frozen, shaken or loose", UPHILL,
           incline_fault, incline_bound, ("INCLINE_LOST", "INCLINE_TOO_STEEP"),
           needs=(INCLINE,)),
)  # fmt: skip
OPTIONS = {hazard.name: hazard for hazard in OPTIONS_ROWS}
ORDINARY = tuple(ALL)
EVERY = {**ALL, **OPTIONS}
