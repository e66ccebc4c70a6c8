# SPDX-License-Identifier: MIT
"""How late the options may be (invariant I4): second hall sensor, second stop, key sense, deck.

As in bounds.py: ms, mm/s, mm; from the hazard to the contact open, or to LOCKOUT, or, where the
relay cannot stop the belt, to the belt standing. The campaign holds random sessions against them.
"""

from __future__ import annotations

import math

from treadguard.bounds import after_detection_ms, start_pressed_ms, stop_failed_ms
from treadguard.bounds_setup import RELEASE_MS, STAMP_DELAY_MS, TICK_MS, Setup

LOST_EDGES, LOST_EDGES_AT_LEAST = 4, 2
REVERSED_EDGES, REVERSED_AT_MOST = 3, 7
QUARTER = 0.25  # of the magnets' distance: how far B is behind A
ODD_FROM, ODD_BELOW, ODD_ABOVE = 0.18, 0.32, 0.68
KEY_CLOSED_MS = 1000
SECOND_OPEN_MS = 500
SECOND_STUCK_MS = 1000
NO_SLOWER_MS = 800
DROP_OUT_MS = 30  # K2 and the contactor after it
READING_MS = 20
READINGS = 50
STEEP_TICKS = 30
SLACK_PERMILLE = 3
INCLINE_ERRORS = 5
FROZEN_READINGS = 250
ODD_MS = 1000
FOOTFALL_MS, STEP_MS = 180, 600  # blow and swing; one such a step
BLOW_MS = 60
SHAKEN_MS = 2000


# Two sensors.


def one_dead_ways(
    setup: Setup, discrepancy_ms: int, seen: bool = True
) -> list[tuple[float, float]]:
    """(mm, ms): belt travel and time after which one sensor's silence must be known; any of them.

    The silent one's last edge came at or before the hazard. The other sees an edge in every gap:
    four of them within four gaps; or two, and discrepancy_ms since the last edge of the silent
    one, once that has had an edge.
    """
    ways = [(LOST_EDGES * setup.longest_mm, 0.0)]
    if seen:
        ways.append((LOST_EDGES_AT_LEAST * setup.longest_mm, float(discrepancy_ms)))
    return ways


def _late_share(setup: Setup, v_mm_s: float) -> float:
    """Late stamps, as a share of the shortest gap."""
    return v_mm_s * STAMP_DELAY_MS / 1000 / (setup.d_mm * (1 - setup.uneven))


def lost_magnet_of_two_mm(setup: Setup, v_mm_s: float, ripple: float) -> float:
    """Belt travel at a steady v within which two sensors in quadrature miss a magnet; else inf.

    The gap comes by once a turn, and is two spacings long; B's edge, a quarter of one spacing
    after A's, falls at an eighth of it: out of order. Two such places on end lock the order, with
    a turn's good ones between them: 2 turns, and the gap that was under way. It shows as an eighth
    when the widest quarter (its own spacing's, walked slowly, its stamp late) is below 18 % of the
    two shortest spacings. With both of two opposite magnets gone it is the same in every interval.
    """
    late = _late_share(setup, v_mm_s)
    quarter = QUARTER * (1 + setup.uneven) / (1 - setup.uneven) * (1 + ripple) + late
    if quarter >= ODD_FROM * (2 - late):
        return math.inf
    return 2 * setup.magnets * setup.d_mm + setup.longest_mm


def place_error(setup: Setup, v_mm_s: float, ripple: float) -> float:
    """How far spacing, gait and late stamps move B's edge from its place in A's interval."""
    even = 1 - QUARTER
    uneven = even * 2 * setup.uneven / (1 - setup.uneven)
    gait = even * QUARTER * 2 * ripple
    return uneven + gait + _late_share(setup, v_mm_s)


def reversed_mm(setup: Setup, v_mm_s: float, ripple: float) -> float:
    """Belt travel until a belt that runs the wrong way, or swapped plugs, must be known.

    The gap under way does not count. Where B's edge surely falls at 68 to 82 % of each interval
    after it, three of them are BELT_REVERSED. Where it may also fall beside that, but never where
    it belongs, each is a reverse one or one out of order, and never more than seven are needed:
    two reverse ones and, on one magnet, five out of order. inf where neither is sure.
    """
    error = place_error(setup, v_mm_s, ripple)
    if error < min(1 - QUARTER - ODD_ABOVE, ODD_BELOW - QUARTER):
        return (1 + REVERSED_EDGES) * setup.longest_mm
    return (1 + REVERSED_AT_MOST) * setup.longest_mm if error < QUARTER else math.inf


# Second stop.


def runs_on_drop_ms(setup: Setup, v0_mm_s: float, v_mm_s: float, a_min_mm_s2: int) -> float:
    """A belt that goes on at v: from the decision to the contactor without current. STOP_FAILED
    locks out, and a lockout drops it; a belt no slower than v0 after 800 ms drops it earlier."""
    return stop_failed_ms(setup, v0_mm_s, v_mm_s, a_min_mm_s2) + TICK_MS


