# SPDX-License-Identifier: MIT
"""The second hall sensor: each finds the other's silence, both measure, the faster is shown.

Both look at the same magnets, so their edges alternate. SENSOR_LOST: one has counted four edges
since the other's last, or two and discrepancy_ms have gone by. CHANNELS_DISAGREE: the counts
drift apart by three, one turn in eight forgiven, or the phase is out of order. BELT_REVERSED:
three edges in quadrature. While one is lost, the other measures the stop.
"""

from micropython import const

from guard.core import faults as f
from guard.core.interlocks import (
    HALL_READS,
    LATE_US,
    Acceleration,
    Overspeed,
    OverspeedExtreme,
    Rule,
    SensorNoise,
    Silence,
    hall_band_good,
)
from guard.core.phase import Phase
from guard.core.proof import HandPush
from guard.core.ready import Motion
from guard.core.sample import HALL_DIAG
from guard.core.speed import Speed
from guard.core.states import LOCKOUT, READY, STOPPING
from guard.core.ticks import Reads, since

LOST_EDGES = const(4)
LOST_EDGES_AT_LEAST = const(2)
DRIFT = const(3)
FORGIVEN_TURNS = const(8)
NEITHER = const(0)
A = const(1)
B = const(2)


class SecondHall:
    def __init__(self, guard):
        settings = guard.settings
        sup = guard.supervisor
        self.settings = settings
        self.sup = sup
        self.a = guard.speed
        self.b = Speed(settings)
        self.motion = Motion(self.b)
        self.push = HandPush()
        self.pushed = False
        self.band = Reads()
        self.quadrature = settings.hall_mounting == 1
        self.phase = Phase()
        self.swapped = False
        self.since_a = 0  # edges of B since A's last one
        self.since_b = 0
        self.drift = 0
        self.to_forgive = 0
        self.lost = NEITHER
        self.measures = A  # the stop
        self.tick_edges = 0  # of B, for the black box, which takes them
        self.tick_us = 0
        self.configure()
        rails = guard.rails
        b = self.b
        rules = sup.interlocks.rules
        for i in range(len(rules)):
            if isinstance(rules[i], Silence):
                rules[i] = SilenceOfEither(self, self.a, rails)
        self.rules = [
            OverspeedExtreme(settings, b, rails),
            Overspeed(settings, b, rails),
            SensorNoiseB(settings, b, rails),
            Acceleration(settings, b, rails),
            HallBWiring(self, b, rails),
            ChannelsDisagree(self, b, rails),
            BeltReversed(self, b, rails),
        ]

    def parts(self):
        b = self.b
        motion = self.motion
        mine = (self, self.push, self.band, self.phase, motion, motion.standing)
        return mine + (b, b.noise, b.surge)

    def configure(self):
        self.b.configure()
        self.phase.configure(self.settings.magnets_per_turn)
        self.turns_edges = self.settings.magnets_per_turn * FORGIVEN_TURNS

    # Edges

    def edge_a(self, stamp_us, n):
        """The guard has taken n edges of A, the last at stamp_us."""
        if not n:
            return
        self.since_b += n
        self.since_a = 0
        self._drifts(n)
        self.phase.edge_a(stamp_us, n)
        self._look_for_swap()

    def edge(self, stamp_us, n, now_ms):
        """One stored pair of B."""
        b = self.b
        self.tick_edges += n
        self.tick_us = stamp_us
        start_us = b.last_us
        before = b.edges
        interval = b.edge(stamp_us, n, now_ms)
        taken = b.edges - before
        if not taken:
            return
        self.since_a += taken
        self.since_b = 0
        self._drifts(-taken)
        if self.quadrature:  # without B's edges the phase has nothing to judge
            self.phase.edge_b(stamp_us, taken)
            self._look_for_swap()
        self._tell(interval, start_us, now_ms)

    def _tell(self, interval, start_us, now_ms):
        sup = self.sup
        if sup.state == STOPPING:
            if interval and sup.stop.speed is self.b:
                dt_us = (self.b.last_us - start_us) & 0x3FFFFFFF
                sup.stop.interval(interval, dt_us, start_us)
        elif sup.state == READY or sup.state == LOCKOUT:
            if self.push.edge(now_ms):
                self.pushed = True
        else:
            sup.max_speed_mm_s = max(sup.max_speed_mm_s, self.b.v_mm_s)

    def _drifts(self, n):
        if not (self.a.seen and self.b.seen):
            self.drift = 0
            self.to_forgive = self.turns_edges
            return
        self.drift += n
        self.to_forgive -= 1
        if self.to_forgive <= 0:
            self.to_forgive = 2 * self.turns_edges  # both sensors' edges come by here
            if self.drift > 0:
                self.drift -= 1
            elif self.drift < 0:
                self.drift += 1

    def _look_for_swap(self):
        if self.sup.state == READY:
            if self.phase.forward_run >= 3:
                self.swapped = False
            elif self.phase.reversed():
                self.swapped = True

    # Ticks

    def tick(self, s):
        self.b.tick(s.now_us)
        self.push.tick(s.now_ms)
        if s.channel == HALL_DIAG:
            self.band.of(not hall_band_good(s.hall_b_permille))
        if not self.a.known and not self.b.known:
            self.phase.forget()
            if not self.a.closed:
                self.since_a = self.since_b = 0

    def closing(self):
        self.b.relay_closing()
        self.phase.restart()
        self.since_a = 0
        self.since_b = 0
        self.drift = 0
        self.to_forgive = self.turns_edges
        self.lost = NEITHER
        self.measures = A
        self.sup.stop.speed = self.a

    def opened(self, fault, s):
        """Choose who measures the stop: with one sensor in doubt, the other proves it."""
        self.b.relay_opened()
        self.pushed = False
        bad_a = self.lost == A or fault == f.HALL_WIRING or self.a.noise.tripped()
        bad_b = self.lost == B or fault == f.HALL_B_WIRING or self.b.noise.tripped()
        if fault == f.BELT_REVERSED and self.phase.forward_edges == 0:
            self.swapped = True
        if bad_a == bad_b:
            return
        stop = self.sup.stop
        if bad_a and self.b.known:
            self.measures = B
            stop.speed = self.b
            stop.begin(fault, s.now_us, s.now_ms)
            stop.proven = stop.certain = True
        elif bad_b and self.a.known:
            stop.proven = stop.certain = True

    def seen(self):
        return self.b.seen and (not self.quadrature or self.phase.forward_edges > 0)

    def wiring_bad(self):
        return self.band.count >= HALL_READS

    def judge(self, blockers):
        return blockers._set(f.HALL_B_WIRING, self.wiring_bad()) + blockers._set(
            f.HALLS_SWAPPED, self.swapped
        )

    def cause_gone(self, code):
        return not self.b.known and not (f.is_sensor_fault(code) and self.wiring_bad())

    def missing(self, now_us):
        """Which sensor has fallen silent while the other counts on."""
        if self._misses(self.since_a, self.a, now_us):
            self.lost = A
        elif self._misses(self.since_b, self.b, now_us):
            self.lost = B
        return self.lost

    def _misses(self, count, speed, now_us):
        if count >= LOST_EDGES:
            return True
        if count < LOST_EDGES_AT_LEAST or not speed.known:
            return False
        return since(now_us, speed.last_us) > self.settings.discrepancy_ms * 1000


