# SPDX-License-Identifier: MIT
"""The host reads the device's tables from the firmware, without leaving a trace."""

from __future__ import annotations

import sys

from treadguard import firmware


def test_loading_leaves_no_trace() -> None:
    before, path = set(sys.modules), list(sys.path)
    firmware.load.cache_clear()
    firmware.load("guard.core.gestures")
    private = {name for name in set(sys.modules) - before if firmware._is_private(name)}
    assert not private
    assert sys.path == path


def test_a_firmware_that_is_running_is_not_disturbed() -> None:
    firmware.load.cache_clear()
    mark = object()
    sys.modules["guard"] = mark  # type: ignore[assignment]
    try:
        firmware.load("guard.core.states")
        assert sys.modules["guard"] is mark
    finally:
        del sys.modules["guard"]


def test_two_loads_share_their_constants() -> None:
    firmware.load.cache_clear()
    table = firmware.load("guard.core.faults")
    assert firmware.load("guard.core.interlocks").f is table


def test_a_block_may_import_the_firmware_and_nest() -> None:
    with firmware.importable():
        from guard.core import states

        assert firmware.load("guard.core.states") is states
    assert "guard.core.states" not in sys.modules


def test_loading_writes_no_bytecode_into_the_firmware_folder() -> None:
    firmware.load("guard.core.faults")
    assert not list((firmware.folder() / "guard" / "core").glob("__pycache__/faults*"))
