# SPDX-License-Identifier: MIT
"""Healthy walking as a tape: what the sensor and the hands give while nothing is wrong.

One session: console start, belt seen, onto the belt, the turn, the walk with changes of speed,
hands that re-grip within their grace or press a rail button, and the console's stop. The belt is
that of virtual/belt.py (its ramps, overshoot, gait and magnets) in a loop of its own, because
nothing but the console acts on it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from tests.campaign.groups import Group
from treadguard.virtual.gait import Gait
from treadguard.virtual.hall import spacing
from treadguard.virtual.profiles import PROFILES, distance_per_edge_um, treadmill
from treadguard.virtual.rng import Lcg

STEP_US = 10_000
SESSION_S = 1200
HELD, RELEASED = 199, 500
CONFIRM_MS = 2000
# A hand is seen up to 30 ms late, and its grip up to 60 ms late.
SEEN_MS = 70
SURGE_KEEPS = 0.9672  # per 10 ms: gone with tau 0.3 s
SURGE_TAU_S = 0.3
FORWARD_MM_S = 3333


@dataclass
class Tape:
    """Edges and changes of one session on its own clock."""

    profile: str
    numbers: dict[str, Any]
    config: dict[str, int]
    limit_mm_s: int
    stop_us: int = 0  # the console is told to stop
    still_us: int = 0
    edges: list[int] = field(default_factory=list)
    changes: list[tuple[int, str, int]] = field(default_factory=list)


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
    tape = Tape(profile, numbers, config, limit)
    Walk(tape, group, rng).live()
    return tape


class Walk:
    """Draws the tape, 10 ms after 10 ms."""

    def __init__(self, tape: Tape, group: Group, rng: random.Random):
        self.tape, self.group, self.rng = tape, group, rng
        self.numbers = tape.numbers
        lcg = Lcg(rng.randint(1, 900_000_000))
        self.gait = Gait(self.numbers, lcg)
        self.gaps_nm = spacing(self.numbers, lcg)
        self.orders: list[tuple[int, int]] = []  # (us, mm/s) as the belt gets them
        self.feet: list[tuple[int, bool]] = []
        self.plan()

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
                self.let_go(side, at, rng.randint(50, 3000 - SEEN_MS))
            else:
                off_ms = rng.randint(20, 400 - SEEN_MS)
                self.let_go("left_raw", at, off_ms)
                self.let_go("right_raw", at, off_ms)
            if self.group.surge_permille and rng.random() < 0.3:
                self.feet += [(at, False), (at + rng.randint(2, 6) * 1_000_000, True)]
            at += 7_000_000
        return at

    def let_go(self, side: str, at: int, ms: int) -> None:
        self.tape.changes += [(at, side, RELEASED), (at + ms * 1000, side, HELD)]

    # What the belt does

    def live(self) -> None:
        tape, numbers = self.tape, self.numbers
        self.mean = self.target = self.rate = self.settle_us = self.setpoint = 0
        self.surge = 0.0
        self.orders.sort()
        self.feet.sort()
        lcg = Lcg(self.rng.randint(1, 900_000_000))
        latest, jitter, missed = 0, numbers["edge_jitter_us"], numbers["missed_permille"]
        to_edge = self.gaps_nm[0] * lcg.between(100, 900) // 1000
        magnet, last, now = 0, 0, 0
        gait, gaps, edges = self.gait, self.gaps_nm, tape.edges
        wake = 0
        while True:
            if now >= wake:
                wake = self.due(now)
            mean = self.mean
            if mean != self.target:
                mean = self.mean = self.ramp(mean, now)
                wake = now if mean == self.target else wake
                if not mean and now > tape.stop_us:
                    break
            if not mean:
                now += STEP_US
                continue
            factor = gait.factor(STEP_US)
            if self.surge:
                factor += int(self.surge)
                self.surge = self.surge * SURGE_KEEPS if self.surge > 10 else 0.0
            true = mean + mean // 1000 * factor // 100
            nm = (last + true) * 5
            last = true
            to_edge -= nm
            while to_edge <= 0:
                at = now + STEP_US + to_edge * STEP_US // nm
                if not missed or lcg.below(1000) >= missed:
                    late = lcg.below(jitter + 1) if jitter else 0
                    latest = max(at + late + 21 + lcg.below(26), latest + 1)
                    edges.append(latest)
                magnet = magnet + 1 if magnet + 1 < len(gaps) else 0
                to_edge += gaps[magnet]
            now += STEP_US
        tape.still_us = now
        self.hands_at_the_end()

    def due(self, now: int) -> int:
        """Orders and steps whose time has come; when to look again."""
        numbers = self.numbers
        while self.feet and self.feet[0][0] <= now:
            _, on = self.feet.pop(0)
            self.gait.walking = on
            if not on:
                self.surge = self.group.surge_permille * 100.0
        if self.settle_us and self.settle_us <= now:
            self.settle_us = 0
            self.aim(self.setpoint * 1000)
        while self.orders and self.orders[0][0] <= now:
            self.setpoint = self.orders.pop(0)[1]
            over = numbers["overshoot_mm_s"] * 1000
            target = self.setpoint * 1000
            up = target > self.mean
            self.settle_us = 0
            if target and over and target != self.mean:
                self.settle_us = -1
                target += over if up else -over
            self.aim(target)
        times = [t for t, _ in self.feet[:1]] + [t for t, _ in self.orders[:1]]
        if self.settle_us > 0:
            times.append(self.settle_us)
        return min(times, default=1 << 62)

    def aim(self, target: int) -> None:
        self.target = target
        numbers = self.numbers
        self.rate = numbers["accel_mm_s2" if target > self.mean else "slow_down_mm_s2"] * 10
        if not target:
            self.rate = numbers["console_stop_mm_s2"] * 10

    def ramp(self, mean: int, now: int) -> int:
        """The mean 10 ms later; at its target an overshoot begins to run out."""
        up = mean < self.target
        mean += self.rate if up else -self.rate
        if mean < self.target if up else mean > self.target:
            return mean
        if self.settle_us < 0:
            self.settle_us = now + self.numbers["overshoot_ms"] * 1000
        return self.target

    def hands_at_the_end(self) -> None:
        """They let go once the belt stands."""
        tape = self.tape
        at = tape.still_us + self.rng.randint(0, 4_000_000)
        tape.changes += [(at, "left_raw", RELEASED), (at, "right_raw", RELEASED)]
        tape.changes.sort()
