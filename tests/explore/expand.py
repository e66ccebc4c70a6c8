# SPDX-License-Identifier: MIT
"""The worker's side of the search: every move from a state, run by the real core."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.explore import inputs
from tests.explore.inputs import Move
from tests.explore.keys import Key, key, kind
from tests.explore.moves import combinations, moves
from tests.explore.perform import perform
from tests.explore.world import World

Snapshot = tuple[int, ...]
Step = tuple[int, int, int]  # old state, new state, fault


@dataclass
class Todo:
    """A state to expand."""

    number: int
    build: int
    snapshot: Snapshot
    combine: bool  # the first of its kind


@dataclass
class Fresh:
    """A state that was not reported before."""

    key: Key
    kind: Key
    parent: int
    build: int
    snapshot: Snapshot
    move: Move


@dataclass
class Found:
    """What one chunk of states led to."""

    fresh: list[Fresh] = field(default_factory=list)
    broken: list[tuple[int, Move, str]] = field(default_factory=list)
    traps: list[tuple[int, str]] = field(default_factory=list)
    steps: dict[Step, int] = field(default_factory=dict)
    states: int = 0
    transitions: int = 0
    combined: int = 0


class Explorer:
    """One world for each build, one memory of what was reported."""

    def __init__(self, worlds: list[World], way_out: Callable[[World], str] | None = None):
        self.worlds = worlds
        self.way_out = way_out
        self.reported: set[Key] = set()

    def expand(self, chunk: list[Todo]) -> Found:
        found = Found()
        for todo in chunk:
            self._expand(found, todo)
        return found

    def _expand(self, found: Found, todo: Todo) -> None:
        world = self.worlds[todo.build]
        restore, snapshot = world.snapshots.restore, todo.snapshot
        restore(snapshot)
        several = list(moves(world))
        if todo.combine:
            more = list(combinations(world))
            found.combined += len(more)
            several += more
        seen: set[Snapshot] = set()
        for move in several:
            restore(snapshot)
            self._step(found, todo, world, move, seen)
        found.states += 1
        if self.way_out:
            restore(snapshot)
            trouble = self.way_out(world)
            if trouble:
                found.traps.append((todo.number, trouble))

    def _step(self, found, todo, world, move, seen) -> None:
        world.broken.clear()
        world.trail.clear()

        def arrived(belt):
            """One transition: a move, or the shorter one it begins with."""
            found.transitions += 1
            made = move if belt == move.belt else move._replace(belt=belt)
            if world.broken:
                found.broken.append((todo.number, made, world.broken[0]))
                world.broken.clear()
            after = world.snapshots.capture()
            if after in seen:
                return
            seen.add(after)
            reached = key(world)
            if reached not in self.reported:
                self.reported.add(reached)
                found.fresh.append(
                    Fresh(reached, kind(world), todo.number, todo.build, after, made)
                )

        begins_shorter = move.belt in (inputs.WAIT, inputs.SETTLE) and not move.combined
        perform(world, move, arrived if begins_shorter else None)
        arrived(move.belt)
        for step in world.trail:
            found.steps[step] = found.steps.get(step, 0) + 1
