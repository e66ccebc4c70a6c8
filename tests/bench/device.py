# SPDX-License-Identifier: MIT
"""Starts the scripts of tests/bench/on_device and reads the JSON on their last line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.micropython import command
from tests.micropython.interpreter import ROOT

SCRIPTS = Path("tests/bench/on_device")
TIMEOUT_S = 300
NO_MICROPYTHON = "no MicroPython: run `make micropython` to see why"


class FailedError(Exception):
    """A script ended without a result; the text is the end of what it said."""


def micropython(heap_bytes: int, *, amd64: bool = False) -> list[str] | None:
    """The command that starts MicroPython with a heap of that size."""
    found = command(amd64=amd64)
    return None if found is None else [*found, "-X", f"heapsize={heap_bytes}"]


def cpython() -> list[str]:
    return [sys.executable]


def run(interpreter: list[str], script: str, *arguments: object) -> subprocess.CompletedProcess:
    """Run one script from the root of the repository."""
    words = [*interpreter, str(SCRIPTS / script), *map(str, arguments)]
    return subprocess.run(
        words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=TIMEOUT_S
    )


def result(interpreter: list[str], script: str, *arguments: object) -> dict[str, Any]:
    """What the script printed last."""
    return read(run(interpreter, script, *arguments), script)


def read(done: subprocess.CompletedProcess, script: str) -> dict[str, Any]:
    """The JSON on the last line of a run, or what went wrong."""
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines or not lines[-1].startswith("{"):
        said = (done.stdout + done.stderr).strip().splitlines()[-3:]
        raise FailedError(f"{script} ended with {done.returncode}: {' / '.join(said)}")
    found: dict[str, Any] = json.loads(lines[-1])
    return found
