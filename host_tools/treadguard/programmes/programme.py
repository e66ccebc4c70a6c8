# SPDX-License-Identifier: MIT
"""One programme: its numbers, where they come from, and whether it may be offered.

A programme says how often, how long and how fast; it claims no benefit. The hard ceilings are
the firmware's, the incline rule is the project's: what exceeds one is shown and never offered.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from treadguard import firmware, units

GREATEST_PROGRESSION_PERCENT = 10
"""Of the first week's speed, more each week (Michaelsen 2014, PMID 24730757)."""


@dataclass(frozen=True)
class Source:
    """Where the numbers come from, and with whom and how they were tried."""

    citation: str
    reference: str
    population: str
    setting: str
    reported: str
    differs: str = ""


@dataclass(frozen=True)
class Programme:
    """Speeds in mm/s; None where the source names none and the walker chooses."""

    id: str
    title: str
    weeks: int
    sessions_per_week: int
    minutes: int
    source: Source
    text: str
    """The TOML it was read from."""
    speed_mm_s: int | None = None
    speed_at_most_mm_s: int | None = None
    progression_percent_per_week: int = 0
    minutes_at_most: int | None = None
    minutes_more_per_week: int = 0
    incline_percent: Fraction | None = None

    @property
    def why_not_offered(self) -> str:
        """Why it may only be looked at; "" when it may be started."""
        if self.incline_percent is not None and self.incline_percent > steepest_percent():
            steep = f"{float(self.incline_percent):.1f}"
            return f"its incline of {steep} % is above the rule of {steepest_percent()} %"
        return ""

    def speed_in(self, level: int, first_mm_s: int | None) -> int | None:
        """Speed after `level` completed weeks; `first_mm_s` where the programme names none."""
        first = self.speed_mm_s if self.speed_mm_s is not None else first_mm_s
        if first is None:
            return None
        more = first * self.progression_percent_per_week * level // 100
        return min(first + more, self.speed_at_most_mm_s or ceiling_mm_s(), ceiling_mm_s())

    def minutes_in(self, level: int) -> int:
        """Minutes of a session after `level` completed weeks."""
        longer = self.minutes + self.minutes_more_per_week * level
        return min(longer, self.minutes_at_most or longer)

    def dose(self) -> str:
        """One line: how often, how long, how fast, how steep."""
        minutes = f"{self.minutes} min"
        if self.minutes_more_per_week:
            minutes = f"{self.minutes} to {self.minutes_in(self.weeks - 1)} min"
        speed = units.speed(self.speed_mm_s) if self.speed_mm_s else "your own speed"
        if self.progression_percent_per_week:
            speed += f", +{self.progression_percent_per_week} % of it a week"
        steep = "" if self.incline_percent is None else f", {float(self.incline_percent):.3g} %"
        often = f"{self.sessions_per_week} a week, {self.weeks} weeks"
        return f"{minutes}, {often}, {speed}{steep + ' incline' if steep else ''}"


def steepest_percent() -> int:
    """What walkers are told, and no incline limit may exceed. Sensible or not, a study beyond it
    is not offered."""
    return firmware.parameters()["incline_limit_permille"].highest // 10


def ceiling_mm_s() -> int:
    """What no backward limit may exceed."""
    return firmware.parameters()["backward_limit_mm_s"].highest


def percent_of_degrees(degrees: Fraction) -> Fraction:
    """An incline as rise per run, in percent."""
    return Fraction(round(math.tan(math.radians(degrees)) * 1000), 10)
