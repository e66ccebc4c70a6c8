# SPDX-License-Identifier: MIT
"""What of the ESP32 is otherwise on another chip, pins and console aside.

A folder beside this file holds what takes the place of modules here on its chip: esp32s3/.
"""

from machine import Pin, TouchPad
from micropython import const

RESET_REGISTER = const(0x3FF48034)


class TouchInput:
    """The pad's count; 0 makes the driver raise on some builds: a fault, never a touch."""

    def __init__(self, gpio):
        self._pad = TouchPad(Pin(gpio))

    def read(self):
        try:
            return self._pad.read()
        except ValueError:
            return -1
