# SPDX-License-Identifier: MIT
# ruff: noqa: E402
"""Run by test_blackbox.py on MicroPython: box and trace with the heap locked."""

import sys

sys.path.insert(0, sys.argv[1] + "/firmware")
sys.path.insert(0, sys.argv[1])

# Leaves first: MicroPython compiles on the stack, and nested imports run out of it.
for _leaf in ("states", "faults", "events", "memory", "parameters", "supervisor", "guard"):
    __import__("guard.core." + _leaf)

import micropython

from guard.core.events import EventRing
from guard.core.guard import Guard
from guard.core.memory import Memory
from guard.core.parameters import Settings
from guard.core.sample import Sample
from guard.record.blackbox import BlackBox
from guard.record.trace import Trace

guard = Guard(Settings(), Memory(), EventRing())
box = BlackBox()
box.attach(guard)
trace = Trace()
s = Sample()


def record(ticks):
    for i in range(ticks):
        s.now_us = (s.now_us - 0x3FF0000) & 0x3FFFFFFF  # a sum would itself allocate
        s.channel = i & 1
        s.late_us = 0x3FFFFFFF
        s.count_ahead = 2
        guard.speed.v_mm_s = 20000
        guard.speed.lead_us = i << 4
        box.sample(s, guard.speed, 50, i & 31, (s.now_us - i) & 0x3FFFFFFF)
        trace.sample(s, guard.speed)
        if i == 2400:
            box.trigger()


micropython.heap_lock()
record(3000)
micropython.heap_unlock()
assert box.frozen
assert trace.records == 15
print("nothing allocated")
