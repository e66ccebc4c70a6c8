# SPDX-License-Identifier: MIT
"""Uses every fake of the guard path with MicroPython's heap locked, late in a long run.

`micropython heap_script.py REPOSITORY` prints "0 bytes" or ends with a MemoryError.
"""

import gc
import sys

import micropython

sys.path.insert(0, sys.argv[1] + "/host_tools")
sys.path.insert(0, sys.argv[1] + "/host_tools/treadguard/virtual/fakes")

import machine
from esp32 import PCNT
from machine import ADC, RTC, WDT, Pin, TouchPad

from treadguard.virtual.adaptors import clock, stdio
from treadguard.virtual.chip import POWER_ON
from treadguard.virtual.world import World

World.current = world = World({})
world.restart(POWER_ON)
world.now += 1 << 31  # world time is a big int by now; nothing may touch it
outputs = [Pin(number, Pin.OUT, value=0) for number in (21, 22, 23, 27, 13)]
inputs = [Pin(number, Pin.IN) for number in (18, 17, 19, 25, 26)]
analogue = [ADC(Pin(number)) for number in (32, 33, 36)]
pad = TouchPad(Pin(32))
counter = PCNT(0, pin=Pin(34), falling=PCNT.INCREMENT)
watchdog = WDT(timeout=2000)
rtc = RTC()
crumb = bytearray(16)
rtc.memory(crumb)


def tick(level):
    for pin in outputs:
        pin.value(level)
    for pin in inputs:
        pin.value()
    for adc in analogue:
        adc.read_u16()
    pad.read()
    counter.value()
    clock.now_us()
    clock.now_ms()
    stdio.read_byte()
    rtc.memory(crumb)
    watchdog.feed()


def locked(ticks):
    micropython.heap_lock()
    try:
        for i in range(ticks):
            tick(i & 1)
    finally:
        micropython.heap_unlock()


gc.collect()
before = gc.mem_alloc()
locked(1000)
assert machine.reset_cause() == 1
print(gc.mem_alloc() - before, "bytes")
