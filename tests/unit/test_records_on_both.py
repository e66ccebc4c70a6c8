# SPDX-License-Identifier: MIT
"""What is written is the same, byte for byte, on CPython and on 32-bit MicroPython."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT

SCRIPT = str(ROOT / "tests/unit/records_script.py")


def told(command):
    run = subprocess.run(
        [*command, SCRIPT, str(ROOT)], capture_output=True, text=True, timeout=100, check=False
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    return run.stdout.splitlines()


def test_records_are_the_same_bytes_on_both_interpreters(micropython_31_bit):
    # Sources are compiled here, which needs more heap than the board's .mpy files do.
    on_micropython = told([*micropython_31_bit[:-1], "heapsize=600K"])
    on_cpython = told([sys.executable])
    assert on_micropython == on_cpython
    assert len(on_cpython) > 90
