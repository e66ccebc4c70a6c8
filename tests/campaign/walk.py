# SPDX-License-Identifier: MIT
"""Healthy walking as a tape: what the sensor and the hands give while nothing is wrong.

One session: console start, belt seen, onto the belt, the turn, the walk with changes of speed,
hands that re-grip within their grace or press a rail button, and the console's stop: its ramp,
or the motor switched off. The end is lived step by step (`ending`), because there the
open relay lets the belt coast.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.campaign.groups import Group
from tests.campaign.walk_belt import WalkedBelt
from treadguard.virtual.gait import Gait
from treadguard.virtual.hall import spacing
from treadguard.virtual.profiles import PROFILES, distance_per_edge_um, treadmill
from treadguard.virtual.rng import Lcg

SESSION_S = 1200
HELD, RELEASED = 199, 500
CONFIRM_MS = 2000
GRACE_MS, ONE_HAND_MS = 400, 3000
# A hand is seen up to 30 ms late, and its grip up to 60 ms late.
SEEN_MS = 70
FORWARD_MM_S = 3333


@dataclass
class Tape:
    """Edges and changes of one session on its own clock."""

    profile: str
    numbers: dict[str, Any]
    config: dict[str, int]
    limit_mm_s: int
    test: int = 0  # which of the treadmill's stop tests went before
    stop_us: int = 0  # the console is told to stop
    still_us: int = 0
    edges: list[int] = field(default_factory=list)
    changes: list[tuple[int, str, int]] = field(default_factory=list)
    walk: Walk | None = None

    def ending(self) -> Iterator[int]:
        """From stop_us to standstill, a step at a time: the time of its end."""
        if self.walk is not None:  # else it is a saved one, and all on the tape
            yield from self.walk.lived


def draw(group: Group, seed: int, number: int) -> Tape:
    """The session of that number; profiles take turns."""
    rng = random.Random(f"treadguard walk {seed} {group.name} {number}")
    names = sorted(PROFILES)
    profile = names[number % len(names)]
    ripple = group.ripple_permille
    own = {
        "ripple_permille": rng.choice((80, rng.randint(0, 80))) if ripple is None else ripple,
        "waveform": rng.randint(0, 2),
        "step_ms": rng.randint(500, 700),
        "asymmetry_permille": rng.randint(0, 150),
        "edge_jitter_us": rng.choice((0, 300, 500, 1500)),
        "uneven_permille": rng.choice((0, 50)),
        "overshoot_mm_s": rng.choice((0, 56)),
        "bias_permille": group.bias_permille,
        "missed_permille": group.missed_permille,
    }
    numbers = treadmill(profile, own)
    d_um = distance_per_edge_um(numbers)
    slowest = max(250, (3 * d_um + 3999) // 4000)
    limit = rng.choice((833, rng.randint(slowest, 1118)))
    config = {
        "backward_limit_mm_s": limit,
        "mount_limit_mm_s": rng.choice((limit, min(limit, 447))),
        "session_limit_min": 60,
        "distance_per_edge_um": d_um,
        "magnets_per_turn": numbers["magnets"],
        "calibration": 2,
    }
    if group.forward:
        limit = config["forward_limit_mm_s"] = FORWARD_MM_S
    tape = Tape(profile, numbers, config, limit, test=number // len(names))
    tape.walk = Walk(tape, group, rng)
    next(tape.walk.lived)
    return tape


class Walk(WalkedBelt):
    """What people do, and with it the tape."""

    def __init__(self, tape: Tape, group: Group, rng: random.Random):
        self.tape, self.group, self.rng = tape, group, rng
        self.numbers = tape.numbers
        lcg = Lcg(rng.randint(1, 900_000_000))
        self.gait = Gait(self.numbers, lcg)
        self.gaps_nm = spacing(self.numbers, lcg)
        self.orders: list[tuple[int, int]] = []  # (us, mm/s) as the belt gets them
        self.feet: list[tuple[int, bool]] = []
        self.plan()
        self.motor_off = rng.random() < 0.5
        self.coasts = False
        self.lived = self.live()

    # What people do

    def plan(self) -> None:
        rng, tape, lag_us = self.rng, self.tape, self.numbers["lag_ms"] * 1000
        mount = tape.limit_mm_s if self.group.forward else tape.config["mount_limit_mm_s"]
        speed = self.setting(mount)
        at = 500_000
        self.orders.append((at + lag_us, speed))
        at += 4_000_000 + speed * 1_000_000 // self.numbers["accel_mm_s2"]
        self.feet.append((at, True))
        for side in ("left_raw", "right_raw"):
            self.let_go(side, at + 1_000_000, rng.randint(300, 900))
            at += 2_000_000
        at += (CONFIRM_MS + 1500) * 1000
        end = SESSION_S * 1_000_000
        while at < end:
            speed = self.setting(tape.limit_mm_s)
            self.orders.append((at + lag_us, speed))
            at = self.walk_on(at, rng.randint(60, 300) * 1_000_000)
        tape.stop_us = at
        self.orders.append((at + lag_us, 0))

    def setting(self, limit_mm_s: int) -> int:
        """Half of the time the limit itself."""
        slow = min(limit_mm_s, max(220, limit_mm_s // 2))
        return self.rng.choice((limit_mm_s, self.rng.randint(slow, limit_mm_s)))

    def walk_on(self, at: int, us: int) -> int:
        """Hands that do what hands do; sometimes feet on the side rails."""
        rng, end = self.rng, at + us
        while at < end:
            at += rng.randint(5_000, 40_000) * 1000
            side = rng.choice(("left_raw", "right_raw"))
            if rng.random() < 0.5:
                self.let_go(side, at, rng.randint(50, ONE_HAND_MS - SEEN_MS))
            else:
                off_ms = rng.randint(20, GRACE_MS - SEEN_MS)
                self.let_go("left_raw", at, off_ms)
                self.let_go("right_raw", at, off_ms)
            if self.group.surge_permille and rng.random() < 0.3:
                self.feet += [(at, False), (at + rng.randint(2, 6) * 1_000_000, True)]
            at += 7_000_000
        return at

    def let_go(self, side: str, at: int, ms: int) -> None:
        self.tape.changes += [(at, side, RELEASED), (at + ms * 1000, side, HELD)]

    def hands_at_the_end(self) -> None:
        """They let go once the belt stands."""
        tape = self.tape
        at = tape.still_us + self.rng.randint(0, 4_000_000)
        tape.changes += [(at, "left_raw", RELEASED), (at, "right_raw", RELEASED)]
        tape.changes.sort()
