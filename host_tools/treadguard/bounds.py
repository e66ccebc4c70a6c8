# SPDX-License-Identifier: MIT
"""How late the relay may open, per hazard: detection + a tick + relay release (invariant I4).

All times in ms, speeds in mm/s, distances in mm. The overspeed formulas are those of the
estimator study: lead gained per interval q = d (1 - v_ref / v), and the first complete interval
above 1.5 x the limit. Every bound counts from the hazard's beginning to the contact open; the
campaign (tests/campaign) holds random sessions against them.
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


def after_detection_ms(detection_ms: float) -> float:
    """From the moment the core can know to the contact open."""
    return detection_ms + TICK_MS + RELEASE_MS


# Hands, buttons, switches, leads: a number of reads in a row.


def rails_released_ms(setup: Setup) -> float:
    """Both hands gone: seen within one rotation, the grace, the tick that exceeds it."""
    return after_detection_ms(setup.hand_seen_ms + setup.rail_grace_ms + TICK_MS)


def one_hand_ms(setup: Setup) -> float:
    """One hand gone in BACKWARD; a single bar let go while MOUNTING."""
    return after_detection_ms(setup.hand_seen_ms + setup.one_hand_grace_ms + TICK_MS)


def estop_ms() -> float:
    """The button's own contact cuts the coil: no program in between."""
    return RELEASE_MS + 1.0


def start_pressed_ms() -> float:
    return after_detection_ms(READS_START * TICK_MS)


def mode_changed_ms() -> float:
    return after_detection_ms(READS_MODE * TICK_MS)


def wiring_ms() -> float:
    """A cut or shorted lead of the hall sensor or of a rail: three readings, one a rotation."""
    return after_detection_ms(READS_WIRING * ROTATION_MS)


def host_stop_ms() -> float:
    """The request on the wire, 16 bytes of it read at a time, the tick that answers it, the tick
    that judges it."""
    return after_detection_ms(LINE_MS + 2 * TICK_MS)


# The program and the supply.


def pump_ms() -> float:
    """Nothing toggles any more (hang, reset, crash): hold-up at its longest, and the armature."""
    return HOLD_UP_MS + FADE_MS + TICK_MS


def slow_tick_ms(stall_ms: float) -> float:
    """The late tick itself decides, unless the pump has run out before."""
    return min(after_detection_ms(stall_ms), pump_ms())


def power_cut_ms() -> float:
    return RELEASE_MS + 1.0


# The sensor.


def silence_ms(setup: Setup, v_mm_s: float) -> float:
    """The sensor dies at a steady speed: counted from its last edge."""
    return silence_after_ms(setup, (1 + 2 * setup.uneven) * setup.d_mm / v_mm_s * 1000)


def silence_after_ms(setup: Setup, longest_ms: float) -> float:
    """The same, the longer of the last two intervals known. A silence that is taken for a stop
    opens without RELAY_EN (T5), which adds up to 160 ms: see quiet_ms."""
    awaited = min(max(SILENCE_MIN_MS, 2.5 * longest_ms), setup.still_ms)
    return after_detection_ms(awaited + STAMP_DELAY_MS)


def quiet_ms(opened_ms: float) -> float:
    """An opening named BELT_STOPPED or START_TIMEOUT: the pump runs out with RELAY_EN high."""
    return opened_ms + min(QUIET_MS + TICK_MS, HOLD_UP_MS + FADE_MS)


def start_timeout_ms(timeout_s: int) -> float:
    """Dead before the belt was ever seen: nobody hears "belt seen", and the start times out."""
    return quiet_ms(after_detection_ms(timeout_s * 1000 + TICK_MS))


def lost_magnet_mm(setup: Setup, v_mm_s: float) -> float:
    """Belt travel at a steady v within which a lost magnet is noticed; inf when not promised.

    The gap comes by once a turn, at the latest after one turn; SENSOR_NOISE wants it three times
    and each time the interval after it, because an interval is judged by both its neighbours:
    3 turns and 2 intervals, and one more when a gap was under way as the belt became steady. The
    gap is seen as one when it lasts over 1.6 times as long as
    either neighbour: two short spacings against one long one, both stamps of each against us.
    A belt that speeds up shortens the gap too: while a d / v^2 is over STEADY no turn counts.
    """
    spacing_ms = setup.d_mm / v_mm_s * 1000
    gap_ms = 2 * (1 - setup.uneven) * spacing_ms - STAMP_DELAY_MS
    neighbour_ms = (1 + setup.uneven) * spacing_ms + STAMP_DELAY_MS
    if gap_ms <= GAP_RATIO * neighbour_ms:
        return math.inf
    return 3 * setup.magnets * setup.d_mm + 3 * setup.longest_mm


