# SPDX-License-Identifier: MIT
"""What happened, as five integers each, in a ring that never allocates."""

from micropython import const

BOOT = const(1)  # reset kind, fault found, boot number
STATE = const(2)  # new state, old state, fault
ARM = const(3)  # mode, session number
STOP = const(4)  # fault, speed mm/s, lead mm
RENAMED = const(5)  # new fault, old fault
STOPPED = const(6)  # ms to standstill (negative: not proven), edges after, drop-out ms
SESSION = const(7)  # seconds walked backward, highest speed mm/s, highest lead mm
LOCKED = const(8)  # fault, speed mm/s
RESET = const(9)  # latch cleared by hand
PROOF = const(10)  # what was cleared
STOP_TEST = const(11)  # deceleration mm/s2, ms to standstill, speed mm/s
CONFIG = const(12)  # parameter index, old, new
CLOCK = const(13)  # epoch minutes, seconds of that minute: the wall time of this uptime
NOTE = const(14)  # a code of record/notes.py and its two numbers
SECOND_STOP = const(15)  # the contactor was dropped: fault, speed mm/s, ms after opening
INCLINE = const(16)  # permille as the relay opened, most of the session

KIND_NAMES = (
    "none",
    "boot",
    "state",
    "arm",
    "stop",
    "renamed",
    "stopped",
    "session",
    "lockout",
    "reset",
    "proof",
    "stop_test",
    "config",
    "clock",
    "note",
    "second_stop",
    "incline",
)

SLOTS = const(64)
_FIELDS = const(5)


class EventRing:
    """Overwrites the oldest event when nobody drains it, and counts what was lost."""

    def __init__(self):
        self._cells = [0] * (SLOTS * _FIELDS)
        self.head = 0
        self.waiting = 0
        self.lost = 0

    def put(self, ms, kind, a, b, c):
        cells = self._cells
        at = self.head * _FIELDS
        cells[at] = ms
        cells[at + 1] = kind
        cells[at + 2] = a
        cells[at + 3] = b
        cells[at + 4] = c
        self.head = (self.head + 1) & 63
        if self.waiting < SLOTS:
            self.waiting += 1
        else:
            self.lost += 1

    def take(self):
        """The oldest waiting event as (ms, kind, a, b, c), or None. Allocates."""
        if not self.waiting:
            return None
        at = ((self.head - self.waiting) & 63) * _FIELDS
        self.waiting -= 1
        return tuple(self._cells[at : at + _FIELDS])
