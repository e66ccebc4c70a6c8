# SPDX-License-Identifier: MIT
"""What became of a job, as plain data, and the jobs that most tests share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.hazards import rules
from tests.hazards.calls import Calls, Site
from tests.hazards.zygote import end_in
from treadguard.virtual import actions

HOLD_UP_MS = 128  # worst corner of the drawn circuit, release of the armature included
TICK_MS = 10
RELEASE_MS = 9
# A program that is gone lets go by the pump, one that still judges by RELAY_EN.
GONE_MS = HOLD_UP_MS + TICK_MS
JUDGED_MS = TICK_MS + RELEASE_MS + 1


@dataclass
class Outcome:
    opened_ms: float | None = None  # after the injection; None: it stayed closed
    closed_again: int = 0
    last_opened_ms: float | None = None  # the last opening after the injection, if any
    boots: int = 0
    state: str = ""
    fault: str = ""
    latched: str = ""
    faults: list[str] = field(default_factory=list)  # said after the injection
    found: list[str] = field(default_factory=list)  # in the journal's boot events
    caught: int = 0  # by the link or the interrupt handler
    crashed: bool = False
    site: Site | None = None
    violations: list[str] = field(default_factory=list)
    late_ms: float = 0
    chip: list[str] = field(default_factory=list)  # what the chip said after the injection


def observe(world: Any, calls: Calls | None = None) -> Outcome:
    """Read everything off a world whose run is over."""
    recorder = world.recorder
    at_us = recorder.injected_us
    opened_us = recorder.opened_after(at_us)
    o = Outcome(opened_ms=None if opened_us is None else opened_us / 1000)
    o.closed_again = len(recorder.closings_after(at_us))
    openings = [at for at, closed in recorder.contact if at > at_us and not closed]
    if openings and openings[-1] == recorder.contact[-1][0]:
        o.last_opened_ms = (openings[-1] - at_us) / 1000
    o.boots = sum(boot > at_us for boot in recorder.boots)
    o.state, o.fault = world.observer.state, world.observer.fault
    o.latched = world.observer.latched
    o.faults = [d for ms, kind, d in world.events if kind == "fault" and ms * 1000 >= at_us]
    o.found = found_at_boots(world)
    if recorder.controller is not None:
        link = recorder.controller.link
        o.caught = link.internal_errors + link.bad_lines + recorder.controller.hall.errors
    o.crashed = world.runner.crash is not None
    o.site = calls.site if calls else None
    o.violations = rules.broken(recorder)
    o.chip = [d for ms, kind, d in world.events if kind == "chip" and ms * 1000 >= at_us]
    o.late_ms = recorder.late_us / 1000
    return o


def found_at_boots(world: Any) -> list[str]:
    """What each start but the first has found, from the board's own journal."""
    from treadguard.virtual.journal import events

    return [name for kind, name in events(world) if kind == "boot"][1:]


# Jobs. What they arrange begins with the injection.


def count_calls(world: Any, ms: int, request: bytes = b"") -> Callable[[], Calls]:
    """Which calls the next ms make."""
    calls = Calls(world)
    calls.start()
    if request:
        world.uart.host_send(request)
    end_in(world, ms)

    def answer() -> Calls:
        sys.setprofile(None)
        calls.world = None
        return calls

    return answer


def fail_at(
    world: Any, kind: str, at: int, ms: int = 0, run_ms: int = 9000, request: bytes = b""
) -> Callable[[], Outcome]:
    """Call number `at` fails; go on for run_ms."""
    calls = Calls(world, kind, at, ms)
    calls.start()
    if request:
        world.uart.host_send(request)
    end_in(world, run_ms)

    def answer() -> Outcome:
        calls.stop()
        return observe(world, calls)

    return answer


def act(world: Any, entries: list[dict[str, Any]], run_ms: int) -> Callable[[], Outcome]:
    """Do these things, each `in_ms` from now; the injection is the first of them."""
    recorder = world.recorder
    for entry in entries:
        world.call_in(entry.get("in_ms", 0) * 1000, _do, (world, entry))
    recorder.injected_us = world.now + entries[0].get("in_ms", 0) * 1000 if entries else world.now
    end_in(world, run_ms)
    return lambda: observe(world)


def _do(order: tuple[Any, dict[str, Any]]) -> None:
    world, entry = order
    if entry["do"] == "send":
        world.uart.host_send(entry["bytes"])
        return
    try:
        actions.do(world, entry["do"], entry)
    except actions.Refused as refused:
        world.log("refused", str(refused))
