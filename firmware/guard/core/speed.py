# SPDX-License-Identifier: MIT
"""Hall edges -> belt travel: lead over the limit, upper bound of the speed, sensor health.

Every edge is due no sooner than d / v_ref after the one before. Early edges add up their
earliness (lead), late ones pay it back, never below zero. Nothing here is averaged and nothing
is filtered by the last reading: blanking is a fixed time, so one missed edge hides no runaway.
All products stay below 2**30 for every setting in range (tests/firmware/test_speed.py).
"""

from micropython import const

from guard.core.noise import NoiseCount
from guard.core.surge import Surge

MARGIN_FLOOR_MM_S = const(70)  # above the 56 mm/s a console overshoots
EXTREME_FLOOR_MM_S = const(139)  # 0.5 km/h
BACKWARD_CAP_MM_S = const(1230)  # 2.5 mph + 10 %
BLANKING_M_S = const(7)  # forward ceiling x 1.25
STANDSTILL_MM_S = const(70)
STILL_MIN_MS = const(400)
OPEN_STILL_MIN_US = const(1000000)
SILENCE_MIN_US = const(400000)
MERGE_MAX = const(8)  # more than the interrupt queue holds
A_STOP_MIN_MM_S2 = const(1500)
A_STOP_MAX_MM_S2 = const(3000)
SPEED_MAX_MM_S = const(20000)


def speed_mm_s(d_um, edges, dt_us):
    """Speed of `edges` (1..8) edges in dt_us; products stay below 2**30."""
    if dt_us < 1000:
        return SPEED_MAX_MM_S
    return d_um * 100 * edges // (dt_us // 10)


