# SPDX-License-Identifier: MIT
"""The inclinometer's readings: an accelerometer on I2C that chips.py has found and set up.

One burst of a status byte and six of data every second tick, into a buffer made at the start:
about 0.3 ms at 400 kHz. A reading that fails or brings nothing new counts as an error.
"""

from guard.board.chips import KNOWN

# Which of the chip's axes looks to the front, its sign, and which lies across.
AXES = ((0, 1, 1), (0, -1, 1), (1, 1, 0), (1, -1, 0))


class Accelerometer:
    def __init__(self, what, bus, address, chip):
        self._known = what == KNOWN
        self._bus = bus
        self._address = address
        self._register = chip[4]
        self._new_bit = chip[5]
        self._at = chip[6]
        self._high = 0 if chip[7] else 1
        self._mul = chip[8]
        self._div = chip[9]
        self._buf = bytearray(8)
        self._burst = memoryview(self._buf)[: chip[6] + 6]
        self.mg = [0, 0, 0]
        self.errors = 0
        self._wait = 0

    def read(self, axis):
        """Every second tick: True when self.mg is new. Allocates nothing on a healthy bus."""
        self._wait ^= 1
        if self._wait:
            return False
        new = False
        if self._known:
            try:
                self._bus.readfrom_mem_into(self._address, self._register, self._burst)
                new = self._buf[0] & self._new_bit != 0
            except Exception:  # with a locked heap it is not an OSError
                new = False
        if not new:
            if self.errors < 250:
                self.errors += 1
            return False
        self.errors = 0
        front, sign, across = AXES[axis]
        self.mg[0] = self._count(front) * sign
        self.mg[1] = self._count(across)
        self.mg[2] = self._count(2)
        return True

    def _count(self, axis):
        at = self._at + 2 * axis
        count = self._buf[at + self._high] << 8 | self._buf[at + 1 - self._high]
        if count & 0x8000:
            count -= 65536
        return (count * self._mul + (self._div >> 1)) // self._div
