# SPDX-License-Identifier: MIT
"""Run the chosen mutants, a few at a time, and keep every verdict as soon as it is known.

A run that was cut short goes on from what it kept. An old verdict is believed only while what it
rests on is unchanged: a kill needs the same core and the same test that made it, everything else
the same core and the same whole suite.
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
from tests.mutation.tree import Tree

FIRST = 6  # tests that killed in the same function and file lately are tried before the others
Progress = Callable[[int, int], None]


class Store:
    """Verdicts in a file, one line of JSON each, written as they come."""

    def __init__(self, path: Path, tree: Tree, resume: bool) -> None:
        self.path = path
        self.tree = tree
        self.lock = threading.Lock()
        self.known: dict[str, Outcome] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        if resume and path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._take(line)
        self._rewrite()

    def _take(self, line: str) -> None:
        try:
            row = json.loads(line)
            outcome = Outcome(**row["outcome"])
        except (ValueError, KeyError, TypeError):
            return  # the last line of a run that was killed
        if outcome.verdict != ERROR and row["rests_on"] == self.rests_on(outcome):
            self.known[row["key"]] = outcome

    def _rewrite(self) -> None:
        """Without what no longer holds."""
        rows = [self._row(key, outcome) for key, outcome in self.known.items()]
        self.path.write_text("".join(rows), encoding="utf-8")

    def _row(self, key: str, outcome: Outcome) -> str:
        row = {"key": key, "rests_on": self.rests_on(outcome), "outcome": outcome.stored()}
        return json.dumps(row) + "\n"

    def rests_on(self, outcome: Outcome) -> str:
        if outcome.verdict == KILLED:
            return self.tree.test(outcome.file, outcome.test)
        return self.tree.whole()

    def keep(self, mutant: Mutant, outcome: Outcome) -> None:
        with self.lock:
            self.known[mutant.key] = outcome
            with self.path.open("a", encoding="utf-8") as file:
                file.write(self._row(mutant.key, outcome))


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


class Run:
    """Everything one run knows; `partial` says why it is not the whole of what was asked."""

    def __init__(self, runner: Runner, store: Store, seconds: float = 0) -> None:
        self.runner = runner
        self.store = store
        self.killers = Killers()
        self.partial = ""
        self.fresh = 0
        self.until = time.monotonic() + seconds if seconds else None

    def judge(self, mutant: Mutant) -> None:
        try:
            text = broken(mutant, self.runner.tree.contents[mutant.file]).decode()
            outcome = self.runner.run(mutant.file, text, self.killers.first(mutant))
        except Exception as error:
            outcome = Outcome(ERROR, error=f"{type(error).__name__} {error}")
        if outcome.verdict == KILLED:
            self.killers.note(mutant, outcome)
        self.store.keep(mutant, outcome)
        self.fresh += 1

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
