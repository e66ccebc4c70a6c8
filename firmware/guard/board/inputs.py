# SPDX-License-Identifier: MIT
"""Contacts and analogue lines into the sample: digital inputs each tick, one analogue channel."""

from machine import ADC, Pin

from guard.board import pins
from guard.board.chip import TouchInput
from guard.core.sample import LEFT_RAIL, RIGHT_RAIL
from guard.core.states import MODE_BACKWARD, MODE_FORWARD, MODE_NONE


class ContactInput:
    """Permille of 3.3 V."""

    def __init__(self, gpio):
        self._adc = ADC(Pin(gpio), atten=ADC.ATTN_11DB)

    def read(self):
        return self._adc.read_u16() * 1000 // 65535


class Inputs:
    def __init__(self, touch_rails):
        make = TouchInput if touch_rails else ContactInput
        self._left = make(pins.RAIL_L)
        self._right = make(pins.RAIL_R)
        self._hall = ContactInput(pins.HALL_A_DIAG)
        self._estop = Pin(pins.ESTOP_SENSE, Pin.IN, Pin.PULL_DOWN)
        self._start = Pin(pins.START, Pin.IN, Pin.PULL_UP)
        self._forward = Pin(pins.MODE_FORWARD, Pin.IN, Pin.PULL_UP)
        self._backward = Pin(pins.MODE_BACKWARD, Pin.IN, Pin.PULL_UP)
        self._channel = 0

    def read(self, s):
        """Fill the sample's contacts and its one fresh analogue channel."""
        s.estop_pressed = self._estop.value() == 0
        s.start_down = self._start.value() == 0
        s.mode = self._mode()
        channel = self._channel
        s.channel = channel
        if channel == LEFT_RAIL:
            s.left_raw = self._left.read()
            self._channel = 1
        elif channel == RIGHT_RAIL:
            s.right_raw = self._right.read()
            self._channel = 2
        else:
            s.hall_permille = self._hall.read()
            self._channel = 0

    def _mode(self):
        """Two antivalent contacts: one broken wire is no mode, not the other mode."""
        forward = self._forward.value() == 0
        if forward == (self._backward.value() == 0):
            return MODE_NONE
        return MODE_FORWARD if forward else MODE_BACKWARD
