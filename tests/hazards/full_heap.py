# SPDX-License-Identifier: MIT
"""The heap is full from a moment of a session on: in the firmware every allocation fails.

`micropython full_heap.py REPOSITORY HAZARD STATE`; the last line is the outcome as JSON. The
virtual world needs memory of its own, so the heap is locked for each `Controller.step` and
unlocked while the world lives; after a crash the next start finds it empty again.
"""

import gc
import json
import sys

import micropython

sys.path.insert(0, sys.argv[1] + "/host_tools")

from treadguard.virtual import actions
from treadguard.virtual.runner import Runner, find_paths
from treadguard.virtual.scenario import Timeline, build

HAZARD = sys.argv[2]
FIRMWARE = sys.argv[1] + "/firmware"
HAND = 500
WAY = [
    {"do": "grip", "side": "both", "when": "state:READY", "delay_ms": 3500},
    {"do": "let_go", "side": "right", "delay_ms": 600},
    {"do": "start", "what": "press", "delay_ms": 300},
    {"do": "grip", "side": "right", "delay_ms": 400},
    {"do": "console", "what": "speed", "mm_s": 800, "when": "state:WAIT_BELT", "delay_ms": 300},
    {"do": "step", "on": "on", "when": "state:MOUNTING", "delay_ms": 500},
    {"do": "let_go", "side": "left", "delay_ms": HAND},
    {"do": "grip", "side": "left", "delay_ms": HAND},
    {"do": "let_go", "side": "right", "delay_ms": HAND},
    {"do": "grip", "side": "right", "delay_ms": HAND},
    {"do": "note", "text": "there", "when": "state:" + sys.argv[3], "delay_ms": 2000},
]
STATUS = b'{"do":"status"}\n'
ENTRIES = {
    "let_go": {"do": "let_go", "side": "both"},
    "estop": {"do": "estop", "what": "press"},
    "ctrl_c": {"do": "ctrl_c"},
    "status": {"do": "host_raw", "text": '{"do":"status"}\n', "times": 10, "every_ms": 150},
    "runaway": {"do": "runaway", "mm_s": 2000},
}


class Full:
    """Locks the heap around the firmware's ticks, from the moment it is on."""

    def __init__(self, world):
        self.world = world
        self.on = False
        self.locked = False
        self.opened_us = -1
        self.closings = 0
        self.began_us = -1
        self._emit = world.uart._emit
        world.uart._emit = self.emit
        self._moved = world.contact_moved
        world.contact_moved = self.moved
        self._kill = world.kill
        world.kill = self.kill
        self._suffer = world.suffer
        world.suffer = self.suffer
        self._wait = world.wait
        world.wait = self.wait

    def unlock(self):
        if self.locked:
            self.locked = False
            micropython.heap_unlock()

    def lock(self):
        if self.on and not self.locked:
            self.locked = True
            micropython.heap_lock()

    def wrap(self):
        """From now on a tick runs with the heap locked. A crash leaves it so."""
        controller = sys.modules["guard.controller"].Controller
        step = controller.step

        def locked(this, due_us):
            self.lock()
            step(this, due_us)
            self.unlock()

        controller.step = locked

    def wait(self, us, mode):
        was = self.locked
        self.unlock()
        self._wait(us, mode)
        if was:
            self.lock()

    def suffer(self, us):
        self.on = False
        self.unlock()
        self._suffer(us)

    def kill(self, kind):
        self.on = False
        self.unlock()
        self._kill(kind)

    def emit(self, data):
        was = self.locked
        self.unlock()
        self._emit(data)
        if was:
            self.lock()

    def moved(self, closed):
        was = self.locked
        self.unlock()
        now = self.world.now
        if self.began_us >= 0:
            self.closings += closed
            if not closed and self.opened_us < 0:
                self.opened_us = now
        self._moved(closed)
        if was:
            self.lock()


class FullRunner(Runner):
    """Where the program ends, so does its heap's lock."""

    full = None

    def _program(self):
        try:
            super()._program()
        finally:
            self.full.on = False
            self.full.unlock()


def main():
    find_paths(FIRMWARE)
    scenario = {"mode": "backward", "seed": 3, "board": {"config": {"turn_confirm_ms": 1000}}}
    world = build(scenario, FIRMWARE)
    full = Full(world)
    timeline = Timeline(world, WAY + [ENTRIES[HAZARD]], 0, 11000)  # noqa: RUF005
    act = timeline._act

    def then(i):
        if i == len(WAY) and full.began_us < 0:
            full.began_us = world.now
            gc.collect()
            full.on = True
            full.wrap()
        act(i)

    timeline._act = then
    timeline.start()
    runner = FullRunner(world, FIRMWARE)
    runner.full = full
    runner.run()
    full.unlock()
    after = [e for e in world.events if e[0] * 1000 >= full.began_us and e[1] in ("fault", "chip")]
    print(json.dumps({
        "opened_ms": (full.opened_us - full.began_us) // 1000 if full.opened_us >= 0 else None,
        "closed_again": full.closings,
        "state": world.observer.state,
        "fault": world.observer.fault,
        "latched": world.observer.latched,
        "after": after,
        "failures": timeline.failures,
    }))  # fmt: skip


assert ENTRIES[HAZARD]["do"] in actions.TABLE
main()
