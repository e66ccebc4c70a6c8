# SPDX-License-Identifier: MIT
"""What is shipped is what is tested: the built folder decides as the source does.

Its bytecode on 32-bit MicroPython logs the same events as the source: some scenarios in every
run, all of them in the slow one. So does the text it was made of, on CPython.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.support.runs import on_cpython
from tests.test_firmware_on_micropython import FILES
from treadguard import simulation

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
    "estop_works_with_the_program_hanging",
    "ctrl_c_stops_through_a_flood",
    "welded_relay_locks_out",
    "broken_store_still_stops_then_blocks",
    # With options, whose modules are loaded at the start.
    "every_option_together_walks_as_without",
    "the_second_sensor_dies_while_walking",
    "second_stop_drops_when_a_stop_cannot_be_proven",
    "deck_raised_over_ten_percent_stops_on_mpu6050",
    "options_fitted_but_not_set_block_by_name",
    "bypassed_key_loop_locks_out",
)
ON_CPYTHON = (
    *SCENARIOS[:4],
    "broken_store_still_stops_then_blocks",
    "every_option_together_walks_as_without",
)
# A bit of a module's constant flips; the built form has no such constant in its RAM.
POKED = ("flipped_bit_in_memory_trips",)
S3 = [path.stem for path in simulation.library() if "esp32s3" in simulation.read(path).values()]
LIBRARY = [p.stem for p in simulation.library() if p.stem not in (*POKED, *S3)]
CPYTHON = [sys.executable, "-B", str(simulation.RUNNER)]


def log_of(name: str, command: list[str], firmware: Path, folder: Path) -> list[Any]:
    """Event log and result; left out is what the firmware itself prints, which names files."""
    path = folder / f"{name}.json"
    path.write_text(json.dumps(simulation.load(simulation.find(name))), encoding="ascii")
    done = subprocess.run(
        [*command, str(path), str(firmware)], capture_output=True, text=True, check=False
    )
    # A scenario that misses an expectation still shows whether both decide the same.
    assert done.returncode in (simulation.PASSED, simulation.FAILED), done.stderr[-2000:]
    lines = [json.loads(line) for line in done.stdout.splitlines() if line[:1] in "[{"]
    assert lines, done.stdout[-2000:] + done.stderr[-2000:]
    assert isinstance(lines[-1], dict), done.stdout[-2000:] + done.stderr[-2000:]
    return lines


def source_log(name: str, shared: Path) -> list[Any]:
    """The same of the source on CPython."""
    run = on_cpython(simulation.find(name), shared)
    return [*run.events, run.summary]


def on_chip(micropython: list[str]) -> list[str]:
    return [*micropython, "-X", simulation.HEAP, str(simulation.RUNNER)]


@pytest.mark.micropython
@pytest.mark.parametrize("name", SCENARIOS)
def test_bytecode_decides_as_the_source_does(
    micropython_31_bit: list[str], built: Path, shared: Path, tmp_path: Path, name: str
) -> None:
    log = log_of(name, on_chip(micropython_31_bit), built, tmp_path)
    assert log == source_log(name, shared)
    assert len(log) > 10


@pytest.mark.parametrize("name", ON_CPYTHON)
def test_the_text_it_is_made_of_decides_the_same(
    built_text: Path, shared: Path, tmp_path: Path, name: str
) -> None:
    assert log_of(name, CPYTHON, built_text, tmp_path) == source_log(name, shared)


@pytest.mark.micropython
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", S3)
def test_an_s3s_bytecode_and_its_text_decide_as_the_source_does(
    micropython_31_bit: list[str],
    built_s3: Path,
    built_s3_text: Path,
    shared: Path,
    tmp_path: Path,
    name: str,
) -> None:
    source = source_log(name, shared)
    assert log_of(name, on_chip(micropython_31_bit), built_s3, tmp_path) == source
    assert log_of(name, CPYTHON, built_s3_text, tmp_path) == source
    assert len(source) > 10


def test_there_are_scenarios_of_an_s3() -> None:
    assert len(S3) >= 3


@pytest.mark.slow
@pytest.mark.micropython
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", [name for name in LIBRARY if name not in SCENARIOS])
def test_bytecode_decides_as_the_source_does_in_every_other_scenario(
    micropython_31_bit: list[str], built: Path, shared: Path, tmp_path: Path, name: str
) -> None:
    log = log_of(name, on_chip(micropython_31_bit), built, tmp_path)
    assert log == source_log(name, shared)


@pytest.mark.micropython
@pytest.mark.parametrize("name", POKED)
def test_what_the_built_form_does_not_have_cannot_be_damaged(
    micropython_31_bit: list[str], built: Path, tmp_path: Path, name: str
) -> None:
    """Said in the log, not passed over. tests/firmware/test_state_words.py flips its words."""
    log = log_of(name, on_chip(micropython_31_bit), built, tmp_path)
    said = [json.dumps(line) for line in log]
    assert any("refused" in line and "no guard.core.supervisor in RAM" in line for line in said)


def test_a_build_that_decides_otherwise_is_noticed(
    built_text: Path, shared: Path, tmp_path: Path
) -> None:
    """The comparison itself: hands let go, and a build that waits a little longer."""
    other = tmp_path / "firmware"
    other.mkdir()
    for path in sorted(built_text.rglob("*")):
        copy = other / path.relative_to(built_text)
        copy.mkdir(exist_ok=True) if path.is_dir() else copy.write_bytes(path.read_bytes())
    symbols = built_text.with_name("firmware.symbols")
    (tmp_path / "firmware.symbols").write_bytes(symbols.read_bytes())
    controller = other / "guard" / "controller.py"
    text = controller.read_text()
    grace = "(833, 447, 3333, 100, 30, 400,"  # the defaults, rail_grace_ms the sixth
    assert text.count(grace) == 1
    controller.write_text(text.replace(grace, grace.replace("400", "420")))
    name = "lets_go_of_both_rails"
    assert log_of(name, CPYTHON, other, tmp_path) != source_log(name, shared)


# They take the core apart along seams that the build closes: a private part becomes its caller's,
# a constant a number, a name another. The same parts run as a whole in test_options and
# test_options_beside, and in every scenario.
OF_SEAMS = {
    "test_declared_options", "test_incline", "test_key_sense", "test_option_parts",
    "test_option_tables", "test_options_asked", "test_phase", "test_second_hall",
    "test_second_stop", "test_worst",
}  # fmt: skip
WHOLE = [name for name in FILES if name not in OF_SEAMS]


def test_no_file_is_left_out_that_does_not_exist() -> None:
    assert set(FILES) >= OF_SEAMS
    assert {"test_options", "test_options_beside"} <= set(WHOLE)


@pytest.mark.micropython
@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=[pytest.mark.slow] if n == "test_sweeps" else []) for n in WHOLE],
)
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
