# SPDX-License-Identifier: MIT
"""From an empty chip to a controller: MicroPython and the application in one call of esptool.

`make_plan` reads and checks everything and touches nothing; `flash` carries the plan out.
"""

from treadguard.flashing.procedure import Flashed, FlashPlan, flash, make_plan

__all__ = ["FlashPlan", "Flashed", "flash", "make_plan"]
