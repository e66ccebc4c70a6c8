# SPDX-License-Identifier: MIT
"""The firmware's tests once more, under MicroPython with the ESP32's 31-bit small ints."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "firmware"
FILES = sorted(path.stem for path in FOLDER.glob("test_*.py"))
# What the tests themselves need; how little the firmware needs is measured elsewhere.
HEAP = "heapsize=16M"


def run(command: list[str], *files: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command[:-2], "-X", HEAP, "tests/firmware/run.py", *files],
        cwd=ROOT, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip


@pytest.mark.micropython
@pytest.mark.parametrize("name", FILES)
def test_file_passes(micropython_31_bit: list[str], name: str) -> None:
    ran = run(micropython_31_bit, name)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    count = re.search(r"^(\d+) tests, 0 failed$", ran.stdout, re.MULTILINE)
    assert count, ran.stdout + ran.stderr
    assert int(count[1]) > 0


@pytest.mark.micropython
def test_the_runner_runs_every_test_pytest_finds(micropython_31_bit: list[str]) -> None:
    """Generated tests too: a name made at run time is easily overlooked."""
    name = "test_ready_blockers"
    module = __import__(f"tests.firmware.{name}", fromlist=["*"])
    here = sum(attribute.startswith("test_") for attribute in vars(module))
    ran = run(micropython_31_bit, name)
    assert ran.stdout.splitlines()[-1].startswith(f"{here} tests, ")


@pytest.mark.micropython
def test_the_runner_fails_when_a_test_fails_and_when_there_is_none(
    micropython_31_bit: list[str], tmp_path: Path
) -> None:
    script = tmp_path / "twin.py"
    script.write_text(
        "import sys\n"
        "sys.argv[0] = 'tests/firmware/run.py'\n"
        "sys.path.append('tests/firmware')\n"
        "import run\n"
        "run.tests_of = lambda name: [('test_a', lambda: 1 // 0), ('test_b', lambda: None)]\n"
        "print(run.main(['x']))\n"
        "run.tests_of = lambda name: []\n"
        "print(run.main(['x']))\n"
    )
    ran = subprocess.run(
        [*micropython_31_bit[:-2], "-X", HEAP, str(script)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    lines = ran.stdout.splitlines()
    assert lines[0].startswith("FAILED x.test_a: ZeroDivisionError"), ran.stdout + ran.stderr
    assert "2 tests, 1 failed" in lines
    assert lines[-3:] == ["1", "0 tests, 0 failed", "2"]
