# SPDX-License-Identifier: MIT
"""How late the relay may open, per hazard: detection + a tick + relay release (invariant I4).

All times in ms, speeds in mm/s, distances in mm. The overspeed formulas are those of the
estimator study: lead gained per interval q = d (1 - v_ref / v), and the first complete interval
above 1.5 x the limit. Every bound counts from the hazard's beginning to the contact open; the
campaign (tests/campaign) holds random sessions against them.
"""

from __future__ import annotations

import math

from treadguard.bounds_setup import (
    CEILING_MM_S,
    FADE_MS,
    GAP_RATIO,
    HOLD_UP_MS,
    LINE_MS,
    NOISE_EDGES,
    QUIET_MS,
    READS_MODE,
    READS_START,
    READS_WIRING,
    RELEASE_MS,
    RIDE_THROUGH_MS,
    ROTATION_MS,
    SILENCE_MIN_MS,
    STAMP_DELAY_MS,
    STANDSTILL_MM_S,
    STEADY,
    TICK_MS,
    WELDED_MS,
    Setup,
)


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


__all__ = (
    "RELEASE_MS",
    "RIDE_THROUGH_MS",
    "STAMP_DELAY_MS",
    "STANDSTILL_MM_S",
    "STEADY",
    "Setup",
    "TICK_MS",
    "after_detection_ms",
    "ahead_mm",
    "burst_ms",
    "estop_ms",
    "host_stop_ms",
    "lost_magnet_mm",
    "mode_changed_ms",
    "one_hand_ms",
    "overspeed_ms",
    "power_cut_ms",
    "pump_ms",
    "quiet_ms",
    "rails_released_ms",
    "ramp_ms",
    "silence_after_ms",
    "silence_ms",
    "slow_tick_ms",
    "start_pressed_ms",
    "start_timeout_ms",
    "stop_failed_ms",
    "welded_ms",
    "wiring_ms",
)
