# SPDX-License-Identifier: MIT
"""Starts the scripts of tests/bench/on_device and reads the JSON on their last line."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.micropython import command
from tests.micropython.interpreter import ROOT
from treadguard import manifest
from treadguard.board.build import build

SCRIPTS = ROOT / "tests" / "bench" / "on_device"
BUILD = ROOT / "build" / "bench"
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


@functools.cache
def built() -> Path:
    """The firmware in the form a board gets, built once a run."""
    out = BUILD / "fw"
    build(ROOT / "firmware", out)
    return out


def flash(path: Path, firmware: Path | None = None, *words: str) -> Path:
    """Lay out the flash of a commissioned board at path, with that firmware's manifest.

    `words`: "options" for a board with every option set."""
    laid_out = result(cpython(), "lay_out.py", *words)
    if firmware is not None:
        laid_out["files"][manifest.NAME] = manifest.build(str(firmware)).encode().hex()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(laid_out), encoding="ascii")
    return path


def run(
    interpreter: list[str], script: str, *arguments: object, firmware: Path | None = None
) -> subprocess.CompletedProcess:
    """Run one script, on a built firmware or the source.

    On a built one it starts in the folder above, because MicroPython keeps each module's path:
    so they are nearly as short as on the board.
    """
    words = [*interpreter, str(SCRIPTS / script), *map(str, arguments)]
    if firmware is not None:
        words += ["--firmware", firmware.name]
    folder = ROOT if firmware is None else firmware.parent
    return subprocess.run(
        words, cwd=folder, capture_output=True, text=True, check=False, timeout=TIMEOUT_S
    )


def result(
    interpreter: list[str], script: str, *arguments: object, firmware: Path | None = None
) -> dict[str, Any]:
    """What the script printed last."""
    return read(run(interpreter, script, *arguments, firmware=firmware), script)


def read(done: subprocess.CompletedProcess, script: str) -> dict[str, Any]:
    """The JSON on the last line of a run, or what went wrong."""
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines or not lines[-1].startswith("{"):
        said = (done.stdout + done.stderr).strip().splitlines()[-3:]
        raise FailedError(f"{script} ended with {done.returncode}: {' / '.join(said)}")
    found: dict[str, Any] = json.loads(lines[-1])
    return found
