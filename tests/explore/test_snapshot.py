# SPDX-License-Identifier: MIT
"""The snapshot holds everything that decides: what is left out is shown to decide nothing."""

from __future__ import annotations

import random

import pytest

from tests.explore.inputs import Move
from tests.explore.keys import key
from tests.explore.moves import moves
from tests.explore.perform import perform
from tests.explore.snapshot import CONSTANT, LEFT_OUT, RULES_WITHOUT_MEMORY, walk
from tests.explore.world import World, roots

WALKS, LENGTH, DETOURS = 12, 60, 3


def random_move(world: World, dice: random.Random) -> Move:
    return dice.choice(list(moves(world)))


def wander(world: World, dice: random.Random, length: int) -> list[Move]:
    taken = []
    for _ in range(length):
        taken.append(random_move(world, dice))
        perform(world, taken[-1])
    return taken


@pytest.mark.parametrize("seed", range(WALKS))
def test_a_restored_world_goes_on_as_one_that_was_never_left(seed):
    dice = random.Random(seed)
    straight, visited = roots()[seed % 6], roots()[seed % 6]
    for _ in range(LENGTH):
        move = random_move(straight, dice)
        snapshot = visited.snapshots.capture()
        for _ in range(DETOURS):
            perform(visited, random_move(visited, dice))
            visited.snapshots.restore(snapshot)
        perform(straight, move)
        perform(visited, move)
        differs = [
            path
            for path, ours, theirs in zip(
                straight.snapshots.paths,
                straight.snapshots.capture(),
                visited.snapshots.capture(),
                strict=True,
            )
            if ours != theirs
        ]
        assert differs == [], move.words()
        assert straight.broken == visited.broken
        assert key(straight) == key(visited)


@pytest.mark.parametrize("seed", range(WALKS))
def test_no_attribute_appears_later_that_is_not_on_the_list(seed):
    world = roots()[seed % 6]
    before = [path for path, _, _ in walk(world)]
    wander(world, random.Random(seed), LENGTH)
    assert [path for path, _, _ in walk(world)] == before == world.snapshots.paths


@pytest.mark.parametrize("seed", range(WALKS))
def test_what_is_called_constant_is_constant(seed):
    world = roots()[seed % 6]

    def constants():
        return {
            path: getattr(owner, name)
            for path, owner, name in walk(world, everything=True)
            if name in CONSTANT or type(owner).__name__ in RULES_WITHOUT_MEMORY
        }

    before = constants()
    wander(world, random.Random(seed), LENGTH)
    assert before
    assert constants() == before


def test_every_name_that_is_left_out_exists():
    world = roots()[0]
    names = {name for _, owner, _ in walk(world, everything=True) for name in vars(owner)}
    assert names >= LEFT_OUT - {"flags", "counters"}


def test_nothing_in_the_core_reads_what_is_called_write_only():
    """Scrambled in every tick, it changes nothing that is kept."""
    from tests.explore.snapshot import WRITE_ONLY

    dice = random.Random(7)
    clean, noisy = roots()[0], roots()[0]
    for _ in range(4 * LENGTH):
        move = random_move(clean, dice)
        for _, owner, name in walk(noisy, everything=True):
            if name in WRITE_ONLY and type(owner).__name__ != "Memory":
                setattr(owner, name, dice.randrange(1, 9))
        perform(clean, move)
        perform(noisy, move)
        assert clean.snapshots.capture() == noisy.snapshots.capture(), move.words()
