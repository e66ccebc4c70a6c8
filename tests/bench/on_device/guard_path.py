# SPDX-License-Identifier: MIT
"""Every tick of the closed states, heap locked: guard_path.py [plant|frames|whole] [options].

Locked are Controller._read, _judge, _drive and _record, and the edge handler. An allocation
raises MemoryError there and then. Three sessions visit each closed state for more than 10,000
ticks, with a laptop watching. With the relay open, where allocating is allowed, the first ticks
of each state are weighed instead.

With `plant` the judgement (with `whole`: the link) allocates in BACKWARD, to show that it would
be seen. With `frames` nothing is locked and the allocator's total is read around each step in
BACKWARD: what comes and goes there are the frames of calls with many locals, which MicroPython
puts on the heap while it can and on the stack when the heap is locked.

With `options` everything is fitted and set.

With `whole` no laptop watches and all of Controller.step is locked, but for the link in the
ticks in which it tells of a new state or fault.
"""

import gc
import io
import sys

import walk
from micropython import heap_lock, heap_unlock, mem_total

CLOSED = ("WAIT_BELT", "FORWARD", "MOUNTING", "BACKWARD")
FIRST_CLOSED, LAST_CLOSED = 3, 6
BACKWARD_STATE = 6
TICKS = 10000
WEIGHED_TICKS = 100
TELLING_TICKS = 3
CONFIG = {"start_timeout_s": 90, "mount_timeout_s": 180}


class Allocating:
    """In the place of a part of the link."""

    def __getattr__(self, name):
        return [name]


class Count:
    """Ticks per state, the first allocation, and bytes per tick where they are allowed."""

    def __init__(self, world):
        self.world = world
        self.ticks = [0] * 11
        self.most_bytes = [0] * 11
        self.handled = 0
        self.found = ""
        self.plant = "plant" in sys.argv
        self.frames = {}
        self.last = -1
        self.telling = 0
        self.locked = False
        self.allocating = Allocating()

    def caught(self, where, error):
        if not self.found:
            text = io.StringIO()
            sys.print_exception(error, text)
            self.found = where + ": " + places(text.getvalue())
        self.world.end()


def places(trace):
    """`hall.py 60 in feed, controller.py 137 in _read`, out of a traceback."""
    found = []
    for line in trace.split("\n"):
        if line.startswith("  File "):
            path, number, function = line[8:].split(", ")
            found.append(path[:-1].split("/")[-1] + number[4:] + " " + function)
    return ", ".join(found[::-1])


def watched(count, name, step):
    """A step of the tick with the heap locked, or weighed while the relay is open."""

    def one(self, s, other=None):
        state = self.supervisor.state
        if FIRST_CLOSED <= state <= LAST_CLOSED:
            heap_lock()
            try:
                if other is None:
                    step(self, s)
                else:
                    step(self, s, other)
            except MemoryError as error:
                heap_unlock()
                count.caught(name, error)
            heap_unlock()
            return
        before = gc.mem_alloc() if count.ticks[state] < WEIGHED_TICKS else -1
        if other is None:
            step(self, s)
        else:
            step(self, s, other)
        if before >= 0:
            count.most_bytes[state] = max(count.most_bytes[state], gc.mem_alloc() - before)

    return one


def weighed_frames(count, name, step):
    """A step whose passing allocations are added up in BACKWARD."""
    count.frames[name] = 0

    def one(self, s, other=None):
        backward = self.supervisor.state == BACKWARD_STATE
        before = mem_total()
        if other is None:
            step(self, s)
        else:
            step(self, s, other)
        if backward:
            count.frames[name] += mem_total() - before

    return one


def weigh_frames(count):
    from guard.controller import Controller

    def record(self, s, sup, step=Controller._record):
        count.ticks[s.state] += 1
        step(self, s, sup)

    Controller._record = record
    for name in ("_read", "_judge", "_drive", "_record"):
        setattr(Controller, name, weighed_frames(count, name, getattr(Controller, name)))


