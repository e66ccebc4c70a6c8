# SPDX-License-Identifier: MIT
"""The host reads the device's tables from the firmware, without leaving a trace."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from treadguard import firmware


def test_loading_leaves_no_trace() -> None:
    before, path = set(sys.modules), list(sys.path)
    firmware.load.cache_clear()
    firmware.load("guard.core.gestures")
    private = {name for name in set(sys.modules) - before if firmware._is_private(name)}
    assert not private
    assert sys.path == path


def test_a_firmware_that_is_running_is_not_disturbed(monkeypatch: pytest.MonkeyPatch) -> None:
    firmware.load.cache_clear()
    mark = object()
    monkeypatch.setitem(sys.modules, "guard", mark)
    firmware.load("guard.core.states")
    assert sys.modules["guard"] is mark


def test_two_loads_share_their_constants() -> None:
    firmware.load.cache_clear()
    table = firmware.load("guard.core.faults")
    assert firmware.load("guard.core.interlocks").f is table


def test_a_block_may_import_the_firmware_and_nest() -> None:
    before = sys.modules.get("guard.core.states")
    with firmware.importable():
        from guard.core import states

        assert firmware.load("guard.core.states") is states
    assert sys.modules.get("guard.core.states") is before


def test_texts_are_rows_of_cells(tmp_path: Path) -> None:
    path = tmp_path / "faults.txt"
    path.write_text(
        "# comment\n\nESTOP | the button is pressed | someone | turn it to release\nX|y\n"
    )
    assert firmware.read_texts(path, 4) == [
        ["ESTOP", "the button is pressed", "someone", "turn it to release"],
        ["X", "y", "", ""],
    ]
    assert firmware.read_texts(tmp_path / "missing.txt", 4) == []


def test_texts_name_only_faults_that_exist() -> None:
    assert set(firmware.fault_texts()) <= set(firmware.fault_names().values())
    assert set(firmware.parameter_texts()) <= set(firmware.parameters())


def test_loading_writes_no_bytecode_into_the_firmware_folder() -> None:
    folder = firmware.folder() / "guard"
    before = set(folder.rglob("*.pyc"))
    firmware.load.cache_clear()
    firmware.load("guard.core.faults")
    assert set(folder.rglob("*.pyc")) == before
