# SPDX-License-Identifier: MIT
"""Two mutants whose verdict is known. If one surprises, no other verdict means anything.

Both go the whole way of every other mutant, before the first and after the last of them. The
equivalent one also counts the tests: it has to have passed exactly as many as were chosen.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.mutation.child import KILLED, SURVIVED
from tests.mutation.outcomes import ERROR, Outcome, Runner
from tests.mutation.selection import Selection

BEFORE = "before the run"
AFTER = "after the run"


@dataclass(frozen=True)
class Canary:
    name: str
    file: str
    function: str
    line: str  # stands exactly once in the file
    becomes: str
    verdict: str


MUST_DIE = Canary(
    "no interlock ever acts",
    "interlocks.py",
    "Interlocks.worst",
    "        return worst\n",
    "        return 0\n",
    KILLED,
)
MUST_LIVE = Canary(
    "a zero is added to an elapsed time",
    "ticks.py",
    "since",
    "    return (now - then) & 0x3FFFFFFF\n",
    "    return ((now - then) & 0x3FFFFFFF) + 0\n",
    SURVIVED,
)


def run(canary: Canary, runner: Runner, selection: Selection, anew: bool) -> tuple[Outcome, int]:
    """Its outcome, and how many tests were to be run."""
    text = runner.tree.contents.get(canary.file, b"").decode()
    if text.count(canary.line) != 1:
        error = f"{canary.file} has no single line {canary.line.strip()!r}"
        return Outcome(ERROR, error=error), 0
    number = text[: text.index(canary.line)].count("\n") + 1
    alone, tests = selection.of(canary.file, None if anew else (number, number))
    function = canary.function if alone else ""
    broken = text.replace(canary.line, canary.becomes)
    return runner.run(canary.file, broken, tests, function), len(tests)


def sing(runner: Runner, selection: Selection, when: str) -> list[str]:
    """What is wrong. Before the run each canary goes both ways a mutant may go."""
    wrong = []
    for canary in (MUST_DIE, MUST_LIVE):
        for anew in (True, False) if when == BEFORE else (False,):
            outcome, tests = run(canary, runner, selection, anew)
            short = outcome.verdict == SURVIVED and outcome.tests != tests
            if outcome.verdict != canary.verdict or short:
                said = f"{outcome.verdict} {outcome.test} {outcome.error}".strip()
                said += f" after {outcome.tests} of {tests} tests"
                wrong.append(f"canary {when}: {canary.name!r} must be {canary.verdict}: {said}")
    return wrong
