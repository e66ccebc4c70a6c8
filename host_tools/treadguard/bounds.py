# SPDX-License-Identifier: MIT
"""How late the relay may open, per hazard: detection + a tick + relay release (invariant I4).

All times in ms, speeds in mm/s, distances in mm. The overspeed formulas are those of the
estimator study: lead gained per interval q = d (1 - v_ref / v), and the first complete interval
above 1.5 x the limit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

TICK_MS = 10
RELEASE_MS = 9  # RELAY_EN low to contact open
ROTATION_MS = 30  # each analogue channel is read every third tick
STAMP_DELAY_MS = 3.0  # worst handler delay while the loop is awake
SILENCE_MIN_MS = 400
STANDSTILL_MM_S = 70
MARGIN_FLOOR_MM_S = 70
EXTREME_FLOOR_MM_S = 139
BACKWARD_CAP_MM_S = 1230


@dataclass(frozen=True)
class Setup:
    """What the bounds depend on. `uneven` is the magnets' spacing error, 0.05 for 5 %."""

    limit_mm_s: int
    distance_um: int
    magnets: int = 1
    margin_permille: int = 100
    travel_mm: int = 30
    rail_grace_ms: int = 400
    one_hand_grace_ms: int = 3000
    backward: bool = True
    uneven: float = 0.0

    @property
    def d_mm(self) -> float:
        return self.distance_um / 1000

    @property
    def v_ref_mm_s(self) -> int:
        margin = max(self.limit_mm_s * self.margin_permille // 1000, MARGIN_FLOOR_MM_S)
        v_ref = self.limit_mm_s + margin
        return min(v_ref, BACKWARD_CAP_MM_S) if self.backward else v_ref

    @property
    def extreme_mm_s(self) -> int:
        return self.limit_mm_s + max(self.limit_mm_s // 2, EXTREME_FLOOR_MM_S)


def after_detection_ms(detection_ms: float) -> float:
    """From the moment the core can know to the contact open."""
    return detection_ms + TICK_MS + RELEASE_MS


def rails_released_ms(setup: Setup) -> float:
    """Both hands gone: seen within one rotation, the grace, the tick that exceeds it."""
    return after_detection_ms(ROTATION_MS + setup.rail_grace_ms + TICK_MS)


def one_hand_ms(setup: Setup) -> float:
    """One hand gone in BACKWARD."""
    return after_detection_ms(ROTATION_MS + setup.one_hand_grace_ms + TICK_MS)


def silence_ms(setup: Setup, v_mm_s: float) -> float:
    """The sensor dies at a steady speed: counted from its last edge."""
    longest = 2.5 * (1 + 2 * setup.uneven) * setup.d_mm / v_mm_s * 1000
    still = max(SILENCE_MIN_MS, setup.distance_um // STANDSTILL_MM_S)
    return after_detection_ms(min(max(SILENCE_MIN_MS, longest), still) + STAMP_DELAY_MS)


def overspeed_ms(setup: Setup, v_mm_s: float) -> float:
    """Belt at a constant v (or never slower), from the instant it gets there; inf when allowed."""
    bucket = _bucket_ms(setup, v_mm_s)
    if v_mm_s > setup.extreme_mm_s * (1 + setup.uneven):
        first = 2 * setup.d_mm * (1 + setup.uneven) / v_mm_s * 1000 + STAMP_DELAY_MS
        bucket = min(bucket, first)
    return after_detection_ms(bucket)


def _bucket_ms(setup: Setup, v_mm_s: float) -> float:
    v_ref = setup.v_ref_mm_s
    if v_mm_s <= v_ref:
        return math.inf
    gained = setup.d_mm * (1 - v_ref / v_mm_s)
    spacing = setup.uneven * setup.magnets * setup.d_mm / 2
    late = v_ref * STAMP_DELAY_MS / 1000
    intervals = 1 + math.ceil((setup.travel_mm + spacing + late) / gained)
    return setup.d_mm / v_mm_s * intervals * 1000 + STAMP_DELAY_MS


def ramp_ms(setup: Setup, a_mm_s2: float) -> float:
    """Belt that speeds up evenly, from the instant it passes the limit."""
    v_ref = setup.v_ref_mm_s
    to_ref = (v_ref - setup.limit_mm_s) / a_mm_s2
    ahead = math.sqrt(2 * setup.travel_mm / a_mm_s2)
    travel = 2 * setup.d_mm / v_ref
    return after_detection_ms((to_ref + ahead + travel) * 1000 + STAMP_DELAY_MS)
