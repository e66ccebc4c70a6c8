# SPDX-License-Identifier: MIT
"""The only importer of time. Ticks wrap at 2**30, in us after 17.9 min, in ms after 12.4 days."""

from time import sleep_ms, ticks_diff, ticks_ms, ticks_us

now_us = ticks_us
now_ms = ticks_ms
__all__ = ("now_us", "now_ms", "sleep_ms", "spin_to")


def spin_to(deadline_us, poll):
    """Call poll() until the deadline. Awake, because a sleeping task stamps edges 8.8 ms late."""
    poll()
    while ticks_diff(deadline_us, ticks_us()) > 0:
        poll()
