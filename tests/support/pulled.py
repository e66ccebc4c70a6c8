# SPDX-License-Identifier: MIT
"""Record files of the boards of scenarios, as a pull at the end of each would leave them."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from treadguard import firmware, simulation
from treadguard.logbook import decode
from treadguard.logbook.decode import Box, Event

SCRIPT = ROOT / "tests/support/pulled_boxes.py"


def pulled(name: str, command: list[str], folder: Path) -> dict[str, bytes]:
    """The record files of a scenario's board, at its end."""
    done = subprocess.run(
        [*command, str(SCRIPT), str(ROOT), "/dev/stdin", str(folder)],
        input=json.dumps(simulation.load(simulation.find(name))),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"{name}: {done.stdout[-500:]}{done.stderr[-1500:]}"
    lines = [line.split(" ") for line in done.stdout.splitlines() if line.startswith("file ")]
    return {file: bytes.fromhex(data) for _, file, data in lines}


@functools.cache
def files_of(name: str) -> dict[str, bytes]:
    """The same, lived by this interpreter once."""
    return pulled(name, [sys.executable, "-B"], firmware.folder())


def boxes_of(files: dict[str, bytes]) -> list[bytes]:
    """The black boxes among them."""
    return [data for file, data in sorted(files.items()) if file.startswith("b")]


def box_of(name: str) -> Box:
    """The one black box of a scenario."""
    (data,) = boxes_of(files_of(name))
    return decode.blackbox(data)


def events_of(files: dict[str, bytes]) -> list[Event]:
    """The journal among them."""
    return [e for file in sorted(files) if file[0] == "j" for e in decode.journal(files[file])]
