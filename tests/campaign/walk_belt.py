# SPDX-License-Identifier: MIT
"""The belt under a healthy walk, 10 ms after 10 ms: what it does to the sensor.

It is that of virtual/belt.py (its ramps, overshoot, gait and magnets) in a loop of its own,
because nothing but the console acts on it until the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tests.campaign.groups import Group
from treadguard.virtual.rng import Lcg

if TYPE_CHECKING:
    import random

    from tests.campaign.walk import Tape
    from treadguard.virtual.gait import Gait

STEP_US = 10_000
SURGE_KEEPS = 0.9672  # per 10 ms: gone with tau 0.3 s


class WalkedBelt:
    """`orders` are (us, mm/s) as the belt gets them, `feet` (us, on the belt or off)."""

    tape: Tape
    group: Group
    rng: random.Random
    numbers: dict[str, Any]
    gait: Gait
    gaps_nm: list[int]
    orders: list[tuple[int, int]]
    feet: list[tuple[int, bool]]
    motor_off: bool
    coasts: bool

    def live(self) -> Iterator[int]:
        """Yields first at stop_us, and from then on after every step."""
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
            if now >= tape.stop_us:
                yield now
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
            coasts = self.motor_off or self.coasts
            self.rate = numbers["coast_mm_s2" if coasts else "console_stop_mm_s2"] * 10

    def ramp(self, mean: int, now: int) -> int:
        """The mean 10 ms later; at its target an overshoot begins to run out."""
        up = mean < self.target
        mean += self.rate if up else -self.rate
        if mean < self.target if up else mean > self.target:
            return mean
        if self.settle_us < 0:
            self.settle_us = now + self.numbers["overshoot_ms"] * 1000
        return self.target

    def cut(self) -> None:
        """The key loop is open: the motor is off, whatever the console does."""
        if not self.coasts:
            self.coasts = True
            self.orders.clear()
            self.settle_us = 0
            self.aim(0)

    def hands_at_the_end(self) -> None:
        raise NotImplementedError
