# SPDX-License-Identifier: MIT
"""Accelerometers on I2C, known by their id: LIS3DH, MPU-6050, ADXL345, all set to +-4 g, 100 Hz.

One burst of a status byte and six of data every second tick, into a buffer made at the start:
about 0.3 ms at 400 kHz. A reading that fails or brings nothing new counts as an error.
"""

from machine import I2C, Pin
from micropython import const

from guard.board import pins

FREQ_HZ = const(400000)
TIMEOUT_US = const(1000)
NOTHING = const(0)
OTHER = const(1)
KNOWN = const(2)

# addresses, register and values of the id, (register, value) of the setup, burst's register,
# new data's bit in its first byte, where the data begin, big-endian, mg per count as mul / div
CHIPS = (
    (
        (0x18, 0x19),
        0x0F,
        (0x33,),
        ((0x20, 0x57), (0x23, 0x98)),
        0xA7,
        0x08,
        1,
        False,
        1,
        8,
    ),
    (
        (0x68, 0x69),
        0x75,
        (0x68, 0x70, 0x98),
        ((0x6B, 0x01), (0x1A, 0x04), (0x19, 0x09), (0x1C, 0x08), (0x38, 0x01)),
        0x3A,
        0x01,
        1,
        True,
        125,
        1024,
    ),
    (
        (0x53, 0x1D),
        0x00,
        (0xE5,),
        ((0x31, 0x09), (0x2C, 0x0A), (0x2D, 0x08)),
        0x30,
        0x80,
        2,
        False,
        125,
        32,
    ),
)
# Which of the chip's axes looks to the front, its sign, and which lies across.
AXES = ((0, 1, 1), (0, -1, 1), (1, 1, 0), (1, -1, 0))


class Accelerometer:
    def __init__(self):
        self._bus = I2C(
            0,
            scl=Pin(pins.I2C_SCL),
            sda=Pin(pins.I2C_SDA),
            freq=FREQ_HZ,
            timeout=TIMEOUT_US,
        )
        self._buf = bytearray(8)
        self.mg = [0, 0, 0]
        self.errors = 0
        self._wait = 0
        self._address = 0
        self.found = NOTHING

    def look(self):
        """NOTHING, OTHER or KNOWN; a known chip is set up."""
        for chip in CHIPS:
            for address in chip[0]:
                found = self._identity(address, chip[1])
                if found in chip[2]:
                    self._set_up(chip, address)
                    return self.found
                if found >= 0:
                    self.found = OTHER
        return self.found

    def _identity(self, address, register):
        try:
            return self._bus.readfrom_mem(address, register, 1)[0]
        except OSError:
            return -1

    def _set_up(self, chip, address):
        self._address = address
        self._register = chip[4]
        self._new_bit = chip[5]
        self._at = chip[6]
        self._high = 0 if chip[7] else 1
        self._mul = chip[8]
        self._div = chip[9]
        self._burst = memoryview(self._buf)[: chip[6] + 6]
        try:
            for register, value in chip[3]:
                self._bus.writeto_mem(address, register, bytes([value]))
        except OSError:
            return
        self.found = KNOWN

    def read(self, axis):
        """Every second tick: True when self.mg is new. Allocates nothing on a healthy bus."""
        self._wait ^= 1
        if self._wait:
            return False
        new = False
        if self.found == KNOWN:
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
