# SPDX-License-Identifier: MIT
"""Starts cuts_script.py on the 32-bit MicroPython and adds up what it says."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from typing import Any

from tests.micropython.interpreter import ROOT

WALKS = 3
HEAP = "heapsize=64M"
TIMEOUT_S = 3600


class BrokenRunError(Exception):
    """The script ended without a result."""


def run(micropython: Sequence[str], every: int, first: int = 0, early: int = 0) -> dict[str, Any]:
    """Cut power at every `every`th flash operation from `first` on."""
    return run_script(micropython, "cuts_script.py", WALKS, every, first, early)


def run_script(micropython: Sequence[str], name: str, *words: int) -> dict[str, Any]:
    """The JSON a script of this folder prints."""
    script = ROOT / "tests" / "power_cuts" / name
    ran = subprocess.run(
        [str(word) for word in (*micropython, "-X", HEAP, script, ROOT, *words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )
    if ran.returncode or not ran.stdout.startswith("{"):
        raise BrokenRunError((ran.stdout + ran.stderr).strip()[-500:])
    found: dict[str, Any] = json.loads(ran.stdout)
    return found
