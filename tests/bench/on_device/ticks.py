# SPDX-License-Identifier: MIT
"""N ticks of the controller in BACKWARD for counting instructions: ticks.py N [MODE] [options].

The board starts on the virtual chip and is put into BACKWARD as the fast engine does it. Then
the physics stands still: the clock moves on by itself and a magnet passes every 84 ms, so what
is counted is the firmware's tick, its console poll, its edge handler and the thin fakes of pins
and ADC. Two runs that differ in N differ in nothing else. MODE is `watch` (a laptop does), a step
(_read, _judge...) that then runs twice in each tick, `status1` to `status3`: a laptop asks for it
so often, never for a collection to fall due, or `busy1` to `busy3`: it watches and asks. Compare
only runs with words of one length: where things lie in the heap changes what the start costs by
as much as three statuses. With `options` everything is fitted, and the second sensor sees each
magnet a quarter of its distance later.
"""

import gc
import sys

import walk

from treadguard.virtual.wiring import HALL_A, HALL_B

TICK_US = 10000
EDGE_US = 84000
MASK = (1 << 30) - 1
SETTLE_TICKS = 10
ASK_TICKS = (100, 200, 300)
STATUS = b'{"id":1,"do":"status"}\n'
STEPS = {"_read": 2, "_judge": 1, "_drive": 1, "_record": 2, "_panel": 2, "_talk": 2, "_keep": 1}


def closed_controller(world):
    """The controller in BACKWARD, relay closed, hands on the rails, and its next deadline."""
    walk.runner.fresh_modules()
    walk.runner.execute(walk.FIRMWARE + "/boot.py")
    from guard.controller import Controller
    from guard.core.states import BACKWARD, MODE_BACKWARD

    controller = Controller()
    deadline = settle(world, controller, world.tick_us)
    sup, s = controller.supervisor, controller.sample
    sup.session_mode = MODE_BACKWARD
    sup._close(walk.WALK_MM_S, s)
    controller.guard.rails.belt_seen()
    sup._enter(BACKWARD, s)
    sup._seal()
    return controller, settle(world, controller, deadline)


def settle(world, controller, deadline):
    for _ in range(SETTLE_TICKS):
        controller.step(deadline)
        deadline = (deadline + TICK_US) & MASK
        world.spin(deadline, controller.poll)
    return deadline


def count(world, controller, deadline, ticks, twice):
    """The ticks that are counted."""
    hall = world.irq.input(HALL_A)
    hall_b = world.irq.input(HALL_B) if "options" in sys.argv else None
    quarter = False
    s, sup = controller.sample, controller.supervisor
    extra = getattr(controller, twice) if twice in STEPS else None
    second = deadline if twice == "_read" else sup if STEPS.get(twice) == 2 else None
    first = sup if twice in ("_drive", "_keep") else s
    to_edge_us = EDGE_US
    gc.collect()
    asking = ASK_TICKS[: int(twice[-1])] if twice[:-1] in ("status", "busy") else ()
    for number in range(ticks):
        if number in asking:
            for byte in STATUS:
                controller.link.feed(byte)
        if extra is not None:
            if second is None:
                extra(first)
            else:
                extra(first, second)
        controller.step(deadline)
        controller.poll()
        to_edge_us -= TICK_US
        if to_edge_us < 0:
            to_edge_us += EDGE_US
            hall.count += 1
            hall.handler(None)
            quarter = True
        elif quarter and hall_b is not None and to_edge_us <= EDGE_US * 3 // 4:
            quarter = False
            hall_b.count += 1
            hall_b.handler(None)
        deadline = (deadline + TICK_US) & MASK
        world.tick_us = deadline
        world.tick_ms = (world.tick_ms + 10) & MASK


def swallow(buf, n):
    """Whatever the board says: nobody reads it."""


def main():
    ticks = int(sys.argv[1])
    mode = sys.argv[2] if len(sys.argv) > 2 else ""
    config, fitted = None, ()
    if "options" in sys.argv:
        import everything

        config, fitted = everything.OPTIONS, everything.FITTED
    world, _ = walk.board([], config, fitted)
    walk.scenario.World.current = world
    world.left.held = world.right.held = True
    world.restart("power_on")
    controller, deadline = closed_controller(world)
    world.uart.write = swallow
    if mode == "watch" or mode.startswith("busy"):
        controller.link.watch.start(200, 3600, world.tick_ms)
    count(world, controller, deadline, ticks, mode)
    speed = controller.guard.speed
    walk.result(
        {
            "state": controller.supervisor.state,
            "fault": controller.supervisor.fault,
            "edges": speed.edges,
            "max_lead_mm": speed.max_lead_mm(),
        }
    )


main()
