# SPDX-License-Identifier: MIT
"""The deck moves as fast as its motor, however often somebody looks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from treadguard.virtual.deck import Deck
from treadguard.virtual.rng import Lcg

WRAP_MS = 1 << 30
LATE_MS = 20  # a look


def deck_at(ms: int) -> Deck:
    world: Any = SimpleNamespace(
        now=0, tick_us=0, tick_ms=ms, belt=SimpleNamespace(moving=False), log=None,
        walker=SimpleNamespace(on_belt=False),
    )  # fmt: skip
    deck = Deck(world, Lcg(1))
    deck.fit("lis3dh")
    return deck


def look(deck: Deck, ms: int) -> int:
    deck.world.tick_ms = (deck.world.tick_ms + ms) % WRAP_MS
    deck.world.tick_us += ms * 1000
    deck.read(0x28, bytearray(6))
    return int(deck.permille)


@pytest.mark.parametrize("began_ms", [0, 4711, WRAP_MS - 1000])
@pytest.mark.parametrize("per_second", [1, 7, 30, 40, 999])
@pytest.mark.parametrize(("start", "end"), [(12, 145), (100, 0), (-50, 90)])
def test_it_is_there_when_its_motor_says(
    began_ms: int, per_second: int, start: int, end: int
) -> None:
    deck = deck_at(began_ms)
    deck.raise_to(start, 0)
    deck.raise_to(end, per_second)
    due_ms = abs(end - start) * 1000 // per_second
    waited_ms = 0
    while look(deck, LATE_MS) != end:
        waited_ms += LATE_MS
        share = min(1.0, waited_ms / due_ms)
        assert abs(deck.permille - start - share * (end - start)) <= 1
        assert waited_ms <= due_ms
    assert waited_ms + LATE_MS >= due_ms


def test_it_stays_where_it_came_to_when_the_clock_wraps() -> None:
    deck = deck_at(0)
    deck.raise_to(50, 10)
    assert look(deck, 5000) == 50
    for _ in range(5):
        assert look(deck, WRAP_MS // 4) == 50


def test_turned_round_on_its_way_it_goes_on_from_there() -> None:
    deck = deck_at(0)
    deck.raise_to(100, 10)
    assert look(deck, 4000) == 40
    deck.raise_to(0, 10)
    assert look(deck, 1000) == 30
