# SPDX-License-Identifier: MIT
"""The guaranteed worst case: from the moment a belt is too fast to the decision.

The estimator study's section 6. Plain arithmetic on whatever numbers come in: floats in the
bench, exact fractions in tests/unit/test_bench_formula.py. Millimetres and seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

Number = Any  # int, float or Fraction

MARGIN_FLOOR_MM_S = 70
EXTREME_FLOOR_MM_S = 139
BACKWARD_CAP_MM_S = 1230
LATE_MS = 3  # worst stamp of a handler that comes late
TICK_MS = 10


@dataclass(frozen=True)
class Rule:
    """The rule's constants on one treadmill. `uneven` is the largest share by which the travel
    from one magnet to the next differs from d."""

    d: Number
    limit: Number
    v_ref: Number
    extreme: Number
    travel: Number = 30
    uneven: Number = 0
    magnets: int = 1
    late: Number = LATE_MS / 1000
    tick: Number = TICK_MS / 1000

    @property
    def worst_travel(self) -> Number:
        """Lead to collect when spacing and stamps are all against us."""
        spacing = self.uneven * self.magnets * self.d / 2
        return self.travel + spacing + self.v_ref * self.late


def rule(d_mm: Number, limit_mm_s: int = 833, **more: Any) -> Rule:
    """The default settings in backward mode, in the whole numbers that the firmware uses."""
    v_ref = limit_mm_s + max(limit_mm_s * 100 // 1000, MARGIN_FLOOR_MM_S)
    return Rule(
        d=d_mm,
        limit=limit_mm_s,
        v_ref=min(v_ref, BACKWARD_CAP_MM_S),
        extreme=limit_mm_s + max(limit_mm_s // 2, EXTREME_FLOOR_MM_S),
        **more,
    )


def constant(r: Rule, v: Number) -> Number | None:
    """A belt at a constant v, or never slower, from the instant it gets there.

    None for v <= v_ref: then no bound exists, the belt is within its margin. One interval alone
    decides only when it shows the speed however uneven the magnets and however late its stamp:
    just above `extreme` a late stamp can hide it, and the collected travel decides.
    """
    if v <= r.v_ref:
        return None
    gained = r.d * (v - r.v_ref) / v
    bound = r.d * (1 + math.ceil(r.worst_travel / gained)) / v
    if r.d * (1 + r.uneven) / v + r.late < r.d / r.extreme:
        bound = min(bound, 2 * r.d * (1 + r.uneven) / v)
    return bound + r.late + r.tick


def ramp(r: Rule, a: Number) -> float:
    """A belt that leaves the limit at a mm/s2 and goes on."""
    to_v_ref = float(r.v_ref - r.limit) / float(a)
    collecting = math.sqrt(2 * float(r.worst_travel) / float(a))
    return to_v_ref + collecting + float(2 * r.d / r.v_ref + r.late + r.tick)
