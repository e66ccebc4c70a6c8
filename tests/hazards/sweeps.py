# SPDX-License-Identifier: MIT
"""The sweeps: many jobs of one kind, judged. A test runs every k-th job, the command all.

A sweep yields (what was done, why it is wrong or ""), so that a failure names its reproduction.
"""

from __future__ import annotations

import itertools
from binascii import crc32
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.hazards import calls, outcome, way
from tests.hazards.outcome import GONE_MS, JUDGED_MS, Outcome
from tests.hazards.zygote import Zygote
from treadguard.virtual.chip import KINDS

BODY = b'{"id":1,"do":"status"}'
STATUS = BODY + b"*%08x\n" % crc32(BODY)  # so that the tick has a request to answer
RIDES_MS = 30
CAUSES = {
    "exception": ("CRASH",),
    "hang": ("WATCHDOG_RESET",),
    "hang_masked": ("WATCHDOG_RESET",),
    "slow": ("LOOP_OVERRUN", "RELAY_NOT_CLOSED"),
    "power_on": ("SESSION_CUT",),
    "en": ("SESSION_CUT",),
    "brownout": ("SESSION_CUT",),
    "soft": ("SESSION_CUT",),
    "hard": ("SESSION_CUT",),
    "crash": ("SESSION_CUT",),
    "watchdog": ("WATCHDOG_RESET",),
    "watchdog_core": ("WATCHDOG_RESET",),
}
RESETS = tuple(kind for kind in CAUSES if kind in KINDS)
RUN_MS = {"exception": 9000, "hang": 6000, "hang_masked": 8500, "slow": 4000}
Judged = tuple[str, str, Outcome]


@dataclass
class Tally:
    """Figures of one sweep."""

    jobs: int = 0
    worst_ms: float = 0.0
    rode_through: int = 0
    failures: list[str] = field(default_factory=list)
    sites: set[calls.Site] = field(default_factory=set)

    def take(self, judged: Iterable[Judged]) -> Tally:
        for did, wrong, o in judged:
            self.jobs += 1
            self.worst_ms = max(self.worst_ms, o.opened_ms or 0.0)
            self.rode_through += o.opened_ms is None
            if o.site:
                self.sites.add(o.site)
            if wrong:
                self.failures.append(f"{did}: {wrong}")
        return self

    def as_dict(self) -> dict[str, object]:
        return {"jobs": self.jobs, "worst_ms": self.worst_ms, "went_on": self.rode_through,
                "failures": self.failures}  # fmt: skip


def open_in_time(o: Outcome, bound_ms: float) -> str:
    """The relay opened within the bound, stayed open, and nothing else was wrong."""
    if o.violations:
        return o.violations[0]
    if o.opened_ms is None:
        return "the relay stays closed"
    if o.opened_ms > bound_ms:
        return f"open after {o.opened_ms} ms, the bound is {bound_ms} ms"
    if o.closed_again:
        return "the relay closed again"
    return ""


def named(o: Outcome, causes: tuple[str, ...]) -> str:
    if o.state != "TRIPPED" or o.latched not in causes:
        return f"{o.state}, latched {o.latched or 'nothing'}, not one of {causes}"
    return ""


def stays_latched(o: Outcome, latched: str) -> str:
    wrong = open_in_time(o, 0)
    return wrong or ("" if o.latched == latched else f"{o.state}, latched {o.latched}")


# A fault of the program at every call


def call_faults(
    state: str, kind: str, ms: int = 0, every: int = 1, first: int = 0, all_calls: bool = False
) -> Iterator[Judged]:
    """Every call site of ten ticks once, or every call of three ticks."""
    with Zygote(way.scenario(state, pump="longest")) as z:
        seen = z.run(outcome.count_calls, 30 if all_calls else 100, STATUS)
        numbers = range(seen.count) if all_calls else calls.first_of_each(seen)
        for number in itertools.islice(numbers, first, None, every):
            if number in seen.handlers and kind != "exception":
                continue
            run_ms = RUN_MS.get(kind, 5000)
            o = z.run(outcome.fail_at, kind, number, ms, run_ms, STATUS)
            where = f"{kind} {ms or ''} in {state} at call {number}, {o.site}"
            yield where, judge_program(o, kind, ms), o


def judge_program(o: Outcome, kind: str, ms: int) -> str:
    """With the relay closed: carried on unharmed, or open in time and named."""
    if kind == "exception" and o.caught and o.opened_ms is None:
        return o.violations[0] if o.violations else "" if not o.fault else f"says {o.fault}"
    if kind == "slow" and ms <= RIDES_MS and not (o.violations or o.closed_again):
        return ""  # a late edge may look fast: then it is a trip, by whatever name
    bound_ms = JUDGED_MS if kind == "exception" else GONE_MS
    if kind == "slow":
        bound_ms = min(GONE_MS, ms + JUDGED_MS)
    return open_in_time(o, bound_ms) or named(o, CAUSES[kind])


# A reset of the chip, a power cut


def resets(state: str, kind: str, moments: int, step_ms: int) -> Iterator[Judged]:
    with Zygote(way.scenario(state, pump="longest")) as z:
        for moment in range(moments):
            o = z.run(outcome.act, [{"do": "reset", "kind": kind}], 6000)
            did = f"reset {kind} in {state}, {moment * step_ms} ms later"
            yield did, open_in_time(o, GONE_MS) or named(o, CAUSES[kind]), o
            z.advance(step_ms)


# Ctrl-C


def ctrl_c(state: str, moments: int, step_ms: int, before: bytes = b"") -> Iterator[Judged]:
    """0x03, maybe in the middle of a line or a flood: two ticks and the relay's release."""
    wire_ms = -(-(len(before) + 1) * 100 // 1152)
    with Zygote(way.scenario(state)) as z:
        for moment in range(moments):
            send = {"do": "send", "bytes": before + b"\x03"}
            o = z.run(outcome.act, [send], 3000)
            did = f"0x03 behind {len(before)} bytes in {state}, {moment * step_ms} ms later"
            yield did, judge_ctrl_c(o, state, wire_ms), o
            z.advance(step_ms)


def ends_arming(o: Outcome) -> str:
    """The contact was open, or already on its way: RELAY_EN went high in the tick before."""
    bound_ms = 11 + JUDGED_MS
    if o.violations:
        return o.violations[0]
    if not o.closed_again:
        return open_in_time(o, bound_ms)
    brief = o.closed_again == 1 and o.last_opened_ms is not None and o.last_opened_ms <= bound_ms
    return "" if brief else "the relay closed after 0x03"


def judge_ctrl_c(o: Outcome, state: str, wire_ms: int) -> str:
    if state not in way.CLOSED_STATES:
        return open_in_time(o, 0)
    wrong = open_in_time(o, wire_ms + 10 + JUDGED_MS)
    if wrong or o.faults[:1] == ["CTRL_C_STOP"]:
        return wrong
    return f"the stop is called {o.faults}"
