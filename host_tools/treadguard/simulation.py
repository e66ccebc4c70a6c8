# SPDX-License-Identifier: MIT
"""Scenarios by name, and runs of them in an interpreter of their own.

A run is a separate process on both interpreters: the firmware's modules and the fakes stay out
of this one, a crash in one scenario ends no other, and several run side by side.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from treadguard import firmware
from treadguard.errors import ExpectationFailed, FileInvalid, UsageError

LIBRARY = Path(__file__).resolve().parent / "virtual" / "scenarios"
RUNNER = Path(__file__).resolve().parent / "virtual" / "run.py"
MICROPYTHON = "TREADGUARD_MICROPYTHON"
HEAP = "heapsize=64M"  # the world and its log; what the firmware may use is measured elsewhere
PASSED, FAILED = 0, 1


@dataclass(frozen=True)
class Run:
    """One finished run."""

    name: str
    events: list[list[Any]]
    summary: dict[str, Any]
    printed: list[str]
    """What the firmware or its interpreter printed beside the log."""

    @property
    def passed(self) -> bool:
        """Whether every expectation was met."""
        return bool(self.summary.get("passed"))


def library() -> list[Path]:
    """Every scenario that ships, by name."""
    return sorted(LIBRARY.glob("*.toml"))


def find(name: str) -> Path:
    """A scenario by its file or by its name in the library."""
    path = Path(name)
    if path.is_file():
        return path
    shipped = LIBRARY / f"{name}.toml"
    if shipped.is_file():
        return shipped
    if path.suffix or path.name != name:
        raise FileInvalid(f"{name} does not exist: check the name")
    import difflib

    close = difflib.get_close_matches(name, [p.stem for p in library()], n=1)
    hint = f" (did you mean {close[0]}?)" if close else ""
    raise UsageError(f"there is no scenario {name}{hint}: `treadguard simulate list` lists them")


def read(path: Path) -> dict[str, Any]:
    """A scenario as it stands in its file, unchecked."""
    with firmware.importable():
        from treadguard.virtual import check

        try:
            return dict(check.load(path))
        except check.ScenarioError as error:
            raise FileInvalid(str(error).rstrip(".")) from None


def load(path: Path) -> dict[str, Any]:
    """A checked scenario; FileInvalid names everything that contradicts itself."""
    scenario = read(path)
    with firmware.importable():  # the checker takes its words from the firmware's tables
        from treadguard.virtual import check

        complaints = check.check(scenario, str(path), firmware.folder())
    if complaints:
        raise FileInvalid("; ".join(complaint.rstrip(".") for complaint in complaints))
    return scenario


def interpreter_command(micropython: bool) -> list[str]:
    """How to start the runner; UsageError when there is no MicroPython."""
    if not micropython:
        return [sys.executable, "-B", str(RUNNER)]
    return [*_micropython(), "-X", HEAP, str(RUNNER)]


def run(scenario: dict[str, Any], command: list[str]) -> Run:
    """Run one scenario to its end; ExpectationFailed only when the run itself breaks down."""
    name = str(scenario.get("name", "scenario"))
    with tempfile.TemporaryDirectory(prefix="treadguard-") as folder:
        path = Path(folder) / "scenario.json"
        path.write_text(json.dumps(scenario), encoding="ascii")
        done = subprocess.run(
            [*command, str(path), str(firmware.folder())],
            capture_output=True,
            text=True,
            check=False,
        )
    lines = done.stdout.splitlines()
    if done.returncode not in (PASSED, FAILED) or not lines or not lines[-1].startswith("{"):
        said = (done.stderr or done.stdout).strip().splitlines()
        last = said[-1] if said else f"exit status {done.returncode}"
        raise ExpectationFailed(f"scenario {name} broke down: {last}")
    # What the firmware itself prints, a traceback for one, stands between the events.
    events = [json.loads(line) for line in lines[:-1] if line.startswith("[")]
    printed = [line for line in lines[:-1] if not line.startswith("[")]
    return Run(name, events, json.loads(lines[-1]), printed)


def run_all(scenarios: Iterable[dict[str, Any]], command: list[str]) -> Iterator[Run]:
    """Run several, as many at a time as there are processors, in the given order."""
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        yield from pool.map(lambda scenario: run(scenario, command), scenarios)


def _micropython() -> list[str]:
    named = os.environ.get(MICROPYTHON)
    if named:
        return shlex.split(named)
    built = firmware.folder().parent / "build" / "micropython" / "micropython"
    found = str(built) if built.is_file() else shutil.which("micropython")
    if found is None:
        raise UsageError(
            f"no MicroPython found: run `make micropython`, or name one with {MICROPYTHON}"
        )
    return [found]
