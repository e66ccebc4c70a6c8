# SPDX-License-Identifier: MIT
"""What the demo leaves behind: a table, journal.jsonl, black boxes as CSV, summary, report."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from treadguard.demo import RECORDS, page
from treadguard.demo.story import Told
from treadguard.logbook import decode

SCHEMA = "treadguard.demo/1"
UNITS = {"ms": "ms", "last_edge_us_ago": "last_edge_us_ago", "v_mm_s": "v_mm_s"}


def write(output: Path, stops: list[Told]) -> int:
    """All files into output; 0 when every stop came within its bound, else 7."""
    records = output / RECORDS
    _write_journal(records, output / "journal.jsonl")
    rows = [_row(stop) for stop in stops]
    boxes = _boxes_of(records, rows)
    for number, (box, row) in enumerate(zip(boxes, rows, strict=True), 1):
        row["blackbox"] = f"blackbox-{number}-{row['fault'].lower()}.csv"
        _write_box(output / row["blackbox"], box)
    good = all(row["within_bound"] for row in rows)
    summary = {"schema": SCHEMA, "passed": good, "stops": rows}
    (output / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    (output / "report.html").write_text(page.report(rows, boxes), encoding="utf-8")
    print_table(rows, output)
    return 0 if good else 7


def _row(stop: Told) -> dict[str, Any]:
    truth = stop.truth
    after_ms = (truth["opened_at_us"] - truth["hazard_at_us"]) / 1000
    return {
        "hazard": stop.title,
        "fault": stop.fault,
        "open_after_ms": after_ms,
        "bound_ms": round(stop.bound_ms, 1),
        "carried_m": round(truth["carried_um"] / 1e6, 3),
        "speed_at_hazard_mm_s": truth["speed_at_hazard_mm_s"],
        "speed_at_open_mm_s": truth["speed_at_open_mm_s"],
        "still_after_ms": (truth["still_at_us"] - truth["hazard_at_us"]) / 1000,
        "within_bound": truth["opened_at_us"] >= 0 and after_ms <= stop.bound_ms,
    }


def _write_journal(records: Path, target: Path) -> None:
    with target.open("w", encoding="utf-8") as file:
        for path in sorted(records.glob("j*.bin")):
            for event in decode.journal(path.read_bytes()):
                file.write(json.dumps(event) + "\n")


def _boxes_of(records: Path, rows: list[dict[str, Any]]) -> list[decode.Box]:
    """The black box of each stop, by its cause, in order."""
    found = [decode.blackbox(path.read_bytes()) for path in sorted(records.glob("b*.bin"))]
    boxes = []
    for row in rows:
        matching = [box for box in found if box.header["cause"] == row["fault"]]
        boxes.append(matching[-1])
    return boxes


def _write_box(path: Path, box: decode.Box) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        for key, value in box.header.items():
            file.write(f"# {key}: {value}\n")
        writer = csv.DictWriter(file, fieldnames=list(box.rows[0]))
        writer.writeheader()
        writer.writerows(box.rows)


def print_table(rows: list[dict[str, Any]], output: Path) -> None:
    """The table people came for."""
    head = ("hazard", "opened by", "after", "bound", "walker carried")
    lines = [
        (
            row["hazard"],
            row["fault"],
            f"{row['open_after_ms']:.0f} ms",
            f"{row['bound_ms']:.0f} ms",
            f"{row['carried_m']:.2f} m",
        )
        for row in rows
    ]
    widths = [max(len(line[i]) for line in [head, *lines]) for i in range(len(head))]
    print()
    for line in (head, tuple("-" * width for width in widths), *lines):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))
    verdict = "every stop came within its bound"
    if not all(row["within_bound"] for row in rows):
        verdict = "A STOP CAME LATE: see summary.json"
    print(f"\n{verdict}; open {output / 'report.html'}")
