# SPDX-License-Identifier: MIT
"""The stream at line rate against the running full stack, while somebody walks.

A piece is one job of a Zygote, known by seed and number. The wire is never idle. Somebody
starts a session whenever the board lets them, confirms some changes and resets trips; each
session is ended over the link. Nothing else may end one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fuzz import oracle
from tests.fuzz.traffic import Stream
from tests.hazards import rules, way
from tests.hazards.zygote import Zygote
from treadguard.virtual import actions

PIECE_BYTES = 400_000  # 35 s of line
STARTS = ("READY", "BACKWARD", "READY", "READY", "TRIPPED", "READY", "LOCKOUT", "READY")
TOP_UP_MS = 20
LATE_MS = 25
STOP_MS = 1 + 10 + 20 + 10  # poll, the tick under way, the next one, contact
SUMMED = ("bytes", "closed_ms", "stops", "changes", "answers", "caught")


@dataclass
class Figures:
    bytes: int = 0
    closed_ms: int = 0  # time with the relay closed
    stops: int = 0  # sessions ended over the link
    changes: int = 0  # settings confirmed at the board
    answers: int = 0  # lines from the board
    caught: int = 0  # INTERNAL answers: the link caught an exception of its own
    worst_stop_ms: float = 0.0
    late_ms: float = 0.0  # latest tick with the relay closed
    failures: list[str] = field(default_factory=list)

    def add(self, other: Figures) -> None:
        for name in SUMMED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.worst_stop_ms = max(self.worst_stop_ms, other.worst_stop_ms)
        self.late_ms = max(self.late_ms, other.late_ms)
        self.failures += other.failures


class Fuzz:
    """One piece, alive in the world."""

    def __init__(self, world: Any, seed: int, number: int, size: int):
        self.world = world
        self.rng = random.Random(f"{seed} traffic {number}")
        self.stream = Stream(self.rng)
        self.left = size
        self.figures = Figures()
        self.ending_us = -1  # when the bytes that must stop the session have arrived
        self.ender = b""  # those bytes
        self.deciding = False  # START is held over a change: another one would drop it
        self.began_us = world.now
        self.locked = world.observer.state == "LOCKOUT"
        self.recorder = world.recorder
        self.recorder.late_us = 0
        self.values: dict[str, int] | None = None
        self._moved = world.contact_moved
        world.contact_moved = self.moved
        world.call_in(0, self.top_up, 0)
        world.call_in(0, self.go_on, self.person())

    # The laptop

    def backlog(self) -> int:
        uart = self.world.uart
        return len(uart.pending) - uart.sent if uart.busy else 0

    def top_up(self, _: int) -> None:
        self.check()
        if self.left <= 0 and not self.backlog():
            self.world.end()
        if self.backlog() < 250 and self.left > 0:
            data = self.stream.quiet(min(self.left, 240))
            self.send(data.replace(b"config.", b"conf1g.") if self.deciding else data)
        self.world.call_in(TOP_UP_MS * 1000, self.top_up, 0)

    def send(self, data: bytes) -> None:
        self.left -= len(data)
        self.figures.bytes += len(data)
        self.world.uart.host_send(data)

    def end_session(self) -> None:
        self.ender = self.stream.ender()
        self.send(self.ender)
        self.ending_us = self.world.now + self.backlog() * 100_000 // 1152

    # Whoever walks

    def go_on(self, life: Iterator[int]) -> None:
        try:
            self.world.call_in(next(life) * 1000, self.go_on, life)
        except StopIteration:
            return

    def person(self) -> Iterator[int]:
        world = self.world
        while True:
            state = world.observer.state
            if world.relay.contact:
                yield from self.walk()
            elif state == "READY":
                yield from self.decide() if self.pending() else self.arm()
            elif state == "TRIPPED":
                actions.do(world, "start", {"what": "hold", "ms": 1200})
                yield 2500
            else:
                yield 300

    def decide(self) -> Iterator[int]:
        """Over a change of settings: START held 3 s, or not."""
        self.deciding = True
        ms = self.rng.choice((3200, 3200, 1500))
        actions.do(self.world, "start", {"what": "hold", "ms": ms})
        yield ms + 400
        self.deciding = False

    def arm(self) -> Iterator[int]:
        actions.do(self.world, "start", {"what": "press"})
        yield 1600

    def pending(self) -> bool:
        return bool(self.recorder.controller and self.recorder.controller.changes.pending)

    def walk(self) -> Iterator[int]:
        world = self.world
        if not world.belt.running:
            actions.do(world, "console", {"what": "speed", "mm_s": 900})
        yield self.rng.randrange(50, 9000)
        if world.relay.contact:
            self.end_session()
        while world.relay.contact or world.belt.moving:
            yield 100
        yield 200

    # What must not be

    def moved(self, closed: bool) -> None:
        if not closed:
            self.opened()
        self._moved(closed)

    def opened(self) -> None:
        now = self.world.now
        if self.ending_us < 0:
            self.fail(f"the relay opened, fault {self.fault()}")
            return
        self.figures.stops += 1
        took_ms = (now - self.ending_us) / 1000
        self.figures.worst_stop_ms = max(self.figures.worst_stop_ms, took_ms)
        self.ending_us = -1

    def fault(self) -> str:
        from guard.core import faults

        found: str = faults.name(self.recorder.controller.supervisor.fault)
        return found

    def check(self) -> None:
        controller = self.recorder.controller
        if controller is None:
            return
        if self.world.relay.contact:
            self.figures.closed_ms += TOP_UP_MS
            if 0 <= self.ending_us < self.world.now - STOP_MS * 1000:
                self.too_late()
        values = controller.settings.as_dict()
        if values != self.values:
            self.figures.changes += self.values is not None
            self.values = values
            if not oracle.in_range(values):
                self.fail(f"these values take effect: {values}")

    def too_late(self) -> None:
        self.fail(f"the session goes on after {self.ender!r}")
        self.send(b"\x03")
        self.ending_us = self.world.now + self.backlog() * 100_000 // 1152

    def fail(self, what: str) -> None:
        self.figures.failures.append(f"{what}, at {self.world.now // 1000} ms")

    def result(self) -> Figures:
        figures, recorder, world = self.figures, self.recorder, self.world
        figures.late_ms = recorder.late_us / 1000
        figures.answers = world.observer.lines
        if figures.late_ms > LATE_MS:
            self.fail(f"a tick was {figures.late_ms} ms late with the relay closed")
        if world.runner.crash is not None:
            self.fail(f"{world.runner.crash!r} reached the loop")
        if any(boot > self.began_us for boot in recorder.boots):
            self.fail("the board started anew")
        if self.locked and world.observer.state != "LOCKOUT":
            self.fail("the lockout is gone")
        if recorder.controller is not None:
            figures.caught = recorder.controller.link.internal_errors
        figures.failures += rules.broken(recorder)
        return figures


def fuzz(world: Any, seed: int, number: int, size: int) -> Callable[[], Figures]:
    return Fuzz(world, seed, number, size).result


def start_of(number: int) -> str:
    return STARTS[number % len(STARTS)]


def zygote(start: str) -> Zygote:
    mode = "backward" if start == "BACKWARD" else "forward"
    return Zygote(way.scenario(start, mode))
