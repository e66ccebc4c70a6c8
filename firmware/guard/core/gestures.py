# SPDX-License-Identifier: MIT
"""The START button: one press, one meaning.

With the relay closed a press edge stops. Everywhere else a press acts on release, counts only
if START was seen released for 200 ms in that state, and means the longest hold it reached.
"""

from micropython import const

PRESS_READS = const(2)
FRESH_MS = const(200)
SHORT_MIN_MS = const(50)
SHORT_MAX_MS = const(800)
RESET_MS = const(1000)
CONFIRM_MS = const(3000)
PROOF_MS = const(5000)
STUCK_MS = const(10000)


class Button:
    def __init__(self):
        self.down_reads = 0
        self.down = False
        self.booting = True
        self.stuck = False
        self.pressed = False  # a press edge in this tick
        self.released_ms = -1  # length of a press that ended in this tick and counts
        self._down_ms = 0
        self._up_ms = 0
        self._up_long = False
        self._counts = False
        self._announced = False

    def read(self, raw_down, now_ms):
        """Take this tick's level."""
        self.pressed = False
        self.released_ms = -1
        if raw_down:
            self._read_down(now_ms)
        else:
            self._read_up(now_ms)
        self.booting = False

    def _read_down(self, now_ms):
        if self.booting:
            self.stuck = True
        if self.down_reads < PRESS_READS:
            self.down_reads += 1
        if self.down:
            if (now_ms - self._down_ms) & 0x3FFFFFFF > STUCK_MS:
                self.stuck = True
            return
        if self.down_reads >= PRESS_READS:
            self.down = True
            self.pressed = True
            self._down_ms = now_ms
            self._counts = self._up_long and not self.stuck
            self._announced = False

    def _read_up(self, now_ms):
        self.down_reads = 0
        if self.down or self.booting:
            if self.down and self._counts and not self.stuck:
                self.released_ms = (now_ms - self._down_ms) & 0x3FFFFFFF
            self.down = False
            self._up_ms = now_ms
            self._up_long = False
        self.stuck = False
        if not self._up_long and (now_ms - self._up_ms) & 0x3FFFFFFF >= FRESH_MS:
            self._up_long = True

    def held_ms(self, now_ms):
        """How long a press that counts has been down; -1 when there is none."""
        if not self.down or not self._counts:
            return -1
        return (now_ms - self._down_ms) & 0x3FFFFFFF

    def reaches(self, hold_ms, now_ms):
        """True once a press: when it becomes as long as hold_ms."""
        if self._announced or self.held_ms(now_ms) < hold_ms:
            return False
        self._announced = True
        return True

    def discard(self, now_ms):
        """A new state, fault or pending change: a press under way means nothing any more."""
        self._counts = False
        self._up_ms = now_ms
        self._up_long = False
