# SPDX-License-Identifier: MIT
"""`treadguard sessions` and `treadguard trips`: what the logbook knows, as tables."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from treadguard.cli.book_options import (
    BoardOption,
    BookOption,
    CauseOption,
    LastOption,
    SinceOption,
    UntilOption,
)
from treadguard.cli.output import JsonOption, Output, QuietOption, table

SESSIONS_HEAD = ("BOARD", "N", "WHEN", "MODE", "BACKWARD", "HIGHEST", "LIMIT", "ENDED BY", "STOP")
TRIPS_HEAD = ("BOARD", "N", "WHEN", "FAULT", "SESSION", "CLEARED")


def sessions(
    since: SinceOption = None,
    until: UntilOption = None,
    board: BoardOption = None,
    cause: CauseOption = None,
    last: LastOption = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Also those whose relay never closed.")
    ] = False,
    logbook: BookOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List the sessions in the logbook."""
    from treadguard.logbook import query, store
    from treadguard.logbook.rows import session_row

    out = Output("sessions", as_json, quiet)
    within = query.period(since, until)
    fault = query.fault_named(cause) if cause else None
    with store.opened(logbook) as book:
        found = [
            (one, session)
            for one, story in query.stories(book, board)
            for session in story.sessions
            if (all_ or session.closed)
            and within.has(session.when)
            and (fault is None or (session.stop is not None and session.stop.cause == fault))
        ]
    found.sort(key=lambda pair: pair[1].when.latest)
    found = found[-last:] if last else found
    lines = [_session_line(one.shown, session) for one, session in found]
    data = {"sessions": [session_row(*pair) for pair in found]}
    out.result(data, table(lines, SESSIONS_HEAD) if lines else ["no sessions"])


def trips(
    since: SinceOption = None,
    until: UntilOption = None,
    board: BoardOption = None,
    cause: CauseOption = None,
    last: LastOption = None,
    logbook: BookOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List the trips and lockouts in the logbook, each in two sentences."""
    from treadguard.logbook import query, sentences, store
    from treadguard.logbook.rows import trip_row

    out = Output("trips", as_json, quiet)
    within = query.period(since, until)
    fault = query.fault_named(cause) if cause else None
    with store.opened(logbook) as book:
        found = [
            (one, stop)
            for one, story in query.stories(book, board)
            for stop in story.trips
            if within.has(stop.when) and fault in (None, stop.cause)
        ]
    found.sort(key=lambda pair: pair[1].when.latest)
    found = found[-last:] if last else found
    words = [(sentences.why(stop), sentences.end(stop)) for _, stop in found]
    data = {
        "trips": [
            {**trip_row(*pair), "what_happened": list(said)}
            for pair, said in zip(found, words, strict=True)
        ]
    }
    lines = table([_trip_line(one.shown, stop) for one, stop in found], TRIPS_HEAD)
    told = [
        line
        for row, said in zip(lines[1:], words, strict=True)
        for line in (row, *(f"    {sentence}" for sentence in said))
    ]
    out.result(data, [*lines[:1], *told] if found else ["no trips"])


def _session_line(board: str, session: Any) -> tuple[str, ...]:
    stop = session.stop
    still = f"{stop.still_ms / 1000:.1f} s" if stop and stop.still_ms is not None else ""
    return (
        board,
        str(session.number),
        session.when.text(),
        session.mode,
        _minutes(session.backward_s),
        _km_h(session.max_mm_s),
        _km_h(session.limit_mm_s),
        stop.cause if stop else "",
        still,
    )


def _trip_line(board: str, stop: Any) -> tuple[str, ...]:
    session = "" if stop.session is None else str(stop.session)
    cleared = stop.cleared.text() if stop.cleared else "no"
    return board, str(stop.seq), stop.when.text(), stop.cause, session, cleared


def _minutes(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02d}"


def _km_h(mm_s: int) -> str:
    from treadguard import units

    return units.speed(mm_s).split(",")[0]
