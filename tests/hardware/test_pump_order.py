# SPDX-License-Identifier: MIT
"""A program that dies between the two writes of one toggle must leave the quick state behind.

Both pins high is one more edge for the pump: by simulation.md it lasts half as long again as an
ordinary freeze. Both pins low empties it three times as fast.
"""

from __future__ import annotations

import pytest

from guard.board.relay import Relay
from guard.core.states import CLOSED, TOGGLE_ONLY


class Written:
    """A pin that tells what the other one is at each of its own writes."""

    def __init__(self, levels: dict[str, int], name: str, seen: list[tuple[int, int]]) -> None:
        self.levels, self.name, self.seen = levels, name, seen

    def value(self, level: int) -> None:
        self.levels[self.name] = level
        self.seen.append((self.levels["a"], self.levels["b"]))


@pytest.fixture
def toggled():
    """All pairs of levels that the pump pins go through in eight toggles."""

    def run(command: int) -> list[tuple[int, int]]:
        levels, seen = {"a": 0, "b": 0}, []
        relay = Relay.__new__(Relay)
        relay._a, relay._b = Written(levels, "a", seen), Written(levels, "b", seen)
        relay._phase, relay._command = 0, command
        for _ in range(8):
            relay.pump()
        return seen

    return run


@pytest.mark.parametrize("command", [CLOSED, TOGGLE_ONLY])
def test_both_pump_pins_are_never_high_between_two_writes(toggled, command):
    assert (1, 1) not in toggled(command)


@pytest.mark.parametrize("command", [CLOSED, TOGGLE_ONLY])
def test_each_toggle_ends_in_antiphase(toggled, command):
    assert set(toggled(command)[1::2]) == {(1, 0), (0, 1)}


def test_the_quick_state_is_the_one_with_both_low(known):
    for corner in ("nominal", "longest"):
        frozen = known["frozen"][corner]
        assert frozen["both low"]["50"] < frozen["high"]["50"] < frozen["both high"]["50"]
