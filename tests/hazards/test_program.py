# SPDX-License-Identifier: MIT
"""An exception, a hang, a slow step at the calls of a tick; resets and Ctrl-C at any moment.

A bounded share of `python -m tests.hazards`, which runs every one of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hazards import calls, needs_fork, sweeps, way
from tests.hazards.sweeps import Tally

pytestmark = needs_fork
SLOW_MS = (30, 60, 150, 500)
FLOOD = b"U" * 200 + b'{"id":1,"do":"sta'


def none_wrong(judged: Iterator[sweeps.Judged], jobs: int) -> Tally:
    tally = Tally().take(judged)
    assert tally.failures == []
    assert tally.jobs >= jobs, "the sweep is empty"
    return tally


@pytest.mark.parametrize("first", range(4))
def test_an_exception_at_a_call_of_the_tick_opens_the_relay_and_is_a_crash(first: int) -> None:
    """Together the four states see every fourth call site. The link catches its own."""
    state = way.CLOSED_STATES[first]
    tally = none_wrong(sweeps.call_faults(state, "exception", 0, 16, 4 * first), 8)
    assert tally.worst_ms <= sweeps.JUDGED_MS


@pytest.mark.parametrize("state", way.CLOSED_STATES)
@pytest.mark.parametrize("kind", ["hang", "hang_masked"])
def test_a_hang_at_a_call_of_the_tick_opens_the_relay_by_the_pump(kind: str, state: str) -> None:
    none_wrong(sweeps.call_faults(state, kind, 0, 50, 7), 2)


@pytest.mark.parametrize("ms", SLOW_MS[:3])
@pytest.mark.parametrize("state", ["WAIT_BELT", "BACKWARD"])
def test_a_slow_step_opens_the_relay_once_a_tick_is_25_ms_late(ms: int, state: str) -> None:
    none_wrong(sweeps.call_faults(state, "slow", ms, 40), 3)


def test_half_a_second_without_the_program_is_a_trip_of_the_loop() -> None:
    none_wrong(sweeps.call_faults("FORWARD", "slow", 500, 20), 5)


@pytest.mark.parametrize("kind", sweeps.RESETS)
def test_a_reset_in_any_closed_state_opens_the_relay_and_is_named(kind: str) -> None:
    for state in way.CLOSED_STATES:
        none_wrong(sweeps.resets(state, kind, 1, 7), 1)


@pytest.mark.parametrize("state", way.CLOSED_STATES)
@pytest.mark.parametrize("before", [b"", b'{"id":1,"do":"sta', FLOOD], ids=["", "line", "flood"])
def test_ctrl_c_opens_the_relay_within_two_ticks(state: str, before: bytes) -> None:
    none_wrong(sweeps.ctrl_c(state, 3, 13, before), 3)


@pytest.mark.parametrize("state", way.OPEN_STATES)
def test_ctrl_c_never_closes_the_relay(state: str) -> None:
    none_wrong(sweeps.ctrl_c(state, 3, 61), 3)


def test_the_calls_of_a_tick_are_those_that_its_source_holds() -> None:
    """Else a sweep over call sites would sweep over nothing."""
    from tests.hazards import outcome
    from tests.hazards.zygote import Zygote

    with Zygote(way.scenario("BACKWARD")) as z:
        seen = z.run(outcome.count_calls, 100, sweeps.STATUS)
    reached = set(seen.sites)
    assert len(reached & calls.written()) > 140
    loop = {line for module, line in calls.written() if module == "controller.py"}
    assert len({line for module, line in reached if module == "controller.py"} & loop) > 20
