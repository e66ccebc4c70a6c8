# SPDX-License-Identifier: MIT
"""What the last run left behind. Stored state can only forbid, never permit."""

from guard.core import faults as f
from guard.core.memory import MARK_OPEN, MARK_OPENED


def found_at_boot(memory, watchdog, crashed):
    """The fault this boot finds, or 0: a stored latch, a session cut short, a stored cause."""
    if memory.latch_code:
        return memory.latch_code
    if memory.mark == MARK_OPEN:
        if watchdog:
            return f.WATCHDOG_RESET
        return f.CRASH if crashed else f.SESSION_CUT
    return memory.cause if memory.mark == MARK_OPENED else 0


def stop_unfinished(memory):
    """The last run had the relay closed, or its belt was not seen still."""
    return memory.mark == MARK_OPEN or memory.mark == MARK_OPENED
