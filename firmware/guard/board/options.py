# SPDX-License-Identifier: MIT
"""The pins of the options that are fitted, read into the sample and driven after it."""

from machine import ADC, Pin

from guard.board import pins
from guard.board.hall import Hall
from guard.core.sample import HALL_DIAG


class FittedPins:
    def __init__(self, options, settings):
        self.options = options
        self.settings = settings
        self.hall = None
        self.key = None
        self.accelerometer = None
        self.second = None
        if options.hall:
            self.hall = Hall(pins.HALL_B, 1)
            self.diag = ADC(Pin(pins.HALL_B_DIAG), atten=ADC.ATTN_11DB)
        if options.second:
            self.second = Pin(pins.STOP2_EN, Pin.OUT, value=0)
            self.dropped = Pin(pins.STOP2_FB, Pin.IN, Pin.PULL_UP)
        if options.key:
            self.key = Pin(pins.KEY_SENSE, Pin.IN, Pin.PULL_UP)
        if options.incline:
            from guard.board.accelerometer import Accelerometer
            from guard.board.chips import OTHER, look

            found = look()
            self.accelerometer = Accelerometer(*found)
            options.incline.wrong_chip = found[0] == OTHER

    def read(self, s):
        """Before the hall's edges are handed over; allocates nothing."""
        if self.hall is not None and s.channel == HALL_DIAG:
            s.hall_b_permille = self.diag.read_u16() * 1000 // 65535
        if self.second is not None:
            s.second_dropped = self.dropped.value() == 0
        if self.key is not None:
            s.key_closed = self.key.value() == 0
        if self.accelerometer is not None:
            s.incline_fresh = self.accelerometer.read(self.settings.incline_axis)
            s.incline_mg = self.accelerometer.mg
            s.incline_errors = self.accelerometer.errors

    def feed(self, s):
        """Edges of B, after those of A; how many."""
        if self.hall is None:
            return 0
        edges = self.hall.feed(self.options.hall, s.now_ms)
        s.count_ahead_b = self.hall.count_ahead()
        return edges

    def drive(self):
        if self.second is not None:
            self.second.value(1 if self.options.second.on else 0)
