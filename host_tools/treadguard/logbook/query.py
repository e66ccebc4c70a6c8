# SPDX-License-Identifier: MIT
"""What people ask a logbook for: sessions, trips and events, by board, time and cause."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from treadguard import firmware
from treadguard.errors import FileInvalid, ValueRefused
from treadguard.logbook import decode, timeline
from treadguard.logbook.decode import Box
from treadguard.logbook.sessions import Session, Stop, Story
from treadguard.logbook.store import Board, Book
from treadguard.logbook.telling import tell
from treadguard.logbook.timeline import Placed

_AGO = re.compile(r"(\d+)\s*(day|week|month|year)s?")
_DAYS = {"day": 1, "week": 7, "month": 31, "year": 366}


@dataclass(frozen=True)
class Period:
    """From and to, in ms since 1970; None is open."""

    since_ms: int | None = None
    until_ms: int | None = None

    def has(self, when: timeline.When) -> bool:
        """Whether this moment may lie in the period."""
        earliest = when.at if when.at is not None else when.after
        if self.since_ms is not None and when.latest < self.since_ms:
            return False
        return self.until_ms is None or earliest is None or earliest < self.until_ms


def period(since: str | None, until: str | None) -> Period:
    """`2026-03-01` or `6 weeks` (ago), local time; `until` means the end of its day."""
    begin = _day(since) if since else None
    end = _day(until) + dt.timedelta(days=1) if until else None
    if begin and end and begin >= end:
        raise ValueRefused(f"--since {since} lies after --until {until}: exchange them")
    return Period(_midnight_ms(begin), _midnight_ms(end))


def _day(text: str) -> dt.date:
    match = _AGO.fullmatch(text.strip().lower())
    try:
        if match:
            ago = dt.timedelta(days=int(match.group(1)) * _DAYS[match.group(2)])
            return dt.datetime.now().astimezone().date() - ago
        return dt.date.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise ValueRefused(
            f'"{text}" is no date: write 2026-03-01, or how long ago: 6 weeks'
        ) from None


def _midnight_ms(day: dt.date | None) -> int | None:
    if day is None:
        return None
    return int(dt.datetime.combine(day, dt.time()).astimezone().timestamp() * 1000)


def stories(book: Book, board: str | None = None) -> list[tuple[Board, Story]]:
    """The story of one board (by key or name), or of every board."""
    boards = [book.board(board)] if board is not None else book.boards()
    found = []
    for one in boards:
        by = book.tables(one)
        found.append((one, tell(one.key, timeline.events(book.frames(one), by), by)))
    return found


def events(book: Book, board: Board, within: Period, session: int | None) -> Iterator[Placed]:
    """The events of one board; with a session's number from its START to the next one."""
    current: int | None = None
    for one in timeline.events(book.frames(board), book.tables(board)):
        if one.event["kind"] == "arm":
            current = one.event["session"]
        if session in (None, current) and within.has(one.when):
            yield one


def fault_named(text: str) -> str:
    """A fault's name as typed, upper or lower case, `-` or `_`."""
    import difflib

    name = text.strip().upper().replace("-", "_")
    names = list(firmware.fault_names().values())
    if name in names:
        return name
    close = difflib.get_close_matches(name, names, n=1)
    hint = f": did you mean {close[0]}?" if close else ": `treadguard trips` shows their names"
    raise ValueRefused(f"there is no fault {text}{hint}")


def find_session(book: Book, number: int, board: str | None) -> tuple[Board, Story, Session]:
    """A session by the board's number of it. FileInvalid when there is none, or several."""
    found = [
        (one, story, session)
        for one, story in stories(book, board)
        for session in story.sessions
        if session.number == number
    ]
    boards = {one.key: one.shown for one, _, _ in found}
    if len(boards) > 1:
        raise FileInvalid(
            f"session {number} is there on several boards: choose one with --board:"
            f" {', '.join(boards.values())}"
        )
    if not found:
        raise FileInvalid(f"there is no session {number}: `treadguard sessions` lists them")
    return found[-1]


def find_trip(book: Book, number: int, board: str | None) -> tuple[Board, Story, Stop]:
    """A trip by the number of its event. FileInvalid when there is none, or several."""
    found = [
        (one, story, stop)
        for one, story in stories(book, board)
        for stop in story.trips
        if stop.seq == number
    ]
    if len(found) > 1:
        names = ", ".join(one.shown for one, _, _ in found)
        raise FileInvalid(f"trip {number} is there on several boards: choose --board: {names}")
    if not found:
        raise FileInvalid(f"there is no trip {number}: `treadguard trips` lists them")
    return found[0]


def box_of(book: Book, board: Board, stop: Stop) -> tuple[str, Box] | None:
    """The black box of a stop and its name; None when there is none, or it cannot be read."""
    return next(boxes_of(book, board, [stop]), (stop, None))[1]


def boxes_of(
    book: Book, board: Board, stops: Sequence[Stop]
) -> Iterator[tuple[Stop, tuple[str, Box]]]:
    """(stop, (name, black box)) of those stops whose box the logbook has and can read."""
    by = book.tables(board)
    for stored in book.files(board, "b") if stops else ():
        try:
            header = decode.box_header(stored.data, by)
        except FileInvalid:
            continue
        for stop in stops:
            if _is_header_of(header, stop):
                yield stop, (stored.name, decode.blackbox(stored.data, by))
                break


def _is_header_of(header: dict[str, Any], stop: Stop) -> bool:
    if stop.session is None or header["boot"] & 0xFFFF != stop.boot & 0xFFFF:
        return False
    causes = (stop.cause, stop.first_named)
    return bool(header["session"] == stop.session and header["cause"] in causes)
