# SPDX-License-Identifier: MIT
"""N ticks of the controller in BACKWARD for counting instructions: ticks.py N [watch].

The virtual board brings it there, then its physics stands still: the clock moves on by itself
and a magnet passes every 84 ms, so what is counted is the firmware's tick, its console poll, its
edge handler and the thin fakes of pins and ADC. Two runs that differ in N differ in nothing else.
"""

import sys

import walk
from treadguard.virtual.wiring import HALL_A

TICK_US = 10000
EDGE_US = 84000
MASK = (1 << 30) - 1
BACKWARD = 6
GIVE_UP_TICKS = 12000


def arrive(world):
    """The controller, as main.py's loop would leave it in BACKWARD."""
    walk.runner.fresh_modules()
    walk.runner.execute(walk.FIRMWARE + "/boot.py")
    from guard.controller import Controller

    controller = Controller()
    deadline = world.tick_us
    for _ in range(GIVE_UP_TICKS):
        controller.step(deadline)
        deadline = (deadline + TICK_US) & MASK
        world.spin(deadline, controller.poll)
        if controller.supervisor.state == BACKWARD:
            return controller, deadline
    raise SystemExit("BACKWARD was not reached")


def count(world, controller, deadline, ticks, hall):
    """The ticks that are counted."""
    to_edge_us = EDGE_US
    for _ in range(ticks):
        controller.step(deadline)
        controller.poll()
        to_edge_us -= TICK_US
        if to_edge_us < 0:
            to_edge_us += EDGE_US
            hall.count += 1
            hall.handler(None)
        deadline = (deadline + TICK_US) & MASK
        world.tick_us = deadline
        world.tick_ms = (world.tick_ms + 10) & MASK


def swallow(data):
    """Whatever the board says: nobody reads it."""


def main():
    ticks = int(sys.argv[1])
    steps = walk.arming() + walk.belt_on(1000) + walk.turning(3000)
    world, _ = walk.board(steps)
    walk.scenario.World.current = world
    world.restart("power_on")
    controller, deadline = arrive(world)
    world.uart._emit = swallow
    if "watch" in sys.argv:
        controller.link.watch.start(200, 3600, world.tick_ms)
    count(world, controller, deadline, ticks, world.irq.input(HALL_A))
    walk.result(
        {
            "state": controller.supervisor.state,
            "edges": controller.guard.speed.edges,
            "max_lead_mm": controller.guard.speed.max_lead_mm(),
        }
    )


main()
