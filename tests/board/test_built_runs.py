# SPDX-License-Identifier: MIT
"""What is shipped is what is tested: the built folder decides the same, in the RAM it may have."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bench import device
from tests.board.conftest import FIRMWARE
from tests.conftest import ROOT
from tests.test_firmware_on_micropython import FILES
from treadguard import manifest, simulation

ON_BUILT = "tests/board/on_device/on_built.py"
SHARE_AT_MOST = 96 << 10
PEAK_AT_MOST = 128 << 10
ROOMY = ("-X", "heapsize=1M")
# Every state, every class of fault, resets, records, the link.
SCENARIOS = (
    "first_power_up_to_first_backward_walk",
    "lets_go_of_both_rails",
    "sensor_dies_while_walking",
    "lockout_is_left_only_by_the_proof_at_the_board",
    "power_cut_while_walking_is_remembered",
    "exception_opens_the_relay_and_trips",
    "damaged_firmware_blocks",
    "confirmed_change_needs_three_seconds_of_start",
    "watching_laptop_disturbs_nothing",
    "touch_rails_are_held_for_fifteen_minutes",
)
ON_CPYTHON = SCENARIOS[:3]


def log_of(name: str, command: list[str], firmware: Path) -> list[str]:
    """Event log and result; left out is what the firmware itself prints, which names files."""
    scenario = simulation.load(simulation.find(name))
    path = firmware.parent / f"{name}.{command[0].rsplit('/', 1)[-1]}.json"
    path.write_text(json.dumps(scenario), encoding="ascii")
    done = subprocess.run(
        [*command, str(path), str(firmware)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return [line for line in done.stdout.splitlines() if line[:1] in "[{"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The firmware's folder, with room beside it."""
    (tmp_path / "firmware").symlink_to(FIRMWARE)
    return tmp_path / "firmware"


@pytest.mark.micropython
@pytest.mark.parametrize("name", SCENARIOS)
def test_bytecode_decides_as_the_source_does(
    micropython_31_bit: list[str], built: Path, source: Path, name: str
) -> None:
    command = [*micropython_31_bit[:-2], "-X", "heapsize=64M", str(simulation.RUNNER)]
    log = log_of(name, command, built)
    assert log == log_of(name, command, source)
    assert len(log) > 10


@pytest.mark.parametrize("name", ON_CPYTHON)
def test_the_text_it_is_made_of_decides_the_same(
    built_text: Path, source: Path, name: str
) -> None:
    command = [sys.executable, "-B", str(simulation.RUNNER)]
    assert log_of(name, command, built_text) == log_of(name, command, source)


@pytest.mark.micropython
@pytest.mark.parametrize("name", FILES)
def test_the_cores_tests_pass_on_bytecode(
    micropython_31_bit: list[str], built: Path, name: str
) -> None:
    ran = subprocess.run(
        [*micropython_31_bit[:-2], "-X", "heapsize=16M", "tests/firmware/run.py",
         "--firmware", str(built), name],
        cwd=ROOT, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.splitlines()[-1].endswith(" 0 failed")


# RAM


@pytest.fixture(scope="session")
def flash(built: Path) -> Path:
    """A commissioned board's flash, with the manifest of the build."""
    laid_out = json.loads(device.run(device.cpython(), "lay_out.py").stdout)
    laid_out["files"][manifest.NAME] = manifest.build(str(built)).encode().hex()
    path = built.parent / "flash.json"
    path.write_text(json.dumps(laid_out), encoding="ascii")
    return path


def on_built(command: list[str], built: Path, *arguments: object) -> dict[str, Any]:
    words = [*command[:-2], *ROOMY, ON_BUILT, str(built), *map(str, arguments)]
    done = subprocess.run(
        words, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.micropython
def test_the_share_after_the_start_is_small_enough(
    micropython_31_bit: list[str], built: Path, flash: Path
) -> None:
    found = on_built(micropython_31_bit, built, "live_heap.py", flash, 2)
    assert found["faults"] == ["BELT_STOPPED"]
    assert found["started"] - found["alone"] <= SHARE_AT_MOST
    assert max(found["every_minute"]) <= found["started"] + 500


@pytest.mark.micropython
def test_a_laptop_that_asks_for_everything_is_answered_in_the_heap_there_is(
    micropython_31_bit: list[str], built: Path, flash: Path
) -> None:
    found = on_built(micropython_31_bit, built, "busy_session.py", flash)
    assert not found["refused"]
    assert not found["failures"]
    assert found["answered"] >= found["asked"]
    # While a file grows, the virtual flash holds it twice.
    assert found["most"] - found["alone"] - 2 * found["stored"] <= PEAK_AT_MOST


@pytest.mark.micropython
def test_the_guard_path_allocates_nothing(
    micropython_31_bit: list[str], built: Path, flash: Path
) -> None:
    found = on_built(micropython_31_bit, built, "guard_path.py")
    assert found["allocation"] == ""
    assert found["enough"]
    planted = on_built(micropython_31_bit, built, "guard_path.py", "plant")
    assert "guard_path.py" in planted["allocation"]


@pytest.mark.micropython
def test_the_names_of_the_list_cost_nothing(micropython_31_bit: list[str], tmp_path: Path) -> None:
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
        [*micropython_31_bit[:-2], *ROOMY, str(script)],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    counts = [line.split("n_qstr=")[1].split(",")[0] for line in done.stdout.splitlines()]
    assert counts[0] == counts[1] != counts[2]
