# SPDX-License-Identifier: MIT
"""`treadguard bench`: figures that only a real board can show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from treadguard.cli.output import JsonOption, Output, PortOption, QuietOption, table


def bench(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where the figures are kept as JSON.")
    ] = Path("treadguard-bench.json"),
    port: PortOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure the board itself, with the red button pressed; see docs/flashing.md."""
    from treadguard import measuring
    from treadguard.files import write_whole
    from treadguard.link import discovery

    out = Output("bench", as_json, quiet)
    found = measuring.bench(discovery.choose(port).url, out.note)
    write_whole(output, (json.dumps(out.stamped(found), indent=1) + "\n").encode())
    rows = table(measuring.lines(found), ("FIGURE", "MEASURED", "EXPECTED", ""))
    out.result(found, [*rows, f"kept in {output}"])
