# SPDX-License-Identifier: MIT
"""Counters that wrap in every state, a month of uptime, a clock that is set back."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.hazards import needs_fork, person, way
from tests.hazards.zygote import Zygote, end_in

pytestmark = needs_fork
PERIOD = 1 << 30
DAYS = 30
UPTIME = re.compile(r'"(ms|uptime_ms)":\d+')
Log = list[tuple[int, str, str]]
Entry = dict[str, Any]


SCENARIO = {"mode": "backward", "seed": 3, "board": {"config": {"turn_confirm_ms": 1000}}}
# What the link says arrives a tick later when the uptime in it has a digit more.
ON_THE_LINK = ("link", "state", "fault")


def a_session(timeline: list[Entry], **clock: int) -> Log:
    """Everything that is seen and heard, without the board's own time."""
    with Zygote({**SCENARIO, "timeline": timeline, **clock}) as z:
        log: Log = z.run(whole_log)
    return log


def whole_log(world: Any) -> Callable[[], Log]:
    end_in(world, 500)
    return lambda: [(ms, kind, UPTIME.sub("", detail)) for ms, kind, detail in world.events]


@pytest.fixture(scope="module")
def timeline() -> list[Entry]:
    return at_fixed_times()


def at_fixed_times() -> list[Entry]:
    """A backward session, its actions at fixed times instead of waiting for the board."""
    entries = [entry for entry in way.session() if entry["do"] != "note"]
    times = [ms for ms, kind, d in a_session(way.session()) if kind == "do" and d != "note"]
    fixed = [{**entry, "at_ms": ms} for entry, ms in zip(entries, times, strict=True)]
    for entry in fixed:
        entry.pop("when", None)
        entry.pop("delay_ms", None)
    last: list[Entry] = [{"do": "note", "text": "over", "at_ms": fixed[-1]["at_ms"] + 4000}]
    return fixed + last


@pytest.fixture(scope="module")
def usual(timeline: list[Entry]) -> Log:
    return a_session(timeline)


def alike(a: Log, b: Log) -> bool:
    """The same at the same times; on the link the same in the same order."""

    def beside(log: Log) -> Log:
        return [event for event in log if event[1] not in ON_THE_LINK]

    def said(log: Log) -> list[str]:
        return [detail for _, kind, detail in log if kind in ON_THE_LINK]

    return beside(a) == beside(b) and said(a) == said(b)


def moments(log: Log) -> dict[str, int]:
    """A moment in the middle of each state, ms of uptime; the board starts after 600 ms."""
    states = [(ms, detail) for ms, kind, detail in log if kind == "state"]
    states = [(600, "SELF_TEST"), *states, (log[-1][0], "")]
    return {state: (ms + until) // 2 - 600
            for (ms, state), (until, _) in itertools.pairwise(states)}  # fmt: skip


STATES = ("SELF_TEST", "READY", "ARMING", "WAIT_BELT", "MOUNTING", "BACKWARD", "STOPPING")


@pytest.mark.parametrize("state", STATES)
def test_a_wrap_of_the_microseconds_changes_nothing(
    timeline: list[Entry], usual: Log, state: str
) -> None:
    before_us = moments(usual)[state] * 1000 + 5
    assert alike(a_session(timeline, clock_start_us=PERIOD - before_us), usual)


@pytest.mark.parametrize("state", STATES)
def test_a_wrap_of_the_milliseconds_changes_nothing(
    timeline: list[Entry], usual: Log, state: str
) -> None:
    assert alike(a_session(timeline, clock_start_ms=PERIOD - moments(usual)[state]), usual)


def a_life(count: int) -> person.Days:
    with Zygote({"mode": "forward", "seed": 3}, after_ms=6000) as z:
        lived: person.Days = z.run(person.days, count)
    return lived


@pytest.fixture(scope="module")
def month() -> person.Days:
    """Two wraps of the milliseconds and 2400 of the microseconds; idle time is skipped."""
    return a_life(DAYS)


def test_a_board_that_is_never_switched_off_serves_a_session_every_day(
    month: person.Days,
) -> None:
    assert month.stuck == ""
    assert month.sessions == DAYS
    assert month.stops == ["START_PRESSED"] * DAYS
    assert month.violations == []
    assert month.journal["arm"] == month.journal["stop"] == DAYS
    assert month.journal["session"] == DAYS


def test_the_board_knows_the_time_after_a_month(month: person.Days) -> None:
    """It dates proofs with it: the monthly proof would never be overdue."""
    assert month.now_min == pytest.approx(month.told_min, abs=2)


def clock_back(world: Any) -> Callable[[], Any]:
    world.call_in(500_000, _set_clock, (world, 2, person.EPOCH_S))
    world.call_in(1_000_000, _set_clock, (world, 3, person.EPOCH_S - 40 * 86_400))
    life = person.days(world, 1)

    def answer() -> Any:
        return life(), world.recorder.controller.facade.now_min()

    return answer


def _set_clock(order: tuple[Any, int, int]) -> None:
    world, number, epoch_s = order
    person.request(world, {"id": number, "do": "clock.set", "epoch_s": epoch_s})


def test_a_clock_that_is_set_back_changes_no_decision() -> None:
    with Zygote({"mode": "forward", "seed": 3}, after_ms=6000) as z:
        lived, now_min = z.run(clock_back)
    assert lived.stuck == ""
    assert lived.stops == ["START_PRESSED"]
    assert lived.journal["clock"] == 3
    day_min = 1440
    assert now_min == pytest.approx(person.EPOCH_S // 60 - 40 * day_min + day_min, abs=2)
