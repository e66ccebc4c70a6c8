# SPDX-License-Identifier: MIT
"""Elapsed time on counters that wrap at 2**30, as the ESP32's do."""

from micropython import const

MASK = const((1 << 30) - 1)


def since(now, then):
    """Ticks from then to now, 0..2**30-1. Right for less than one period: 17.9 min of us."""
    return (now - then) & 0x3FFFFFFF


class Persisted:
    """How long a condition has stood without a break."""

    def __init__(self):
        self.standing = False
        self.since_ms = 0

    def ms(self, condition, now_ms):
        """ms since the condition was first seen, 0 on that tick; -1 while it is false."""
        if not condition:
            self.standing = False
            return -1
        if not self.standing:
            self.standing = True
            self.since_ms = now_ms
            return 0
        return (now_ms - self.since_ms) & 0x3FFFFFFF


class Reads:
    """How many reads in a row a condition has stood; saturates at 250."""

    def __init__(self):
        self.count = 0

    def of(self, condition):
        """Count this read; the reads in a row so far."""
        if not condition:
            self.count = 0
        elif self.count < 250:
            self.count += 1
        return self.count
