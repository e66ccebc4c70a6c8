# SPDX-License-Identifier: MIT
"""What leaves the logbook as rows, and which black boxes a request means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from treadguard.errors import FileInvalid, UsageError
from treadguard.logbook import decode, incline, query, rows
from treadguard.logbook.decode import Box
from treadguard.logbook.sessions import Stop
from treadguard.logbook.store import Board, Book

AGO_US = ("last_edge_us_ago", "last_edge_b_us_ago")


def rows_of(
    what: str, book: Book, within: query.Period, board: str | None, session: int | None
) -> Iterator[dict[str, Any]]:
    """Rows of sessions, trips, events, or of one session's black box or trace."""
    if what == "blackbox":
        yield from _blackbox(book, board, session)
    elif what == "trace":
        yield from _trace(book, board, session)
    elif what == "events":
        for one in [book.board(board)] if board else book.boards():
            for placed in query.events(book, one, within, session):
                yield rows.event_row(one, placed)
    else:
        yield from _stories(what, book, within, board, session)


def _stories(
    what: str, book: Book, within: query.Period, board: str | None, session: int | None
) -> Iterator[dict[str, Any]]:
    for one, story in query.stories(book, board):
        if what == "trips":
            for stop in story.trips:
                if within.has(stop.when) and session in (None, stop.session):
                    yield rows.trip_row(one, stop)
            continue
        for found in story.sessions:
            if within.has(found.when) and session in (None, found.number):
                yield rows.session_row(one, found)


def _blackbox(book: Book, board: str | None, session: int | None) -> Iterator[dict[str, Any]]:
    _, box = _session_box(book, board, session)
    inclines = incline.of(box)
    for i, row in enumerate(box.rows):
        reckoned = {"incline_permille": inclines[i]} if inclines else {}
        yield {f"{key}_us" if key in AGO_US else key: v for key, v in row.items()} | reckoned


def _session_box(book: Book, board: str | None, session: int | None) -> tuple[str, Box]:
    if session is None:
        raise UsageError("which black box: give --session N")
    one, _, found = query.find_session(book, session, board)
    boxed = query.box_of(book, one, found.stop) if found.stop else None
    if boxed is None:
        raise FileInvalid(
            f"the logbook has no readable black box of session {session}: the board keeps the"
            " last 20, so pull more often"
        )
    return boxed


def _trace(book: Book, board: str | None, session: int | None) -> Iterator[dict[str, Any]]:
    if session is None:
        raise UsageError("which trace: give --session N")
    one, _, found = query.find_session(book, session, board)
    by = book.tables(one)
    for stored in book.files(one, "t"):
        header = decode.trace_header(stored.data)
        if header["session"] == session and header["boot"] & 0xFFFF == found.boot & 0xFFFF:
            yield from decode.trace(stored.data, by)
            return
    raise FileInvalid(f"the logbook has no trace of session {session}")


def chosen_boxes(
    book: Book, board: str | None, session: int | None, trip: int | None
) -> Iterator[tuple[str, Box]]:
    """The black box of a session or trip, or every readable one."""
    if trip is not None:
        one, _, stop = query.find_trip(book, trip, board)
        yield _of_trip(book, one, stop)
    elif session is not None:
        yield _session_box(book, board, session)
    else:
        for one in [book.board(board)] if board else book.boards():
            by = book.tables(one)
            for stored in book.files(one, "b"):
                try:
                    yield f"{one.shown} {stored.name}", decode.blackbox(stored.data, by)
                except FileInvalid:
                    continue  # `logs list` and the report name what cannot be read


def _of_trip(book: Book, board: Board, stop: Stop) -> tuple[str, Box]:
    boxed = query.box_of(book, board, stop)
    if boxed is None:
        raise FileInvalid(f"the logbook has no readable black box of trip {stop.seq}")
    return boxed
