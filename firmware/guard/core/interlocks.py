# SPDX-License-Identifier: MIT
"""One small rule per hazard: a sample in, a fault code or 0 out.

All of them run in every tick with the relay closed; the worst one names the stop. A rule that
waits counts from the first tick on which it saw the hazard and acts when its time is exceeded.
"""

from micropython import const

from guard.core import faults as f
from guard.core.states import (
    BACKWARD,
    MODE_BACKWARD,
    MOUNTING,
    WAIT_BELT,
)
from guard.core.ticks import Persisted, Reads, since

ESTOP_READS = const(2)
MODE_READS = const(3)
HALL_READS = const(3)
LATE_US = const(25000)
RAILS_FLOOR_MM_S = const(150)
COUNT_AHEAD = const(1)
COUNT_AHEAD_READS = const(3)

# Bands of the supervised hall line, permille of 3.3 V: 3k3 pull-up, 680 R, 15k.
MAGNET_LOW = const(120)
MAGNET_HIGH = const(270)
CLEAR_LOW = const(720)
CLEAR_HIGH = const(900)


def hall_band_good(permille):
    return MAGNET_LOW <= permille <= MAGNET_HIGH or CLEAR_LOW <= permille <= CLEAR_HIGH


class Rule:
    waits = False  # such a rule has a timer of its own
    counts = False  # such a rule counts reads of its own
    standing = Persisted()
    reads = Reads()

    def __init__(self, settings, speed, rails):
        self.settings = settings
        self.speed = speed
        self.rails = rails
        if self.waits:
            self.standing = Persisted()
        if self.counts:
            self.reads = Reads()

    def reset(self):
        """Start afresh; called in the tick that closes the relay."""
        self.standing.standing = False
        self.reads.count = 0

    def judge(self, s) -> int:
        """A fault code, or 0."""
        return 0


class Estop(Rule):
    counts = True

    def judge(self, s):
        return f.ESTOP if self.reads.of(s.estop_pressed) >= ESTOP_READS else 0


class HandRule(Rule):
    """Rails count in backward mode once the belt moves faster than a halting one."""

    def belt_moves(self, s):
        floor = s.limit_mm_s >> 1
        if floor > RAILS_FLOOR_MM_S:
            floor = RAILS_FLOOR_MM_S
        return self.speed.bound_mm_s(s.now_us) >= floor


class RailsReleased(HandRule):
    waits = True

    def judge(self, s):
        if s.session_mode != MODE_BACKWARD or self.rails.hands() or not self.belt_moves(s):
            self.standing.standing = False
            return 0
        grace_ms = self.settings.rail_grace_ms
        if s.state == MOUNTING and not self.rails.two_fitted():
            grace_ms = self.settings.one_hand_grace_ms  # one bar: the turn lets go of it
        return f.RAILS_RELEASED if self.standing.ms(True, s.now_ms) > grace_ms else 0


class OneHand(HandRule):
    waits = True

    def judge(self, s):
        if s.state != BACKWARD or self.rails.all_held() or not self.rails.two_fitted():
            self.standing.standing = False
            return 0
        if not self.belt_moves(s):
            self.standing.standing = False
            return 0
        grace_ms = self.settings.one_hand_grace_ms
        return f.ONE_HAND if self.standing.ms(True, s.now_ms) > grace_ms else 0

    def warns(self):
        return self.standing.standing


class Overspeed(Rule):
    def judge(self, s):
        return f.OVERSPEED if self.speed.lead_us > self.speed.allow_us else 0


class OverspeedExtreme(Rule):
    def judge(self, s):
        return f.OVERSPEED_EXTREME if self.speed.extreme else 0


class Silence(Rule):
    """Open first, name afterwards: no edges is not "0 km/h, fine"."""

    def judge(self, s):
        if s.late_us > LATE_US or not self.speed.silent(s.now_us):
            return 0  # while the program was away nobody listened: that is LOOP_OVERRUN
        return f.BELT_STOPPED if self.speed.silence_is_a_stop() else f.SENSOR_LOST


