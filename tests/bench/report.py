# SPDX-License-Identifier: MIT
"""What a part of the bench hands back, and how its tables are printed."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Options:
    """What a run was asked for."""

    phases: int = 50
    seed: int = 1


@dataclass(frozen=True)
class Table:
    """A table of the report: the same on the terminal and in docs/bench.md."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    def lines(self) -> list[str]:
        """Markdown with aligned columns."""
        rows = [list(self.columns), *[list(row) for row in self.rows]]
        widths = [max(len(row[i]) for row in rows) for i in range(len(self.columns))]
        out = [f"**{self.title}**", ""]
        for number, row in enumerate(rows):
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            out.append("| " + " | ".join(cells) + " |")
            if number == 0:
                out.append("|" + "|".join("-" * (width + 2) for width in widths) + "|")
        return [*out, "", self.note] if self.note else out


@dataclass(frozen=True)
class Requirement:
    """Something the project promises. Missed, the bench exits with 1."""

    claim: str
    measured: str
    met: bool

    def line(self) -> str:
        return f"{'met   ' if self.met else 'MISSED'}  {self.claim}: {self.measured}"


@dataclass
class Part:
    """All that one part found. `numbers` goes into build/bench.json as it is."""

    name: str
    tables: list[Table] = field(default_factory=list)
    requirements: list[Requirement] = field(default_factory=list)
    numbers: dict[str, Any] = field(default_factory=dict)
    skipped: str = ""  # the reason

    def text(self) -> str:
        """For the terminal, and for docs/bench.md."""
        out = [f"SKIPPED: {self.skipped}", ""] if self.skipped else []
        for table in self.tables:
            out += [*table.lines(), ""]
        if self.requirements:
            out += ["```", *[requirement.line() for requirement in self.requirements], "```"]
        return "\n".join(out).rstrip() + "\n"

    def as_dict(self) -> dict[str, Any]:
        return {
            "skipped": self.skipped or None,
            "requirements": [vars(requirement) for requirement in self.requirements],
            "numbers": self.numbers,
        }


def share(values: Iterable[float | None], percent: int) -> float:
    """The value that `percent` of all do not exceed; None (never) is infinite."""
    ordered = sorted(math.inf if value is None else value for value in values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def finite(value: float | None, digits: int = 1) -> float | None:
    """For JSON, which knows no infinity."""
    if value is None or not math.isfinite(value):
        return None
    return round(value, digits)


def number(value: float | None, digits: int = 0) -> str:
    """For a table cell."""
    return "never" if value is None or not math.isfinite(value) else f"{value:.{digits}f}"


def progress(text: str) -> None:
    """One line on stderr, overwritten by the next on a terminal."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text}")
    else:
        sys.stderr.write(text + "\n")
    sys.stderr.flush()
