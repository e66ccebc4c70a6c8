# SPDX-License-Identifier: MIT
"""The programme somebody follows: kept in the logbook with the text it had on that day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from treadguard.errors import FileInvalid
from treadguard.logbook.plainly import said_plainly
from treadguard.logbook.query import stories
from treadguard.logbook.store import Board, Book
from treadguard.programmes.plan import Plan, backward_by_day, lay_out
from treadguard.programmes.programme import Programme
from treadguard.programmes.reading import parse


@dataclass(frozen=True)
class Enrolment:
    """One start of one programme; `board` is a board's key, None for every board."""

    number: int
    board: str | None
    programme: Programme
    started: dt.date
    speed_mm_s: int | None
    ended: dt.date | None


def start(
    book: Book,
    programme: Programme,
    started: dt.date,
    speed_mm_s: int | None,
    board: Board | None,
) -> None:
    """Begin a programme; the one before it ends. FileInvalid for one that is only shown."""
    if programme.why_not_offered:
        raise FileInvalid(f"{programme.id} is shown and not offered: {programme.why_not_offered}")
    with book.writing() as db:
        db.execute("UPDATE enrolments SET ended = ? WHERE ended IS NULL", (str(started),))
        db.execute(
            "INSERT INTO enrolments (board, programme, started, speed_mm_s) VALUES (?, ?, ?, ?)",
            (board.key if board else None, programme.text, str(started), speed_mm_s),
        )


def stop(book: Book, ended: dt.date) -> None:
    """End the programme that is followed."""
    with book.writing() as db:
        db.execute("UPDATE enrolments SET ended = ? WHERE ended IS NULL", (str(ended),))


def enrolments(book: Book) -> list[Enrolment]:
    """Every programme ever started, oldest first."""
    with said_plainly(book.path):
        rows = book.db.execute(
            "SELECT id, board, programme, started, speed_mm_s, ended FROM enrolments ORDER BY id"
        ).fetchall()
    return [
        Enrolment(
            number,
            board,
            parse(text, f"programme {number} of the logbook"),
            dt.date.fromisoformat(started),
            speed_mm_s,
            dt.date.fromisoformat(ended) if ended else None,
        )
        for number, board, text, started, speed_mm_s, ended in rows
    ]


def current(book: Book) -> Enrolment:
    """The one that is followed; FileInvalid when there is none."""
    for enrolment in reversed(enrolments(book)):
        if enrolment.ended is None:
            return enrolment
    raise FileInvalid("no programme was started: `treadguard programme list` shows them")


def plan_of(book: Book, enrolment: Enrolment, today: dt.date) -> Plan:
    """What of it is due, done and missed on a day."""
    sessions = [
        (session.when.day, session.backward_s)
        for _, story in stories(book, enrolment.board)
        for session in story.sessions
    ]
    return lay_out(
        enrolment.programme,
        enrolment.started,
        today,
        backward_by_day(sessions),
        enrolment.speed_mm_s,
    )
