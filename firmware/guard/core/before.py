# SPDX-License-Identifier: MIT
# pyright: reportAttributeAccessIssue=false
# A part of Supervisor, which has the attributes.
"""SELF_TEST, READY and ARMING: the relay is open, and what it takes to close it."""

from micropython import const

from guard.core import events as e
from guard.core import faults as f
from guard.core import sounds
from guard.core.boot_cause import stop_unfinished
from guard.core.gestures import CONFIRM_MS, SHORT_MAX_MS, SHORT_MIN_MS
from guard.core.memory import MARK_NONE, MARK_OPEN
from guard.core.ready import CHANGE_CONFIRMED, CHANGE_DISCARDED, MOTION_MS, RESTART_DELAY_MS
from guard.core.relay_test import FAILED, PASSED, RUNNING
from guard.core.states import (
    ARMING,
    LOCKOUT,
    MODE_BACKWARD,
    OPEN,
    READY,
    STOPPING,
    TRIPPED,
)
from guard.core.stopping import STANDSTILL_MM_S, limit_ms_for
from guard.core.ticks import since

SELF_TEST_MOTION_MS = const(30000)
REDUCED_FORWARD_MM_S = const(1118)


class BeforeStates:
    def _idle(self, s):
        """What goes on in every state with the relay open."""
        self.blockers.read(s)
        self.rails.age(s.now_ms)
        if self.delaying and since(s.now_ms, self.opened_ms) >= RESTART_DELAY_MS:
            self.delaying = False

    def edge(self, n, interval, start_us, now_ms):
        """The estimator took n edges, 0 for a bounce; an interval of so many ended, or 0."""
        if self.state == STOPPING:
            if interval and self.stop.speed is self.speed:
                dt_us = (self.speed.last_us - start_us) & 0x3FFFFFFF
                self.stop.interval(interval, dt_us, start_us)
        elif self.state == READY:
            if self.hand_turn.open:
                self.hand_turn.edges += n
            if self.sensor_proof.edge(
                now_ms, self.hand_turn.open, self.options is None or self.options.pushed()
            ):
                self.events.put(now_ms, e.PROOF, f.SENSOR_NOT_PROVEN, 0, 0)
                self.chirp = sounds.CONFIRMED
                self.blob_wanted = True
        elif self.state == LOCKOUT:
            self.proof.edge(now_ms)
        elif self.speed.v_mm_s > self.max_speed_mm_s:
            self.max_speed_mm_s = self.speed.v_mm_s

    # SELF_TEST

    def _self_test(self, s):
        self._idle(s)
        in_state_ms = since(s.now_ms, self.entered_ms)
        if self.found and f.fault_class(self.found) == f.LOCKOUT:
            self._lock(self.found, s)
        elif stop_unfinished(self.memory) and self._still_running(in_state_ms):
            self._lock(f.STOP_FAILED, s)
        elif self._runs_for_ms(s) >= SELF_TEST_MOTION_MS:
            self._lock(f.UNEXPECTED_MOTION, s)
        elif not self.moving() and in_state_ms >= self.speed.open_still_us // 1000:
            self._leave_self_test(s)

    def _still_running(self, in_state_ms):
        limit_ms = limit_ms_for(self.settings.stop_a_min_mm_s2, 0)
        return in_state_ms > limit_ms and self.speed.v_mm_s > STANDSTILL_MM_S

    def _runs_for_ms(self, s):
        judged = self.settings.calibration and not self.hand_turn.open
        ms = self.motion.ms(s, judged)
        if self.options is None:
            return ms
        return max(ms, self.options.runs_for_ms(s, judged))

    def _contact(self, s):
        """Feedback of what T1 to T3 must not close."""
        return s.feedback_closed if self.options is None else self.options.contact(s)

    def _leave_self_test(self, s):
        blockers = self.blockers
        if blockers.feedback_closed() and not blockers.not_configured and not s.estop_pressed:
            self._lock(f.RELAY_WELDED, s)
            return
        found = self.found
        self.found = 0
        self.fault = found
        self.memory.mark = MARK_NONE
        if found and f.fault_class(found) == f.TRIP:
            self._latch(found)
            self._enter(TRIPPED, s)
        else:
            self._enter(READY, s)
            self.chirp = sounds.READY_CHIRP
        self.blob_wanted = True

    # READY

    def _ready(self, s):
        self._idle(s)
        self.pending.tick(s.now_ms)
        self.hand_turn.tick(s.now_ms)
        self.sensor_proof.push.tick(s.now_ms)
        free = self.blockers.judge(
            s, self.button, self.pending.standing, self.hand_turn.open, self.delaying
        )
        if self._runs_for_ms(s) >= MOTION_MS:
            self._lock(f.UNEXPECTED_MOTION, s)
            return
        self._ready_sounds(s)
        if self.maintenance_asked:
            self._maintain(s)
        elif self.button.released_ms >= 0:
            self._ready_gesture(self.button.released_ms, free, s)

    def _ready_sounds(self, s):
        if self.pending.standing:
            self.drone = sounds.CHANGE_PENDING_DRONE
        elif self.hand_turn.open:
            self.drone = sounds.HAND_TURN_DRONE
        else:
            self.drone = sounds.SILENT
        if self.button.reaches(CONFIRM_MS, s.now_ms):
            self.chirp = sounds.HOLD_REACHED

    def _ready_gesture(self, held_ms, free, s):
        short = SHORT_MIN_MS <= held_ms <= SHORT_MAX_MS
        long = held_ms >= CONFIRM_MS
        if self.pending.standing and (short or long):
            self.pending.settle(CHANGE_CONFIRMED if long else CHANGE_DISCARDED)
        elif short and self.hand_turn.open:
            self.hand_turn.open = False
        elif short and free:
            self._arm(s)
        elif long and not self.pending.standing:
            self.hand_turn.begin(s.now_ms)
        else:
            self.chirp = sounds.REFUSED

    def offer_change(self, now_ms):
        """A change of settings waits for START; a press under way means nothing any more."""
        self.pending.offer(now_ms)
        self.button.discard(now_ms)

    # ARMING

    def _arm(self, s):
        self.fault = 0
        self.session_mode = s.mode
        self.memory.mark = MARK_OPEN
        self.memory.cause = 0
        self.memory.session += 1
        self.blob_wanted = True
        self.relay_test.begin(s.now_ms)
        self._enter(ARMING, s)
        self.events.put(s.now_ms, e.ARM, s.mode, self.memory.session, 0)
        self.drone = sounds.ARMING_TICK

    def _arming(self, s):
        self._idle(s)
        test = self.relay_test
        passed_before = test.result == PASSED
        command = test.tick(self._contact(s), s.now_ms)
        if test.result == FAILED:
            self.memory.mark = MARK_NONE
            self._lock(f.RELAY_TEST_FAILED, s)
        elif self._arming_refused(s):
            self._disarm(s)
        elif passed_before and not self.blob_wanted:
            backward = self.session_mode == MODE_BACKWARD
            self._close(self._mount_limit() if backward else self._forward_limit(), s)
        else:
            self.relay_command = command if test.result == RUNNING else OPEN

    def _arming_refused(self, s):
        if self.button.pressed or s.host_stop or s.ctrl_c or s.mode != self.session_mode:
            return True
        return not self.blockers.judge(s, self.button, False, False, False)

    def _disarm(self, s):
        self._rest_pump(s)
        self.memory.mark = MARK_NONE
        self.blob_wanted = True
        self._enter(READY, s)
        self.chirp = sounds.REFUSED

    def _rest_pump(self, s):
        """A relay test was cut short: its charge must be gone before RELAY_EN rises again."""
        self.relay_command = OPEN
        self.opened_ms = s.now_ms
        self.delaying = True

    def _mount_limit(self):
        settings = self.settings
        return min(settings.mount_limit_mm_s, settings.backward_limit_mm_s)

    def _forward_limit(self):
        limit = self.settings.forward_limit_mm_s
        return min(limit, REDUCED_FORWARD_MM_S) if self.blockers.reduced_forward() else limit
