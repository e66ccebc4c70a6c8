# SPDX-License-Identifier: MIT
"""When modules are loaded, how deep imports nest, and a life in a small stack.

    imports.py [STACK_BYTES] [fitted]

A laptop asks for something that only an open relay allows, first while the relay is being
tested, then with it closed, then while it stops, then in READY. Prints every module that was
loaded after the controller was made, with the state of that moment, and the deepest nest of
imports with the stack that was in use there.

With STACK_BYTES everything, fakes and physics included, runs in what is left of the
interpreter's stack below a recursion: more than that is a RuntimeError; 0 is all there is.
With `fitted` every option is, and set.
"""

import builtins
import sys

import walk
from micropython import stack_use

OPEN_ONLY = {"do": "config.get", "id": 7}
OPTIONS = ("hall_b", "second_stop", "key_sense", "lis3dh")
SET = {
    "hall_sensors": 2,
    "hall_mounting": 1,
    "second_stop_fitted": 1,
    "key_sense_fitted": 1,
    "incline_sensor": 2,
}
ASK_IN = ("ARMING", "WAIT_BELT", "STOPPING")
plain_import = __import__


class Imports:
    def __init__(self, world):
        self.world = world
        self.started = False
        self.after_start = []
        self.depth = 0
        self.deepest = []
        self.nest = []
        self.base = stack_use()
        self.most = 0

    def load(self, name, *more):
        """__import__, watched."""
        new = name not in sys.modules
        if new and self.started and name.startswith("guard"):
            self.after_start.append([name, self.world.observer.state])
        self.nest.append(name)
        if new and len(self.nest) > len(self.deepest):
            self.deepest = list(self.nest)
        self.most = max(self.most, stack_use() - self.base)
        try:
            return plain_import(name, *more)
        finally:
            self.nest.pop()


def timeline():
    entries = []
    session = walk.arming() + walk.belt_on(1000) + walk.turning(3000) + walk.walking(20000)
    for state in ASK_IN:
        entries.append({"do": "host", "send": OPEN_ONLY, "when": "state:" + state})
    at = next(i for i in range(len(session)) if session[i].get("when") == "state:WAIT_BELT")
    session[at:at] = entries[:2]
    session[-1:-1] = entries[2:]
    return session + [{"do": "host", "send": OPEN_ONLY, "when": "state:READY"}]  # noqa: RUF005


def live(world, line):
    imports = Imports(world)

    def before_main():
        builtins.__import__ = imports.load

    def started(_):
        imports.started = True

    world.call_in(3000000, started, 0)
    try:
        machine = walk.run(world, before_main)
    finally:
        builtins.__import__ = plain_import
    answers = [event[2] for event in world.events if event[1] == "link" and '"id":7' in event[2]]
    walk.result(
        {
            "after_start": imports.after_start,
            "deepest": imports.deepest,
            "at_the_end": sorted(name for name in sys.modules if name.startswith("guard.")),
            "stack_bytes": imports.most,
            "boots": world.chip.boots,
            "crash": machine.crash is not None,
            "answers": answers,
            "failures": line.failures,
            "faults": walk.faults(world),
        }
    )


def deepest_stack():
    """What the interpreter allows."""
    found = [0]

    def down():
        found[0] = stack_use()
        down()

    try:
        down()
    except RuntimeError:
        return found[0]


def go_down(to_bytes, then):
    if stack_use() >= to_bytes:
        then()
    else:
        go_down(to_bytes, then)


def main():
    fitted = "fitted" in sys.argv
    world, line = walk.board(timeline(), SET if fitted else None, OPTIONS if fitted else ())
    left = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    start_at = deepest_stack() - left if left else 0
    go_down(start_at, lambda: live(world, line))


main()
