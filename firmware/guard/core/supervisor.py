# SPDX-License-Identifier: MIT
"""The state machine: the only place that decides whether the relay is open or closed.

SELF_TEST waits for silence, then READY, TRIPPED or LOCKOUT as stored. READY -> ARMING on a
short START with no blocker. ARMING -> WAIT_BELT when T1 to T3 passed and the session mark is
written. WAIT_BELT -> FORWARD or MOUNTING when the belt is seen. MOUNTING -> BACKWARD when both
rails were gripped anew and held. Every closed state is left through STOPPING, which ends in
READY (stop), TRIPPED (trip) or LOCKOUT. MAINTENANCE is left by reset only.

The handlers, one per state, are in before.py, closed.py and after.py.
"""

from guard.core import events as e
from guard.core import faults as f
from guard.core import sounds
from guard.core.after import AfterStates
from guard.core.before import BeforeStates
from guard.core.closed import ClosedStates
from guard.core.gestures import Button
from guard.core.interlocks import Interlocks
from guard.core.memory import MARK_OPENED
from guard.core.proof import StaticProof
from guard.core.ready import Blockers, HandTurn, Motion, Pending, SensorProof
from guard.core.relay_test import RelayTest
from guard.core.states import (
    CLOSED,
    HOLD,
    LOCKOUT,
    MAINTENANCE,
    MODE_BACKWARD,
    OPEN,
    READY,
    SELF_TEST,
    STOPPING,
    TRIPPED,
    WAIT_BELT,
    is_closed,
)
from guard.core.stopping import DROPPING, Stop
from guard.core.ticks import Persisted