class OfTheHall(Rule):
    def __init__(self, hall, speed, rails):
        Rule.__init__(self, hall.settings, speed, rails)
        self.hall = hall


class SilenceOfEither(OfTheHall):
    """One silent while the other runs is a lost sensor; both silent may be a stop."""

    def judge(self, s):
        if s.late_us > LATE_US:
            return 0
        hall = self.hall
        if hall.missing(s.now_us):
            return f.SENSOR_LOST
        a_silent = self.speed.silent(s.now_us)
        if not a_silent and not hall.b.silent(s.now_us):
            return 0
        stops = hall.a.silence_is_a_stop() or hall.b.silence_is_a_stop()
        return f.BELT_STOPPED if stops else f.SENSOR_LOST


class SensorNoiseB(SensorNoise):
    def judge(self, s):
        if self.speed.noise.tripped():
            return f.SENSOR_NOISE
        return f.SENSOR_NOISE if self.reads.of(s.count_ahead_b > 1) >= 3 else 0


class HallBWiring(OfTheHall):
    def judge(self, s):
        return f.HALL_B_WIRING if self.hall.wiring_bad() else 0


class ChannelsDisagree(OfTheHall):
    waits = True

    def judge(self, s):
        hall = self.hall
        if hall.quadrature and hall.phase.out_of_order():
            return f.CHANNELS_DISAGREE
        apart_ms = self.standing.ms(not -DRIFT < hall.drift < DRIFT, s.now_ms)
        return f.CHANNELS_DISAGREE if apart_ms >= self.settings.discrepancy_ms else 0


class BeltReversed(OfTheHall):
    def judge(self, s):
        return f.BELT_REVERSED if self.hall.phase.reversed() else 0
