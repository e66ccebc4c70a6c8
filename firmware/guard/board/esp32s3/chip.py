# SPDX-License-Identifier: MIT
"""What the ESP32-S3 does otherwise. Its count of a touch pad rises on touch."""

from machine import Pin, TouchPad
from micropython import const

RESET_REGISTER = const(0x60008038)

# The ESP32 counts charges in a fixed time, the S3 times a fixed number of charges: one is the
# reciprocal of the other. Turned over here, a threshold means the same hand on both chips, and
# the rails' bands know one convention: a touch lowers the count, nothing or less is a fault.
_TURN = const(1000000000)
# Below: nothing is connected, and 1000 times as much would not fit a small int. Above: the pad
# never charged to its end, as with a lead shorted to ground.
_LEAST = const(1000)
_MOST = const(0x1FFFFE)


class TouchInput:
    """The pad's count as an ESP32 would give it; -1 for a fault."""

    def __init__(self, gpio):
        self._pad = TouchPad(Pin(gpio))

    def read(self):
        try:
            count = self._pad.read()
        except ValueError:
            return -1
        return _TURN // count if _LEAST <= count <= _MOST else -1
