# SPDX-License-Identifier: MIT
"""The same physics on CPython and on 32-bit MicroPython, and fast on the former."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent


def output(command: list[str], script: str) -> str:
    environment = {"PYTHONPATH": "", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [*command, str(HERE / script), str(ROOT)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.mark.micropython
def test_a_run_is_identical_on_both_interpreters(micropython_31_bit: list[str]) -> None:
    roomy = [*micropython_31_bit, "-X", "heapsize=2M"]  # it keeps every edge
    there = output(roomy, "physics_script.py")
    assert output([sys.executable], "physics_script.py") == there
    assert there.count("\n") > 20


@pytest.mark.micropython
def test_no_fake_allocates_where_the_guard_path_uses_it(micropython_31_bit: list[str]) -> None:
    assert output(micropython_31_bit, "heap_script.py") == "0 bytes\n"
