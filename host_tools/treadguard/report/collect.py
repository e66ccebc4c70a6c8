# SPDX-License-Identifier: MIT
"""Everything the page shows, gathered from the logbook for one request."""

from __future__ import annotations

import datetime as dt
import functools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from treadguard.errors import FileInvalid
from treadguard.logbook import query, sentences
from treadguard.logbook.decode import Box
from treadguard.logbook.query import Period
from treadguard.logbook.sessions import Session, Stop, Story, ended
from treadguard.logbook.store import Board, Book
from treadguard.programmes import enrolment
from treadguard.programmes.plan import Plan
from treadguard.report import fitted, traces
from treadguard.report.traces import Trace


@dataclass
class Walk:
    """One session with its trace, where the board kept one."""

    board: Board
    session: Session
    trace: Trace | None

    @property
    def usual_mm_s(self) -> int | None:
        """Median speed while walking backward."""
        return self.trace.backward_mm_s if self.trace else None

    @property
    def stop_mm(self) -> int | None:
        """Middle of what the stop distance may have been."""
        travel = self.session.stop.travel_mm if self.session.stop else None
        return (travel[0] + travel[1]) // 2 if travel else None


@dataclass
class Mishap:
    """One stop with its black box, where the logbook has one."""

    board: Board
    stop: Stop
    box_name: str | None = None
    box: Box | None = None

    @functools.cached_property
    def options(self) -> fitted.Seen | None:
        """What the board's options saw; None without any."""
        return fitted.of(self.box) if self.box is not None else None

    @property
    def told(self) -> str:
        """The black box in words, for those who do not see its figure."""
        seen = self.options.sentence() if self.options else ""
        return f"{sentences.why(self.stop)} {sentences.end(self.stop)}{seen}"


@dataclass
class Week:
    """Monday to Sunday."""

    monday: dt.date
    sessions: int = 0
    backward_s: int = 0
    speeds: list[int] = field(default_factory=list)
    stops_mm: list[int] = field(default_factory=list)
    trips: int = 0


@dataclass
class Report:
    """What one page shows."""

    title: str
    walks: list[Walk]
    mishaps: list[Mishap]
    weeks: list[Week]
    plan: Plan | None
    gaps: list[str]
    boards: list[Board]

    @property
    def undated(self) -> int:
        """Sessions whose day is not known."""
        return sum(walk.session.when.day is None for walk in self.walks)


def overview(book: Book, within: Period, board: str | None, today: dt.date) -> Report:
    """Every session and trip of a period. FileInvalid when there is none."""
    walks: list[Walk] = []
    mishaps: list[Mishap] = []
    gaps: list[str] = []
    told = query.stories(book, board)
    for one, story in told:
        found, unread = traces.read_all(book.files(one, "t"))
        walks += [
            Walk(one, session, traces.of(found, session))
            for session in ended(story)
            if within.has(session.when)
        ]
        mishaps += _mishaps(book, one, story, within)
        gaps += _gaps(book, one, story, unread)
    if not walks and not mishaps:
        raise FileInvalid(
            f"the logbook {book.path} has no session in this time: `treadguard logs pull` fetches"
            " what the board recorded"
        )
    walks.sort(key=lambda walk: walk.session.when.latest)
    mishaps.sort(key=lambda mishap: mishap.stop.when.latest)
    boards = [one for one, _ in told]
    plan = _plan(book, boards, today)
    return Report("Walking backward", walks, mishaps, weeks_of(walks, mishaps), plan, gaps, boards)


def one_session(book: Book, number: int, board: str | None) -> Report:
    """One session and how it ended."""
    one, story, session = query.find_session(book, number, board)
    found, unread = traces.read_all(book.files(one, "t"))
    walk = Walk(one, session, traces.of(found, session))
    mishaps = [_with_box(book, one, session.stop)] if session.stop else []
    gaps = _gaps(book, one, story, unread)
    return Report(f"Session {number}", [walk], mishaps, [], None, gaps, [one])