def lock_all(count):
    from guard.board.hall import Hall
    from guard.controller import Controller

    def judge(self, s, step=Controller._judge):
        if count.plant and s.state == BACKWARD_STATE:
            s.planted = [s.now_us]
        step(self, s)

    def record(self, s, sup, step=Controller._record):
        count.ticks[s.state] += 1
        step(self, s, sup)

    def on_edge(self, pin, step=Hall._on_edge):
        errors = self.errors
        heap_lock()
        step(self, pin)
        heap_unlock()
        count.handled += 1
        if self.errors != errors:  # the handler catches everything, a MemoryError too
            count.caught("_on_edge", MemoryError())

    Controller._read = watched(count, "_read", Controller._read)
    Controller._judge = watched(count, "_judge", judge)
    Controller._drive = watched(count, "_drive", Controller._drive)
    Controller._record = watched(count, "_record", record)
    Hall._on_edge = on_edge


def lock_whole(count):
    from guard.controller import Controller

    def whole(self, due_us, step=Controller.step):
        sup = self.supervisor
        state = sup.state
        if not FIRST_CLOSED <= state <= LAST_CLOSED:
            step(self, due_us)
            return
        errors = self.link.internal_errors
        count.locked = True
        heap_lock()
        try:
            step(self, due_us)
        except MemoryError as error:
            heap_unlock()
            count.caught("step", error)
        heap_unlock()
        count.locked = False
        if self.link.internal_errors != errors:  # the link catches everything, as above
            count.caught("_talk", MemoryError())
        if sup.state == state:
            count.ticks[state] += 1

    def talk(self, s, sup, step=Controller._talk):
        now = sup.state << 8 | sup.fault
        if now != count.last:
            count.last = now
            count.telling = TELLING_TICKS
        elif count.plant and count.locked and sup.state == BACKWARD_STATE:
            self.link.watch = count.allocating
        if not count.locked or not count.telling:
            step(self, s, sup)
            return
        count.telling -= 1
        heap_unlock()
        step(self, s, sup)
        heap_lock()

    Controller.step = whole
    Controller._talk = talk


def sessions():
    """Long enough in each closed state; what the relay is closed for goes from 85 s to 115 s."""
    first = walk.belt_on(85000) + walk.turning(105000) + walk.walking(105000)
    second = walk.belt_on(30000)
    second.append({"do": "start", "what": "press", "when": "state:MOUNTING", "delay_ms": 9000})
    second.append({"do": "console", "what": "stop", "delay_ms": 100})
    third = [
        {"do": "mode", "to": "forward", "when": "state:READY", "delay_ms": 15000},
        {"do": "start", "what": "press", "delay_ms": 500},
        {"do": "console", "what": "speed", "mm_s": 2000, "when": "state:WAIT_BELT"},
        {"do": "console", "what": "stop", "when": "state:FORWARD", "delay_ms": 105000},
        {"do": "note", "text": "over", "when": "state:READY"},
    ]
    third[2]["delay_ms"] = 2000
    return walk.arming() + first + walk.arming() + second + third


def main():
    config = dict(CONFIG)
    fitted = ()
    if "options" in sys.argv:
        import everything

        config.update(everything.OPTIONS)
        fitted = everything.FITTED
    world, line = walk.board(sessions(), config, fitted)
    count = Count(world)
    if "whole" not in sys.argv:
        world.call_in(5000000, walk.watch_for_ever, world)
    prepare = lock_whole if "whole" in sys.argv else lock_all
    if "frames" in sys.argv:
        prepare = weigh_frames
    walk.run(world, lambda: prepare(count))
    from guard.core.states import STATE_NAMES

    ticks = {}
    weighed = {}
    for i in range(len(STATE_NAMES)):
        if count.ticks[i]:
            ticks[STATE_NAMES[i]] = count.ticks[i]
            if not FIRST_CLOSED <= i <= LAST_CLOSED:
                weighed[STATE_NAMES[i]] = count.most_bytes[i]
    walk.result(
        {
            "ticks": ticks,
            "enough": all(ticks.get(name, 0) >= TICKS for name in CLOSED),
            "most_bytes_a_step_open": weighed,
            "edges_handled": count.handled,
            "allocation": count.found,
            "frame_bytes": count.frames,
            "faults": walk.faults(world),
            "failures": line.failures,
        }
    )


main()
