# SPDX-License-Identifier: MIT
"""What the recorder itself has to report: the first number of an event of kind NOTE."""

from micropython import const

TORN = const(1)  # segment's first number, bytes cut off its end after a power cut
LOST = const(2)  # events that found the queue full, 0
EVICTED = const(3)  # first number of the segment removed, bytes of it carried forward
ACK = const(4)  # kept free: a stored receipt would be news to the next pull
CONFIG_STATUS = const(5)  # status of record/config_store.py at boot, generation
MADE_ROOM = const(6)  # letter and number of a black box (b) or trace (t) removed early
CRUMB = const(7)  # state and fault of the program's last change of state before a reset

NOTE_NAMES = (
    "none",
    "torn",
    "lost",
    "evicted",
    "ack",
    "config_status",
    "made_room",
    "crumb",
)