def one_trip(book: Book, number: int, board: str | None) -> Report:
    """One trip, and the session it ended."""
    one, story, stop = query.find_trip(book, number, board)
    found, unread = traces.read_all(book.files(one, "t"))
    walks = [
        Walk(one, session, traces.of(found, session))
        for session in story.sessions
        if session.stop is stop
    ]
    title = f"Trip {number}: {said(stop.cause)}"
    gaps = _gaps(book, one, story, unread)
    return Report(title, walks, [_with_box(book, one, stop)], [], None, gaps, [one])


def said(fault: str) -> str:
    """RAILS_RELEASED as people say it."""
    return fault.lower().replace("_", " ")


def _mishaps(book: Book, board: Board, story: Story, within: Period) -> list[Mishap]:
    stops = [stop for stop in story.trips if within.has(stop.when)]
    boxes = {stop.seq: boxed for stop, boxed in query.boxes_of(book, board, stops)}
    return [Mishap(board, stop, *boxes.get(stop.seq, (None, None))) for stop in stops]


def _with_box(book: Book, board: Board, stop: Stop) -> Mishap:
    boxed = query.box_of(book, board, stop)
    return Mishap(board, stop, *boxed) if boxed else Mishap(board, stop)


def _gaps(book: Book, board: Board, story: Story, unread: Sequence[str]) -> list[str]:
    """What is missing or damaged, in sentences."""
    gaps = []
    damaged = sum(size for *_, size in book.damage(board))
    torn = [name for name, _, intact in book.file_names(board) if not intact]
    missing = book.missing(board)
    if missing:
        gaps.append(
            f"{missing} of the events of {board.shown} missing: damaged, or gone from the board"
            " before they were pulled."
        )
    if damaged:
        gaps.append(f"{damaged} bytes of the journal of {board.shown} were damaged and left out.")
    if torn:
        gaps.append(f"Damaged, shown as far as they can be read: {', '.join(torn)}.")
    if unread:
        gaps.append(f"Not readable by this version, but kept: {', '.join(unread)}.")
    for note in story.notes:
        gaps.append(f"The board says: {_note(note.event)} ({note.when.text()}).")
    return gaps


def _note(event: dict[str, object]) -> str:
    if event["note"] == "lost":
        return f"{event['events']} events found its queue full and were lost"
    return f"{event['bytes']} bytes of a torn end of its journal were cut off"


def _plan(book: Book, boards: Sequence[Board], today: dt.date) -> Plan | None:
    """What is followed on one of these boards, or on any."""
    keys = {None, *(board.key for board in boards)}
    running = [
        one for one in enrolment.enrolments(book) if one.ended is None and one.board in keys
    ]
    return enrolment.plan_of(book, running[-1], today) if running else None


def weeks_of(walks: Sequence[Walk], mishaps: Sequence[Mishap]) -> list[Week]:
    """Every week from the first session of known day to the last, empty ones too."""
    days = [walk.session.when.day for walk in walks]
    days += [mishap.stop.when.day for mishap in mishaps]
    known = sorted(day for day in days if day is not None)
    if not known:
        return []
    first, last = _monday(known[0]), _monday(known[-1])
    count = (last - first).days // 7 + 1
    weeks = [Week(first + dt.timedelta(weeks=i)) for i in range(count)]
    for walk in walks:
        if walk.session.when.day is not None:
            _count(weeks[(_monday(walk.session.when.day) - first).days // 7], walk)
    for mishap in mishaps:
        if mishap.stop.when.day is not None:
            weeks[(_monday(mishap.stop.when.day) - first).days // 7].trips += 1
    return weeks


def _count(week: Week, walk: Walk) -> None:
    if walk.session.mode == "forward":
        return
    week.sessions += 1
    week.backward_s += walk.session.backward_s
    if walk.usual_mm_s is not None:
        week.speeds.append(walk.usual_mm_s)
    if walk.stop_mm is not None:
        week.stops_mm.append(walk.stop_mm)


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def median(values: Sequence[int]) -> int | None:
    """The middle value; None of nothing."""
    return int(statistics.median(values)) if values else None
