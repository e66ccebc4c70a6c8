# SPDX-License-Identifier: MIT
"""The board's records on the real LittleFS: a power cut at no moment costs what was acknowledged.

Every operation is cut by `python -m tests.power_cuts`; here a part of them.
"""

from __future__ import annotations

import pytest

from tests.power_cuts.runs import run, run_script

pytestmark = pytest.mark.micropython
QUICK, SLOW = 499, 47


def test_a_cut_costs_nothing_acknowledged(micropython_31_bit):
    found = run(micropython_31_bit, QUICK, 100)
    assert found["cuts"] >= 10
    assert found["complaints"] == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_cuts_all_over_the_story_cost_nothing_acknowledged(micropython_31_bit):
    found = run(micropython_31_bit, SLOW)
    assert found["cuts"] >= 100
    assert found["complaints"] == []
    # The story went through everything that removes something, too.
    assert {"j00000001.bin", "b00000001.bin", "b.tmp", "t.tmp"} <= set(found["gave_way"])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_board_that_acknowledges_too_early_is_found_out(micropython_31_bit):
    assert run(micropython_31_bit, 17, 5, 40)["complaints"]


def test_a_flipped_bit_is_told_or_harmless(micropython_31_bit):
    found = run_script(micropython_31_bit, "flips_script.py", 30, 7)
    assert found["flips"] == 30
    assert found["told"] > 0
    assert found["wrong"] == []
