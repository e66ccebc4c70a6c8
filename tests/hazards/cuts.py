# SPDX-License-Identifier: MIT
"""Power cut at any moment of a stop: what the NVS blob held then is what the next start names.

The blob is read by its documented layout (docs/records.md), not by the code that writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.hazards import outcome, way
from tests.hazards.outcome import Outcome
from tests.hazards.sweeps import Judged
from tests.hazards.zygote import Zygote
from treadguard import firmware

LATCH_AT, CAUSE_AT, MARK_AT = 11, 12, 13
OPEN, OPENED, CLOSED = 1, 2, 3
OFF_MS = 1500
STOPS: dict[str, dict[str, Any]] = {
    "let_go": {"do": "let_go", "side": "both"},
    "runaway": {"do": "runaway", "mm_s": 2000},
    "console": {"do": "console", "what": "stop"},
    "start": {"do": "start", "what": "press"},
}


@dataclass
class Cut:
    """The board's memory when the power went, and what came of it."""

    latch: str
    cause: str
    mark: int
    journal: list[str]  # stops in the journal in the end
    o: Outcome


def name(code: int) -> str:
    found: str = firmware.load("guard.core.faults").name(code)
    return found if code else ""


def cut(world: Any, stop: dict[str, Any], after_ms: int, runs_on: bool) -> Callable[[], Cut]:
    entries = [stop, {"do": "power", "to": "off", "in_ms": after_ms},
               {"do": "power", "to": "on", "in_ms": after_ms + OFF_MS}]  # fmt: skip
    if runs_on:
        entries.insert(0, {"do": "loop", "obeys_ms": -1})
    answer = outcome.act(world, entries, after_ms + 9000)

    def look() -> Cut:
        from treadguard.virtual.journal import events

        o = answer()
        at_us = world.recorder.injected_us + after_ms * 1000
        blob = [data for us, data in world.recorder.commits if us <= at_us][-1]
        stops = [fault for kind, fault in events(world) if kind == "stop"]
        return Cut(name(blob[LATCH_AT]), name(blob[CAUSE_AT]), blob[MARK_AT], stops, o)

    return look


def cuts(what: str, first_ms: int, end_ms: int, step_ms: int, runs_on: bool = False
         ) -> Iterator[Judged]:  # fmt: skip
    with Zygote(way.scenario("BACKWARD", pump="longest")) as z:
        for after_ms in range(first_ms, end_ms, step_ms):
            c = z.run(cut, STOPS[what], after_ms, runs_on)
            yield f"{what}, power cut {after_ms} ms later", judge(c, runs_on), c.o


def judge(c: Cut, runs_on: bool) -> str:
    o = c.o
    if o.violations or o.closed_again:
        return (o.violations or ["the relay closed again"])[0]
    if runs_on:
        return (
            "" if o.latched == "STOP_FAILED" and o.state == "LOCKOUT" else f"latched {o.latched}"
        )
    if c.mark == OPEN:
        expected, latched = "SESSION_CUT", "SESSION_CUT"
    else:
        expected, latched = c.latch or c.cause, c.latch
    if o.latched != latched:
        return f"latched {o.latched or 'nothing'}, NVS held {latched or 'nothing'}"
    said = [*o.found, *c.journal]
    return "" if expected in said else f"{expected} was in NVS (mark {c.mark}), now {said}"
