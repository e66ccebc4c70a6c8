# SPDX-License-Identifier: MIT
"""What a board does at its start when its files are not what they should be."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.support.virtual_line import VirtualLine
from treadguard.link.client import Client
from treadguard.virtual import scenario
from treadguard.virtual.runner import Runner, find_paths, restore_modules
from treadguard.virtual.wiring import PUMP_A, PUMP_B, RELAY_EN

START_US = 8_000_000


@pytest.fixture
def lines() -> Iterator[list[VirtualLine]]:
    made: list[VirtualLine] = []
    yield made
    for line in made:
        line.close()


def status(line: VirtualLine) -> dict[str, Any]:
    line.wait(START_US)
    client = Client(line)
    return client.attach()


@pytest.mark.parametrize(("damage", "due"), [("keep", False), ("lost", True), ("damaged", True)])
def test_a_stop_test_whose_result_is_lost_is_due_again(
    lines: list[VirtualLine], damage: str, due: bool
) -> None:
    line = VirtualLine(ROOT / "firmware")
    lines.append(line)
    files = line.world.flash.files
    if damage != "keep":
        stored = files.pop("config.json")
        files.pop("config.old", None)
        if damage == "damaged":
            files["config.json"] = stored[:-3]
    assert status(line)["stop_test_due"] is due


def crashed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> tuple[Any, list[int]]:
    """A board whose firmware lacks one part; its world after 8 s, and Ctrl-C's settings."""
    folder = tmp_path / "firmware"
    shutil.copytree(ROOT / "firmware", folder, ignore=shutil.ignore_patterns("__pycache__"))
    target = folder / missing
    if target.is_dir():
        shutil.rmtree(target)
    else:
        target.unlink()
    monkeypatch.setattr(sys, "path", list(sys.path))
    whole = {name: module for name, module in sys.modules.items() if is_firmware(name)}
    find_paths(str(folder))
    import micropython

    keyboard: list[int] = []
    monkeypatch.setattr(micropython, "kbd_intr", keyboard.append)
    world = scenario.build({"name": "damaged", "board": {}}, str(folder))
    world.press_estop(True)
    world.call_at(8_000_000, lambda _: world.end(), 0)
    try:
        Runner(world, str(folder)).run()
    finally:
        restore_modules()
        for name in filter(is_firmware, list(sys.modules)):
            del sys.modules[name]
        sys.modules.update(whole)
    return world, keyboard


def is_firmware(name: str) -> bool:
    return name == "guard" or name.startswith("guard.")


@pytest.mark.parametrize("missing", ["guard/board/failsafe.py", "guard/board/relay.py"])
def test_half_a_deployment_ends_at_the_prompt_with_the_relay_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    world, keyboard = crashed(tmp_path, monkeypatch, missing)
    assert keyboard[-1] == 3  # mpremote gets in
    assert not any(world.outputs[gpio] for gpio in (RELAY_EN, PUMP_A, PUMP_B))
    assert not any(e[1] == "relay" and e[2] == "closed" for e in world.events)


@pytest.mark.parametrize("missing", ["guard/recorder.py", "guard/core/speed.py", "guard/link"])
def test_a_part_that_is_missing_ends_there_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    world, keyboard = crashed(tmp_path, monkeypatch, missing)
    assert keyboard[-1] == 3
    assert not any(world.outputs[gpio] for gpio in (RELAY_EN, PUMP_A, PUMP_B))
