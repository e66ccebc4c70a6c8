# SPDX-License-Identifier: MIT
"""The GPIO numbers of an ESP32-S3. Typed here and in ../pins.py, nowhere else.

1..20 give glitches of 60 us at power-up: inputs only, and no contact that is closed to ground
where the glitch is high (18..20). 0, 3, 45, 46 strap the chip, 26..32 are its flash, 33..37 may
be its PSRAM, 19/20 its USB, 43/44 its console. Touch and ADC1 together: 1..10.
"""

from micropython import const

PUMP_A = const(47)
PUMP_B = const(48)  # 38 or 48 feeds the coloured light of some kits: it may flicker
RELAY_EN = const(38)
RELAY_FB = const(42)  # low = relay dropped: its NC contact is to ground

HALL_A = const(6)
HALL_B = const(7)
HALL_A_DIAG = const(4)
HALL_B_DIAG = const(5)

RAIL_L = const(1)
RAIL_R = const(2)

ESTOP_SENSE = const(17)  # high = the coil supply is good, low = e-stop pressed
START = const(11)  # low = pressed
MODE_FORWARD = const(13)  # antivalent pair: low = chosen, exactly one of them
MODE_BACKWARD = const(14)

BUZZER = const(21)  # one report has seen 21 high for 30 ms at power-up: a beep, at worst
LED = const(12)

# Options, wired only where fitted. 39, 41 and 42 are JTAG only where a fuse says so.
STOP2_EN = const(41)
STOP2_FB = const(39)  # low = contactor dropped: its mirror contact is to ground
KEY_SENSE = const(10)  # low = the key loop is closed
I2C_SDA = const(8)
I2C_SCL = const(9)
