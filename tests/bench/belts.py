# SPDX-License-Identifier: MIT
"""A belt at its limit that becomes too fast: edges as the hall sensor sees them, and the truth.

The treadmill's numbers, its gait ripple and its magnets are the virtual board's own; the mean
speed is a line drawn here, so that the hazard begins at an exact time. Between two points 5 ms
apart the speed is constant. Times us, distances um.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import Any

from treadguard.virtual.gait import Gait
from treadguard.virtual.hall import spacing
from treadguard.virtual.rng import Lcg

STEP_US = 5000
HEALTHY_US = 12_000_000  # before the hazard
HAZARD_US = 20_000_000  # when it begins
TOP_MM_S = 5000


@dataclass(frozen=True)
class Hazard:
    """A step to `factor` times the limit, or a ramp of `mm_s2` from it."""

    name: str
    factor: float = 0.0
    mm_s2: float = 0.0
    watch_s: int = 5  # how long to wait for the slowest estimator

    def speed_mm_s(self, limit_mm_s: int, after_us: float) -> float:
        """Mean speed of the belt, after_us into the hazard."""
        if after_us < 0:
            return limit_mm_s
        if self.factor:
            return limit_mm_s * self.factor
        return min(limit_mm_s + self.mm_s2 * after_us / 1e6, TOP_MM_S)


HAZARDS = (
    Hazard("step 1.15x", factor=1.15, watch_s=15),
    Hazard("step 1.3x", factor=1.3, watch_s=8),
    Hazard("step 2x", factor=2.0),
    Hazard("ramp 0.5 km/h/s", mm_s2=1000 / 7.2, watch_s=10),
    Hazard("ramp 2 m/s2", mm_s2=2000),
)


@dataclass
class Belt:
    """One trial. `stamps` are the edges as a handler stamped them, `edges` when they were."""

    hazard: Hazard
    limit_mm_s: int
    phase_us: int  # where the estimators' clocks happen to stand
    edges: list[int] = field(default_factory=list)
    stamps: list[int] = field(default_factory=list)
    true_mm_s: list[float] = field(default_factory=list)  # of each 5 ms from the hazard on
    travel_um: list[float] = field(default_factory=list)  # at the end of each of them

    def speed_at(self, at_us: int) -> float:
        """Mean speed, mm/s."""
        return self.hazard.speed_mm_s(self.limit_mm_s, at_us - HAZARD_US)

    def travel_beyond_mm(self, at_us: int) -> float:
        """Belt travel since the hazard began, beyond what the limit allows."""
        after_us = at_us - HAZARD_US
        i = min(after_us // STEP_US, len(self.travel_um) - 1)
        before_um = self.travel_um[i - 1] if i else 0.0
        travel_um = before_um + self.true_mm_s[i] * (after_us - i * STEP_US) / 1000
        return (travel_um - self.limit_mm_s * after_us / 1000) / 1000

    def fastest_mm_s(self, until_us: int) -> float:
        """The highest true speed from the hazard to a time."""
        last = max(0, until_us - HAZARD_US) // STEP_US + 1
        return max(self.true_mm_s[:last])

    def edge_after_gaining(self, v_mm_s: float, ahead_mm: float) -> int | None:
        """The first edge after the belt has got so far ahead of v, counted from the hazard and
        never below zero."""
        gained_um = 0.0
        for i, true_mm_s in enumerate(self.true_mm_s):
            gained_um = max(0.0, gained_um + (true_mm_s - v_mm_s) * STEP_US / 1000)
            if gained_um > ahead_mm * 1000:
                after = bisect_left(self.edges, HAZARD_US + (i + 1) * STEP_US)
                return self.edges[after] if after < len(self.edges) else None
        return None

    def first_interval_above(self, d_um: int, v_mm_s: int) -> int | None:
        """The physical bound: when the first interval faster than v was complete."""
        first = bisect_left(self.edges, HAZARD_US)
        for i in range(max(first, 1), len(self.edges)):
            if d_um * 1000 > v_mm_s * (self.edges[i] - self.edges[i - 1]):
                return self.edges[i]
        return None

    def stamps_from(self, at_us: int) -> list[int]:
        return self.stamps[bisect_right(self.stamps, at_us) :]


def run(numbers: dict[str, Any], hazard: Hazard, limit_mm_s: int, seed: int) -> Belt:
    """One belt, at the limit for 12 s, then the hazard."""
    rng = Lcg(seed)
    gait = Gait(numbers, rng)
    gait.walking = True
    gaps_um = [gap / 1000 for gap in spacing(numbers, rng)]
    magnet = rng.below(len(gaps_um))
    to_edge_um = gaps_um[magnet] * rng.below(10000) / 10000
    belt = Belt(hazard, limit_mm_s, HAZARD_US - HEALTHY_US + rng.below(30000) * 100)
    at_us = HAZARD_US - HEALTHY_US
    end_us = HAZARD_US + hazard.watch_s * 1_000_000
    travel_um = 0.0
    while at_us < end_us:
        mean = hazard.speed_mm_s(limit_mm_s, at_us + STEP_US / 2 - HAZARD_US)
        mm_s = mean * (1 + gait.factor(STEP_US) / 100_000)
        left_um = mm_s * STEP_US / 1000
        edge_us = float(at_us)
        while to_edge_um <= left_um:
            left_um -= to_edge_um
            edge_us += to_edge_um * 1000 / mm_s
            _see(belt, int(edge_us), rng)
            magnet = (magnet + 1) % len(gaps_um)
            to_edge_um = gaps_um[magnet]
        to_edge_um -= left_um
        if at_us >= HAZARD_US:
            travel_um += mm_s * STEP_US / 1000
            belt.true_mm_s.append(mm_s)
            belt.travel_um.append(travel_um)
        at_us += STEP_US
    return belt


def _see(belt: Belt, edge_us: int, rng: Lcg) -> None:
    """Handlers are 0.1 to 0.5 ms late, and one in a hundred 0.5 to 3 ms."""
    late_us = rng.between(500, 3000) if rng.below(100) == 0 else rng.between(100, 500)
    belt.edges.append(edge_us)
    belt.stamps.append(edge_us + late_us)
