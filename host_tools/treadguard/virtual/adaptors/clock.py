# SPDX-License-Identifier: MIT
"""guard.board.clock on virtual time."""

from treadguard.virtual.world import World


def now_us():
    return World.current.tick_us


def now_ms():
    return World.current.tick_ms


def spin_to(deadline_us, poll):
    World.current.spin(deadline_us, poll)


def sleep_ms(n):
    World.current.sleep(n * 1000)
