# SPDX-License-Identifier: MIT
"""Two mutants whose verdict is known. If one surprises, no other verdict means anything.

Both go the whole way of every other mutant, before the first and after the last of them. The
equivalent one also counts the tests: a survivor has to have passed exactly as many.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.mutation.child import KILLED, SURVIVED
from tests.mutation.outcomes import ERROR, Outcome, Runner


@dataclass(frozen=True)
class Canary:
    name: str
    file: str
    line: str  # stands exactly once in the file
    becomes: str
    verdict: str


MUST_DIE = Canary(
    "no interlock ever acts",
    "interlocks.py",
    "        return worst\n",
    "        return 0\n",
    KILLED,
)
MUST_LIVE = Canary(
    "a zero is added to an elapsed time",
    "ticks.py",
    "    return (now - then) & 0x3FFFFFFF\n",
    "    return ((now - then) & 0x3FFFFFFF) + 0\n",
    SURVIVED,
)


def run(canary: Canary, runner: Runner) -> Outcome:
    text = runner.tree.contents.get(canary.file, b"").decode()
    if text.count(canary.line) != 1:
        return Outcome(ERROR, error=f"{canary.file} has no single line {canary.line.strip()!r}")
    return runner.run(canary.file, text.replace(canary.line, canary.becomes), [])


@dataclass
class Canaries:
    """What they did, and what is wrong with that."""

    tests: int
    wrong: list[str]


def sing(runner: Runner, when: str) -> Canaries:
    wrong = []
    outcomes = {}
    for canary in (MUST_DIE, MUST_LIVE):
        outcome = outcomes[canary.verdict] = run(canary, runner)
        if outcome.verdict != canary.verdict:
            said = f"{outcome.verdict} {outcome.test} {outcome.error}".strip()
            wrong.append(f"canary {when}: {canary.name!r} must be {canary.verdict}: {said}")
    return Canaries(outcomes[SURVIVED].tests, wrong)
