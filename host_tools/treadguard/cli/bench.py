# SPDX-License-Identifier: MIT
"""`treadguard bench`: figures that only a real board can show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from treadguard.cli.output import JsonOption, Output, PortOption, QuietOption, table


def bench(
    record: Annotated[
        list[str] | None,
        typer.Option(
            "--record",
            metavar="NAME=VALUE",
            help="Note what an instrument shows, `coil_current=28 mA`; asks no board. Repeatable.",
        ),
    ] = None,
    sheet: Annotated[
        bool, typer.Option("--sheet", help="Show the sheet as it is kept; asks no board.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The sheet; else treadguard-bench.json here."),
    ] = None,
    port: PortOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure the board itself, with the red button pressed, and keep the bench sheet.

    What the board cannot measure is read off an instrument and noted with `--record`;
    docs/build/bring-up.md has the list. `treadguard support-bundle` takes the sheet along.
    """
    from treadguard import measuring
    from treadguard.files import write_whole

    out = Output("bench", as_json, quiet)
    path = output or measuring.DEFAULT
    found = measuring.noted(measuring.load(path), record or ())
    if not record and not sheet:
        found |= _measured(port, out)
    if not sheet or record:
        write_whole(path, (json.dumps(out.stamped(found), indent=1) + "\n").encode())
        out.note(f"kept in {path}")
    head = ("FIGURE", "MEASURED", "EXPECTED", "")
    out.result(found, lambda: table(measuring.lines(found), head))


def _measured(port: str | None, out: Output) -> dict[str, Any]:
    from treadguard import measuring
    from treadguard.link import discovery

    return measuring.bench(discovery.choose(port).url, out.note)
