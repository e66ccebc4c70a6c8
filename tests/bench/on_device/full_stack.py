# SPDX-License-Identifier: MIT
"""Real time of a backward session on the whole stack: full_stack.py SECONDS [watch]."""

import sys
import time

import walk


def clock_ms():
    """Processor time where there is one: other programs share the machine."""
    return time.ticks_ms() if hasattr(time, "ticks_ms") else time.process_time_ns() // 1000000


def main():
    seconds = int(sys.argv[1])
    steps = walk.arming() + walk.belt_on(1000) + walk.turning(3000)
    world, line = walk.board(steps + walk.walking(seconds * 1000))
    if "watch" in sys.argv:
        world.call_in(5000000, walk.watch_for_ever, world)
    began_ms = clock_ms()
    machine = walk.run(world)
    took_ms = clock_ms() - began_ms
    walk.result(
        {
            "virtual_ms": world.now // 1000,
            "took_ms": took_ms,
            "state": world.observer.state,
            "faults": walk.faults(world),
            "failures": line.failures,
            "crash": repr(machine.crash) if machine.crash else "",
        }
    )


main()
