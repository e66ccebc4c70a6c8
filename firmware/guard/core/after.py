# SPDX-License-Identifier: MIT
# pyright: reportAttributeAccessIssue=false
# A part of Supervisor, which has the attributes.
"""STOPPING, TRIPPED and LOCKOUT: the relay is open; measure the stop, then what it takes."""

from micropython import const

from guard.core import events as e
from guard.core import faults as f
from guard.core import sounds
from guard.core.gestures import PROOF_MS, RESET_MS
from guard.core.memory import MARK_CLOSED, MARK_NONE, MARK_OPENED
from guard.core.ready import MOTION_MS
from guard.core.relay_test import FAILED, PASSED
from guard.core.states import HOLD, LOCKOUT, MODE_FORWARD, OPEN, READY, SELF_TEST, TRIPPED
from guard.core.stopping import DROPPING, is_stop_test, test_passes
from guard.core.ticks import since

CAUSE_DUE_MS = const(200)
SENSOR_PROOF_EDGES = const(20)


class AfterStates:
    # STOPPING

    def _stopping(self, s):
        self._idle(s)
        stop = self.stop
        lockout = stop.tick(s.feedback_closed, s.estop_pressed, s.now_ms)
        self.relay_command = OPEN
        if stop.phase == DROPPING:
            self.relay_command = HOLD
        elif self.options is not None:
            self.relay_command = self.options.stopping_command(s)
        self._make_cause_durable(s)
        if lockout:
            self._lock(lockout, s)
        elif stop.over(not self.moving(), s.now_ms) and not self.blob_wanted:
            self._finish_stop(s)

    def _make_cause_durable(self, s):
        """Not while the relay may still be closed: a flash erase would stall the chip."""
        stop = self.stop
        if not self.cause_due or stop.phase == DROPPING:
            return
        if stop.contact_open or since(s.now_ms, stop.opened_ms) >= CAUSE_DUE_MS:
            self.cause_due = False
            self.blob_wanted = True

    def _finish_stop(self, s):
        stop = self.stop
        self._correct_name(s)
        tested_well = self._judge_session(s)
        lead_mm = self.speed.max_lead_mm()
        self.events.put(
            s.now_ms, e.SESSION, self.backward_ms // 1000, self.max_speed_mm_s, lead_mm
        )
        still_ms = stop.still_ms if stop.proven else -stop.still_ms
        self.events.put(s.now_ms, e.STOPPED, still_ms, stop.edges_after(), stop.drop_ms)
        if stop.drop_ms >= 0:
            self.memory.drop_time_ms = stop.drop_ms
        self.blob_wanted = True
        latched = self.memory.latch_code
        if not tested_well:
            self._lock(f.STOP_FAILED, s)
        elif latched and f.fault_class(latched) == f.LOCKOUT:
            self._lock(latched, s)  # a program fault in LOCKOUT came this way
        elif f.fault_class(stop.cause) == f.TRIP:
            self._enter(TRIPPED, s)
        else:
            self._enter(READY, s)

    def saved(self):
        """Journal and black box are written: from now on a start need not tell of the stop."""
        if self.memory.mark == MARK_OPENED and self.state in (READY, TRIPPED, LOCKOUT):
            self.memory.mark = MARK_CLOSED
            self.blob_wanted = True

    def _correct_name(self, s):
        """Edges after a silence may have corrected its name, either way."""
        cause = self.stop.cause
        if cause == self.memory.cause:
            return
        self.events.put(s.now_ms, e.RENAMED, cause, self.memory.cause, 0)
        self.memory.cause = cause
        self.memory.count(cause)
        self.memory.latch_code = 0
        self.fault = cause
        if f.fault_class(cause) == f.TRIP:
            self._latch(cause)

    def _judge_session(self, s):
        """What this session proved: the sensor, the stop. False when the stop test failed."""
        cause = self.stop.cause
        if f.is_sensor_fault(cause):
            self.memory.sensor_not_proven = 1
            return True
        if self.session_mode != MODE_FORWARD:
            return True
        edges = self.speed.edges
        if self.options is not None:
            edges = self.options.edges(edges)
        if edges >= SENSOR_PROOF_EDGES:
            self.memory.sensor_not_proven = 0
        if not self.memory.stop_test_due or cause != f.START_PRESSED:
            return True
        return not is_stop_test(self.stop.v0_mm_s) or self._judge_stop_test(s)

    def _judge_stop_test(self, s):
        stop = self.stop
        a_min = stop.a_min_mm_s2()
        self.events.put(s.now_ms, e.STOP_TEST, a_min, stop.still_ms, stop.v0_mm_s)
        if not test_passes(a_min):
            return False
        self.settings.stop_a_min_mm_s2 = a_min
        self.settings.stop_a_max_mm_s2 = max(stop.a_max_mm_s2(), self.settings.stop_a_max_mm_s2)
        self.settings_measured = True
        self.memory.stop_test_due = 0
        self.chirp = sounds.CONFIRMED
        return True

    # TRIPPED

    def _tripped(self, s):
        self._idle(s)
        self.drone = sounds.TRIP_DRONE
        if self._runs_for_ms(s) >= MOTION_MS:
            self._lock(f.UNEXPECTED_MOTION, s)
            return
        if self.button.reaches(RESET_MS, s.now_ms):
            self.chirp = sounds.HOLD_REACHED
        if self.maintenance_asked:
            self._maintain(s)
        elif self.button.released_ms >= RESET_MS and self._cause_gone():
            self._reset_trip(s)
        elif self.button.released_ms >= 0:
            self.chirp = sounds.REFUSED

    def _cause_gone(self):
        if self.speed.known or self.blockers.saving:
            return False
        code = self.memory.latch_code
        if self.options is not None and not self.options.cause_gone(code):
            return False
        if f.is_sensor_fault(code):
            return not self.blockers.hall_wiring_bad()
        return code != f.RAIL_WIRING or not self.rails.wiring_bad()

    def _reset_trip(self, s):
        self.events.put(s.now_ms, e.RESET, self.memory.latch_code, 0, 0)
        self.memory.latch_code = 0
        self.blob_wanted = True
        self.fault = 0
        self._enter(SELF_TEST, s)
        self.chirp = sounds.CONFIRMED

    # LOCKOUT

    def _lockout(self, s):
        self._idle(s)
        self.drone = sounds.LOCKOUT_DRONE
        self.relay_command = OPEN
        if self.proof_running:
            self._prove_relay(s)
            return
        if self.proof.step_done(s, not self.moving()):
            self.chirp = sounds.PROOF_STEP
        if self.button.reaches(PROOF_MS, s.now_ms):
            self.chirp = sounds.HOLD_REACHED
        if self.maintenance_asked:
            self._maintain(s)
        elif self.button.released_ms >= PROOF_MS and self._provable(s):
            self.proof_running = True
            self.relay_test.begin(s.now_ms)
        elif self.button.released_ms >= 0:
            self.chirp = sounds.REFUSED

    def _provable(self, s):
        healthy = not s.estop_pressed and not self.moving() and not self.blockers.saving
        if self.options is not None and not self.options.provable():
            return False
        return healthy and not self.delaying and self.proof.complete()

    def _prove_relay(self, s):
        if s.estop_pressed or self.button.pressed or self.moving():
            self.proof_running = False
            self._rest_pump(s)
            return
        self.relay_command = self.relay_test.tick(self._contact(s), s.now_ms)
        if self.relay_test.result == FAILED:
            self._lock(f.RELAY_TEST_FAILED, s)
        elif self.relay_test.result == PASSED:
            self._leave_lockout(s)

    def _leave_lockout(self, s):
        self._rest_pump(s)
        self.events.put(s.now_ms, e.PROOF, self.memory.latch_code, 0, 0)
        self.memory.latch_code = 0
        self.memory.mark = MARK_NONE
        self.memory.stop_test_due = 1
        self.blob_wanted = True
        self.fault = 0
        self._enter(READY, s)
        self.chirp = sounds.CONFIRMED