class SensorNoise(Rule):
    counts = True

    def judge(self, s):
        if self.speed.noise.tripped():
            return f.SENSOR_NOISE
        # The counter leads the handler for three ticks: interrupts are lost, stamps are wrong.
        missing = self.reads.of(s.count_ahead > COUNT_AHEAD)
        return f.SENSOR_NOISE if missing >= COUNT_AHEAD_READS else 0


class HallWiring(Rule):
    """Judged on the fresh diagnosis reading only."""

    counts = True

    def judge(self, s):
        if s.channel != 2:
            return f.HALL_WIRING if self.reads.count >= HALL_READS else 0
        bad = self.reads.of(not hall_band_good(s.hall_permille))
        return f.HALL_WIRING if bad >= HALL_READS else 0


class Acceleration(Rule):
    def judge(self, s):
        return f.ACCELERATION if self.speed.surge.tripped else 0


class RailWiring(Rule):
    def judge(self, s):
        if s.session_mode == MODE_BACKWARD and self.rails.wiring_bad():
            return f.RAIL_WIRING
        return 0


class SessionTime(Rule):
    def judge(self, s):
        if s.state != BACKWARD:
            return 0
        limit_ms = self.settings.session_limit_min * 60000
        return f.SESSION_TIME if since(s.now_ms, s.entered_ms) >= limit_ms else 0


class ModeChanged(Rule):
    counts = True

    def judge(self, s):
        changed = self.reads.of(s.mode != s.session_mode)
        return f.MODE_CHANGED if changed >= MODE_READS else 0


class TimedOut(Rule):
    def judge(self, s):
        if s.state == WAIT_BELT:
            waited_ms = since(s.now_ms, s.entered_ms)
            return f.START_TIMEOUT if waited_ms >= self.settings.start_timeout_s * 1000 else 0
        if s.state == MOUNTING:
            waited_ms = since(s.now_ms, s.entered_ms)
            return f.MOUNT_TIMEOUT if waited_ms >= self.settings.mount_timeout_s * 1000 else 0
        return 0


class Requests(Rule):
    """Anyone may always stop: START, Ctrl-C, the laptop."""

    def judge(self, s):
        if s.start_pressed:
            return f.START_PRESSED
        if s.ctrl_c:
            return f.CTRL_C_STOP
        return f.HOST_STOP if s.host_stop else 0


class RelayNotClosed(Rule):
    """Commanded closed, seen open, with the coil supply good throughout."""

    waits = True

    def judge(self, s):
        open_ms = self.standing.ms(not s.feedback_closed and not s.estop_pressed, s.now_ms)
        return f.RELAY_NOT_CLOSED if open_ms >= self.settings.relay_settle_ms else 0


class LoopOverrun(Rule):
    def judge(self, s):
        return f.LOOP_OVERRUN if s.late_us > LATE_US else 0


DEFAULT_BUILD = (
    Estop,
    RailsReleased,
    OneHand,
    OverspeedExtreme,
    Overspeed,
    Silence,
    SensorNoise,
    HallWiring,
    Acceleration,
    RailWiring,
    SessionTime,
    ModeChanged,
    TimedOut,
    Requests,
    RelayNotClosed,
    LoopOverrun,
)


class Interlocks:
    """Every rule of the fitted hardware; optional hardware adds its rules to the tuple."""

    def __init__(self, settings, speed, rails, fitted=DEFAULT_BUILD):
        self.rules = [make(settings, speed, rails) for make in fitted]
        self.one_hand = None
        for rule in self.rules:
            if isinstance(rule, OneHand):
                self.one_hand = rule

    def reset(self):
        for rule in self.rules:
            rule.reset()

    def worst(self, s):
        """The worst fault of this tick: class, then table order; 0 when all is well."""
        worst = 0
        for rule in self.rules:
            code = rule.judge(s)
            if code and (not worst or f.worse(code, worst)):
                worst = code
        return worst
