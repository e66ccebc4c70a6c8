# SPDX-License-Identifier: MIT
"""What is plugged in and not set, found once at the start: an option half on protects nobody."""

from machine import ADC, Pin

from guard.board import pins
from guard.core import faults as f
from guard.core.interlocks import hall_band_good

READS = 8
SPREAD_PERMILLE = 60  # an open input wanders


def found(settings):
    """Fault codes of the options that are fitted and not set."""
    codes = []
    if settings.hall_sensors == 1 and _hall_line():
        codes.append(f.HALL_B_FITTED)
    if not settings.second_stop_fitted and _low(pins.STOP2_FB):
        codes.append(f.SECOND_STOP_FITTED)
    if not settings.key_sense_fitted and _low(pins.KEY_SENSE):
        codes.append(f.KEY_SENSE_FITTED)
    if not settings.incline_sensor and _accelerometer():
        codes.append(f.INCLINE_FITTED)
    return tuple(codes)


def _low(gpio):
    """Pulled down by something, although the pin pulls up."""
    return Pin(gpio, Pin.IN, Pin.PULL_UP).value() == 0


def _hall_line():
    line = ADC(Pin(pins.HALL_B_DIAG), atten=ADC.ATTN_11DB)
    reads = [line.read_u16() * 1000 // 65535 for _ in range(READS)]
    steady = max(reads) - min(reads) < SPREAD_PERMILLE
    return steady and hall_band_good(min(reads)) and hall_band_good(max(reads))


def _accelerometer():
    from guard.board.chips import NOTHING, look

    return look()[0] != NOTHING
