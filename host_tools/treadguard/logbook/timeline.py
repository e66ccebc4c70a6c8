# SPDX-License-Identifier: MIT
"""When it happened: the board counts ms since it started, clock events say what time that was.

An event of a boot in which the clock was never set has no time of its own. It lies between what
came before and after it, and never after the moment it was pulled; both are told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from treadguard.logbook import decode
from treadguard.logbook.decode import Event
from treadguard.logbook.store import Frame
from treadguard.logbook.tables import Tables

WRAP_MS = 1 << 30
EARLIEST_MS = int(dt.datetime(2020, 1, 1, tzinfo=dt.UTC).timestamp() * 1000)
"""A clock before this was a laptop that did not know the time either."""


@dataclass(frozen=True)
class When:
    """A moment, in ms since 1970; `at` is None where no clock was set: the bounds then stand."""

    at: int | None
    after: int | None
    before: int

    @property
    def day(self) -> dt.date | None:
        """The local date; None when it may have been one day or another."""
        if self.at is not None:
            return local(self.at).date()
        if self.after is None or local(self.after).date() != local(self.before).date():
            return None
        return local(self.before).date()

    @property
    def latest(self) -> int:
        """For order and filters."""
        return self.at if self.at is not None else self.before

    def text(self) -> str:
        """For people, in local time."""
        if self.at is not None:
            return f"{local(self.at):%Y-%m-%d %H:%M}"
        if self.after is None:
            return f"before {local(self.before):%Y-%m-%d %H:%M} (clock never set)"
        span = f"{local(self.after):%Y-%m-%d %H:%M} and {local(self.before):%Y-%m-%d %H:%M}"
        return f"between {span} (clock never set)"

    def data(self) -> dict[str, str | None]:
        """For --json: ISO 8601 with the local offset."""
        after = None if self.after is None else iso(self.after)
        at = None if self.at is None else iso(self.at)
        return {"at": at, "not_before": at or after, "not_after": at or iso(self.before)}


@dataclass(frozen=True)
class Placed:
    """An event, when it was, and its boot's uptime without wraps (ms)."""

    event: Event
    up_ms: int
    when: When


def local(ms: int) -> dt.datetime:
    """Local time of ms since 1970."""
    return dt.datetime.fromtimestamp(ms / 1000).astimezone()


def iso(ms: int) -> str:
    """ISO 8601, seconds, local offset."""
    return local(ms).isoformat(timespec="seconds")


def events(frames: Sequence[Frame], by: Tables | None = None) -> list[Placed]:
    """Every event of one board, by number, with its time."""
    decoded = [event for frame in frames for event in decode.journal(frame.data, by)]
    imported = [frame.imported_ms for frame in frames]
    runs = list(_runs(decoded))
    ups = [up for run in runs for up in _unwrapped(decoded[run])]
    walls: list[int | None] = []
    for run in runs:
        walls += _walls(decoded[run], ups[run])
    bounds = _bounds(walls, imported)
    return [
        Placed(event, up, When(wall, *bound))
        for event, up, wall, bound in zip(decoded, ups, walls, bounds, strict=True)
    ]


def _runs(decoded: Sequence[Event]) -> Iterator[slice]:
    """Stretches of one boot: a new number, or a boot event, begins the next."""
    start = 0
    for i in range(1, len(decoded)):
        if decoded[i]["boot"] != decoded[i - 1]["boot"] or decoded[i]["kind"] == "boot":
            yield slice(start, i)
            start = i
    if decoded:
        yield slice(start, len(decoded))


def _unwrapped(run: Sequence[Event]) -> Iterator[int]:
    turns, last = 0, 0
    for event in run:
        # Notes may be a little older than the event before them; a wrap is a great leap back.
        if event["uptime_ms"] < last - WRAP_MS // 2:
            turns += 1
        last = event["uptime_ms"]
        yield turns * WRAP_MS + last


def _walls(run: Sequence[Event], ups: Sequence[int]) -> list[int | None]:
    clocks = [
        (up, event["epoch_s"] * 1000 - up)
        for event, up in zip(run, ups, strict=True)
        if event["kind"] == "clock" and event["epoch_s"] * 1000 >= EARLIEST_MS
    ]
    if not clocks:
        return [None] * len(run)
    found: list[int | None] = []
    for up in ups:
        earlier = [offset for clock_up, offset in clocks if clock_up <= up]
        found.append(up + (earlier[-1] if earlier else clocks[0][1]))
    return found


def _bounds(walls: Sequence[int | None], imported: Sequence[int]) -> list[tuple[int | None, int]]:
    """(not before, not after) of each event, from its neighbours of known time and its import."""
    after: list[int | None] = []
    last: int | None = None
    for wall in walls:
        last = wall if wall is not None else last
        after.append(last)
    before: list[int] = []
    following: int | None = None
    for wall, came in zip(reversed(walls), reversed(imported), strict=True):
        following = wall if wall is not None else following
        before.append(came if following is None else min(following, came))
    before.reverse()
    return list(zip(after, before, strict=True))
