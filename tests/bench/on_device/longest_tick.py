# SPDX-License-Identifier: MIT
"""How long each tick of a session takes, in us of this machine: longest_tick.py, MicroPython.

A laptop watches and asks. Printed are the ticks with the relay closed, those apart in which the
garbage collector ran, the start up to the first tick and a thousand rounds of the reference loop.
The same run again does the same in each tick: who takes the least of several has the machine's
noise out. With the relay open a tick may write flash, whose fakes are no firmware.
"""

import gc
import time
from array import array

import walk

FIRST_CLOSED, LAST_CLOSED, READY = 3, 6, 1
SESSION_MS = 30000
ASK_EVERY_US = 700000
FORGET_US = 500000
TICKS_MOST = 6000
LOOP_ROUNDS = 1000
LOOP_TIMES = 50


class Stopwatch:
    """In the place of Controller.step."""

    def __init__(self, world):
        self.world = world
        self.began_us = 0
        self.start_us = 0
        self.ready_ms = 0
        self.ticks = array("i", [0] * TICKS_MOST)
        self.collecting = array("i", [0] * TICKS_MOST)
        self.count = 0
        self.world_us = 0
        self.faults = []

    def attach(self):
        """Before boot.py; importing the firmware is a part of its start."""
        self.began_us = time.ticks_us()
        from guard.board.hall import Hall  # noqa: F401  gives the built form its old names
        from guard.controller import Controller

        plain = Controller.step
        plain_write = self.world.uart.write

        def write(buf, n):
            """The world reads along what the board says: no part of the tick."""
            began_us = time.ticks_us()
            plain_write(buf, n)
            self.world_us += time.ticks_diff(time.ticks_us(), began_us)

        self.world.uart.write = write

        def step(controller, due_us):
            if not self.start_us:
                self.start_us = time.ticks_diff(time.ticks_us(), self.began_us)
            alive = gc.mem_alloc()
            closed = FIRST_CLOSED <= controller.supervisor.state <= LAST_CLOSED
            self.world_us = 0
            began_us = time.ticks_us()
            plain(controller, due_us)
            took_us = time.ticks_diff(time.ticks_us(), began_us) - self.world_us
            if controller.supervisor.state == READY and not self.ready_ms:
                self.ready_ms = self.world.now // 1000
            if closed and self.count < TICKS_MOST:
                kept = self.collecting if gc.mem_alloc() < alive else self.ticks
                kept[self.count] = took_us
                self.count += 1

        Controller.step = step


def ask(world):
    """A laptop that also asks for the status, as fast as it is answered."""
    walk.host(world, {"do": "status", "id": 2})
    world.call_in(ASK_EVERY_US, ask, world)


def forget(watch):
    """The world's log is not the firmware's, and a full heap is a slow one."""
    world = watch.world
    watch.faults += walk.faults(world)
    world.events.clear()
    world.call_in(FORGET_US, forget, watch)


def loop(rounds):
    x = 1
    for i in range(rounds):
        x = (x + i) & 0x3FFFFFFF
    return x


def loop_us():
    """The least of several times of a thousand rounds."""
    least = 1 << 29
    for _ in range(LOOP_TIMES):
        began_us = time.ticks_us()
        loop(LOOP_ROUNDS)
        least = min(least, time.ticks_diff(time.ticks_us(), began_us))
    return least


def main():
    steps = walk.arming() + walk.belt_on(1000) + walk.turning(3000)
    world, line = walk.board(steps + walk.walking(SESSION_MS))
    world.call_in(5000000, walk.watch_for_ever, world)
    world.call_in(5000000, ask, world)
    import esp32  # noqa: F401  the fakes are no part of the start
    import machine  # noqa: F401

    watch = Stopwatch(world)
    forget(watch)
    gc.collect()
    first_us = loop_us()
    machine_ = walk.run(world, watch.attach)
    walk.result(
        {
            "loop_us": min(first_us, loop_us()),
            "start_us": watch.start_us,
            "ready_ms": watch.ready_ms,
            "ticks": list(watch.ticks[: watch.count]),
            "collecting": list(watch.collecting[: watch.count]),
            "boots": world.chip.boots,
            "faults": watch.faults + walk.faults(world),
            "failures": line.failures,
            "crash": repr(machine_.crash) if machine_.crash else "",
        }
    )


main()
