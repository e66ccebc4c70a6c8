# SPDX-License-Identifier: MIT
"""The long runs: `python -m tests.hazards [NAME ...] [--seconds S]`, build/hazards.json.

Every call of a tick raises, hangs or is slow; every 10 ms of a stop has a power cut, every 10 ms
of arming and of a session a 0x03; each sealed bit flips; a month of uptime; a wrap every 200 ms.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests import conftest  # noqa: F401  firmware and fakes become importable
from tests.hazards import calls, jobs, orders, outcome, person, sweeps, test_time, way
from tests.hazards.cuts import cuts
from tests.hazards.sweeps import Judged, Tally
from tests.hazards.zygote import Zygote

OUT = Path(__file__).resolve().parents[2] / "build" / "hazards.json"
SHOWN = 5
FAR = 1 << 20


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
            wrong = sweeps.open_in_time(o, 11 + outcome.JUDGED_MS)
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


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hazards", description=__doc__)
    parser.add_argument("names", nargs="*", help=", ".join(RUNS))
    parser.add_argument("--json", type=Path, default=OUT)
    arguments = parser.parse_args()
    tallies: dict[str, Tally] = {}
    complete = True
    sites: set[calls.Site] = set()
    for name in arguments.names or RUNS:
        began = time.monotonic()
        tallies[name] = Tally()
        try:
            tallies[name].take(RUNS[name]())
        except KeyboardInterrupt:
            complete = False
        tally = tallies[name]
        sites |= tally.sites
        print(f"{name}: {tally.jobs} jobs, {tally.rode_through} went on, worst "
              f"{tally.worst_ms:.1f} ms, {len(tally.failures)} failures, "
              f"{time.monotonic() - began:.0f} s", flush=True)  # fmt: skip
        for text in tally.failures[:SHOWN]:
            print(f"    {text}", flush=True)
        if not complete:
            break
    done = {name: tally.as_dict() for name, tally in tallies.items()}
    reached = len(sites & calls.written())
    failures = sum(len(tally.failures) for tally in tallies.values())
    line = (f"{'' if complete else 'PARTIAL: '}{sum(t.jobs for t in tallies.values())} jobs, "
            f"{reached} call sites of a tick, {failures} failures")  # fmt: skip
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    found = {"complete": complete, "runs": done, "sites": reached, "line": line}
    arguments.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(line)
    return 1 if failures or not complete else 0


if __name__ == "__main__":
    sys.exit(main())
