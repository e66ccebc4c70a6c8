# SPDX-License-Identifier: MIT
"""Run the chosen mutants, a few at a time, and keep every verdict as soon as it is known.

A run that was cut short goes on from what it kept. An old verdict is believed only while core,
suite and harness are what they were. What a kill of before is still good for: the test that killed
is asked first, and most of a run over a core that changed a little is one test for each mutant.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from tests.mutation.child import KILLED
from tests.mutation.mutants import Mutant, broken
from tests.mutation.outcomes import ERROR, Outcome, Runner
from tests.mutation.selection import Selection, Tests
from tests.mutation.tree import Tree

FIRST = 8  # tests that killed in the same function and file lately are tried before the others
Progress = Callable[[int, int], None]


def name_of(mutant: Mutant) -> str:
    """The same also when lines above it have moved."""
    return " ".join(str(part) for part in mutant.identity)


class Store:
    """Verdicts in a file, one line of JSON each, written as they come."""

    def __init__(self, path: Path, tree: Tree, resume: bool) -> None:
        self.path = path
        self.tree = tree
        self.lock = threading.Lock()
        self.known: dict[str, Outcome] = {}
        self.killers: dict[str, tuple[str, str]] = {}  # of before, by the name of the mutant
        self.rows: dict[str, str] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        if resume and path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._take(line)
        self.path.write_text("".join(f"{row}\n" for row in self.rows.values()), encoding="utf-8")

    def _take(self, line: str) -> None:
        try:
            row = json.loads(line)
            outcome = Outcome(**row["outcome"])
            key, name, rests_on = str(row["key"]), str(row["name"]), row["rests_on"]
        except (ValueError, KeyError, TypeError):
            return  # the last line of a run that was killed
        holds = outcome.verdict != ERROR and rests_on == self.tree.whole
        if holds:
            self.known[key] = outcome
        if outcome.verdict == KILLED:
            self.killers[name] = (outcome.file, outcome.test)
        if holds or outcome.verdict == KILLED:
            self.rows[name] = line

    def keep(self, mutant: Mutant, outcome: Outcome) -> None:
        row = {
            "key": mutant.key,
            "name": name_of(mutant),
            "rests_on": self.tree.whole,
            "outcome": outcome.stored(),
        }
        with self.lock:
            self.known[mutant.key] = outcome
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")


class Killers:
    """Which tests killed the last mutants of a function and of a file: only a matter of speed."""

    def __init__(self) -> None:
        self.lately: dict[Any, deque] = defaultdict(lambda: deque(maxlen=FIRST))
        self.lock = threading.Lock()

    def note(self, mutant: Mutant, outcome: Outcome) -> None:
        killer = (outcome.file, outcome.test)
        with self.lock:
            for place in ((mutant.file, mutant.function), mutant.file):
                lately = self.lately[place]
                if killer in lately:
                    lately.remove(killer)
                lately.appendleft(killer)

    def first(self, mutant: Mutant) -> list[tuple[str, str]]:
        with self.lock:
            near = self.lately[(mutant.file, mutant.function)]
            return list(dict.fromkeys([*near, *self.lately[mutant.file]]))[:FIRST]


def first_those(some: Tests, tests: Tests) -> Tests:
    """All of tests, those that are in some before the others."""
    wanted = set(tests)
    return list(dict.fromkeys([*[test for test in some if test in wanted], *tests]))


class Run:
    """Everything one run knows; `partial` says why it is not the whole of what was asked."""

    def __init__(
        self, runner: Runner, selection: Selection, store: Store, seconds: float = 0
    ) -> None:
        self.runner = runner
        self.selection = selection
        self.store = store
        self.killers = Killers()
        self.partial = ""
        self.fresh = 0
        self.until = time.monotonic() + seconds if seconds else None

    def judge(self, mutant: Mutant) -> None:
        try:
            text = broken(mutant, self.runner.tree.contents[mutant.file]).decode()
            function, tests = self.selection.of_mutant(mutant)
            tests = first_those(self._promising(mutant), tests)
            outcome = self.runner.run(mutant.file, text, tests, function)
        except Exception as error:
            outcome = Outcome(ERROR, error=f"{type(error).__name__} {error}")
        if outcome.verdict == KILLED:
            self.killers.note(mutant, outcome)
        self.store.keep(mutant, outcome)
        self.fresh += 1

    def _promising(self, mutant: Mutant) -> Tests:
        before = self.store.killers.get(name_of(mutant))
        return [*([before] if before else []), *self.killers.first(mutant)]

    def all(self, mutants: list[Mutant], jobs: int, progress: Progress) -> dict[str, Outcome]:
        """Verdicts by key of those mutants that have one when the run ends."""
        todo = deque(m for m in mutants if m.key not in self.store.known)
        known = len(mutants) - len(todo)
        with ThreadPoolExecutor(max(1, jobs)) as pool:
            running: set[Future[None]] = set()
            try:
                while (todo and not self._time_is_up()) or running:
                    while todo and len(running) < jobs and not self._time_is_up():
                        running.add(pool.submit(self.judge, todo.popleft()))
                    _, running = wait(running, return_when=FIRST_COMPLETED)
                    progress(known + self.fresh, len(mutants))
            except KeyboardInterrupt:
                self.partial = "interrupted"
        if todo and not self.partial:
            self.partial = "out of time"
        known_now = self.store.known
        return {m.key: known_now[m.key] for m in mutants if m.key in known_now}

    def _time_is_up(self) -> bool:
        return self.until is not None and time.monotonic() > self.until
