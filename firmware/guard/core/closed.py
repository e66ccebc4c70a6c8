# SPDX-License-Identifier: MIT
# pyright: reportAttributeAccessIssue=false
# A part of Supervisor, which has the attributes.
"""WAIT_BELT, FORWARD, MOUNTING and BACKWARD: every interlock, every tick, then the next step."""

from guard.core import sounds
from guard.core.states import BACKWARD, FORWARD, MODE_BACKWARD, MOUNTING
from guard.core.ticks import since


class ClosedStates:
    def _guarded(self, s):
        """Run every interlock; True while the relay may stay closed."""
        fault = self.interlocks.worst(s)
        if fault:
            self._open(fault, s)
            return False
        self.drone = self._warning()
        return True

    def _warning(self):
        if self.interlocks.one_hand.warns():
            return sounds.HAND_WARNING
        if self.speed.lead_us * 2 > self.speed.allow_us:
            return sounds.SPEED_WARNING
        if self.options is not None:
            return self.options.drone()
        return sounds.SILENT

    def _wait_belt(self, s):
        if not (self._guarded(s) and self.speed.seen):
            return
        if self.options is None or self.options.seen():
            self.rails.belt_seen()
            self.turned.standing = False
            self._enter(MOUNTING if self.session_mode == MODE_BACKWARD else FORWARD, s)
            self.chirp = sounds.BELT_SEEN

    def _forward(self, s):
        self._guarded(s)

    def _mounting(self, s):
        if not self._guarded(s):
            return
        turned = self.rails.regripped() and self.rails.all_held()
        if self.turned.ms(turned, s.now_ms) >= self.settings.turn_confirm_ms:
            self._limit(self.settings.backward_limit_mm_s, s)
            self._enter(BACKWARD, s)
            self.chirp = sounds.BACKWARD_ON

    def _backward(self, s):
        self.backward_ms = since(s.now_ms, self.entered_ms)
        if self._guarded(s):
            self._warn_of_time()

    def _warn_of_time(self):
        """Chirp 60, 30 and 10 s before the session ends in a coast."""
        left_ms = self.settings.session_limit_min * 60000 - self.backward_ms
        if left_ms > 60000:
            return
        due = 3 if left_ms <= 10000 else 2 if left_ms <= 30000 else 1
        if due > self.time_warnings:
            self.time_warnings = due
            self.chirp = sounds.TIME_WARNING
