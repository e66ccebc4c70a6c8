# SPDX-License-Identifier: MIT
"""Presses, hands, belt, contacts, resets and power cuts in any order keep I1 to I3, I6, I7, and
no press of START ever does two things. Stateful: each example lives on the full stack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from tests.hazards import needs_fork, orders, way
from tests.hazards.zygote import Zygote

pytestmark = needs_fork
EXAMPLES = 40


@pytest.fixture(scope="module")
def board() -> Iterator[Zygote]:
    with Zygote(way.scenario("READY")) as z:
        yield z


def test_the_whole_sessions_among_the_orders_are_sessions(board: Zygote) -> None:
    """Else the orders would hardly ever close the relay."""
    for moves, last in ((orders.FORWARD, "FORWARD"), (orders.BACKWARD, "BACKWARD")):
        lived = board.run(orders.live, [*moves, (2500, orders.do("note", text="there"))])
        assert lived.wrong == []
        assert last in lived.states
        assert lived.sessions == 1


@settings(max_examples=EXAMPLES)
@given(moves=orders.orders())
def test_any_order_of_events_keeps_the_invariants(board: Zygote, moves: list[orders.Move]) -> None:
    assert board.run(orders.live, moves).wrong == []
