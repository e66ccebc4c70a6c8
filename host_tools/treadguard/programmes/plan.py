# SPDX-License-Identifier: MIT
"""A programme on the calendar: weeks from the day it was started, what is due, done, missed.

A day counts once, when its backward time reaches 80 % of the session's minutes. Speed and
minutes rise only after a week in which every session was done: a missed week repeats its level.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from treadguard.programmes.programme import Programme

COUNTS_FROM_PERCENT = 80


@dataclass(frozen=True)
class Week:
    """One week of the plan; `level` is how many completed weeks came before it."""

    number: int
    begins: dt.date
    level: int
    minutes: int
    speed_mm_s: int | None
    planned: int
    done: tuple[dt.date, ...]
    partly: tuple[dt.date, ...]
    missed: int
    due: int

    @property
    def ends(self) -> dt.date:
        """Its last day."""
        return self.begins + dt.timedelta(days=6)

    @property
    def state(self) -> str:
        """done, missed, now or ahead."""
        if len(self.done) >= self.planned:
            return "done"
        if self.missed:
            return "missed"
        return "now" if self.due else "ahead"


@dataclass(frozen=True)
class Plan:
    """Every week of a programme on a given day."""

    programme: Programme
    started: dt.date
    today: dt.date
    weeks: tuple[Week, ...]

    @property
    def current(self) -> Week | None:
        """The week of today; None before the start and after the end."""
        for week in self.weeks:
            if week.begins <= self.today <= week.ends:
                return week
        return None

    @property
    def done(self) -> int:
        """Sessions done, at most as many a week as were planned."""
        return sum(min(len(week.done), week.planned) for week in self.weeks)

    @property
    def missed(self) -> int:
        """Sessions of past weeks that were not done."""
        return sum(week.missed for week in self.weeks)

    @property
    def over(self) -> bool:
        """Its last day is past."""
        return self.today > self.weeks[-1].ends

    def next_session(self) -> tuple[dt.date, Week] | None:
        """(earliest day, its week) of the session that comes next; None when all are over."""
        for week in self.weeks:
            if week.ends < self.today:
                continue
            day = max(self.today, week.begins)
            if day in week.done:
                day += dt.timedelta(days=1)
            if len(week.done) < week.planned and day <= week.ends:
                return day, week
        return None


def lay_out(
    programme: Programme,
    started: dt.date,
    today: dt.date,
    backward_s: Mapping[dt.date, int],
    first_mm_s: int | None = None,
) -> Plan:
    """The plan on a day, from the backward seconds walked on each day."""
    weeks: list[Week] = []
    level = 0
    for number in range(1, programme.weeks + 1):
        week = _week(programme, number, started, today, backward_s, level, first_mm_s)
        weeks.append(week)
        level += week.state == "done"
    return Plan(programme, started, today, tuple(weeks))


def _week(
    programme: Programme,
    number: int,
    started: dt.date,
    today: dt.date,
    backward_s: Mapping[dt.date, int],
    level: int,
    first_mm_s: int | None,
) -> Week:
    begins = started + dt.timedelta(weeks=number - 1)
    days = [begins + dt.timedelta(days=i) for i in range(7)]
    minutes = programme.minutes_in(level)
    enough_s = minutes * 60 * COUNTS_FROM_PERCENT // 100
    walked = [day for day in days if backward_s.get(day, 0) > 0]
    done = tuple(day for day in walked if backward_s[day] >= enough_s)
    open_ = max(0, programme.sessions_per_week - len(done))
    past, ahead = days[-1] < today, begins > today
    return Week(
        number,
        begins,
        level,
        minutes,
        programme.speed_in(level, first_mm_s),
        programme.sessions_per_week,
        done,
        tuple(day for day in walked if day not in done),
        missed=open_ if past else 0,
        due=0 if past or ahead else open_,
    )


def backward_by_day(sessions: Iterable[tuple[dt.date | None, int]]) -> dict[dt.date, int]:
    """(day, backward seconds) of sessions -> seconds of each day; unknown days count nowhere."""
    found: dict[dt.date, int] = {}
    for day, seconds in sessions:
        if day is not None:
            found[day] = found.get(day, 0) + seconds
    return found
