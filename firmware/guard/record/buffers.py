# SPDX-License-Identifier: MIT
"""The two large buffers, made by main.py's first import while the heap is still in one piece."""

from micropython import const

RING_BYTES = const(16000)
TRACE_BYTES = const(7200)

made = {RING_BYTES: bytearray(RING_BYTES), TRACE_BYTES: bytearray(TRACE_BYTES)}


def take(size):
    """The buffer made at start; whoever comes second gets a new one."""
    return made.pop(size) if size in made else bytearray(size)
