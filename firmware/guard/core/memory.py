# SPDX-License-Identifier: MIT
"""What must outlive a power cut: latch, cause, marks, counters. record/blob.py packs it."""

from micropython import const

from guard.core import faults

MARK_NONE = const(0)
MARK_OPEN = const(1)  # a session is about to close the relay, or has
MARK_OPENED = const(2)  # the relay opened, the belt was not seen still
MARK_CLOSED = const(3)  # still and saved

# (field, bytes in the blob)
FIELDS = (
    ("boot", 4),
    ("session", 4),
    ("latch_code", 1),
    ("cause", 1),
    ("mark", 1),
    ("stop_test_due", 1),
    ("sensor_not_proven", 1),
    ("drop_time_ms", 2),
    ("journal_next_seq", 4),
    ("box_next", 4),
    ("proof_epoch_min", 4),
    ("sessions_total", 4),
    ("backward_minutes_total", 4),
)


class Memory:
    """Durable integers. A new board owes a stop test."""

    def __init__(self):
        self.boot = 0
        self.session = 0
        self.latch_code = 0
        self.cause = 0
        self.mark = MARK_NONE
        self.stop_test_due = 1
        self.sensor_not_proven = 0
        self.drop_time_ms = 0
        self.journal_next_seq = 0
        self.box_next = 0
        self.proof_epoch_min = 0
        self.sessions_total = 0
        self.backward_minutes_total = 0
        self.counters = bytearray(faults.CODES)

    def count(self, code):
        """One more of this fault, ever; saturates at 255."""
        if code < faults.CODES and self.counters[code] < 255:
            self.counters[code] += 1
