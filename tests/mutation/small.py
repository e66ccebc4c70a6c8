# SPDX-License-Identifier: MIT
"""A core of two files with a suite of its own: the whole gate on it takes a second."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tests.mutation import CORE, ROOT
from tests.mutation.__main__ import main
from tests.mutation.outcomes import Runner

TICKS = """
def since(now, then):
    return (now - then) & 0x3FFFFFFF
"""
# The canaries need the lines they change as the core has them.
INTERLOCKS = """
from guard.core.ticks import since

class Interlocks:
    def worst(self, now, then):
        if since(now, then) > 9:
            worst = 5
            return worst
        return 0

def late(now, then):
    return Interlocks().worst(now, then)
"""
FAST = """
from guard.core.interlocks import late
from guard.core.ticks import since

def test_late_after_9_ms():
    assert late(13, 4) == late(4, 4) == 0
    assert late(14, 4) == 5
    assert late(2, (1 << 30) - 9) == 5

def test_since_wraps():
    assert since(1, (1 << 30) - 1) == 2
    assert since(0xAAAAAAAA & 0x3FFFFFFF, 0) == 0x2AAAAAAA
    assert since(0x15555555, 0) == 0x15555555
"""
SLOW = """
from guard.core.interlocks import late

def test_slow():
    assert late(1000, 4) == 5
"""
COPIED = ("tests/firmware/run.py", "host_tools/treadguard/virtual/fakes_cpython/micropython.py")
EMPTY = ("tests/__init__.py", "tests/support/__init__.py", "tests/support/stream.py")


def named(folder: str) -> list[str]:
    """The files of a folder: run.py loads every module of the core by its name."""
    return [f"{folder}/{path.name}" for path in sorted((ROOT / folder).glob("*.py"))]


class Small:
    """A house with that core and suite, and what its last run said."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "house"
        self.out = folder / "build"
        self.listed = folder / "equivalent.toml"
        self.listed.write_text("")
        for name in COPIED:
            self.path(name)
            shutil.copyfile(ROOT / name, self.root / name)
        for name in EMPTY:
            self.write(name, "")
        for name in ("firmware/guard/__init__.py", *named(CORE)):
            self.write(name, "")
        self.write(f"{CORE}/ticks.py", TICKS)
        self.write(f"{CORE}/interlocks.py", INTERLOCKS)
        self.write("tests/firmware/__init__.py", 'FAST = ("test_fast",)\n')
        self.write("tests/firmware/test_fast.py", FAST)
        self.write("tests/firmware/test_slow.py", SLOW)

    def path(self, name: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write(self, name: str, text: str) -> None:
        self.path(name).write_text(text)

    def change(self, name: str, old: str, new: str) -> None:
        text = self.path(name).read_text()
        assert text.count(old) == 1, (name, old)
        self.write(name, text.replace(old, new))

    def run(self, *arguments: str, runner: Any = Runner) -> int:
        return main([*arguments, "--out", str(self.out)], self.root, self.listed, runner)

    def figures(self) -> dict[str, Any]:
        return json.loads((self.out / "mutation.json").read_text())

    def has_figures(self) -> bool:
        return (self.out / "mutation.json").exists()
