# SPDX-License-Identifier: MIT
"""Breadth first, level by level, on all cores; the same figures whatever the number of cores."""

from __future__ import annotations

import gc
import multiprocessing
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.explore.expand import Explorer, Found, Step, Todo
from tests.explore.inputs import Move
from tests.explore.keys import Key, key, kind
from tests.explore.wayout import WayOut
from tests.explore.world import World, roots

SEVERAL = 20  # violations that are kept
_explorer: Explorer | None = None  # of a worker process


@dataclass
class Result:
    """The graph as far as it was walked, and what was wrong in it."""

    parents: list[tuple[int, int, Move | None]] = field(default_factory=list)  # (parent, root, ..)
    states: dict[int, int] = field(default_factory=dict)  # per state of the machine
    steps: dict[Step, int] = field(default_factory=dict)
    violations: list[tuple[str, int, Move | None]] = field(default_factory=list)
    found: int = 0  # violations, those not kept included
    expanded: int = 0
    transitions: int = 0
    combined: int = 0
    kinds: int = 0
    depth: int = 0
    seconds: float = 0.0
    partial: str = ""

    def path(self, number: int) -> tuple[int, list[Move]]:
        """(root, moves) of a state."""
        moves: list[Move] = []
        while True:
            parent, root, move = self.parents[number]
            if move is None:
                return root, moves[::-1]
            moves.append(move)
            number = parent


class Search:
    """From the worlds as they are; most: states to expand at most; 0 is no bound."""

    chunk = 24  # states a worker takes at a time

    def __init__(
        self, worlds: list[World], seconds: float = 0.0, combine: bool = True, most: int = 0
    ) -> None:
        self.worlds = worlds
        self.most = most
        self.ends = time.monotonic() + seconds if seconds else 0.0
        self.combine = combine
        self.began = time.monotonic()
        self.result = Result()
        self.seen: set[Key] = set()
        self.kinds: set[Key] = set()
        self.level: list[Todo] = []
        self.tell: Callable[[str], None] = lambda text: None

    def run(self, workers: int) -> Result:
        """To the fixpoint, or until time is up or Ctrl-C."""
        result = self.result
        with self._interruptible(), self._expanders(workers) as expand:
            self._begin()
            while self.level and not result.partial:
                self._walk(expand)
        result.kinds = len(self.kinds)
        result.seconds = time.monotonic() - self.began
        return result

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Ctrl-C ends the run after a chunk: an exception inside the pool could hang it."""
        before = signal.signal(signal.SIGINT, self._interrupted)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _interrupted(self, *_: object) -> None:
        self.result.partial = "interrupted"

    @contextmanager
    def _expanders(self, workers: int) -> Iterator[Callable]:
        if not workers:
            explorer = Explorer(self.worlds, WayOut())
            yield lambda chunks: map(explorer.expand, chunks)
            return
        methods = multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
        with context.Pool(workers, _start_worker) as pool:
            yield lambda chunks: pool.imap(_expand, chunks)

    def _begin(self) -> None:
        for root, world in enumerate(self.worlds):
            self._add(key(world), kind(world), 0, root, root, world.snapshots.capture(), None)

    def _add(self, reached, sort, parent, root, build, snapshot, move) -> None:
        if reached in self.seen:
            return
        self.seen.add(reached)
        combine = self.combine and sort not in self.kinds
        self.kinds.add(sort)
        result = self.result
        result.states[reached[1]] = result.states.get(reached[1], 0) + 1
        self.level.append(Todo(len(result.parents), build, snapshot, combine))
        result.parents.append((parent, root, move))

    def _walk(self, expand) -> None:
        """One level."""
        level, self.level = self.level, []
        chunks = [level[at : at + self.chunk] for at in range(0, len(level), self.chunk)]
        for found in expand(chunks):
            self._take(found)
            if self.ends and time.monotonic() > self.ends:
                self.result.partial = "out of time"
                return
            if self.result.partial:
                return
            if self.most and self.result.expanded >= self.most:
                self.result.partial = "bounded"
                return
        self.result.depth += bool(self.level)
        self.tell(f"depth {self.result.depth}: {len(self.seen):,} states")

    def _take(self, found: Found) -> None:
        result = self.result
        result.expanded += found.states
        result.transitions += found.transitions
        result.combined += found.combined
        for step, count in found.steps.items():
            result.steps[step] = result.steps.get(step, 0) + count
        self._note((text, number, move) for number, move, text in found.broken)
        self._note((text, number, None) for number, text in found.traps)
        for new in found.fresh:
            root = result.parents[new.parent][1]
            self._add(new.key, new.kind, new.parent, root, new.build, new.snapshot, new.move)

    def _note(self, violations: Iterable[tuple[str, int, Move | None]]) -> None:
        """The first, hence shortest, of each sort."""
        result = self.result
        for text, number, move in violations:
            result.found += 1
            known = {said for said, _, _ in result.violations}
            if text not in known and len(known) < SEVERAL:
                result.violations.append((text, number, move))


def _start_worker() -> None:
    global _explorer
    gc.disable()  # nothing here is a cycle, and there are millions of tuples
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    _explorer = Explorer(roots(), WayOut())


def _expand(chunk: list[Todo]) -> Found:
    assert _explorer is not None
    return _explorer.expand(chunk)
