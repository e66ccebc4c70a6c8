# SPDX-License-Identifier: MIT
"""Each scenario's run on CPython, made once for all who compare something with it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

from treadguard import simulation
from treadguard.simulation import Run


def on_cpython(path: Path, shared: Path) -> Run:
    """Its run on CPython, by this worker or an earlier one."""
    kept = shared / f"{path.stem}.json"
    if kept.exists():
        return Run(**json.loads(kept.read_text()))
    run = simulation.run(simulation.load(path), simulation.interpreter_command(False))
    half = shared / f"{path.stem}.{os.getpid()}"
    half.write_text(json.dumps(asdict(run)))
    half.replace(kept)
    return run
