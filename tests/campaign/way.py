# SPDX-License-Identifier: MIT
"""The honest way to a moment: from power-on through READY, START, belt seen and the turn.

Timeline entries as docs/scenarios.md has them. The hazard's own entries come last.
"""

from __future__ import annotations

from typing import Any

from tests.campaign.draw import STANDING, TURN_MS, Draw

Entry = dict[str, Any]


def armed(d: Draw) -> list[Entry]:
    """START pressed, the relay about to close."""
    if d.moment == "FORWARD":
        return [{"do": "start", "what": "press", "when": "state:READY", "delay_ms": 3500}]
    return [
        {"do": "grip", "side": "both", "when": "state:READY", "delay_ms": 3200},
        {"do": "let_go", "side": "right", "delay_ms": 600},
        {"do": "start", "what": "press", "delay_ms": 300},
        {"do": "grip", "side": "right", "delay_ms": 400},
    ]


def turned(d: Draw) -> list[Entry]:
    """Round, hand by hand, feet on the side rails; then onto the belt."""
    off_ms = d.between(TURN_MS, 600)
    if d.setting("rails_fitted") == 1:
        off_ms = min(off_ms, d.setting("one_hand_grace_ms") - TURN_MS)
    hands: list[Entry] = []
    for side in ("left", "right"):
        hands.append({"do": "let_go", "side": side, "delay_ms": d.between(300, 900)})
        hands.append({"do": "grip", "side": side, "delay_ms": off_ms})
    return hands


def started(d: Draw, mm_s: int) -> Entry:
    """The console, once the relay is closed."""
    delay_ms = d.between(200, 1500)
    return {"do": "console", "what": "speed", "mm_s": mm_s, "when": "state:WAIT_BELT",
            "delay_ms": delay_ms}  # fmt: skip


def to_moment(d: Draw) -> list[Entry]:
    """Everything before the hazard; the hazard comes d.facts["wait_ms"] after it."""
    if d.moment == STANDING:
        d.facts["speed_mm_s"] = 0
        d.facts["wait_ms"] = d.between(500, 4000)
        return [{"do": "note", "text": "stands", "when": "state:READY"}]
    way = armed(d)
    if d.moment == "WAIT_BELT":
        return way + _waiting(d)
    if d.moment == "FORWARD":
        return way + _forward(d)
    limit = min(d.setting("mount_limit_mm_s"), d.setting("backward_limit_mm_s"))
    first = d.speed_below(limit)
    d.facts["speed_mm_s"] = first
    way.append(started(d, first))
    on_delay_ms = d.between(200, 1500)
    way.append({"do": "step", "on": "on", "when": "state:MOUNTING", "delay_ms": on_delay_ms})
    if d.moment == "MOUNTING":
        d.facts["wait_ms"] = d.between(0, 4000)
        return way
    way += turned(d)
    way.append({"do": "note", "text": "backward", "when": "state:BACKWARD"})
    return way + _backward(d, first)


def _waiting(d: Draw) -> list[Entry]:
    """Nothing moves yet, or the console has just been told."""
    limit = d.limit_mm_s()
    d.facts["speed_mm_s"] = 0
    d.facts["wait_ms"] = d.between(100, 1500)
    if d.facts.get("belt_later"):
        return [{"do": "note", "text": "waits", "when": "state:WAIT_BELT"}]
    if d.facts.get("belt_needed") or d.chance(0.5):
        d.facts["speed_mm_s"] = d.speed_below(limit)
        return [started(d, d.facts["speed_mm_s"])]
    return [{"do": "note", "text": "waits", "when": "state:WAIT_BELT"}]


def _forward(d: Draw) -> list[Entry]:
    speed = d.speed_below(d.limit_mm_s())
    d.facts["speed_mm_s"] = speed
    d.facts["wait_ms"] = d.between(0, _ramp_ms(d, speed) + 4000)
    return [
        started(d, speed),
        {"do": "step", "on": "on", "when": "state:FORWARD", "delay_ms": 300},
    ]


def _backward(d: Draw, first: int) -> list[Entry]:
    if d.moment == "BACKWARD early":
        d.facts["wait_ms"] = d.between(0, 800)
        return []
    second = d.speed_below(d.limit_mm_s())
    d.facts["speed_mm_s"] = second
    ramp_ms = _ramp_ms(d, abs(second - first))
    if d.moment == "accelerating":
        d.facts["wait_ms"] = d.between(0, ramp_ms)
    else:
        settled_ms = ramp_ms + d.numbers["overshoot_ms"]
        d.facts["wait_ms"] = d.between(settled_ms, settled_ms + 5000)
    delay_ms = d.between(100, 600)
    return [{"do": "console", "what": "speed", "mm_s": second, "delay_ms": delay_ms}]


def _ramp_ms(d: Draw, by_mm_s: int) -> int:
    rate = min(d.numbers["accel_mm_s2"], d.numbers["slow_down_mm_s2"])
    return int(d.numbers["lag_ms"] + by_mm_s * 1000 // rate)
