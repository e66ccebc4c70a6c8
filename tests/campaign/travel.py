# SPDX-License-Identifier: MIT
"""Deadlines in belt travel for what two sensors find: one silent, a magnet gone, the wrong way."""

from __future__ import annotations

import math

from tests.campaign.outcome import Deadline
from treadguard import bounds, bounds_options


class Silent(Deadline):
    """Any of several ways: so much belt, and so much time, since the hazard."""

    def __init__(self, setup: bounds.Setup, ways: list[tuple[float, float]]):
        super().__init__(setup)
        self.ways = ways
        self.all_us = 0

    def step(self, end_us: int, dt_us: int, nm: int, mean_mm_s: float) -> None:
        self.all_nm += nm
        self.all_us += dt_us
        for mm, ms in self.ways:
            if self.all_nm >= mm * 1e6 and self.all_us >= ms * 1000:
                self.at_us = end_us


class Ordered(Deadline):
    """Belt travel without a break in which the sensors' order shows what is wrong."""

    def __init__(self, setup: bounds.Setup, gait: float):
        super().__init__(setup, magnet=True)
        self.gait = gait
        self.shown_nm = 0.0
        self.before = -1.0

    def needed_mm(self, mean_mm_s: float) -> float:
        raise NotImplementedError

    def step(self, end_us: int, dt_us: int, nm: int, mean_mm_s: float) -> None:
        before, self.before = self.before, mean_mm_s
        needed = math.inf if before < 0 else self.needed_mm(mean_mm_s)
        a_d = abs(mean_mm_s - before) / dt_us * 1e6 * self.setup.d_mm
        if math.isinf(needed) or a_d > bounds.STEADY * mean_mm_s**2:
            self.shown_nm = 0.0
            return
        self.shown_nm += nm
        if self.shown_nm >= needed * 1e6:
            self.at_us = end_us


class Magnet(Ordered):
    def needed_mm(self, mean_mm_s: float) -> float:
        return bounds_options.lost_magnet_of_two_mm(self.setup, mean_mm_s, self.gait)


class Reversed(Ordered):
    def needed_mm(self, mean_mm_s: float) -> float:
        return bounds_options.reversed_mm(self.setup, mean_mm_s, self.gait)
