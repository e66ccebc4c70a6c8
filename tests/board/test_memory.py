# SPDX-License-Identifier: MIT
"""The built firmware in the RAM it may have: its share, its peak, and ticks that allocate nothing.

The bench measures the same over an hour and says where the bytes go; here they are a verdict.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.bench import device
from tests.bench.memory_tables import CLOSED, PEAK_AT_MOST, SHARE_AT_MOST, TICKS_AT_LEAST
from tests.conftest import ROOT

ROOMY = ("-X", "heapsize=1M")


@pytest.fixture
def roomy(micropython_31_bit: list[str]) -> list[str]:
    return [*micropython_31_bit[:-2], *ROOMY]


def on_built(command: list[str], built: Path, script: str, *arguments: object) -> dict[str, Any]:
    return device.result(command, script, *arguments, firmware=built)


@pytest.mark.micropython
def test_the_share_after_the_start_is_small_enough(
    roomy: list[str], built: Path, flash: Path
) -> None:
    found = on_built(roomy, built, "live_heap.py", flash, 2)
    assert found["faults"] == ["BELT_STOPPED"]
    assert found["started"] - found["alone"] <= SHARE_AT_MOST
    assert max(found["every_minute"]) <= found["started"] + 500


@pytest.mark.micropython
def test_a_laptop_that_asks_for_everything_is_answered_in_the_heap_there_is(
    roomy: list[str], built: Path, flash: Path
) -> None:
    found = on_built(roomy, built, "busy_session.py", flash)
    assert not found["refused"]
    assert not found["failures"]
    assert found["answered"] >= found["asked"]
    assert found["stored"] > 10_000  # the session was recorded meanwhile
    assert found["most"] - found["alone"] <= PEAK_AT_MOST


@pytest.mark.micropython
def test_whole_ticks_run_with_the_heap_locked_in_each_closed_state(
    roomy: list[str], built: Path
) -> None:
    found = on_built(roomy, built, "guard_path.py", "whole")
    assert found["allocation"] == ""
    assert not found["failures"]
    assert min(found["ticks"].get(state, 0) for state in CLOSED) >= TICKS_AT_LEAST


@pytest.mark.slow
@pytest.mark.micropython
@pytest.mark.parametrize("form", ["built", "source"])
@pytest.mark.parametrize("what", ["locked", "whole"])
def test_the_guard_path_allocates_nothing(
    roomy: list[str], built: Path, form: str, what: str
) -> None:
    firmware = built if form == "built" else None
    found = device.result(roomy, "guard_path.py", what, firmware=firmware)
    assert found["allocation"] == ""
    assert not found["failures"]
    assert min(found["ticks"].get(state, 0) for state in CLOSED) >= TICKS_AT_LEAST


@pytest.mark.slow
@pytest.mark.micropython
@pytest.mark.parametrize("form", ["built", "source"])
def test_the_guard_path_allocates_nothing_with_every_option_on(
    roomy: list[str], built: Path, form: str
) -> None:
    firmware = built if form == "built" else None
    found = device.result(roomy, "guard_path.py", "locked", "options", firmware=firmware)
    assert found["allocation"] == ""
    assert not found["failures"]
    assert min(found["ticks"].get(state, 0) for state in CLOSED) >= TICKS_AT_LEAST


@pytest.mark.micropython
@pytest.mark.parametrize("what", ["locked", "whole"])
def test_an_allocation_is_noticed(roomy: list[str], built: Path, what: str) -> None:
    """In a step of the guard path, and in the link, which catches every exception."""
    found = on_built(roomy, built, "guard_path.py", what, "plant")
    assert found["allocation"].startswith("_talk" if what == "whole" else "_judge: guard_path.py")


@pytest.mark.micropython
def test_the_names_of_the_list_cost_nothing(roomy: list[str], tmp_path: Path) -> None:
    """On the unix port; of the ESP32's image the list was made by its stubs."""
    path = ROOT / "host_tools/treadguard/board/rom_names.txt"
    names = [n for n in path.read_text().splitlines() if n and not n.startswith("#")]
    script = tmp_path / "names.py"
    script.write_text(
        "from micropython import qstr_info\n"
        "class Thing: pass\n"
        "thing = Thing()\n"
        "names = open('names.txt').read().split()\n"
        "qstr_info()\n"
        "for name in names: setattr(thing, name, 0)\n"
        "qstr_info()\n"
        "setattr(thing, 'surely' + '_new', 0)\n"
        "qstr_info()\n"
    )
    (tmp_path / "names.txt").write_text("\n".join(names))
    done = subprocess.run(
        [*roomy, str(script)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    counts = [line.split("n_qstr=")[1].split(",")[0] for line in done.stdout.splitlines()]
    assert counts[0] == counts[1] != counts[2]
