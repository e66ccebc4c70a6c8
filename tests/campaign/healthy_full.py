# SPDX-License-Identifier: MIT
"""Healthy walking on the full stack: a quarter of an hour from power-on to the console's stop."""

from __future__ import annotations

import random
from typing import Any

from tests.campaign import full
from tests.campaign.groups import BY_NAME
from tests.campaign.healthy import STOP_TESTS, Walked, strongest_stop
from tests.campaign.walk import GRACE_MS, ONE_HAND_MS, SEEN_MS
from treadguard.virtual.profiles import PROFILES, distance_per_edge_um, treadmill

Entry = dict[str, Any]
WALK_MS = 880_000


def scenario(seed: int, number: int) -> dict[str, Any]:
    """The session of that number; profiles take turns."""
    rng = random.Random(f"treadguard full walk {seed} {number}")
    names = sorted(PROFILES)
    profile = names[number % len(names)]
    own = {
        "ripple_permille": rng.choice((80, rng.randint(0, 80))),
        "waveform": rng.randint(0, 2),
        "step_ms": rng.randint(500, 700),
        "asymmetry_permille": rng.randint(0, 150),
        "edge_jitter_us": rng.choice((0, 300, 500, 1500)),
        "uneven_permille": rng.choice((0, 50)),
        "overshoot_mm_s": rng.choice((0, 56)),
    }
    d_um = distance_per_edge_um(treadmill(profile, own))
    slowest = max(250, (3 * d_um + 3999) // 4000)
    limit = rng.choice((833, rng.randint(slowest, 1118)))
    mount = rng.choice((limit, min(limit, 447)))
    config = {
        "backward_limit_mm_s": limit,
        "mount_limit_mm_s": mount,
        "session_limit_min": 60,
        "stop_a_max_mm_s2": strongest_stop(profile, number // len(names) % STOP_TESTS),
    }
    timeline = [*_way(rng, mount), *_walk(rng, limit)]
    by_key = {"do": "key", "to": "out"}  # switches the motor off
    how = rng.choice(({"do": "console", "what": "stop"}, by_key))
    timeline.append({**how, "name": "stop", "delay_ms": 5000})
    timeline.append({"do": "let_go", "side": "both", "when": "belt:still", "delay_ms": 1000})
    return {
        "name": f"healthy {seed} {number}",
        "seed": rng.randint(1, 900_000_000),
        "profile": profile,
        "mode": "backward",
        "treadmill": own,
        "board": {"config": config},
        "timeline": timeline,
        "end_after_ms": 16_000,
    }


def _setting(rng: random.Random, limit: int) -> int:
    return rng.choice((limit, rng.randint(min(limit, max(220, limit // 2)), limit)))


def _way(rng: random.Random, mount: int) -> list[Entry]:
    return [
        {"do": "grip", "side": "both", "when": "state:READY", "delay_ms": 3200},
        {"do": "let_go", "side": "right", "delay_ms": 600},
        {"do": "start", "what": "press", "delay_ms": 300},
        {"do": "grip", "side": "right", "delay_ms": 400},
        {"do": "console", "what": "speed", "mm_s": _setting(rng, mount),
         "when": "state:WAIT_BELT", "delay_ms": 500},
        {"do": "step", "on": "on", "when": "state:MOUNTING", "delay_ms": 3000},
        {"do": "slip", "side": "left", "ms": rng.randint(300, 900), "delay_ms": 1000},
        {"do": "slip", "side": "right", "ms": rng.randint(300, 900), "delay_ms": 2000},
        {"do": "note", "text": "backward", "when": "state:BACKWARD"},
    ]  # fmt: skip


def _walk(rng: random.Random, limit: int) -> list[Entry]:
    """Speeds, re-grips within the grace, a hand on a rail button."""
    entries: list[Entry] = []
    left_ms, speed_ms = WALK_MS, 0
    while left_ms > 0:
        delay_ms = rng.randint(7_000, 40_000)
        left_ms -= delay_ms
        speed_ms -= delay_ms
        if speed_ms <= 0:
            speed_ms = rng.randint(60_000, 300_000)
            mm_s = _setting(rng, limit)
            entries.append({"do": "console", "what": "speed", "mm_s": mm_s, "delay_ms": 1000})
        one = rng.random() < 0.5
        side = rng.choice(("left", "right")) if one else "both"
        longest_ms = (ONE_HAND_MS if one else GRACE_MS) - SEEN_MS
        ms = rng.randint(20, longest_ms)
        entries.append({"do": "slip", "side": side, "ms": ms, "delay_ms": delay_ms})
    return entries


def run(seed: int, number: int) -> Walked:
    """Walk one session; only the relay's closed time counts."""
    return walk_through(scenario(seed, number), number)


def walk_through(plan: dict[str, Any], number: int) -> Walked:
    names = [entry.get("name") for entry in plan["timeline"]]
    outcome = full.run(plan, marks=[names.index("stop")])
    stop_ms = outcome.marks_ms[0]
    closed_ms = outcome.closed_at_ms
    walked = Walked(BY_NAME["healthy"].name, number, plan["profile"], 0)
    if closed_ms is None:
        walked.false_stop = "never closed: " + "; ".join(outcome.in_vain)
        return walked
    open_ms = outcome.first_open_ms
    if stop_ms < 0 or (open_ms is not None and open_ms < stop_ms):
        walked.false_stop = outcome.fault or "; ".join(outcome.in_vain)
        walked.at_us = (open_ms or 0) * 1000
    else:
        walked.name_end(outcome.named or "never opened")
    walked.closed_us = ((open_ms or closed_ms) - closed_ms) * 1000
    return walked
