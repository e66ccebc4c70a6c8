# SPDX-License-Identifier: MIT
"""The way out of every closed state: drop the relay, measure the stop, name it, judge it.

STOP_FAILED needs evidence: an interval that also began after its deadline and still shows
speed. A belt that goes silent gives none; with a dead sensor the stop is "not proven" instead.
"""

from micropython import const

from guard.core import faults as f
from guard.core.speed import speed_mm_s
from guard.core.ticks import since

DROP_MAX_MS = const(160)
WELDED_MS = const(1000)
CEILING_MM_S = const(1118)
LIMIT_DEFAULT_MS = const(4000)
HALVING_DEFAULT_MS = const(1500)
STANDSTILL_MM_S = const(70)
TEST_MIN_MM_S = const(400)
TEST_LIMIT_MS = const(12000)
MEASURED_MAX_MM_S2 = const(10000)  # the hard range of the two measured parameters
SLOWER_PERCENT = const(115)  # as much slower makes a silence a stop, as in Speed

# The interval under way at the decision began at most a standstill time before it.
_BEFORE_US = const((1 << 30) - 16000000)

DROPPING = 0  # T5: RELAY_EN still high, pump idle
OPENED = 1


def limit_ms_for(a_min_mm_s2, v0_mm_s):
    """Time after which a belt must stand: 1.5 x the measured stop, 2..12 s at 1118 mm/s."""
    ms = LIMIT_DEFAULT_MS
    if a_min_mm_s2:
        ms = min(max(CEILING_MM_S * 1500 // a_min_mm_s2, 2000), TEST_LIMIT_MS)
    return _scaled(ms, v0_mm_s)


def halving_ms_for(a_min_mm_s2, v0_mm_s):
    """Time after which a belt must run at half its speed or less: 1..2.5 s at 1118 mm/s."""
    ms = HALVING_DEFAULT_MS
    if a_min_mm_s2:
        ms = min(max(limit_ms_for(a_min_mm_s2, 0) // 2, 1000), 2500)
    return _scaled(ms, v0_mm_s)


def _scaled(ms, v0_mm_s):
    return ms * v0_mm_s // CEILING_MM_S if v0_mm_s > CEILING_MM_S else ms


class Stop:
    """One stop, from the decision to standstill."""

    def __init__(self, settings, speed):
        self.settings = settings
        self.speed = speed
        self.cause = 0
        self.phase = OPENED
        self.v0_mm_s = 0
        self.began_ms = 0
        self.began_us = 0
        self.dt_before_us = 0
        self.opened_ms = 0  # RELAY_EN went low
        self.drop_ms = -1  # T5, or -1 when not measured
        self.contact_open = False
        self.first_edge = 0
        self.proven = True
        self.certain = False  # a second sensor saw what the silence was
        self.failed = False
        self.still_ms = 0
        self.limit_ms = 0
        self.halving_ms = 0

    def begin(self, cause, now_us, now_ms):
        """The relay must open now, for this cause."""
        speed = self.speed
        self.cause = cause
        self.v0_mm_s = speed.v_mm_s
        self.dt_before_us = speed.dt_us
        self.began_us = now_us
        self.began_ms = now_ms
        self.opened_ms = now_ms
        self.drop_ms = -1
        self.contact_open = False
        self.first_edge = speed.edges
        self.failed = False
        self.certain = False
        self.still_ms = 0
        self.proven = not f.is_sensor_fault(cause)
        a_min = self.settings.stop_a_min_mm_s2
        self.limit_ms = limit_ms_for(a_min, self.v0_mm_s)
        self.halving_ms = halving_ms_for(a_min, self.v0_mm_s)
        quiet_end = cause == f.BELT_STOPPED or cause == f.START_TIMEOUT
        self.phase = DROPPING if quiet_end else OPENED

    def tick(self, feedback_closed, estop_pressed, now_ms):
        """Watch the contact; a lockout code, or 0."""
        self.contact_open = not feedback_closed
        if self.phase == DROPPING:
            return self._dropping(estop_pressed, now_ms)
        if feedback_closed and since(now_ms, self.opened_ms) >= WELDED_MS:
            return f.RELAY_WELDED
        return f.STOP_FAILED if self.failed else 0

    def _dropping(self, estop_pressed, now_ms):
        waited_ms = since(now_ms, self.began_ms)
        slow = not self.contact_open and waited_ms >= DROP_MAX_MS
        if not self.contact_open and not slow and not estop_pressed:
            return 0
        self.phase = OPENED
        self.opened_ms = now_ms
        if self.contact_open and not estop_pressed:
            self.drop_ms = waited_ms
        return f.RELAY_SLOW if slow else 0

    def interval(self, n, dt_us, start_us):
        """An interval of n edges ended after the decision; it began at start_us."""
        began_after_ms = self._ms_after(start_us)
        v = speed_mm_s(self.speed.d_um, n, dt_us)
        if began_after_ms > self.halving_ms and v > self.v0_mm_s >> 1 and v > STANDSTILL_MM_S:
            self.failed = True
        if began_after_ms > self.limit_ms and v > STANDSTILL_MM_S:
            self.failed = True
        self._rename(dt_us // n)

    def _ms_after(self, stamp_us):
        """ms from the decision to a stamp; 0 for one before it."""
        after_us = (stamp_us - self.began_us) & 0x3FFFFFFF
        return 0 if after_us > _BEFORE_US else after_us // 1000

    def _rename(self, dt_us):
        if self.certain or not f.is_silence(self.cause):
            return
        if dt_us * 100 < self.dt_before_us * SLOWER_PERCENT:
            self.cause = f.SENSOR_NOISE
            self.proven = False
        elif self.cause == f.SENSOR_LOST:
            self.cause = f.BELT_STOPPED
            self.proven = True

    def over(self, still, now_ms):
        """Relay seen open and belt still; without a trusted sensor, the whole limit waited."""
        if not self.contact_open or self.phase == DROPPING or not still:
            return False
        if not self.still_ms:
            self.still_ms = max(1, since(now_ms, self.began_ms))
        return self.proven or since(now_ms, self.began_ms) >= self.limit_ms

    def edges_after(self):
        return self.speed.edges - self.first_edge

    # With n edges after opening the belt ran n*d to (n+1)*d.

    def a_min_mm_s2(self):
        return self._deceleration(self.edges_after() + 1)

    def a_max_mm_s2(self):
        """0 when no edge came: then only the weakest possible stop is known."""
        n = self.edges_after()
        return self._deceleration(n) if n else 0

    def _deceleration(self, edges):
        measured = self.v0_mm_s * self.v0_mm_s * 5 // (edges * (self.speed.d_um // 100))
        return min(measured, MEASURED_MAX_MM_S2)


def is_stop_test(v0_mm_s):
    """Speeds at which an empty belt stopped by START is the stop test."""
    return TEST_MIN_MM_S <= v0_mm_s <= CEILING_MM_S


def test_passes(a_min_mm_s2):
    return a_min_mm_s2 > 0 and CEILING_MM_S * 1500 // a_min_mm_s2 <= TEST_LIMIT_MS
