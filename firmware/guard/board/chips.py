# SPDX-License-Identifier: MIT
"""Which accelerometer is on the I2C bus: LIS3DH, MPU-6050, ADXL345, known by their id.

Each is set to +-4 g, 100 Hz. Needed at the start alone, so apart from what reads it.
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


def look():
    """(NOTHING, OTHER or KNOWN, bus, address, chip); a known chip is set up."""
    bus = I2C(
        0,
        scl=Pin(pins.I2C_SCL),
        sda=Pin(pins.I2C_SDA),
        freq=FREQ_HZ,
        timeout=TIMEOUT_US,
    )
    what = NOTHING
    for chip in CHIPS:
        for address in chip[0]:
            found = _identity(bus, address, chip[1])
            if found in chip[2]:
                return KNOWN if _set_up(bus, address, chip[3]) else what, bus, address, chip
            if found >= 0:
                what = OTHER
    return what, bus, 0, CHIPS[0]


def _identity(bus, address, register):
    try:
        return bus.readfrom_mem(address, register, 1)[0]
    except OSError:
        return -1


def _set_up(bus, address, values):
    try:
        for register, value in values:
            bus.writeto_mem(address, register, bytes([value]))
    except OSError:
        return False
    return True
