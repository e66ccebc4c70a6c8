# SPDX-License-Identifier: MIT
"""The relay's only writer: RELAY_EN and the two antiphase pins of the charge pump.

GPIO levels outlive a crash, a watchdog reset and a soft reset, so no level holds the relay:
only pump() does, called as the last statement of a fully checked tick. No PWM, timer or RMT.
"""

from machine import Pin

from guard.board import pins
from guard.core.states import A_EN, A_ONLY, B_EN, B_ONLY, CLOSED, EN_ONLY, HOLD, OPEN, TOGGLE_ONLY


def all_low():
    """Open, whatever runs or does not run; needs nothing but the pins."""
    for gpio in (pins.RELAY_EN, pins.PUMP_A, pins.PUMP_B, pins.STOP2_EN):
        Pin(gpio, Pin.OUT, value=0)


class Relay:
    def __init__(self):
        self._enable = Pin(pins.RELAY_EN, Pin.OUT, value=0)
        self._a = Pin(pins.PUMP_A, Pin.OUT, value=0)
        self._b = Pin(pins.PUMP_B, Pin.OUT, value=0)
        self._feedback = Pin(pins.RELAY_FB, Pin.IN)
        self._phase = 0
        self._command = OPEN

    def drive(self, command):
        """Set the static levels of a command; anything unknown is OPEN."""
        if command == self._command and command != OPEN:
            return
        self._command = command
        if command == CLOSED:
            self._enable.value(1)
        elif command == EN_ONLY:
            self._levels(1, 0, 0)
        elif command == A_ONLY:
            self._levels(0, 1, 0)
        elif command == A_EN:
            self._levels(1, 1, 0)
        elif command == B_ONLY:
            self._levels(0, 0, 1)
        elif command == B_EN:
            self._levels(1, 0, 1)
        elif command == TOGGLE_ONLY:
            self._enable.value(0)
        elif command == HOLD:
            pass  # nothing moves, from the CLOSED before it: the pump alone must let go
        else:
            self._command = OPEN
            self._levels(0, 0, 0)

    def _levels(self, enable, a, b):
        if not enable:
            self._enable.value(0)
        self._a.value(a)
        self._b.value(b)
        if enable:
            self._enable.value(1)

    def pump(self):
        """One antiphase edge, if the command toggles. The permission is this call.

        The falling pin first: dying between the writes leaves both low, which drops soonest.
        """
        if self._command == CLOSED or self._command == TOGGLE_ONLY:
            phase = self._phase ^ 1
            self._phase = phase
            if phase:
                self._b.value(0)
                self._a.value(1)
            else:
                self._a.value(0)
                self._b.value(1)

    def open(self):
        """Whatever happens: open."""
        self._command = OPEN
        self._levels(0, 0, 0)

    def feedback_closed(self):
        """A cut feedback lead reads closed, which forbids."""
        return self._feedback.value() == 1
