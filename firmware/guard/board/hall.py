# SPDX-License-Identifier: MIT
"""Edges of the hall sensor: counted by PCNT, stamped by a soft interrupt.

The handler stores (stamp, count) as one pair, so a late or merged handler shifts an edge but
never invents or loses one. No PCNT interrupt: its ISR is not flash-safe.
"""

from esp32 import PCNT
from machine import Pin
from micropython import const

from guard.board import clock, pins

_SLOTS = const(16)
_COUNT_PERIOD = const(32767)  # the counter returns to 0 at its maximum


class Hall:
    def __init__(self, gpio=pins.HALL_A, unit=0):
        self._stamps = [0] * _SLOTS
        self._counts = [0] * _SLOTS
        self._head = 0
        self._tail = 0
        self.errors = 0
        self.last_us = 0  # stamp of the last pair handed over
        # PCNT first: it sets the pin up as an input with a pull of its own.
        pin = Pin(gpio, Pin.IN)
        self._pcnt = PCNT(
            unit,
            pin=pin,
            falling=PCNT.INCREMENT,
            rising=PCNT.IGNORE,
            filter=1023,
            max=_COUNT_PERIOD,
        )
        self._pcnt.start()
        self._last_count = self._pcnt.value()
        self._now_us = clock.now_us
        pin.irq(self._on_edge, Pin.IRQ_FALLING)

    def _on_edge(self, _pin):
        # An exception here would be printed, 26 ms of blocked UART, and swallow a Ctrl-C.
        try:
            slot = self._head & 15
            self._stamps[slot] = self._now_us()  # pyright: ignore[reportArgumentType, reportCallIssue]
            self._counts[slot] = self._pcnt.value()
            self._head = (self._head + 1) & 255
        except BaseException:
            self.errors += 1

    def feed(self, guard, now_ms):
        """Hand every new pair to the guard, oldest first; the number of edges handed over."""
        head = self._head
        if head == self._tail:
            return 0
        if (head - self._tail) & 255 > _SLOTS:
            self._tail = (head - _SLOTS) & 255
        total = 0
        while self._tail != head:
            slot = self._tail & 15
            n = self._counts[slot] - self._last_count
            if n < 0:
                n += _COUNT_PERIOD
            if n:
                self._last_count = self._counts[slot]
                self.last_us = self._stamps[slot]
                guard.edge(self.last_us, n, now_ms)
                total += n
            self._tail = (self._tail + 1) & 255
        return total

    def count_ahead(self):
        """Edges counted that no handler has stored."""
        n = self._pcnt.value() - self._last_count
        return n + _COUNT_PERIOD if n < 0 else n
