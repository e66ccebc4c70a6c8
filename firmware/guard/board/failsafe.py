# SPDX-License-Identifier: MIT
"""What happens when the program ends: relay open, then the REPL or a reset."""

import sys

import micropython
from machine import RTC, Pin

from guard.board import clock, pins, reset
from guard.board.relay import all_low

RETRY_MS = 5000


def after_crash(error):
    """Relay open, the crash noted in RTC memory; REPL with the e-stop pressed, else reset."""
    all_low()
    _note_crash()
    sys.print_exception(error)
    if Pin(pins.ESTOP_SENSE, Pin.IN, Pin.PULL_DOWN).value() == 0:
        micropython.kbd_intr(3)
        reset.watchdog(reset.MAINTENANCE_MS)
        return
    reset.watchdog(RETRY_MS * 2)
    clock.sleep_ms(RETRY_MS)
    reset.restart()


def _note_crash():
    rtc = RTC()
    stored = rtc.memory()
    if len(stored) >= 5:
        buf = bytearray(stored)
        buf[3] = 1
        buf[4] = buf[1] ^ buf[2] ^ buf[3] ^ 0x5A
        rtc.memory(buf)
