# SPDX-License-Identifier: MIT
"""Foreign files fill the flash, on the real LittleFS: what gives way and what never does."""

from __future__ import annotations

import pytest

from tests.power_cuts.runs import run_script

pytestmark = pytest.mark.micropython
STOP, CONFIG = 4, 12  # kinds of the journal


@pytest.mark.parametrize("left_bytes", [0, 9000, 20000])
@pytest.mark.parametrize("boxes", [1, 4])
def test_old_boxes_give_way_and_walking_goes_on(micropython_31_bit, left_bytes, boxes):
    found = run_script(micropython_31_bit, "full_script.py", left_bytes, boxes)
    assert found["room"] <= max(left_bytes, 4096)
    assert found["ready"]
    assert found["starts_again"]
    assert found["setting"] == 12
    assert found["kept_of_the_walk"] == [CONFIG, STOP]
    assert found["lost"] == []
    assert found["torn"] == []
    assert found["foreign"]
    assert "b00000001.bin" in found["gone"]
    told = [f"{kind}{number:08d}.bin" for kind, number in found["told"]]
    assert sorted(told) == found["gone"]
    assert found["told"][0] == ["b", 1], "the oldest black box goes first"


def test_with_nothing_left_to_give_the_box_blocks_and_loses_nothing(micropython_31_bit):
    found = run_script(micropython_31_bit, "full_script.py", 0, 0)
    assert not found["ready"]
    assert found["lost"] == []
    assert found["foreign"]
    assert found["setting"] == 11, "the old setting, whole"