class Supervisor(BeforeStates, ClosedStates, AfterStates):
    def __init__(self, settings, memory, events, speed, rails):
        self.settings = settings
        self.memory = memory
        self.events = events
        self.speed = speed
        self.rails = rails
        self.button = Button()
        self.interlocks = Interlocks(settings, speed, rails)
        self.blockers = Blockers(settings, memory, rails)
        self.pending = Pending()
        self.hand_turn = HandTurn()
        self.motion = Motion(speed)
        self.sensor_proof = SensorProof(memory, rails)
        self.proof = StaticProof(rails)
        self.relay_test = RelayTest()
        self.stop = Stop(settings, speed)
        self.options = None
        self.turned = Persisted()
        self.fault = 0  # why the relay opened last, or what is latched
        self.found = 0  # fault the last run left behind
        self.chirp = sounds.SILENT
        self.drone = sounds.SILENT
        self.session_mode = 0
        self.limit_mm_s = 0
        self.max_speed_mm_s = 0
        self.backward_ms = 0
        self.time_warnings = 0
        self.entered_ms = 0
        self.opened_ms = 0
        self.delaying = True  # the 3 s a console needs to see its key out
        self.cause_due = False  # the cause of a stop still has to be made durable
        self.blob_wanted = False  # memory must be written before anything else happens
        self.settings_measured = False  # a stop test changed the settings
        self.maintenance_asked = False
        self.proof_running = False
        self.relay_command = OPEN
        self.state = SELF_TEST
        self._seal()
        self._by_state = (
            self._self_test,
            self._ready,
            self._arming,
            self._wait_belt,
            self._forward,
            self._mounting,
            self._backward,
            self._stopping,
            self._tripped,
            self._lockout,
            self._maintenance,
        )

    def boot(self, now_ms, found):
        """Begin SELF_TEST; found = the fault the last run left behind, or 0."""
        self.entered_ms = now_ms
        self.opened_ms = now_ms
        self.found = found

    def tick(self, s):
        """Judge one sample; sets relay_command."""
        self.button.read(s.start_down, s.now_ms)
        s.start_pressed = self.button.pressed
        s.state = self.state
        s.session_mode = self.session_mode
        s.limit_mm_s = self.limit_mm_s
        s.entered_ms = self.entered_ms
        self._by_state[self.state](s)
        if self.options is not None:
            lockout = self.options.lockout(s, self.state)
            if lockout:
                self._lock(lockout, s)
        self._seal()

    def moving(self):
        """Some sensor has seen the belt move within the standstill time."""
        return self.speed.known or (self.options is not None and self.options.moving())

    # State words carry their complements, so that a flipped bit is seen before the pump toggles.

    def _seal(self):
        self.state_inverse = ~self.state
        self.command_inverse = ~self.relay_command
        self.limit_inverse = ~self.limit_mm_s

    def intact(self):
        """State, relay command and limit match their complements, and belong together."""
        return (
            self.state == ~self.state_inverse
            and self.relay_command == ~self.command_inverse
            and self.limit_mm_s == ~self.limit_inverse
            and is_closed(self.state) == (self.relay_command == CLOSED)
        )

    def fail(self, fault, s):
        """The program itself is at fault. With the relay closed or a word damaged: a trip."""
        if self.relay_command == CLOSED or is_closed(self.state) or not self.intact():
            self._open(fault, s)
        else:
            self.memory.count(fault)
        self._seal()

    def _enter(self, state, s):
        self.events.put(s.now_ms, e.STATE, state, self.state, self.fault)
        self.state = state
        self.entered_ms = s.now_ms
        s.state = state
        s.entered_ms = s.now_ms
        self.button.discard(s.now_ms)
        self.drone = sounds.SILENT

    def _limit(self, limit_mm_s, s):
        self.limit_mm_s = limit_mm_s
        s.limit_mm_s = limit_mm_s
        backward = self.session_mode == MODE_BACKWARD
        self.speed.set_limit(limit_mm_s, backward)
        if self.options is not None:
            self.options.set_limit(limit_mm_s, backward)

    def _close(self, limit_mm_s, s):
        """The one place that closes the relay."""
        self.speed.relay_closing()
        self.interlocks.reset()
        if self.options is not None:
            self.options.closing()
        self.max_speed_mm_s = 0
        self.backward_ms = 0
        self.time_warnings = 0
        self._limit(limit_mm_s, s)
        self._enter(WAIT_BELT, s)
        self.relay_command = CLOSED

    def _open(self, fault, s):
        """The one way out of a closed state."""
        if not is_closed(self.state):
            self.session_mode = 0  # the program is at fault: no session that could prove anything
        self.fault = fault
        self.stop.begin(fault, s.now_us, s.now_ms)
        if self.options is not None:
            self.options.opened(fault, s)
        self.relay_command = HOLD if self.stop.phase == DROPPING else OPEN
        self._after_opening(s)
        self.memory.mark = MARK_OPENED
        self.memory.cause = fault
        self.memory.count(fault)
        self.cause_due = True
        if f.fault_class(fault) >= f.TRIP:
            self._latch(fault)
        self.events.put(s.now_ms, e.STOP, fault, self.speed.v_mm_s, self.speed.lead_mm())
        self._enter(STOPPING, s)
        self.chirp = sounds.STOPPED

    def _after_opening(self, s):
        self.speed.relay_opened()
        self.rails.relay_opened()
        self.opened_ms = s.now_ms
        self.delaying = True

    def _latch(self, fault):
        """The first reason is kept, but a lockout outranks a trip."""
        latched = self.memory.latch_code
        if not latched or f.fault_class(fault) > f.fault_class(latched):
            self.memory.latch_code = fault
        self.fault = self.memory.latch_code

    def _lock(self, fault, s):
        """LOCKOUT: survives power cycles, left by the static proof only."""
        self.relay_command = OPEN
        if fault != self.memory.latch_code:
            self.memory.count(fault)
        self._latch(fault)
        self.found = 0
        self.blob_wanted = True
        self.proof.clear()
        self.proof_running = False
        self.events.put(s.now_ms, e.LOCKED, fault, self.speed.v_mm_s, 0)
        self._enter(LOCKOUT, s)

    def may_maintain(self, s):
        """REPL only with the e-stop pressed: its contact, not software, holds the loop open."""
        idle = self.state == READY or self.state == TRIPPED or self.state == LOCKOUT
        return idle and s.estop_pressed and not self.moving() and not self.proof_running

    def _maintain(self, s):
        self.maintenance_asked = False
        if self.may_maintain(s):
            self._enter(MAINTENANCE, s)

    def _maintenance(self, s):
        self.relay_command = OPEN
