# SPDX-License-Identifier: MIT
"""Where a command's words go: data on stdout, everything else on stderr.

`--json` prints one object with a versioned schema (streams: one object a line). Progress shows
on a terminal only, `--quiet` leaves errors alone, and nothing asks when stdin is no terminal.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any

import typer

from treadguard.errors import UsageError

PortOption = Annotated[
    str | None,
    typer.Option(
        "--port",
        "-p",
        metavar="PORT",
        help="Port or pyserial URL of the board; else $TREADGUARD_PORT, the remembered board,"
        " or the only ESP32 connected.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON with a versioned schema.")]
QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print nothing on stderr but errors.")
]
YesOption = Annotated[
    bool, typer.Option("--yes", "-y", help="Answer yes: raised limits are meant as they are.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be done and do nothing.")
]

BOLD, DIM, RED, YELLOW, GREEN = "1", "2", "31", "33", "32"


class Output:
    """One command's output."""

    def __init__(self, command: str, as_json: bool = False, quiet: bool = False) -> None:
        self.command = command
        self.as_json = as_json
        self.quiet = quiet
        self._progress_shown = False

    def result(
        self, data: dict[str, Any], lines: Iterable[str] | Callable[[], Iterable[str]]
    ) -> None:
        """The command's data: JSON, or the lines for people."""
        self.end_progress()
        if self.as_json:
            print(json.dumps(self.stamped(data), ensure_ascii=False), flush=True)
            return
        for line in lines() if callable(lines) else lines:
            print(line, flush=True)

    def stamped(self, data: dict[str, Any]) -> dict[str, Any]:
        """`data` with the schema it follows."""
        return {"schema": f"treadguard.{self.command}/1", **data}

    def note(self, text: str) -> None:
        """Something worth knowing beside the data."""
        if not self.quiet:
            self.end_progress()
            print(text, file=sys.stderr, flush=True)

    def progress(self, text: str) -> None:
        """A line that overwrites itself; on a terminal only."""
        if not self.quiet and sys.stderr.isatty():
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
            self._progress_shown = True

    def end_progress(self) -> None:
        """Leave the progress line, if one is shown."""
        if self._progress_shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
            self._progress_shown = False

    def paint(self, text: str, *codes: str) -> str:
        """`text` in colour, where colour is wanted."""
        if not codes or not sys.stdout.isatty() or "NO_COLOR" in os.environ:
            return text
        return f"\033[{';'.join(codes)}m{text}\033[0m"

    def confirm(self, question: str, yes: bool) -> bool:
        """Ask at a terminal; without one `--yes` must have been given."""
        if yes:
            return True
        if not sys.stdin.isatty():
            raise UsageError(f"{question} Nobody can be asked here: repeat the command with --yes")
        self.end_progress()
        print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip().lower() in ("y", "yes")


def table(rows: Sequence[Sequence[str]], head: Sequence[str] = ()) -> list[str]:
    """Columns for people, two blanks apart."""
    everything = [list(head), *map(list, rows)] if head else [list(row) for row in rows]
    if not everything:
        return []
    widths = [max(len(row[i]) for row in everything) for i in range(len(everything[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in everything
    ]
