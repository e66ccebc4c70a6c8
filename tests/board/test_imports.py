# SPDX-License-Identifier: MIT
"""What the built form asks of the chip's loader: its file version, its stack, and when."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.bench import device
from treadguard.board.build import main

# The interpreter's task on the ESP32 has 16 KiB of stack and stops 1 KiB before its end.
CHIP_STACK = (16 - 1) << 10
ROOMY = ("-X", "heapsize=4M")
# 'M', version 6, bytecode only (then any 6.x loads it), small ints of 31 bits.
HEADER = b"M\x06\x00\x1f"


def life(command: Sequence[str], built: Path | None, *arguments: object) -> dict[str, Any]:
    python = [*command[:-2], *ROOMY]
    return device.result(python, "imports.py", *arguments, firmware=built)


def codes(found: dict[str, Any]) -> list[str]:
    kinds = ("being tested", "is closed", '"ok":true')
    return [next(kind for kind in kinds if kind in answer) for answer in found["answers"]]


def test_every_module_is_pure_bytecode_of_version_6(built: Path) -> None:
    modules = sorted(built.rglob("*.mpy"))
    assert len(modules) > 5
    assert {path.read_bytes()[:4] for path in modules} == {HEADER}


@pytest.mark.micropython
def test_nothing_is_loaded_while_the_relay_is_tested_closed_or_opening(
    micropython_31_bit: list[str], built: Path
) -> None:
    found = life(micropython_31_bit, built)
    assert codes(found) == ["being tested", "is closed", "being tested", '"ok":true']
    assert found["after_start"] == [["guard.link", "READY"], ["guard.link.requests", "READY"]]
    assert found["faults"] == ["BELT_STOPPED"]
    assert not found["failures"]


@pytest.mark.micropython
@pytest.mark.parametrize("options", ["", "fitted"])
def test_what_only_the_start_needs_is_no_module_any_more(
    micropython_31_bit: list[str], built: Path, options: str
) -> None:
    """Modules of options too: what is fitted runs on, as objects of modules nobody can name."""
    found = life(micropython_31_bit, built, 0, *options.split())
    assert found["faults"] == ["BELT_STOPPED"]
    assert (found["boots"], found["crash"], found["failures"]) == (1, False, [])
    loaded = {name for name in found["at_the_end"] if (built / as_file(name)).is_file()}
    assert loaded == {
        "guard.board.clock", "guard.board.failsafe", "guard.board.files", "guard.board.relay",
        "guard.board.reset", "guard.board.stdio", "guard.controller", "guard.link.requests",
        "guard.record.buffers",
    }  # fmt: skip
    start_only = {"guard.core.second_hall", "guard.board.options", "guard.board.unset"}
    assert all((built / as_file(name)).is_file() for name in start_only)


def as_file(module: str) -> str:
    return module.replace(".", "/") + ".mpy"


@pytest.mark.micropython
def test_imports_nest_two_deep(micropython_31_bit: list[str], built: Path) -> None:
    assert len(life(micropython_31_bit, built)["deepest"]) <= 2


@pytest.mark.micropython
def test_start_session_and_requests_fit_the_chips_stack(
    micropython_31_bit: list[str], built: Path
) -> None:
    """With the fakes and the physics on it too."""
    found = life(micropython_31_bit, built, CHIP_STACK)
    assert (found["boots"], found["crash"], found["failures"]) == (1, False, [])
    assert found["faults"] == ["BELT_STOPPED"]
    assert codes(found)[-1] == '"ok":true'


@pytest.mark.micropython
def test_a_stack_that_is_too_small_is_noticed(micropython_31_bit: list[str], built: Path) -> None:
    found = life(micropython_31_bit, built, CHIP_STACK // 2)
    assert found["crash"]


def test_the_firmware_is_built_by_one_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "build" / "firmware")]) == 0
    made = {path.name for path in (tmp_path / "build" / "firmware").iterdir()}
    assert made == {"boot.py", "main.py", "guard", "manifest.txt"}
    assert capsys.readouterr().err == ""
