# SPDX-License-Identifier: MIT
"""Soft interrupts: late, merged, dropped; the counter sees every edge all the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.virtual.stub import Stub
from treadguard.virtual.wiring import HALL_A


def edges_at(stub: Stub, start_us: int, gaps_us: list[int]) -> list[int]:
    """Put edges on the hall input; when they come."""
    times = []
    at_us = start_us
    for gap_us in gaps_us:
        times.append(at_us)
        stub.world.call_at(at_us, lambda t: stub.world.edge(HALL_A, t), at_us)
        at_us += gap_us
    return times


def stamps(stub: Stub) -> list[int]:
    """Handler stamps in world time: boot took 600 ms."""
    return [stamp + 600000 for stamp, _ in stub.pairs]


@given(st.lists(st.integers(60, 50000), min_size=1, max_size=60))
def test_awake_each_edge_has_its_own_handler_21_to_46_us_late(gaps_us: list[int]) -> None:
    stub = Stub()
    times = edges_at(stub, 1000000, gaps_us)
    stub.run(5000)
    assert [count for _, count in stub.pairs] == list(range(1, len(times) + 1))
    assert all(21 <= s - t <= 46 for s, t in zip(stamps(stub), times, strict=True))


def test_edges_a_few_us_apart_make_one_call_and_all_count() -> None:
    stub = Stub()
    edges_at(stub, 1000000, [5] * 3)
    stub.run(2000)
    assert len(stub.pairs) == 1
    assert stub.counter.value() == 3
    assert stub.world.irq.merged == 2


@given(st.integers(1, 40))
def test_a_blocked_task_holds_8_calls_and_drops_the_rest_silently(edges: int) -> None:
    def block(stub: Stub) -> None:
        if stub.ticks == 41:
            stub.world.stall(100000, False)

    stub = Stub(on_tick=block)
    edges_at(stub, 1001000, [2000] * edges)
    stub.run(2000)
    assert len(stub.pairs) == min(edges, 8)
    assert stub.world.irq.dropped == max(0, edges - 8)
    assert stub.counter.value() == edges


@given(st.integers(1, 40))
def test_during_a_flash_stall_all_edges_of_a_pin_become_one_call(edges: int) -> None:
    def write(stub: Stub) -> None:
        if stub.ticks == 41:
            stub.world.stall(100000, True)

    stub = Stub(on_tick=write)
    edges_at(stub, 1001000, [2000] * edges)
    stub.run(2000)
    assert len(stub.pairs) == 1
    assert stub.pairs[0][1] == edges
    assert stamps(stub)[0] >= 1100000


def test_a_sleeping_task_is_told_up_to_8_8_ms_late() -> None:
    from treadguard.virtual.adaptors import clock

    stub = Stub(on_tick=lambda stub: clock.sleep_ms(200) if stub.ticks == 41 else None)
    times = edges_at(stub, 1010000, [10000] * 15)
    stub.run(3000)
    late = [s - t for s, t in zip(stamps(stub), times, strict=True)]
    assert max(late) > 2000
    assert max(late) <= 8801


def test_a_late_handler_can_be_arranged() -> None:
    stub = Stub()
    stub.world.irq.late, stub.world.irq.late_us = 1, 3000
    times = edges_at(stub, 1000000, [50000] * 2)
    stub.run(2000)
    assert 3021 <= stamps(stub)[0] - times[0] <= 3046
    assert stamps(stub)[1] - times[1] <= 46


def test_the_counter_returns_to_zero_at_32767() -> None:
    stub = Stub()
    stub.at(1000, lambda world: setattr(world.irq.input(HALL_A), "count", 32765))
    edges_at(stub, 1100000, [1000] * 3)
    stub.run(2000)
    assert [count for _, count in stub.pairs] == [32766, 0, 1]


def test_reading_the_counter_with_zero_clears_it() -> None:
    stub = Stub()
    edges_at(stub, 1000000, [1000] * 4)
    stub.run(2000)
    assert stub.counter.value(0) == 4
    assert stub.counter.value() == 0


def test_a_handler_that_raises_stays_armed() -> None:
    stub = Stub()
    calls = []

    def broken(pin: object) -> None:
        calls.append(pin)
        raise KeyError("handler")

    stub.setup = lambda s: None
    stub.at(700, lambda world: setattr(world.irq.input(HALL_A), "handler", broken))
    edges_at(stub, 1000000, [1000] * 3)
    stub.run(2000)
    assert len(calls) == 3
    assert len(stub.log("chip")) == 1 + 3


def test_a_reset_forgets_calls_that_were_waiting() -> None:
    stub = Stub()
    edges_at(stub, 1000000, [1000])
    stub.world.irq.late, stub.world.irq.late_us = 1, 400000
    stub.at(1100, lambda world: world.reset_now("soft")).run(3000)
    assert stub.pairs == []
