# SPDX-License-Identifier: MIT
"""Reads a pad of the S3 and writes to its console with the heap locked. Argument: the firmware."""

import sys

import micropython

sys.path.insert(0, sys.argv[1])


class Pad:
    """Counts on, past both ends of what is a count."""

    def __init__(self, pin):
        self.count = 0

    def read(self):
        self.count = (self.count + 99991) & 0x3FFFFF
        return self.count


class Machine:
    """Stands for the module."""

    def __init__(self):
        self.Pin = int
        self.TouchPad = Pad


sys.modules["machine"] = Machine()
from guard.board.esp32s3 import chip, stdio  # noqa: E402

line = bytearray(b"a line of the console\n")


def use(pad, reads, lines):
    """The least that the pad gave."""
    least = 1
    for _ in range(reads):
        least = min(least, pad.read())
    for _ in range(lines):
        stdio.write(line, len(line))
        stdio.read_byte()
    return least


pad = chip.TouchInput(1)
use(pad, 1, 1)
micropython.heap_lock()
try:
    least = use(pad, 1000, 20)
finally:
    micropython.heap_unlock()
print("least", least)
