# SPDX-License-Identifier: MIT
"""Hazards of belt, sensor, leads and program; the table of all."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

from tests.campaign.draw import TOP_MM_S, Draw
from tests.campaign.hazards import (
    CLOSED,
    DROPPED,
    FAST,
    MOVING,
    PEOPLE,
    SENSOR,
    STOPPED_BY_OTHERS,
    WALKING,
    Entry,
    Facts,
    Hazard,
    belt_bound,
    fixed,
)
from tests.campaign.outcome import Outcome
from treadguard import bounds

# Belt


def jump(d: Draw, mm_s: float, name: str) -> list[Entry]:
    mm_s = min(int(mm_s), TOP_MM_S)
    d.treadmill["max_mm_s"] = max(5000, mm_s)
    d.facts["to_mm_s"] = mm_s
    return [{"do": "runaway", "mm_s": mm_s, "hazard": name}]


def step(d: Draw) -> list[Entry]:
    d.facts["factor"] = factor = 1.15 * (3 / 1.15) ** d.rng.random()
    return jump(d, d.limit_mm_s() * factor, "step")


def within_margin(d: Draw) -> list[Entry]:
    """Above the limit, below v_ref: allowed."""
    low, high = d.limit_mm_s() + 1, d.setup().v_ref_mm_s
    return jump(d, d.between(low, high), "within_margin")


def extreme(d: Draw) -> list[Entry]:
    low = d.setup().surely_extreme_mm_s * 1.2
    return jump(d, d.between(int(min(low, TOP_MM_S - 1)), TOP_MM_S), "extreme")


def ramp(d: Draw) -> list[Entry]:
    a = int(100 * 30 ** d.rng.random())
    d.facts["a_mm_s2"] = a
    d.treadmill["max_mm_s"] = TOP_MM_S
    limit = d.limit_mm_s()
    d.facts["to_mm_s"] = to = min(TOP_MM_S, limit * 3 + 1000)
    return [{"do": "runaway", "mm_s": to, "accel_mm_s2": a, "hazard": "ramp", "above_mm_s": limit}]


def console(d: Draw) -> list[Entry]:
    """Somebody sets the console higher than the limit."""
    limit = d.limit_mm_s()
    v_ref = d.setup().v_ref_mm_s
    mm_s = d.between(v_ref * 11 // 10, max(v_ref * 11 // 10, min(TOP_MM_S, limit * 3)))
    d.facts["to_mm_s"] = mm_s
    d.facts["a_mm_s2"] = d.numbers["accel_mm_s2"]
    d.treadmill["max_mm_s"] = TOP_MM_S
    return [{"do": "console", "what": "speed", "mm_s": mm_s, "hazard": "console",
             "above_mm_s": limit}]  # fmt: skip


def shorted(d: Draw) -> list[Entry]:
    a = d.between(300, 3000)
    d.facts["a_mm_s2"] = a
    d.facts["to_mm_s"] = 5000
    return [{"do": "short_driver", "accel_mm_s2": a, "hazard": "shorted_driver"}]


def shorted_locks(setup: bounds.Setup, facts: Facts, o: Outcome) -> float:
    """Full speed after the opening: counted from the bound of the opening."""
    opened = belt_bound(setup, facts, o)
    v0 = max(o.speed_at_open, o.speed_at_hazard)
    failed = bounds.stop_failed_ms(setup, v0 * (1 + facts["ripple"]), v0 * 0.7, facts["a_min"])
    return opened + failed


# Sensor


def silence_bound(setup: bounds.Setup, facts: Facts, o: Outcome) -> float:
    """Counted from the last edge that came; T5 adds its time when the name is a quiet one."""
    if o.hazard_at_us is None:
        return math.inf
    until = o.decided_at_us or math.inf
    edges = [t for t in o.edges_us if t <= until and t > (o.closed_at_ms or 0) * 1000 - 50_000]
    if o.fault == "START_TIMEOUT" or (o.state_at_hazard == "WAIT_BELT" and len(edges) < 3):
        return bounds.start_timeout_ms(facts["start_timeout_s"])
    gaps = [(b - a) / 1000 for a, b in pairwise(edges)][-2:]
    ms = bounds.silence_after_ms(setup, max(gaps, default=math.inf))
    ms += (edges[-1] - o.hazard_at_us) / 1000 if edges else 0.0
    return bounds.quiet_ms(ms) if o.fault == "BELT_STOPPED" else ms


def sensor(fault: str, name: str) -> Callable[[Draw], list[Entry]]:
    return lambda _d: [{"do": "sensor", "fault": fault, "hazard": name}]


def lead(d: Draw) -> list[Entry]:
    return sensor(d.rng.choice(("cut", "short", "odd")), "hall_lead")(d)


def lost_magnet(d: Draw) -> list[Entry]:
    return [{"do": "lose_magnet", "index": d.between(0, d.numbers["magnets"] - 1)}]


def several_magnets(d: Draw) -> None:
    if d.numbers["magnets"] < 3:
        d.profile = "recommended_4_magnet"
        for key in ("magnets", "circumference_um", "coast_mm_s2"):
            d.treadmill.pop(key, None)
        d.refresh()


def burst(d: Draw) -> list[Entry]:
    gap_us = d.between(200, 3000)
    d.facts["gap_us"] = gap_us
    return [{"do": "burst", "count": d.between(6, 40), "gap_us": gap_us, "hazard": "burst"}]


def burst_bound(_setup: bounds.Setup, facts: Facts, _o: Outcome) -> float:
    return bounds.burst_ms(facts["gap_us"])


def rail_lead(d: Draw) -> list[Entry]:
    side = "left" if d.setting("rails_fitted") == 1 else d.rng.choice(("left", "right"))
    if d.setting("rail_kind"):
        fault = d.rng.choice(("zero", "error"))
        return [{"do": "touch", "side": side, "fault": fault, "hazard": "rail_lead"}]
    permille = d.rng.choice((0, 1000))
    return [{"do": "rail", "side": side, "permille": permille, "hazard": "rail_lead"}]


# Program and supply


def inject(kind: str) -> Callable[[Draw], list[Entry]]:
    def draw(d: Draw) -> list[Entry]:
        where = d.rng.choice(("read", "drive", "feed"))
        kinds = (kind, "hang_masked") if kind == "hang" else (kind,)
        return [{"do": "inject", "kind": d.rng.choice(kinds), "where": where, "hazard": kind}]

    return draw


def slow(d: Draw) -> list[Entry]:
    ms = d.between(15, 400)
    d.facts["stall_ms"] = ms
    return [{"do": "inject", "kind": "slow", "where": "read", "ms": ms, "hazard": "slow"}]


def slow_bound(_setup: bounds.Setup, facts: Facts, _o: Outcome) -> float:
    """Up to 25 ms late, and the 10 ms a tick has anyway, are no fault."""
    if facts["stall_ms"] <= bounds.RIDE_THROUGH_MS + bounds.TICK_MS:
        return math.inf
    return bounds.slow_tick_ms(facts["stall_ms"] + bounds.TICK_MS)


def reset(d: Draw) -> list[Entry]:
    kinds = ("en", "brownout", "soft", "hard", "crash", "watchdog", "watchdog_core")
    return [{"do": "reset", "kind": d.rng.choice(kinds)}]


SET_BACK = ("SESSION_CUT", "CRASH", "WATCHDOG_RESET")
MACHINE = (
    Hazard("step", "overspeed, a step to 1.15..3 x the limit", CLOSED, step, belt_bound, FAST,
           belt=True),
    Hazard("ramp", "overspeed, a ramp of 0.1..3 m/s2", MOVING, ramp, belt_bound, FAST, belt=True),
    Hazard("extreme", "runaway beyond 1.5 x the limit", CLOSED, extreme, belt_bound,
           (*FAST, "SENSOR_NOISE"), belt=True),
    Hazard("console", "console set above the limit", CLOSED, console, belt_bound, FAST, belt=True),
    Hazard("within_margin", "above the limit, within the margin", MOVING, within_margin,
           belt_bound, FAST, belt=True),
    Hazard("shorted_driver", "motor driver shorted", MOVING, shorted, belt_bound, FAST, belt=True,
           locks=shorted_locks, avoids=DROPPED),
    Hazard("sensor_dead", "hall sensor dies", CLOSED, sensor("dead", "sensor_dead"),
           silence_bound, (*SENSOR, "START_TIMEOUT")),
    Hazard("sensor_stuck", "hall sensor stuck at a magnet", CLOSED,
           sensor("stuck_low", "sensor_stuck"), silence_bound, (*SENSOR, "START_TIMEOUT")),
    Hazard("lose_magnet", "a magnet falls off", MOVING, lost_magnet, belt_bound,
           ("SENSOR_NOISE", "CHANNELS_DISAGREE"), prepare=several_magnets, belt=True),
    Hazard("burst", "a burst of interference", CLOSED, burst, burst_bound,
           ("SENSOR_NOISE", *FAST)),
    Hazard("hall_lead", "hall sensor's lead cut or shorted", CLOSED, lead,
           fixed(bounds.wiring_ms()), ("HALL_WIRING",)),
    Hazard("rail_lead", "a rail's lead cut or shorted", ("WAIT_BELT", *WALKING), rail_lead,
           fixed(bounds.wiring_ms()), ("RAIL_WIRING",)),
    Hazard("key_pulled", "the treadmill's own key pulled", CLOSED,
           lambda _d: [{"do": "key", "to": "out", "hazard": "key_pulled"}], silence_bound,
           STOPPED_BY_OTHERS),
    Hazard("slow", "a tick 15..400 ms late", CLOSED, slow, slow_bound,
           ("LOOP_OVERRUN", "RELAY_NOT_CLOSED")),
    Hazard("exception", "the program raises", CLOSED, inject("exception"), fixed(bounds.pump_ms()),
           ("CRASH", "SESSION_CUT"), program=True),
    Hazard("hang", "the program hangs", CLOSED, inject("hang"), fixed(bounds.pump_ms()),
           ("WATCHDOG_RESET",), program=True),
    Hazard("reset", "the chip resets", CLOSED, reset, fixed(bounds.pump_ms()), SET_BACK,
           program=True),
    Hazard("power", "the box loses its supply", CLOSED,
           lambda _d: [{"do": "power", "to": "off"}], fixed(bounds.power_cut_ms()), ("",),
           program=True),
)  # fmt: skip
ALL = {hazard.name: hazard for hazard in (*PEOPLE, *MACHINE)}
