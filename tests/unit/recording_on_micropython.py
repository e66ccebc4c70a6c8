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
from guard.core.options import fit
from guard.core.parameters import Settings
from guard.core.sample import Sample
from guard.record.blackbox import BlackBox
from guard.record.option_box import OptionBox
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


def fitted():
    """A box of a board with every option, as the controller makes it."""
    settings = Settings()
    settings.hall_sensors = 2
    settings.second_stop_fitted = settings.key_sense_fitted = settings.incline_sensor = 1
    other = Guard(settings, Memory(), EventRing())
    made = OptionBox(BlackBox(), fit(other))
    made.attach(other)
    return made, other


def record_options(ticks):
    s.key_closed = s.second_dropped = True
    s.count_ahead_b = 2
    mg = s.incline_mg
    hall = other.options.hall
    for i in range(ticks):
        s.now_us = (s.now_us - 0x3FF0000) & 0x3FFFFFFF
        s.channel = i % 3
        s.incline_fresh = i & 1 == 0
        s.incline_errors = i & 63
        mg[0] = -100000
        mg[1] = 100000
        mg[2] = i - 1500
        hall.tick_edges = i & 31
        hall.tick_us = i
        option_box.sample(s, guard.speed, 50, i & 31, i)
        if i == 2400:
            option_box.trigger()


s.incline_mg = [0, 0, 0]
option_box, other = fitted()
micropython.heap_lock()
record(3000)
record_options(3000)
micropython.heap_unlock()
assert box.frozen
assert option_box.frozen
assert option_box.held == len(option_box.readings) // 6 > 600
assert trace.records == 15
print("nothing allocated")
