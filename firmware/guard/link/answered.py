# SPDX-License-Identifier: MIT
"""The last answers to requests that changed something: a repetition gets the same one again.

A repetition is the same id with the same content. A fixed id with other content, or one drawn
by another host, is a request of its own.
"""

from micropython import const

KEPT = const(8)


class Answered:
    def __init__(self):
        self._ids = [None] * KEPT
        self._sums = [None] * KEPT
        self._lines = [None] * KEPT
        self._next = 0

    def find(self, number, crc):
        """The answer that was given, or None."""
        if number is not None:
            for i in range(KEPT):
                if self._ids[i] == number and self._sums[i] == crc:
                    return self._lines[i]
        return None

    def keep(self, number, crc, line):
        """Remember one; the oldest goes."""
        i = self._next
        self._ids[i] = number
        self._sums[i] = crc
        self._lines[i] = line
        self._next = (i + 1) & (KEPT - 1)