def burst_ms(gap_us: int) -> float:
    """Edges from nowhere: one may pass for travel, three more inside the blanking are noise.
    When the gap is longer than the blanking, two of them are a belt at 7 m/s."""
    return after_detection_ms((NOISE_EDGES + 1) * gap_us / 1000 + STAMP_DELAY_MS)


# Overspeed.


def overspeed_ms(setup: Setup, v_mm_s: float) -> float:
    """Belt at a constant v (or never slower), from the instant it gets there; inf when allowed."""
    bucket = _bucket_ms(setup, v_mm_s)
    if v_mm_s > setup.surely_extreme_mm_s:
        travel = setup.deciding_gaps(v_mm_s) * setup.longest_mm
        bucket = min(bucket, travel / v_mm_s * 1000 + STAMP_DELAY_MS)
    return after_detection_ms(bucket)


def _bucket_ms(setup: Setup, v_mm_s: float) -> float:
    v_ref = setup.v_ref_mm_s
    if v_mm_s <= v_ref:
        return math.inf
    gained = setup.d_mm * (1 - v_ref / v_mm_s)
    intervals = 1 + math.ceil(setup.allowance_mm / gained)
    return setup.d_mm / v_mm_s * intervals * 1000 + STAMP_DELAY_MS


def ramp_ms(setup: Setup, a_mm_s2: float) -> float:
    """Belt that speeds up evenly, from the instant it passes the limit."""
    v_ref = setup.v_ref_mm_s
    to_ref = (v_ref - setup.limit_mm_s) / a_mm_s2
    ahead = math.sqrt(2 * setup.allowance_mm / a_mm_s2)
    travel = 2 * setup.d_mm / v_ref
    return after_detection_ms((to_ref + ahead + travel) * 1000 + STAMP_DELAY_MS)


def ahead_mm(setup: Setup, fastest_mm_s: float) -> float:
    """The same for a belt that does what it likes (footfalls, an uneven ramp): once the true belt
    is this far ahead of v_ref, counted from the hazard and never below zero, the next edge
    decides, at most `longest_mm` of belt travel later.

    The rule knows the belt at edges only. Where the belt began to gain, the next edge is at most
    one gap away, and on the way there it gained less than q = d (1 - v_ref / fastest), which no
    interval shows. From that edge on lead and true gain differ by the allowance's two last terms
    at most, and clipping at zero only ever raises the lead. So the lead is over `travel_mm` at
    the first edge on which the true gain is over travel + q + spacing + late. For a constant v
    this is the study's bound without its rounding: travel beyond v_ref <= X + 2 q.
    """
    gained = max(0.0, setup.longest_mm * (1 - setup.v_ref_mm_s / fastest_mm_s))
    return setup.allowance_mm + gained


# What the relay cannot stop: how soon that is known (LOCKOUT), counted from the decision.


def welded_ms() -> float:
    """Feedback still closed 1000 ms after RELAY_EN went low."""
    return float(WELDED_MS + 2 * TICK_MS)


def stop_failed_ms(setup: Setup, v0_mm_s: float, v_mm_s: float, a_min_mm_s2: int) -> float:
    """The belt goes on at v: the first interval that began after the halving time shows it, and
    it ends two gaps later at most. Nothing is promised for a belt at half its speed or less, nor
    for one so slow that it counts as standing.
    """
    gap_ms = setup.longest_mm / v_mm_s * 1000
    if v_mm_s <= max(v0_mm_s / 2, STANDSTILL_MM_S) or gap_ms >= setup.open_still_ms:
        return math.inf
    halving = 1500.0
    if a_min_mm_s2:
        limit = min(max(CEILING_MM_S * 1500 // a_min_mm_s2, 2000), 12000)
        halving = min(max(limit // 2, 1000), 2500)
    halving *= max(1.0, v0_mm_s / CEILING_MM_S)
    return halving + 2 * gap_ms + STAMP_DELAY_MS + TICK_MS
