# SPDX-License-Identifier: MIT
"""A cause survives a power cut any time after its NVS commit; before it, the cut is named."""

from __future__ import annotations

import pytest

from tests.hazards import needs_fork
from tests.hazards.cuts import cuts
from tests.hazards.test_program import none_wrong

pytestmark = needs_fork


@pytest.mark.parametrize("what", ["let_go", "runaway"])
def test_a_power_cut_while_the_belt_stops(what: str) -> None:
    none_wrong(cuts(what, 0, 2000, 110), 18)


def test_a_power_cut_around_the_commit() -> None:
    none_wrong(cuts("let_go", 420, 480, 10), 6)


def test_a_power_cut_of_a_stop_that_fails() -> None:
    """The belt obeys nothing: whenever the power went, the next start locks the board."""
    none_wrong(cuts("start", 0, 1200, 240, runs_on=True), 5)


def test_a_power_cut_between_standstill_and_the_journal() -> None:
    none_wrong(cuts("let_go", 2200, 2320, 10), 12)
