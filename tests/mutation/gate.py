# SPDX-License-Identifier: MIT
"""The verdict of a run. Whatever is not known to be well is a failure: the gate fails closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.mutation import equivalents
from tests.mutation.child import CRASHED, KILLED, SURVIVED
from tests.mutation.equivalents import Entry
from tests.mutation.mutants import Mutant
from tests.mutation.outcomes import ERROR, TIMEOUT, Outcome

PASS_PERCENT = 95


@dataclass
class Judgement:
    """Figures of a run, what makes the gate fail, and what somebody has to look at."""

    total: int  # mutants of the whole core
    chosen: int
    counts: Counter = field(default_factory=Counter)
    equivalent: int = 0  # listed, run, and alive
    failures: list[str] = field(default_factory=list)
    survivors: list[tuple[Mutant, Outcome]] = field(default_factory=list)  # not listed
    files: dict[str, Counter] = field(default_factory=dict)

    @property
    def run(self) -> int:
        return sum(self.counts.values())

    @property
    def counted(self) -> int:
        return self.run - self.equivalent

    @property
    def score(self) -> float:
        """Killed of those that are not listed, in percent; crashes and timeouts are no kills."""
        return 100 * self.counts[KILLED] / self.counted if self.counted else 0.0

    def figures(self) -> dict[str, Any]:
        return {
            "mutants": self.run,
            "mutants_of_core": self.total,
            "chosen": self.chosen,
            "killed": self.counts[KILLED],
            "survived": self.counts[SURVIVED],
            "equivalent": self.equivalent,
            "unlisted": len(self.survivors),
            "crashed": self.counts[CRASHED],
            "timeouts": self.counts[TIMEOUT],
            "errors": self.counts[ERROR],
            "score": round(self.score, 2),
        }


def judge(
    every: list[Mutant],
    chosen: list[Mutant],
    outcomes: dict[str, Outcome],
    entries: list[Entry],
    tests: Callable[[Mutant], int],
    gaps: list[str],
) -> Judgement:
    """tests = how many were chosen for a mutant; gaps = what of the core no test runs."""
    found = Judgement(len(every), len(chosen))
    listed = {entry.identity for entry in entries}
    for mutant in chosen:
        outcome = outcomes.get(mutant.key)
        if outcome is None:
            continue
        if outcome.verdict == SURVIVED and outcome.tests != tests(mutant):
            said = f"survived {outcome.tests} tests of {tests(mutant)}"
            outcome = Outcome(ERROR, outcome.tests, error=said)
        found.counts[outcome.verdict] += 1
        found.files.setdefault(mutant.file, Counter())[outcome.verdict] += 1
        if mutant.identity in listed and outcome.verdict == SURVIVED:
            found.equivalent += 1
            found.files[mutant.file]["equivalent"] += 1
        elif outcome.verdict == ERROR:
            found.failures.append(f"no verdict: {outcome.error}: {mutant.diff()}")
        elif outcome.verdict != KILLED:
            found.survivors.append((mutant, outcome))
    found.failures += equivalents.stale(entries, every)
    found.failures += equivalents.killed(entries, chosen, outcomes)
    found.failures += gaps + _too_few(found)
    return found


def _too_few(found: Judgement) -> list[str]:
    if not found.counted:
        return ["no mutant was judged: nothing is shown"]
    if found.score < PASS_PERCENT:
        return [f"score {found.score:.2f} %, at least {PASS_PERCENT} % is asked"]
    return []


def line(found: Judgement, partial: str, what: str, fresh: int) -> str:
    """The one line of figures; fresh = how many were judged now, and not in a run before."""
    n = found.counts
    whole = f" of {found.chosen:,}" if found.run < found.chosen else ""
    known = f", {found.run - fresh:,} of them judged before" if fresh < found.run else ""
    part = f", PARTIAL ({partial})" if partial else ""
    return (
        f"{found.run:,}{whole} mutants ({what}{known}), {n[KILLED]:,} killed, "
        f"{n[SURVIVED]} survived ({found.equivalent} listed as equivalent), "
        f"{n[CRASHED]} crashed, {n[TIMEOUT]} timed out: "
        f"{found.score:.2f} % of those not listed{part}"
    )
