# SPDX-License-Identifier: MIT
"""Figures that only a real board can show, taken in maintenance with the real mpremote."""

from treadguard.measuring.procedure import EXPECTED, bench, lines

__all__ = ["EXPECTED", "bench", "lines"]
