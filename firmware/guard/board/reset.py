# SPDX-License-Identifier: MIT
"""Why the chip started, and how to make it start again."""

import machine
from machine import WDT

from guard.board.chip import RESET_REGISTER

WATCHDOG_MS = 2000
MAINTENANCE_MS = 600000
# reset_cause() takes brownout for power-on and a panic for machine.reset(): ask the register.
_RAW_BROWNOUT = 0x0F
KINDS = ("unknown", "power_on", "hard", "watchdog", "deep_sleep", "soft", "brownout")


def kind():
    """Index into KINDS."""
    if machine.mem32[RESET_REGISTER] & 0x3F == _RAW_BROWNOUT:
        return 6
    cause = machine.reset_cause()
    if cause == machine.PWRON_RESET:
        return 1
    if cause == machine.HARD_RESET:
        return 2
    if cause == machine.WDT_RESET:
        return 3
    if cause == machine.SOFT_RESET:
        return 5
    return 0


def watchdog(timeout_ms):
    """Arm it. It cannot be stopped, but arming again changes its time."""
    return WDT(timeout=timeout_ms)


def restart():
    machine.reset()


def board_id():
    """Twelve hex digits: the chip's address."""
    return "".join("%02x" % byte for byte in machine.unique_id())
