# SPDX-License-Identifier: MIT
"""`treadguard demo`: a whole guarded session on the virtual board."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from treadguard.cli.output import QuietOption


def demo(
    output: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the report and the logs.")
    ] = Path("build/demo"),
    quiet: QuietOption = False,
) -> None:
    """Commission a virtual board, walk a session, provoke three stops, write a report."""
    from treadguard.demo import run

    code = run(output, quiet=quiet)
    raise typer.Exit(code if isinstance(code, int) else 0)
