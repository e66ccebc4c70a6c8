# SPDX-License-Identifier: MIT
"""The console as bytes: one that never waits for input, and a write of at most one FIFO."""

import select
import sys

_one = bytearray(1)
_poll = select.poll()
_poll.register(sys.stdin, select.POLLIN)


def read_byte():
    """The next byte, or -1. ipoll and readinto of one byte allocate nothing."""
    for _ in _poll.ipoll(0):
        if sys.stdin.buffer.readinto(_one):
            return _one[0]
    return -1


def write(buf, n):
    """Write the first n bytes of buf; more than 128 would wait for the line."""
    for i in range(n):
        _one[0] = buf[i]
        sys.stdout.buffer.write(_one)
