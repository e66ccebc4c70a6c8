# SPDX-License-Identifier: MIT
"""The chips a virtual board can have: which pins there are, what they can do, where they lead.

The world names every wire by the GPIO it has on an ESP32 (wiring.py). On another chip the same
wires end elsewhere: `line` says where a GPIO leads, as a person with a meter would.
"""

from treadguard.virtual import wiring as w

ESP32 = "esp32"
S3 = "esp32s3"
NOWHERE = 24  # no wire; the ESP32 has no such pin


class Esp32:
    name = ESP32
    reset_register = 0x3FF48034
    rom_says = "ets Jul 29 2019\r\n"
    touch = (620, 230, 1)  # count of a free pad, of a held one, and of its noise's step

    def line(self, gpio):
        """The wire at a GPIO."""
        return gpio

    def require_adc(self, gpio):
        """ValueError where there is no converter."""

    def require_touch(self, gpio):
        """ValueError where there is no pad."""


class Esp32S3:
    name = S3
    reset_register = 0x60008038
    rom_says = "ESP-ROM:esp32s3-20210327\r\n"
    touch = (31000, 62000, 40)  # a hand raises it
    wires = {
        47: w.PUMP_A,
        48: w.PUMP_B,
        38: w.RELAY_EN,
        42: w.RELAY_FB,
        6: w.HALL_A,
        7: w.HALL_B,
        4: w.HALL_A_DIAG,
        5: w.HALL_B_DIAG,
        1: w.RAIL_L,
        2: w.RAIL_R,
        17: w.ESTOP_SENSE,
        11: w.START,
        13: w.MODE_FORWARD,
        14: w.MODE_BACKWARD,
        21: w.BUZZER,
        12: w.LED,
        41: w.STOP2_EN,
        39: w.STOP2_FB,
        10: w.KEY_SENSE,
        8: w.I2C_SDA,
        9: w.I2C_SCL,
    }

    def line(self, gpio):
        if not 0 <= gpio <= 48 or 22 <= gpio <= 32:
            raise ValueError("invalid pin")  # 22..25 do not exist, 26..32 are the flash
        return self.wires.get(gpio, NOWHERE)

    def require_adc(self, gpio):
        if not 1 <= gpio <= 20:
            raise ValueError("invalid pin")

    def require_touch(self, gpio):
        if not 1 <= gpio <= 14:
            raise ValueError("invalid pin for touchpad")


VARIANTS = {ESP32: Esp32(), S3: Esp32S3()}
NAMES = tuple(sorted(VARIANTS))
