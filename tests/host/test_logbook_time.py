# SPDX-License-Identifier: MIT
"""Uptime becomes wall time where a clock was set, and honest bounds where none was."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as some

from guard.core import events as e
from guard.core import faults as f
from tests.support.written import Written
from treadguard.logbook import query, timeline
from treadguard.logbook.store import Frame
from treadguard.logbook.telling import tell

NOON = 1_770_000_000
PULLED_MS = (NOON + 40 * 86400) * 1000
DAY_MS = 86_400_000


def placed(journal: Written, pulled_ms: int = PULLED_MS) -> list[timeline.Placed]:
    return timeline.events([Frame(data, pulled_ms) for data in journal.frames])


def test_an_event_is_as_far_from_the_clock_event_as_their_uptimes_are():
    journal = (
        Written().power_on().put(10_000, e.ARM, 2, 1).clock(70_000, NOON).put(95_000, e.RESET, 4)
    )
    walls = [one.when.at for one in placed(journal)]
    assert walls == [NOON * 1000 + d for d in (-69_800, -60_000, 0, 25_000)]


@given(some.integers(0, (1 << 30) - 1), some.lists(some.integers(1, DAY_MS), max_size=60))
def test_time_never_runs_back_however_often_the_counter_wraps(start, steps):
    journal = Written()
    at = start
    journal.clock(at, NOON)
    for step in steps:
        at += step
        journal.put(at, e.NOTE, 4, 1)
    walls = [one.when.at for one in placed(journal)]
    assert walls == [
        NOON * 1000 + ms for ms in [0, *(sum(steps[: i + 1]) for i in range(len(steps)))]
    ]


def test_the_last_clock_before_an_event_counts():
    journal = Written().clock(0, NOON).put(60_000, e.RESET, 4).clock(120_000, NOON + 240)
    journal.put(180_000, e.RESET, 4)
    walls = [one.when.at for one in placed(journal)]
    assert walls == [(NOON + s) * 1000 for s in (0, 60, 240, 300)]


def test_without_a_clock_an_event_lies_between_its_neighbours():
    journal = Written().clock(0, NOON).power_on().walk(10_000, 1, f.ESTOP)
    journal.power_on().clock(10_000, NOON + 3600)
    arm = next(one for one in placed(journal) if one.event["kind"] == "arm")
    assert arm.when.at is None
    assert (arm.when.after, arm.when.before) == (NOON * 1000, (NOON + 3590) * 1000 + 200)
    assert "between" in arm.when.text()
    assert arm.when.data()["at"] is None


def test_without_any_clock_the_pull_is_the_only_bound():
    arm = placed(Written().power_on().walk(10_000, 1, f.ESTOP))[1]
    assert (arm.when.after, arm.when.before, arm.when.day) == (None, PULLED_MS, None)
    assert arm.when.text().startswith("before ")
    assert "clock never set" in arm.when.text()


def test_a_day_is_known_without_a_clock_when_both_neighbours_have_it():
    day = dt.datetime(2026, 3, 10, 12, 0).astimezone()
    noon = int(day.timestamp())
    journal = (
        Written().clock(0, noon).power_on().walk(0, 1, f.ESTOP).power_on().clock(0, noon + 7200)
    )
    arm = next(one for one in placed(journal) if one.event["kind"] == "arm")
    assert arm.when.at is None
    assert arm.when.day == day.date()


def test_a_clock_that_was_never_right_is_no_clock():
    journal = Written().clock(0, 86_400).put(1000, e.RESET, 4)
    assert [one.when.at for one in placed(journal)] == [None, None]


@given(some.integers(0, 100), some.integers(0, 100))
def test_a_period_has_what_may_lie_in_it(since, until):
    period = query.Period(since, until)
    for at in range(0, 101, 7):
        assert period.has(timeline.When(at, None, at)) == (since <= at < until)
    assert period.has(timeline.When(None, None, since + 1)) == True  # noqa: E712
    assert query.Period(since).has(timeline.When(None, None, since - 1)) == False  # noqa: E712


def test_a_carried_event_is_told_in_the_order_of_its_number():
    journal = Written().power_on().clock(1_000, NOON).walk(5_000, 1, f.OVERSPEED)
    frames = [Frame(data, PULLED_MS) for data in journal.frames]
    story = tell("x", timeline.events(frames))
    assert [stop.cause for stop in story.trips] == ["OVERSPEED"]
