# SPDX-License-Identifier: MIT
"""A build replaces nothing but a build, is the same every time, and refuses what it cannot see."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import pytest

from tests.board.conftest import FIRMWARE
from treadguard import manifest
from treadguard.board.build import build, main
from treadguard.board.bundle import Bundle
from treadguard.board.names import words
from treadguard.board.program import BuildError, Number, Program
from treadguard.errors import UsageError


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FIRMWARE, tmp_path / "source"))


# What is never replaced


def test_the_firmware_is_never_replaced(copied: Path) -> None:
    before = contents(copied)
    for out in (copied, copied.parent, copied / "guard", copied / "new"):
        with pytest.raises(UsageError, match="holds the firmware"):
            build(copied, out)
    assert contents(copied) == before


def test_a_folder_that_is_no_build_is_never_replaced(copied: Path, tmp_path: Path) -> None:
    for name in ("something.txt", manifest.NAME):
        out = tmp_path / name.split(".")[0]
        out.mkdir()
        (out / name).write_text("mine")
        with pytest.raises(UsageError, match="is no earlier build"):
            build(copied, out)
        assert contents(out) == {name: b"mine"}


def test_what_only_stands_beside_is_never_replaced(copied: Path, tmp_path: Path) -> None:
    beside = tmp_path / "new.source"
    beside.mkdir()
    (beside / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="exists without"):
        build(copied, tmp_path / "new")
    assert contents(beside) == {"notes.txt": b"mine"}


def test_a_folder_without_firmware_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no firmware folder"):
        build(tmp_path, tmp_path.parent / "out")


def test_the_command_line_takes_one_folder(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["firmware", "build/x"])
    assert main([str(FIRMWARE)]) == 2
    assert "holds the firmware" in capsys.readouterr().err
    assert (FIRMWARE / "main.py").is_file()


def test_a_build_that_fails_leaves_the_earlier_one(copied: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(copied, out, compiled=False)
    before = contents(tmp_path)
    facade = copied / "guard" / "facade.py"
    facade.write_text(facade.read_text() + "\n\ndef wrong():\n    global x\n")
    with pytest.raises(BuildError, match=r"facade\.py:\d+: .* global"):
        build(copied, out)
    facade.write_bytes(before["source/guard/facade.py"])
    assert contents(tmp_path) == before


# What it makes


def test_the_same_source_gives_the_same_bytes(built: Path, copied: Path, tmp_path: Path) -> None:
    build(copied, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(built)


def test_every_file_is_in_the_manifest(built: Path) -> None:
    listed = [line.split()[0] for line in (built / manifest.NAME).read_text().splitlines()]
    assert listed[-1] == manifest.NAME
    assert sorted(listed) == sorted(contents(built))
    assert {"boot.py", "main.py", "guard/controller.mpy", "guard/texts/faults.txt"} < set(listed)


def test_boot_py_needs_nothing_of_ours_and_names_the_same_pins(built: Path) -> None:
    boot = (built / "boot.py").read_text()
    program = Program(FIRMWARE)
    named = re.findall(r"pins\.(\w+)", (FIRMWARE / "boot.py").read_text())
    pins = [program.meaning("guard.board.pins", name) for name in named]
    assert {"RELAY_EN", "PUMP_A", "PUMP_B"} <= set(named)
    numbers = tuple(pin.value for pin in pins if isinstance(pin, Number))
    assert "guard" not in boot
    assert f"for gpio in {numbers}:" in boot
    assert "value=0" in boot
    assert (built / "main.py").read_bytes() == (FIRMWARE / "main.py").read_bytes()


def test_no_new_name_can_be_taken_for_another(bundle: Bundle) -> None:
    used = words(bundle.program)
    for renamed in (bundle.attributes, bundle.names):
        new = [name for old, name in renamed.items() if getattr(old, "name", old) != name]
        assert len(new) == len(set(new))
        assert not used & set(new)
    assert not set(bundle.parameters) & (set(bundle.names.values()) | used)


def test_attributes_that_share_a_name_are_never_of_one_object(bundle: Bundle) -> None:
    families = bundle.families
    sharing: dict[str, list[str]] = {}
    for old in bundle.attributes:
        sharing.setdefault(bundle.called(old), []).append(old)
    assert len(sharing) < len(bundle.attributes) // 2
    for together in sharing.values():
        having = [families.having(old) for old in together]
        assert len(set().union(*having)) == sum(map(len, having))
        assert len(together) == 1 or not families.anyone & set(together)


def test_the_cores_data_keeps_its_names_for_checkpoints(bundle: Bundle) -> None:
    renamed = set(bundle.attributes)
    for name, module in bundle.program.modules.items():
        if name.startswith("guard.core"):
            nodes = [n for n in ast.walk(module.tree) if isinstance(n, ast.Attribute)]
            stored = {n.attr for n in nodes if isinstance(n.ctx, ast.Store)}
            assert not stored & renamed


def test_the_controller_asks_for_nothing_that_is_loaded_later(built: Path) -> None:
    source = (built.with_name("firmware.source") / "guard" / "controller.py").read_text()
    imported = [n for n in ast.parse(source).body if isinstance(n, ast.ImportFrom)]
    assert {n.module for n in imported if n.module and n.module.startswith("guard")} <= {
        "guard.board", "guard.board.relay", "guard.record.buffers",
    }  # fmt: skip


# What is not understood

BAD = {
    "star import": "from guard.core.faults import *\n",
    "relative import": "from . import core\n",
    "import in a function": "def wrong():\n    from guard.core import faults\n",
    "nonlocal": "def wrong():\n    x = 1\n    def inner():\n        nonlocal x\n",
    "module as a value": "from guard.core import states\n\nwrong = [states]\n",
    "assignment to a module": "from guard.core import states\n\nstates.OPEN = 1\n",
    "foreign name under another": "from json import dumps as wrong\n",
    "re-exported": "from guard.record.frames import crc32\n",
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_not_understood_is_refused(copied: Path, tmp_path: Path, what: str) -> None:
    facade = copied / "guard" / "facade.py"
    facade.write_text(facade.read_text() + "\n\n" + BAD[what])
    with pytest.raises(BuildError):
        build(copied, tmp_path / "out", compiled=False)
    assert not (tmp_path / "out").exists()
