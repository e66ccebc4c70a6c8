# SPDX-License-Identifier: MIT
"""What every command on the logbook has in common: which file, which board, which time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

BookOption = Annotated[
    Path | None,
    typer.Option(
        "--logbook",
        metavar="FILE",
        help="The logbook; else $TREADGUARD_LOGBOOK, or logbook.db in the user's data folder.",
    ),
]
BoardOption = Annotated[
    str | None, typer.Option("--board", help="Key or name of a board in the logbook.")
]
SinceOption = Annotated[
    str | None, typer.Option("--since", help="From this day on: `2026-03-01`, or `6 weeks` ago.")
]
UntilOption = Annotated[str | None, typer.Option("--until", help="To the end of this day.")]
CauseOption = Annotated[
    str | None, typer.Option("--cause", metavar="FAULT", help="Only what this fault ended.")
]
LastOption = Annotated[
    int | None, typer.Option("--last", min=1, metavar="N", help="Only the last N.")
]
SessionOption = Annotated[
    int | None, typer.Option("--session", metavar="N", help="Only this session.")
]
TripOption = Annotated[
    int | None,
    typer.Option("--trip", metavar="N", help="Only this trip, by its number in `trips`."),
]
