# SPDX-License-Identifier: MIT
"""The GPIO numbers of an ESP32. Typed here and in esp32s3/pins.py, nowhere else.

The relay trio avoids 25..27, seen high at power-on, every strapping pin, and 34..39, which are
input only. Analogue inputs are on ADC1; the rails' pins can also sense touch. Not 36/39 for
edges: the ADC pulls them low for 80 ns when it powers up.
"""

from micropython import const

PUMP_A = const(21)
PUMP_B = const(22)
RELAY_EN = const(23)
RELAY_FB = const(18)  # low = relay dropped: its NC contact is to ground

HALL_A = const(34)
HALL_B = const(35)
HALL_A_DIAG = const(36)
HALL_B_DIAG = const(39)

RAIL_L = const(32)
RAIL_R = const(33)

ESTOP_SENSE = const(17)  # high = the coil supply is good, low = e-stop pressed
START = const(19)  # low = pressed
MODE_FORWARD = const(25)  # antivalent pair: low = chosen, exactly one of them
MODE_BACKWARD = const(26)

BUZZER = const(27)
LED = const(13)

# Options, wired only where fitted. 4 is pulled down at reset; 5 and 15 strap the chip but idle
# high on I2C, as they must at reset; 14 is pulled up at reset and only ever read.
STOP2_EN = const(4)
STOP2_FB = const(14)  # low = contactor dropped: its mirror contact is to ground
KEY_SENSE = const(16)  # low = the key loop is closed
I2C_SDA = const(5)
I2C_SCL = const(15)
