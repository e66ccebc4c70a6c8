# SPDX-License-Identifier: MIT
"""`treadguard report`: sessions and trips as one HTML file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from treadguard.cli.book_options import (
    BoardOption,
    BookOption,
    SessionOption,
    SinceOption,
    TripOption,
    UntilOption,
)
from treadguard.cli.output import JsonOption, Output, QuietOption
from treadguard.errors import UsageError


def report(
    output: Annotated[Path, typer.Option("--output", "-o", help="The HTML file to write.")] = Path(
        "treadguard-report.html"
    ),
    session: SessionOption = None,
    trip: TripOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    board: BoardOption = None,
    logbook: BookOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write one HTML file that opens offline in any browser: progress, sessions, trips."""
    from treadguard.files import write_whole
    from treadguard.logbook import query, store
    from treadguard.report import collect, page

    out = Output("report", as_json, quiet)
    if session is not None and trip is not None:
        raise UsageError("give --session or --trip, not both")
    if (since or until) and (session is not None or trip is not None):
        raise UsageError("--since and --until choose sessions: leave them out with one of its own")
    within = query.period(since, until)
    now = dt.datetime.now().astimezone()
    with store.opened(logbook) as book:
        if session is not None:
            found = collect.one_session(book, session, board)
        elif trip is not None:
            found = collect.one_trip(book, trip, board)
        else:
            found = collect.overview(book, within, board, now.date())
    data = page.render(found, now).encode("utf-8")
    write_whole(output, data)
    counts = {"sessions": len(found.walks), "trips": len(found.mishaps), "bytes": len(data)}
    out.result({"file": str(output), **counts}, [f"wrote {output}: open it in a browser"])
