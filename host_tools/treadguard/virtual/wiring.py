# SPDX-License-Identifier: MIT
"""Which wire of the virtual harness goes to which GPIO of the virtual board.

This is the harness, not the firmware's pin map: a test holds the two equal, as a person with
a meter would on the real thing.
"""

PINS = 40

PUMP_A = 21
PUMP_B = 22
RELAY_EN = 23
RELAY_FB = 18
HALL_A = 34
HALL_B = 35
HALL_A_DIAG = 36
HALL_B_DIAG = 39
RAIL_L = 32
RAIL_R = 33
ESTOP_SENSE = 17
START = 19
MODE_FORWARD = 25
MODE_BACKWARD = 26
BUZZER = 27
LED = 13
STOP2_EN = 4
STOP2_FB = 14
KEY_SENSE = 16
I2C_SDA = 5
I2C_SCL = 15

# External resistors: these outputs are pulled down at the driver, the inputs up on the board.
PULLED_DOWN = (PUMP_A, PUMP_B, RELAY_EN, BUZZER, LED, STOP2_EN)