def gains_drop_ms(
    setup: Setup, v_mm_s: float, a_mm_s2: float, top_mm_s: float, ripple: float, step_ms: float
) -> float:
    """A belt that gains speed, from v at the decision: to the contactor without current.

    v0 is at most v (1 + ripple): the decision's last interval may have been a footfall's peak.
    Once the mean has gained that much, one interval of each step is no slower than the mean, so
    one step and its two last gaps later (after 800 ms at the earliest) the belt is seen to be no
    slower than v0. inf when the belt's top speed is below that v0.
    """
    v0 = v_mm_s * (1 + ripple)
    if v0 > top_mm_s or setup.longest_mm / v_mm_s * 1000 >= setup.open_still_ms:
        return math.inf
    gained_ms = max(NO_SLOWER_MS, (v0 - v_mm_s) / a_mm_s2 * 1000)
    gap_ms = setup.longest_mm / v_mm_s * 1000
    return gained_ms + step_ms + 2 * gap_ms + STAMP_DELAY_MS + 2 * TICK_MS


def stands_ms(dropped_ms: float, v_mm_s: float, coast_mm_s2: float) -> float:
    """From the contactor's coil without current to a belt that stands."""
    return dropped_ms + DROP_OUT_MS + v_mm_s / coast_mm_s2 * 1000 + 2 * TICK_MS


def contactor_open_ms() -> float:
    """Unplugged, or its mirror contact says so: 500 ms from the first tick that reads it."""
    return after_detection_ms(TICK_MS + SECOND_OPEN_MS + TICK_MS)


def contactor_stuck_ms(setup: Setup, stood_ms: float) -> float:
    """LOCKOUT after an ordinary stop whose belt stood at stood_ms: the contactor is held until
    no edge has come for the standstill time, and must have dropped 1000 ms later."""
    return stood_ms + setup.open_still_ms + SECOND_STUCK_MS + 4 * TICK_MS


# Key sense.


def key_closed_ms() -> float:
    """LOCKOUT for a loop that shows closed although the relay is open: 1000 ms from the tick
    that sees both."""
    return float(TICK_MS + KEY_CLOSED_MS + 2 * TICK_MS)


def key_closed_after_start_ms() -> float:
    """The same after a START press that opens the relay: the feedback follows it."""
    return start_pressed_ms() - RELEASE_MS + RELEASE_MS + key_closed_ms()


# Inclinometer.


def mean_ripple_permille(blow_mg: int) -> float:
    """Footfalls in a mean over a second: a blow of 60 ms whose swing back, as much as it, is cut
    off at one end. And 2 of noise and rounding."""
    return blow_mg * BLOW_MS / (READING_MS * READINGS) + 2


def steep_ms(before: int, after: int, limit: int, blow_mg: int) -> float:
    """The deck goes from `before` to `after` permille at once: to the contact open.

    The mean over a second goes there evenly. With room for the footfalls' ripple above limit +
    slack every tick from then on counts, 30 of them; with less, all but a footfall's 180 ms of
    each 600 ms step, after the whole second: at worst 30 - 1 ticks, the 18 against, 19 again.
    """
    need = limit + SLACK_PERMILLE + 1
    ripple = mean_ripple_permille(blow_mg)
    if after < need:
        return math.inf
    reading_ms = 2 * READING_MS
    second_ms = READING_MS * READINGS
    if after - ripple >= need:
        share = (need + ripple - before) / (after - before)
        return after_detection_ms(share * second_ms + STEEP_TICKS * TICK_MS + reading_ms)
    against = FOOTFALL_MS // TICK_MS
    ticks = STEEP_TICKS - 1 + against + against + 1
    return after_detection_ms(second_ms + ticks * TICK_MS + reading_ms)


def incline_lost_ms(fault: str) -> float:
    """The inclinometer fails: five readings in a row that fail or bring nothing new; 250 that
    bring the same; a mean that is no gravity for a second, half a second after it hangs loose.
    One that is shaken by +-1.8 g is known by chance: two readings are over 1 g apart in 52 of 100,
    and 16 of 50 must be. A second that has fewer comes once in 700 times: 2 s are asked for."""
    if fault == "shaken":
        return after_detection_ms(SHAKEN_MS)
    if fault == "frozen":
        return after_detection_ms((FROZEN_READINGS + 2) * READING_MS)
    if fault == "loose":
        return after_detection_ms(READINGS * READING_MS + ODD_MS + 2 * READING_MS)
    return after_detection_ms((INCLINE_ERRORS + 1) * READING_MS)


__all__ = (
    "NO_SLOWER_MS",
    "contactor_open_ms",
    "contactor_stuck_ms",
    "gains_drop_ms",
    "incline_lost_ms",
    "key_closed_after_start_ms",
    "key_closed_ms",
    "lost_magnet_of_two_mm",
    "mean_ripple_permille",
    "one_dead_ways",
    "place_error",
    "reversed_mm",
    "runs_on_drop_ms",
    "stands_ms",
    "steep_ms",
)
