# SPDX-License-Identifier: MIT
"""READY: every reason why the relay may not close, named at once, and what START means."""

from micropython import const

from guard.core import faults as f
from guard.core.interlocks import HALL_READS, hall_band_good
from guard.core.proof import HandPush
from guard.core.sample import HALL_DIAG
from guard.core.states import MODE_BACKWARD, MODE_NONE
from guard.core.ticks import Persisted, Reads, since

HAND_TURN_MS = const(300000)
PENDING_MS = const(30000)
RESTART_DELAY_MS = const(3000)
MOTION_MM_S = const(300)
MOTION_MS = const(2000)
MOTION_EDGES = const(5)

CHANGE_NONE = const(0)
CHANGE_CONFIRMED = const(1)
CHANGE_DISCARDED = const(2)


class Motion:
    """UNEXPECTED_MOTION: the belt runs although the relay is open.

    Asked at boot and in states that begin with the belt still; counts edges since the speed
    went over. A belt that is not known has no speed, one edge alone is no interval.
    """

    def __init__(self, speed):
        self.speed = speed
        self.standing = Persisted()
        self.first_edge = 0

    def ms(self, s, judged):
        """How long the belt has run faster than 300 mm/s, with 5 edges seen; else 0."""
        speed = self.speed
        fast = judged and speed.dt_us and speed.bound_mm_s(s.now_us) > MOTION_MM_S
        if fast and not self.standing.standing:
            self.first_edge = speed.edges
        ms = self.standing.ms(fast, s.now_ms)
        return ms if ms > 0 and speed.edges - self.first_edge >= MOTION_EDGES else 0


class Pending:
    """One change of settings, offered by the laptop, decided by START at the board."""

    def __init__(self):
        self.standing = False
        self.since_ms = 0
        self.answer = CHANGE_NONE

    def offer(self, now_ms):
        self.standing = True
        self.since_ms = now_ms
        self.answer = CHANGE_NONE

    def tick(self, now_ms):
        if self.standing and since(now_ms, self.since_ms) >= PENDING_MS:
            self.settle(CHANGE_DISCARDED)

    def settle(self, answer):
        self.standing = False
        self.answer = answer


class HandTurn:
    """Five minutes in which the belt may be turned by hand and the relay cannot close."""

    def __init__(self):
        self.open = False
        self.since_ms = 0
        self.edges = 0

    def begin(self, now_ms):
        self.open = True
        self.since_ms = now_ms
        self.edges = 0

    def tick(self, now_ms):
        if self.open and since(now_ms, self.since_ms) >= HAND_TURN_MS:
            self.open = False


class Blockers:
    """A byte per fault code: 1 while it forbids arming in the chosen mode."""

    def __init__(self, settings, memory, rails):
        self.settings = settings
        self.memory = memory
        self.rails = rails
        self.flags = bytearray(f.CODES)
        self.hall_bad = Reads()
        self.feedback = Reads()
        # Facts found at boot or told by the controller.
        self.not_configured = True
        self.config_damaged = False
        self.firmware_damaged = False
        self.store_failed = False
        self.saving = False
        self.until_restart = ()  # blockers that the next start looks for anew
        self.options = None

    def read(self, s):
        """Facts that need several readings."""
        if s.channel == HALL_DIAG:
            self.hall_bad.of(not hall_band_good(s.hall_permille))
        self.feedback.of(s.feedback_closed)

    def feedback_closed(self):
        return self.feedback.count >= 2

    def hall_wiring_bad(self):
        return self.hall_bad.count >= HALL_READS

    def judge(self, s, button, pending, hand_turn, delaying):
        """Fill in the flags; True when nothing blocks."""
        both = (
            self._set(f.NOT_CONFIGURED, self.not_configured)
            + self._set(f.NOT_CALIBRATED, self.settings.calibration == 0)
            + self._set(f.CONFIG_DAMAGED, self.config_damaged)
            + self._set(f.FIRMWARE_DAMAGED, self.firmware_damaged)
            + self._set(f.STORE_FAILED, self.store_failed)
            + self._set(f.NO_MODE, s.mode == MODE_NONE)
            + self._set(f.START_STUCK, button.stuck)
            + self._set(f.RELAY_FEEDBACK, self.feedback_closed())
            + self._set(f.ESTOP, s.estop_pressed)
            + self._set(f.HALL_WIRING, self.hall_wiring_bad())
            + self._set(f.CHANGE_PENDING, pending)
            + self._set(f.HAND_TURN, hand_turn)
            + self._set(f.SAVING, self.saving)
            + self._set(f.RESTART_DELAY, delaying)
        )
        backward = s.mode == MODE_BACKWARD
        blocked = both + self._judge_backward(backward)
        for code in self.until_restart:
            blocked += self._set(code, True)
        if self.options is not None:
            blocked += self.options.judge(self, s, backward)
        return blocked == 0

    def _judge_backward(self, backward):
        rails = self.rails
        return (
            self._set(f.CALIBRATION_NOT_VERIFIED, backward and self.settings.calibration < 2)
            + self._set(f.STOP_TEST_DUE, backward and self.memory.stop_test_due)
            + self._set(f.SENSOR_NOT_PROVEN, backward and self.memory.sensor_not_proven)
            + self._set(f.RAILS_NOT_PROVEN, backward and not rails.proven())
            + self._set(f.RAIL_WIRING, backward and rails.wiring_bad())
            + self._set(f.RAIL_UNHEALTHY, backward and rails.unhealthy())
        )

    def _set(self, code, blocks):
        flag = 1 if blocks else 0
        self.flags[code] = flag
        return flag

    def reduced_forward(self):
        """Forward runs slow and empty while one of the first three backward blocks stands."""
        memory = self.memory
        return self.settings.calibration < 2 or memory.stop_test_due or memory.sensor_not_proven

    def names(self):
        """Allocates: for the link only."""
        return [f.name(code) for code in range(1, f.CODES) if self.flags[code]]


class SensorProof:
    """Clears SENSOR_NOT_PROVEN: a belt pushed by foot, both hands on the rails, or by hand."""

    def __init__(self, memory, rails):
        self.memory = memory
        self.rails = rails
        self.push = HandPush()

    def edge(self, now_ms, hand_turn_open, other_sensor=True):
        """Take one edge in READY; True when it completes a proof that was due."""
        if not self.memory.sensor_not_proven or not (hand_turn_open or self.rails.all_held()):
            self.push.clear()
            return False
        if not self.push.edge(now_ms) or not other_sensor:
            return False
        self.memory.sensor_not_proven = 0
        self.push.clear()
        return True
