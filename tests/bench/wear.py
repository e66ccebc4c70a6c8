# SPDX-License-Identifier: MIT
"""What the records cost the flash: the board's own recorder on the real LittleFS, 2 MB of it.

Walks of 20 s of black box each, every one after a start of the box; a year is 150 of them.
"""

from __future__ import annotations

import json
from typing import Any

from tests.bench.report import Options, Part, Requirement, Table, progress
from tests.micropython import found
from tests.micropython.interpreter import ROOT
from tests.power_cuts.runs import run_script

WALKS = 30
YEAR_WALKS = 150
ENDURANCE = 100_000  # erases of a block
YEARS = 100
CUTS = ROOT / "build" / "power_cuts.json"


def run(options: Options) -> Part:
    interpreter = found()
    if interpreter is None or interpreter.small_int_bits != 31:
        return Part("wear", skipped="no 32-bit MicroPython: `make micropython` says why")
    progress(f"wear: {WALKS} walks")
    numbers = run_script(interpreter.command, "wear_script.py", WALKS)
    numbers["power_cuts"] = cuts()
    return Part("wear", [table(numbers)], requirements(numbers), numbers)


def cuts() -> str:
    """What `python -m tests.power_cuts` found last, if it was run here."""
    try:
        return str(json.loads(CUTS.read_text(encoding="utf-8"))["line"])
    except (OSError, ValueError, KeyError):
        return "not run here: python -m tests.power_cuts"


def _a_year(numbers: dict[str, Any], what: str) -> int:
    return int(numbers[what] * YEAR_WALKS // numbers["walks"])


def table(numbers: dict[str, Any]) -> Table:
    walks = numbers["walks"]
    rows = [
        ("erases in a walk, mean", f"{numbers['erases'] / walks:.1f}"),
        ("erases in a walk, most", str(numbers["most_in_a_walk"])),
        ("KB programmed in a walk", f"{numbers['programmed_bytes'] / walks / 1024:.0f}"),
        ("writes of the memory blob in a walk", f"{numbers['blob_writes'] / walks:.1f}"),
        (f"erases in a year of {YEAR_WALKS} walks", str(_a_year(numbers, "erases"))),
        ("of them on the busiest block", str(_a_year(numbers, "busiest_block"))),
        (f"flash reads to list {numbers['files']} files", str(numbers["listing_reads"])),
    ]
    note = f"Power cuts: {numbers['power_cuts']}."
    return Table("What records cost the flash", ("", f"measured over {walks} walks"), rows, note)


def requirements(numbers: dict[str, Any]) -> list[Requirement]:
    years = ENDURANCE // max(1, _a_year(numbers, "busiest_block"))
    return [
        Requirement(
            f"the busiest block lasts more than {YEARS} years at {ENDURANCE} erases",
            f"{years} years",
            years > YEARS,
        ),
        Requirement(
            "LittleFS never programs a byte that was not erased",
            f"{numbers['unclean']} times",
            numbers["unclean"] == 0,
        ),
    ]
