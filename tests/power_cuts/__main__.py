# SPDX-License-Identifier: MIT
"""python -m tests.power_cuts: power cut before and inside every flash operation of the story.

Takes about a quarter of an hour of one core, in parts; what is done stands in
build/power_cuts.json and is not done again after a break, as long as neither the firmware's
records nor what judges them has changed.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from tests.micropython import found
from tests.micropython.interpreter import ROOT
from tests.power_cuts.runs import run

RESULT = ROOT / "build" / "power_cuts.json"
PARTS = 24
SOURCES = ("firmware/guard/record", "firmware/guard/board/files.py", "tests/power_cuts")
SOURCES += ("firmware/guard/recorder.py",)


def version() -> str:
    """Of everything that is judged here; tests only ask for parts of it."""
    made = hashlib.sha256()
    for name in SOURCES:
        path = ROOT / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            if not file.name.startswith("test_"):
                made.update(file.read_bytes())
    return made.hexdigest()[:16]


def load(path: Path, wanted: str) -> dict[str, Any]:
    """What an earlier run of the same version has done."""
    try:
        earlier: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        earlier = {}
    if earlier.get("version") == wanted:
        return earlier
    return {"version": wanted, "parts": {}}


def line(parts: dict[str, dict[str, Any]]) -> str:
    """The result in one sentence."""
    some = next(iter(parts.values()))
    cuts = sum(part["cuts"] for part in parts.values())
    bad = sum(len(part["complaints"]) for part in parts.values())
    whole = "" if len(parts) == PARTS else f" ({len(parts)} of {PARTS} parts)"
    return (
        f"{cuts} power cuts before and inside {some['operations']} flash and NVS operations"
        f"{whole}: {bad} acknowledged records lost, read wrong, or settings neither old nor new"
    )


def main() -> int:
    micropython = found()
    if micropython is None or micropython.small_int_bits != 31:
        print("no 32-bit MicroPython: `make micropython` says why", file=sys.stderr)
        return 1
    done = load(RESULT, version())
    for first in range(PARTS):
        if str(first) not in done["parts"]:
            done["parts"][str(first)] = run(micropython.command, PARTS, first)
            done["line"] = line(done["parts"])
            RESULT.parent.mkdir(parents=True, exist_ok=True)
            RESULT.write_text(json.dumps(done, indent=1) + "\n", encoding="utf-8")
            print(done["line"], flush=True)
    complaints = [c for part in done["parts"].values() for c in part["complaints"]]
    print(*complaints[:20], sep="\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
