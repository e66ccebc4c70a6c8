# SPDX-License-Identifier: MIT
"""What the bounds of bounds.py depend on: the firmware's own constants, a session's settings, and
the treadmill's magnets.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

TICK_MS = 10
RELEASE_MS = 9  # RELAY_EN low to contact open
ROTATION_MS = 30  # each analogue channel is read every third tick
TOUCH_FRESH_MS = 31  # a touch pad has a new count that often
STAMP_DELAY_MS = 3.0  # worst handler delay while the loop is awake
SILENCE_MIN_MS = 400
STANDSTILL_MM_S = 70
OPEN_STILL_MIN_MS = 1000
OPEN_STILL_MM_S = 100
MARGIN_FLOOR_MM_S = 70
EXTREME_FLOOR_MM_S = 139
BACKWARD_CAP_MM_S = 1230
BLANKING_M_S = 7
HOLD_UP_MS = 128  # the pump's, at its longest
FADE_MS = 6  # the armature falls at the end of a fading coil current
RIDE_THROUGH_MS = 25  # a tick that late is no fault yet
QUIET_MS = 160  # T5: a drop-out longer than that ends with RELAY_EN low
WELDED_MS = 1000
LINE_MS = 5  # a stop request of 50 bytes on the wire
CEILING_MM_S = 1118
READS_ESTOP, READS_START, READS_MODE, READS_WIRING = 2, 2, 3, 3
NOISE_EDGES = 3  # implausible edges that make SENSOR_NOISE
GAP_RATIO = 1.6  # an interval that much longer than both its neighbours is one of them
STEADY = 0.02  # a d / v^2 of a belt whose speed hardly changes from edge to edge


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
    touch: bool = False

    @property
    def d_mm(self) -> float:
        return self.distance_um / 1000

    @property
    def longest_mm(self) -> float:
        """The widest gap between two magnets."""
        return self.d_mm * (1 + self.uneven)

    @property
    def v_ref_mm_s(self) -> int:
        margin = max(self.limit_mm_s * self.margin_permille // 1000, MARGIN_FLOOR_MM_S)
        v_ref = self.limit_mm_s + margin
        return min(v_ref, BACKWARD_CAP_MM_S) if self.backward else v_ref

    @property
    def extreme_mm_s(self) -> int:
        return self.limit_mm_s + max(self.limit_mm_s // 2, EXTREME_FLOOR_MM_S)

    @property
    def surely_extreme_mm_s(self) -> float:
        """Above it one interval alone decides, however wide its gap and however late its stamp."""
        shown_ms = self.d_mm / self.extreme_mm_s * 1000 - STAMP_DELAY_MS
        return self.longest_mm / shown_ms * 1000 if shown_ms > 0 else math.inf

    def deciding_gaps(self, v_mm_s: float) -> int:
        """Gaps of a runaway until it is decided: 2, the first of them incomplete. From 7 m/s on,
        and below it by as much as late stamps shorten an interval, every second edge is blanked:
        the third of these is SENSOR_NOISE."""
        shown_ms = self.d_mm * (1 - self.uneven) / v_mm_s * 1000 - STAMP_DELAY_MS
        blanked = shown_ms * 1000 <= self.distance_um // BLANKING_M_S
        return 2 * NOISE_EDGES + 1 if blanked else 2

    @property
    def allowance_mm(self) -> float:
        """Travel ahead of v_ref that the rule may not see: its 30 mm, and what the magnets'
        spacing and late stamps hide."""
        spacing = self.uneven * self.magnets * self.d_mm / 2
        return self.travel_mm + spacing + self.v_ref_mm_s * STAMP_DELAY_MS / 1000

    @property
    def hand_seen_ms(self) -> int:
        return ROTATION_MS + (TOUCH_FRESH_MS if self.touch else 0)

    @property
    def still_ms(self) -> int:
        """Relay closed: no edge for so long is a belt that stands."""
        return max(SILENCE_MIN_MS, self.distance_um // STANDSTILL_MM_S)

    @property
    def open_still_ms(self) -> int:
        """The same with the relay open; 100 mm/s, or slower when that makes less than 1 s."""
        return max(OPEN_STILL_MIN_MS, self.distance_um // OPEN_STILL_MM_S)
