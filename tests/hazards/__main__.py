# SPDX-License-Identifier: MIT
"""The long runs: `python -m tests.hazards [NAME ...] [--resume]`, build/hazards.json.

Every call of a tick raises, hangs or is slow; every 10 ms of a stop has a power cut, every 10 ms
of arming and of a session a 0x03; each sealed bit flips; a month of uptime; a wrap every 200 ms.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import conftest  # noqa: F401  firmware and fakes become importable
from tests.hazards import (
    calls,
    jobs,
    orders,
    outcome,
    person,
    progress,
    sweeps,
    test_time,
    way,
)
from tests.hazards.cuts import cuts
from tests.hazards.sweeps import Judged, Tally
from tests.hazards.zygote import Zygote

OUT = Path(__file__).resolve().parents[2] / "build" / "hazards.json"
SHOWN = 5


def each(sweep: Callable[..., Iterator[Judged]], *args: Any) -> Iterator[Judged]:
    for state in way.CLOSED_STATES:
        yield from sweep(state, *args)


def flips() -> Iterator[Judged]:
    for state in way.STATES:
        latched = {"LOCKOUT": "RELAY_WELDED", "TRIPPED": "LOOP_OVERRUN"}
        with Zygote(way.scenario(state)) as z:
            for word in jobs.SEALED:
                for bit in range(jobs.BITS):
                    o = z.run(jobs.flip, word, bit)
                    wrong = sweeps.open_in_time(o, outcome.JUDGED_MS)
                    if not wrong and o.latched != latched.get(state, "STATE_CORRUPT"):
                        wrong = f"{o.state}, latched {o.latched or 'nothing'}"
                    yield f"{word} bit {bit} in {state}", wrong, o


def resets() -> Iterator[Judged]:
    for kind, state in ((k, s) for k in sweeps.RESETS for s in way.CLOSED_STATES):
        yield from sweeps.resets(state, kind, 10, 7)


def power_cuts() -> Iterator[Judged]:
    for what in ("let_go", "runaway", "console", "start"):
        yield from cuts(what, 0, 3700 if what == "console" else 2600, 10)
    yield from cuts("start", 0, 1500, 50, True)


def ctrl_c() -> Iterator[Judged]:
    """From the first tick of ARMING through it, the wait, the turn and the walk."""
    entries = [*way.armed("backward")[:3], way.note("state:ARMING")]
    rest = [way.armed("backward")[3], *way.running("backward")[4:], *way.turned()]
    rest[0] = {**rest[0], "delay_ms": 200}
    scenario = {**way.scenario("READY"), "timeline": entries}
    with Zygote(scenario, after_ms=0) as z:
        z.schedule(rest)
        for moment in range(1200):
            o = z.run(outcome.act, [{"do": "send", "bytes": b"\x03"}], 2500)
            closed = o.opened_ms is None or o.opened_ms > 0
            wrong = sweeps.ends_arming(o)
            if not wrong and closed and o.faults[:1] != ["CTRL_C_STOP"]:
                wrong = f"the stop is called {o.faults}"
            yield f"0x03 {moment * 10} ms after ARMING began", wrong, o
            z.advance(10)
    for state in way.CLOSED_STATES:
        yield from sweeps.ctrl_c(state, 20, 7, b"U" * 200 + b'{"id":1,"do":"sta')


def any_orders(count: int = 300) -> Iterator[Judged]:
    """The same moves as the property, drawn without shrinking."""
    with Zygote(way.scenario("READY")) as z:
        for number in range(count):
            rng = random.Random(number)
            moves: list[orders.Move] = []
            for _ in range(rng.randrange(1, 24)):
                whole = rng.choice((orders.FORWARD, orders.BACKWARD, orders.AMENDS))
                single = (rng.choice((0, 7, 50, 300, 1000, 3100)), rng.choice(orders.MOVES))
                moves += [single] if rng.randrange(2) else whole
            lived = z.run(orders.live, moves)
            yield f"orders {number}", "; ".join(lived.wrong), outcome.Outcome(opened_ms=0)


def month() -> Iterator[Judged]:
    with Zygote({"mode": "forward", "seed": 3}, after_ms=6000) as z:
        lived = z.run(person.days, 30)
    wrong = lived.stuck or "; ".join(lived.violations)
    if lived.sessions != 30 or lived.stops != ["START_PRESSED"] * 30:
        wrong = wrong or f"{lived.sessions} sessions, {lived.stops}"
    yield "30 days, 30 sessions", wrong, outcome.Outcome(opened_ms=0)


def wraps() -> Iterator[Judged]:
    timeline = test_time.at_fixed_times()
    usual = test_time.a_session(timeline)
    for before_ms in range(100, usual[-1][0] - 600, 200):
        for clock, period in (
            ("clock_start_us", before_ms * 1000 + 7),
            ("clock_start_ms", before_ms),
        ):
            log = test_time.a_session(timeline, **{clock: test_time.PERIOD - period})
            wrong = "" if test_time.alike(log, usual) else "another session"
            yield f"{clock} wraps after {before_ms} ms", wrong, outcome.Outcome(opened_ms=0)


RUNS: dict[str, Callable[[], Iterator[Judged]]] = {
    "exceptions at call sites": lambda: each(sweeps.call_faults, "exception"),
    "exceptions at every third call": lambda: each(sweeps.call_faults, "exception", 0, 3, 1, True),
    "hangs at call sites": lambda: each(sweeps.call_faults, "hang"),
    "hangs, interrupts masked": lambda: each(sweeps.call_faults, "hang_masked", 0, 4),
    "slow 30 ms": lambda: each(sweeps.call_faults, "slow", 30, 2),
    "slow 60 ms": lambda: each(sweeps.call_faults, "slow", 60, 2),
    "slow 150 ms": lambda: each(sweeps.call_faults, "slow", 150, 2),
    "slow 500 ms": lambda: each(sweeps.call_faults, "slow", 500, 4),
    "flipped bits": flips,
    "resets": resets,
    "power cuts": power_cuts,
    "0x03": ctrl_c,
    "orders": any_orders,
    "a month": month,
    "wraps": wraps,
}


@dataclass
class Sweep:
    """All the runs asked for, one after the other; what is done is kept in the file."""

    names: list[str]
    out: Path
    judged: str = field(default_factory=progress.judged)
    done: dict[str, dict[str, Any]] = field(default_factory=dict)
    sites: set[calls.Site] = field(default_factory=set)

    def resume(self) -> None:
        found = progress.unfinished(self.out, {"judged": self.judged, "asked": self.names})
        if found:
            self.done = found["runs"]
            self.sites = {(module, line) for module, line in found["sites"]}

    def run(self) -> None:
        for name in self.names:
            if name in self.done:
                print(f"{name}: done before", flush=True)
                continue
            began = time.monotonic()
            tally = Tally().take(RUNS[name]())
            self.done[name] = tally.as_dict()
            self.sites |= tally.sites
            self.write()
            print(f"{name}: {tally.jobs} jobs, {tally.rode_through} went on, worst "
                  f"{tally.worst_ms:.1f} ms, {len(tally.failures)} failures, "
                  f"{time.monotonic() - began:.0f} s", flush=True)  # fmt: skip
            for text in tally.failures[:SHOWN]:
                print(f"    {text}", flush=True)

    @property
    def complete(self) -> bool:
        return all(name in self.done for name in self.names)

    @property
    def failures(self) -> int:
        return sum(len(run["failures"]) for run in self.done.values())

    def line(self) -> str:
        jobs = sum(run["jobs"] for run in self.done.values())
        reached = len(self.sites & calls.written())
        return (
            f"{len(self.done)} of {len(self.names)} runs, {jobs} jobs, {reached} call sites of a "
            f"tick, {self.failures} failures"
        )

    def write(self) -> None:
        sites = sorted(self.sites)
        progress.write(self.out, {
            "complete": self.complete, "judged": self.judged, "asked": self.names,
            "runs": self.done, "sites": sites, "line": self.line(),
        })  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hazards", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(RUNS))
    parser.add_argument("--json", type=Path, default=OUT)
    parser.add_argument("--resume", action="store_true", help="go on after an interrupted run")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in RUNS]
    if unknown:
        parser.error(f"there is no run {unknown[0]!r}: {', '.join(RUNS)}")
    sweep = Sweep(arguments.names or list(RUNS), arguments.json)
    if arguments.resume:
        sweep.resume()
    try:
        sweep.run()
    except KeyboardInterrupt:
        print()
    sweep.write()
    print(("" if sweep.complete else "PARTIAL: ") + sweep.line())
    return 1 if sweep.failures or not sweep.complete else 0


if __name__ == "__main__":
    sys.exit(main())