class Speed:
    def __init__(self, settings):
        self.settings = settings
        self.noise = NoiseCount()
        self.surge = Surge()
        self.v_ref_mm_s = 0  # there is no lead yet
        self.configure()
        self.relay_closing()
        self.closed = False

    def configure(self):
        """Take constants from the settings (relay open)."""
        d_um = self.settings.distance_per_edge_um
        self.d_um = d_um
        self.blanking_us = d_um // BLANKING_M_S
        self.closed_still_us = max(STILL_MIN_MS, d_um // STANDSTILL_MM_S) * 1000
        self.open_still_us = max(OPEN_STILL_MIN_US, d_um * 10)
        self.surge.configure(d_um, self.settings.magnets_per_turn)
        self.noise.configure(self.settings.magnets_per_turn)
        strongest = self.settings.stop_a_max_mm_s2
        # The test's belt was empty, and ran on until the motor was off: a walker's stop is up to
        # 1.9 times what it measured. Footfalls on the last interval add a third.
        a_stop = strongest * 5 // 2 if strongest else A_STOP_MAX_MM_S2
        self.a_stop_mm_s2 = min(max(a_stop, A_STOP_MIN_MM_S2), A_STOP_MAX_MM_S2)
        self.set_limit(self.settings.forward_limit_mm_s, False)

    def set_limit(self, limit_mm_s, backward):
        """New limit; the lead keeps its distance."""
        margin = max(
            limit_mm_s * self.settings.overspeed_margin_permille // 1000, MARGIN_FLOOR_MM_S
        )
        v_ref = limit_mm_s + margin
        if backward and v_ref > BACKWARD_CAP_MM_S:
            v_ref = BACKWARD_CAP_MM_S
        if self.v_ref_mm_s:
            self.lead_us = self.lead_us * self.v_ref_mm_s // v_ref
        self.v_ref_mm_s = v_ref
        self.due_us = self.d_um * 1000 // v_ref
        self.allow_us = self.settings.overspeed_travel_mm * 1000000 // v_ref
        extreme = limit_mm_s + max(limit_mm_s // 2, EXTREME_FLOOR_MM_S)
        self.fast_us = self.d_um * 1000 // extreme

    def forget(self):
        """No edge is known: the next one only starts an interval."""
        self.known = False
        self.last_us = 0
        self.dt_us = 0  # of the last interval, per edge
        self.dt_before_us = 0
        self.v_mm_s = 0
        self.surge.forget()
        self.noise.forget_neighbours()

    def relay_closing(self):
        """Lead, stamps and windows start afresh."""
        self.forget()
        self.lead_us = 0
        self.max_lead_us = 0
        self.edges = 0
        self.seen = False
        self.extreme = False
        self.noise.clear()
        self.closed = True

    def relay_opened(self):
        self.closed = False

    def edge(self, stamp_us, n, now_ms):
        """Take one stored pair: n edges, the last at stamp_us. Edges of the interval it ended."""
        if n > MERGE_MAX:
            self.noise.overflow = True
            n = MERGE_MAX
        dt_us = (stamp_us - self.last_us) & 0x3FFFFFFF
        if not self.known or self._stood(dt_us):
            self.forget()
            self.known = True
            self.last_us = stamp_us
            self.edges += n
            return 0
        if dt_us <= n * self.blanking_us:
            if n == 1:
                self.noise.add(now_ms, self.edges)
                return 0  # not travel, and the stamp stays
            n = self._merged_too_close(n, dt_us, now_ms)
        self.last_us = stamp_us
        self.edges += n
        self._interval(n, dt_us, now_ms)
        return n

    def _stood(self, dt_us):
        """So long an interval is a standstill, also when no tick came to see it."""
        if self.closed:
            return not self.seen and dt_us > self.closed_still_us
        return dt_us > self.open_still_us

    def _merged_too_close(self, n, dt_us, now_ms):
        real = max(1, dt_us // self.blanking_us)
        for _ in range(n - real):
            self.noise.add(now_ms, self.edges)
        return real

    def _interval(self, n, dt_us, now_ms):
        if self.closed:
            self._travel(n, dt_us)
        self.dt_before_us = self.dt_us
        self.dt_us = dt_us // n
        self.v_mm_s = speed_mm_s(self.d_um, n, dt_us)
        self.noise.interval(self.dt_us, now_ms, self.edges)
        self.surge.interval(n, dt_us)

    def _travel(self, n, dt_us):
        """Judge n edges in dt_us against the limit."""
        due_us = n * self.due_us
        if dt_us >= due_us:
            self.seen = True
        lead_us = self.lead_us + due_us - dt_us
        self.lead_us = lead_us if lead_us > 0 else 0
        if lead_us > self.max_lead_us:
            self.max_lead_us = lead_us
        if n * self.fast_us > dt_us:
            self.extreme = True

    def tick(self, now_us):
        """Forget a belt that has been silent for the standstill time."""
        if not self.known:
            return
        if self.closed:
            # Once the belt was seen, silence opens the relay and its name needs the intervals.
            if not self.seen and (now_us - self.last_us) & 0x3FFFFFFF > self.closed_still_us:
                self.forget()
        elif (now_us - self.last_us) & 0x3FFFFFFF > self.open_still_us:
            self.forget()

    def bound_mm_s(self, now_us):
        """Upper bound of the speed: the last interval's, or less when the next edge is late."""
        if not self.known:
            return 0
        elapsed_us = (now_us - self.last_us) & 0x3FFFFFFF
        if self.dt_us and elapsed_us <= self.dt_us:
            return self.v_mm_s
        return speed_mm_s(self.d_um, 1, elapsed_us)

    def silence_us(self):
        """How long the next edge may stay away with the relay closed."""
        longer = self.dt_us if self.dt_us > self.dt_before_us else self.dt_before_us
        allowed = longer * 5 // 2
        if allowed < SILENCE_MIN_US:
            allowed = SILENCE_MIN_US
        return allowed if allowed < self.closed_still_us else self.closed_still_us

    def silent(self, now_us):
        """The belt was seen and its next edge has stayed away for too long."""
        if not self.seen:
            return False
        if not self.known:
            return True
        return (now_us - self.last_us) & 0x3FFFFFFF > self.silence_us()

    def silence_is_a_stop(self):
        """Can a belt that was stopping explain this silence? A guess; the relay is open."""
        if self.edges < 3 or self.dt_us * 100 >= self.dt_before_us * 115:
            return True
        v = speed_mm_s(self.d_um, 1, self.dt_us)
        return v * v <= self.a_stop_mm_s2 * (self.d_um // 100) // 5

    def lead_mm(self):
        """Travel the belt is ahead of v_ref by, mm."""
        return (self.lead_us // 100) * self.v_ref_mm_s // 10000

    def max_lead_mm(self):
        return (self.max_lead_us // 100) * self.v_ref_mm_s // 10000
