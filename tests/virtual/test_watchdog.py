# SPDX-License-Identifier: MIT
"""The task watchdog: panic at T, core reset at 2T, and what it does to the relay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.virtual.stub import Stub


def boots_ms(stub: Stub) -> list[int]:
    return [ms for ms, detail in stub.log("chip") if detail.startswith("boot")]


def starving(after_ticks: int, masked: bool, watchdog_ms: int = 2000) -> Stub:
    def hang(stub: Stub) -> None:
        if stub.ticks == after_ticks and len(stub.boots) == 1:
            stub.world.chip.hang(masked)

    return Stub(on_tick=hang, watchdog_ms=watchdog_ms)


def test_a_fed_watchdog_never_bites() -> None:
    assert boots_ms(Stub(watchdog_ms=1000).run(60000)) == [0]


@given(st.integers(1, 200), st.integers(500, 5000))
def test_a_hang_panics_t_after_the_last_feed_and_dumps_for_150_ms(ticks: int, t_ms: int) -> None:
    stub = starving(ticks, False, t_ms).run(600 + ticks * 10 + t_ms + 1000)
    fed_ms = 600 + max(0, ticks - 2) * 10
    assert boots_ms(stub) == [0, fed_ms + t_ms + 150]
    assert stub.boots[1] == (3, 0x0C)


def test_with_interrupts_masked_only_the_second_stage_acts_at_2_t() -> None:
    stub = starving(101, True).run(8000)
    assert boots_ms(stub) == [0, 1590 + 4000]
    assert stub.boots[1] == (3, 0x07)


@pytest.mark.parametrize("masked", [False, True])
def test_the_pump_drops_the_relay_long_before_the_watchdog_acts(masked: bool) -> None:
    stub = starving(101, masked).run(2500)
    assert 69 <= stub.relay_open_ms() - 1590 <= 97


def test_an_unfed_watchdog_bites_a_program_that_runs_on() -> None:
    stub = Stub()

    def arm(_: Stub) -> None:
        stub.machine.WDT(timeout=1000)

    stub.setup = arm
    assert boots_ms(stub.run(1800)) == [0, 1750]


def test_arming_again_changes_the_time() -> None:
    stub = Stub()

    def arm(_: Stub) -> None:
        stub.machine.WDT(timeout=1000)
        stub.machine.WDT(timeout=600000)

    stub.setup = arm
    assert boots_ms(stub.run(10000)) == [0]


def test_it_survives_a_soft_reset_but_no_chip_reset() -> None:
    for kind, boots in (("soft", 3), ("hard", 2)):
        stub = Stub()

        def arm(s: Stub) -> None:
            if len(s.boots) == 1:
                s.machine.WDT(timeout=2000)

        stub.setup = arm
        stub.at(1000, lambda world, k=kind: world.reset_now(k)).run(4000)
        assert len(stub.boots) == boots, kind


def test_a_board_without_power_has_no_watchdog() -> None:
    stub = Stub(watchdog_ms=1000)
    stub.at(1000, lambda world: world.cut_power()).at(9000, lambda world: world.restore_power())
    stub.run(10000)
    assert stub.boots == [(1, 0x01), (1, 0x01)]


def test_a_program_that_ends_leaves_the_watchdog_to_reset_the_board() -> None:
    stub = Stub(on_tick=lambda s: 1 / 0 if s.ticks == 41 else None, watchdog_ms=2000)
    assert boots_ms(stub.run(4000)) == [0, 990 + 2150]
    assert stub.log("chip")[1:3] == [(1000, "uncaught ZeroDivisionError"), (1000, "repl")]


@pytest.mark.parametrize(
    ("kind", "says"), [("exception", "repl"), ("slow", "repl"), ("hang", "panic watchdog")]
)
def test_faults_are_injected_where_the_program_next_reads_an_adc(kind: str, says: str) -> None:
    from treadguard.virtual import actions

    stub = Stub(watchdog_ms=2000)
    stub.setup = lambda s: setattr(s, "adc", s.machine.ADC(s.pin(32)))
    stub.on_tick = lambda s: s.adc.read_u16()
    stub.at(1005, lambda world: actions.do(world, "inject", {"kind": kind, "ms": 50}))
    stub.run(3100)
    assert (1010, kind) in stub.log("inject")
    assert (says in [detail for _, detail in stub.log("chip")]) == (kind != "slow")
