# SPDX-License-Identifier: MIT
"""Figures that only a real board can show: taken in maintenance with the real mpremote, or read
off an instrument and noted beside them."""

from treadguard.measuring.figures import MEASURED, READINGS
from treadguard.measuring.procedure import bench
from treadguard.measuring.sheet import DEFAULT, lines, load, noted

__all__ = ["DEFAULT", "MEASURED", "READINGS", "bench", "lines", "load", "noted"]
