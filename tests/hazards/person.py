# SPDX-License-Identifier: MIT
"""Somebody who walks forward every day, and a board that is never switched off.

Idle time is not simulated: the board's counters jump eight minutes at a time, less than half a
period of the microseconds, with a tick in between, so that everything that ages sees each jump.
"""

from __future__ import annotations

from binascii import crc32
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.hazards import rules
from tests.hazards.jobs import skip
from treadguard.virtual import actions

JUMP_MS = 480_000
JUMPS_A_DAY = 180
PATIENCE_MS = 20_000
EPOCH_S = 1_790_000_000


class StuckError(Exception):
    """The person waits in vain."""


@dataclass
class Days:
    sessions: int = 0
    stops: list[str] = field(default_factory=list)  # what the board said at each stop
    uptime_ms: int = 0
    now_min: int = 0  # wall time as the board reckons it
    told_min: int = 0  # and as it is
    stuck: str = ""
    violations: list[str] = field(default_factory=list)
    journal: dict[str, int] = field(default_factory=dict)


def days(world: Any, count: int) -> Callable[[], Days]:
    """Live so many days, one session each."""
    seen = Days()
    _go_on((world, live(world, count, seen), seen))

    def answer() -> Days:
        from treadguard.virtual.journal import events

        seen.violations = rules.broken(world.recorder)
        for kind, _ in events(world):
            seen.journal[kind] = seen.journal.get(kind, 0) + 1
        return seen

    return answer


def _go_on(order: tuple[Any, Iterator[int], Days]) -> None:
    world, life, seen = order
    try:
        world.call_in(next(life) * 1000, _go_on, order)
    except (StopIteration, StuckError) as over:
        seen.stuck = str(over) if isinstance(over, StuckError) else ""
        world.end()


def live(world: Any, count: int, seen: Days) -> Iterator[int]:
    request(world, {"id": 1, "do": "clock.set", "epoch_s": EPOCH_S})
    yield 500
    for _ in range(count):
        yield from session(world, seen)
        for _ in range(JUMPS_A_DAY):
            before_us = world.recorder.controller.sample.now_us
            skip(world, JUMP_MS)
            seen.uptime_ms += JUMP_MS
            yield 10
            yield from wait(lambda us=before_us: ticked(world, us), "a tick")
        facade = world.recorder.controller.facade
        seen.now_min = facade.now_min()
        seen.told_min = EPOCH_S // 60 + (seen.uptime_ms + world.now // 1000) // 60_000


def session(world: Any, seen: Days) -> Iterator[int]:
    mark = len(world.events)
    actions.do(world, "start", {"what": "press"})
    yield from wait(lambda: world.relay.contact, "the relay to close")
    actions.do(world, "console", {"what": "speed", "mm_s": 900})
    yield from wait(lambda: world.belt.mean_um_s > 850_000, "the belt")
    yield 4000
    actions.do(world, "start", {"what": "press"})
    yield from wait(lambda: not world.relay.contact, "the relay to open")
    yield from wait(lambda: world.observer.state == "READY", "READY")
    seen.sessions += 1
    seen.stops += [d for _, kind, d in world.events[mark:] if kind == "fault"]
    yield 4500


def ticked(world: Any, before_us: int) -> bool:
    return bool(world.recorder.controller.sample.now_us != before_us)


def wait(until: Callable[[], bool], what: str) -> Iterator[int]:
    for _ in range(PATIENCE_MS // 20):
        if until():
            return
        yield 20
    raise StuckError(f"waited in vain for {what}")


def request(world: Any, ask: dict[str, Any]) -> None:
    import json

    body = json.dumps(ask).encode()
    world.uart.host_send(body + b"*%08x\n" % crc32(body))
