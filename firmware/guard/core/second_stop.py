# SPDX-License-Identifier: MIT
"""The second stop channel: a contactor in the treadmill's supply, its coil on the pump rail.

It is closed with the relay. It drops with the e-stop, OVERSPEED_EXTREME, a program fault, a stop
that cannot be proven, a belt that gains speed after the opening or is no slower 800 ms after it,
a relay that stays closed, every lockout, and at the end of every stop. Until then the pump goes
on with RELAY_EN low, so that the treadmill may brake by its own means. It never closes again
before a START.
"""

from micropython import const

from guard.core import events as e
from guard.core import faults as f
from guard.core.interlocks import Rule
from guard.core.states import (
    A_EN,
    B_EN,
    CLOSED,
    EN_ONLY,
    LOCKOUT,
    OPEN,
    STOPPING,
    TOGGLE_ONLY,
)
from guard.core.stopping import DROPPING
from guard.core.ticks import Persisted, since

NO_SLOWER_MS = const(800)
FASTER_MS = const(150)  # a belt that still gains speed is not waited for
SURGE_MM_S = const(70)  # a footfall makes as much
RELAY_DROP_MS = const(60)
STUCK_MS = const(1000)
OPEN_MS = const(500)
LATE_US = const(25000)
NEVER_HELD = (
    f.ESTOP,
    f.OVERSPEED_EXTREME,
    f.STATE_CORRUPT,
    f.FLOW_BROKEN,
    f.LOOP_OVERRUN,
    f.SECOND_STOP_OPEN,
)


class SecondStop:
    def __init__(self, guard):
        self.sup = guard.supervisor
        self.on = False  # STOP2_EN; the pump must toggle too
        self.held = False  # kept closed while the treadmill brakes
        self.was_closed = False  # it worked once since the start
        self.stuck = Persisted()
        self.rules = [SecondStopOpen(guard.settings, guard.speed, guard.rails)]

    def parts(self):
        return (self, self.stuck)

    def closing(self):
        self.held = False
        self.on = True

    def opened(self, fault):
        stop = self.sup.stop
        never = fault in NEVER_HELD or f.fault_class(fault) == f.LOCKOUT or not stop.proven
        self.held = not never and stop.phase != DROPPING
        self.on = self.held or stop.phase == DROPPING

    def command(self, s):
        """What the relay's driver does in STOPPING: toggle on for the contactor, or rest."""
        if not self.sup.moving():
            self.held = False
        elif self.held and self._must_drop(s):
            self.drop(s)
        return TOGGLE_ONLY if self.held else OPEN

    def _must_drop(self, s):
        sup = self.sup
        stop = sup.stop
        open_ms = since(s.now_ms, stop.began_ms)
        if s.estop_pressed or s.late_us > LATE_US or not stop.proven:
            return True
        if s.feedback_closed and open_ms >= RELAY_DROP_MS:
            return True
        if not stop.v0_mm_s:
            return False
        v_mm_s = stop.speed.bound_mm_s(s.now_us)
        if open_ms >= FASTER_MS and v_mm_s > stop.v0_mm_s + (stop.v0_mm_s >> 3) + SURGE_MM_S:
            return True
        return open_ms >= NO_SLOWER_MS and v_mm_s >= stop.v0_mm_s

    def drop(self, s):
        """Before the belt is still: that is worth a note."""
        stop = self.sup.stop
        ms = since(s.now_ms, stop.began_ms)
        self.sup.events.put(
            s.now_ms, e.SECOND_STOP, stop.cause, stop.speed.bound_mm_s(s.now_us), ms
        )
        self.held = False
        self.on = False

    def follow(self, s):
        """After the judgement: STOP2_EN as the state and the relay's command say."""
        sup = self.sup
        command = sup.relay_command
        if command == CLOSED:
            self.on = True
        elif sup.state == STOPPING:
            if sup.stop.phase != DROPPING and not self.held:
                self.on = False
        else:
            self.held = False
            self.on = command == EN_ONLY or command == A_EN or command == B_EN

    def tick(self, s):
        if not s.second_dropped and self.on and self.sup.relay_command == CLOSED:
            self.was_closed = True
        self.stuck.ms(not s.second_dropped and not self.on, s.now_ms)

    def lockout(self, s):
        stuck = self.stuck
        if not self.was_closed or not stuck.standing:
            return 0
        return f.SECOND_STOP_STUCK if since(s.now_ms, stuck.since_ms) >= STUCK_MS else 0

    def judge(self, blockers, s):
        return blockers._set(f.SECOND_STOP_FEEDBACK, not s.second_dropped)

    def provable(self):
        return self.sup.state != LOCKOUT or not self.stuck.standing


class SecondStopOpen(Rule):
    waits = True

    def judge(self, s):
        open_ms = self.standing.ms(s.second_dropped and not s.estop_pressed, s.now_ms)
        return f.SECOND_STOP_OPEN if open_ms >= OPEN_MS else 0
