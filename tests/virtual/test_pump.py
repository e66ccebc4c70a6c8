# SPDX-License-Identifier: MIT
"""The charge pump and the relay, against the figures of the simulated circuit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.virtual.stub import Stub
from treadguard.virtual.relay import Relay
from treadguard.virtual.wiring import RELAY_FB
from treadguard.virtual.world import World


class Bench:
    """The driver on a bench: pins set by hand, a stop watch on the contact."""

    def __init__(self, corner: str = "nominal", *faults: str) -> None:
        self.world = World({"pump": corner})
        self.relay: Relay = self.world.relay
        for fault in faults:
            self.relay.fault(fault, True, 0)

    def pins(self, a: int, b: int, en: int, ms: int) -> Bench:
        """Set the levels and wait."""
        self.relay.drive(self.world.now, a, b, en)
        self.world.run_to(self.world.now + ms * 1000)
        return self

    def toggle(self, ms: int, half_ms: int = 10, en: int = 1, phases: int = 2) -> Bench:
        for i in range(ms // half_ms):
            self.pins(i & 1, (i & 1 ^ 1) * (phases - 1), en, half_ms)
        return self

    def contact_opens_after_ms(self, limit_ms: int = 400) -> float:
        """From now; the levels stay."""
        start = self.world.now
        while self.relay.contact:
            self.world.run_to(self.world.now + 100)
            if self.world.now - start > limit_ms * 1000:
                return -1
        return (self.world.now - start) / 1000

    def opens_after_last_edge_ms(self) -> float:
        assert self.contact_opens_after_ms() >= 0
        return (self.world.now - self.relay.last_edge_at) / 1000

    def interruptions(self) -> int:
        return sum(event[1:] == ("relay", "open") for event in self.world.events)


def test_toggling_at_50_hz_closes_within_30_ms_and_holds() -> None:
    bench = Bench().toggle(30)
    assert bench.relay.contact
    assert bench.toggle(5000).interruptions() == 0


@pytest.mark.parametrize("levels", [(1, 0), (0, 1)])
@pytest.mark.parametrize(
    ("corner", "low", "high"),
    [("nominal", 90, 97), ("longest", 120, 129), ("shortest", 41, 47)],
)
def test_a_freeze_drops_the_relay_after_the_hold_up_time(
    levels: tuple[int, int], corner: str, low: int, high: int
) -> None:
    bench = Bench(corner).toggle(1000).pins(*levels, 1, 0)
    assert low <= bench.opens_after_last_edge_ms() <= high


def test_both_pins_high_last_longer_than_any_other_end_and_drop_it_all_the_same() -> None:
    both = Bench().toggle(1000).pins(1, 1, 1, 0).opens_after_last_edge_ms()
    assert 130 <= both <= 160


def test_floating_pins_drop_it_in_36_ms() -> None:
    assert 30 <= Bench().toggle(1000).pins(0, 0, 1, 0).contact_opens_after_ms() <= 36


def test_relay_en_low_drops_it_in_9_ms() -> None:
    assert Bench().toggle(1000).pins(1, 0, 0, 0).contact_opens_after_ms() == 9


def test_the_e_stop_opens_the_loop_at_once_and_the_relay_in_9_ms() -> None:
    bench = Bench().toggle(1000)
    bench.world.press_estop(True)
    assert not bench.world.loop_closed()
    assert bench.contact_opens_after_ms() == 9


def test_one_single_edge_energises_it_for_75_ms_when_en_is_high() -> None:
    bench = Bench().pins(0, 0, 1, 500).pins(1, 0, 1, 5)
    assert bench.relay.contact
    assert 65 <= 5 + bench.contact_opens_after_ms() <= 76


@pytest.mark.parametrize("en", [0, 1])
@pytest.mark.parametrize("levels", [(0, 0), (1, 0), (0, 1), (1, 1)])
def test_no_static_level_holds_it(levels: tuple[int, int], en: int) -> None:
    assert not Bench().pins(*levels, en, 1000).relay.contact


@given(st.integers(10, 31))
def test_any_rate_down_to_16_hz_holds_even_in_the_shortest_corner(half_ms: int) -> None:
    bench = Bench("shortest").toggle(3000, half_ms)
    assert bench.relay.contact
    assert bench.interruptions() == 0


@given(st.integers(0, 30))
def test_it_rides_through_a_tick_that_is_late_by_up_to_30_ms(late_ms: int) -> None:
    bench = Bench("shortest").toggle(1000).pins(1, 0, 1, late_ms).toggle(1000)  # stays as it was
    assert bench.interruptions() == 0


def test_one_phase_alone_holds_at_50_hz_and_chatters_at_25_hz() -> None:
    assert Bench().toggle(2000, 10, phases=1).interruptions() == 0
    assert Bench().toggle(2000, 25, phases=1).interruptions() > 10


@pytest.mark.parametrize("fault", ["q1_short", "q2_short", "r5_open"])
def test_a_shorted_pump_transistor_holds_without_toggling_but_obeys_en(fault: str) -> None:
    bench = Bench("nominal", fault).pins(0, 0, 1, 20)
    assert bench.relay.contact  # T1 sees this
    assert bench.pins(0, 0, 0, 0).contact_opens_after_ms() == 9


@pytest.mark.parametrize(("fault", "levels"), [("c1_short", (1, 0)), ("c2_short", (0, 1))])
def test_a_shorted_pump_capacitor_holds_on_its_own_static_level(
    fault: str, levels: tuple[int, int]
) -> None:
    bench = Bench("nominal", fault).pins(0, 0, 1, 500)
    assert not bench.relay.contact
    assert bench.pins(*levels, 1, 1000).relay.contact  # T2 sees this
    assert bench.pins(*levels, 0, 20).relay.contact is False


def test_a_shorted_enable_transistor_ignores_en_but_not_the_pump() -> None:
    bench = Bench("nominal", "q3_short").toggle(200, en=0)
    assert bench.relay.contact  # T3 sees this
    assert 90 <= bench.pins(1, 0, 0, 0).opens_after_last_edge_ms() <= 100


def test_an_open_r4_holds_for_291_ms() -> None:
    bench = Bench("nominal", "r4_open").toggle(2000)
    assert 285 <= bench.pins(1, 0, 1, 0).opens_after_last_edge_ms() <= 292


def test_no_single_fault_of_the_driver_defeats_both_pump_and_en() -> None:
    for fault in ("q1_short", "q2_short", "q3_short", "r4_open", "r5_open", "c1_short"):
        bench = Bench("nominal", fault).toggle(1000).pins(1, 0, 0, 400)
        assert not bench.relay.contact, fault


def test_a_weld_shows_in_the_feedback_and_a_welded_pole_1_does_not() -> None:
    for fault, feedback in (("weld", 1), ("weld_pole1", 0)):
        bench = Bench("nominal", fault).toggle(100).pins(0, 0, 0, 100)
        assert bench.relay.contact
        assert bench.world.inputs[RELAY_FB] == feedback


def test_a_mended_weld_lets_go() -> None:
    bench = Bench("nominal", "weld").toggle(100).pins(0, 0, 0, 100)
    bench.relay.fault("weld", False, 0)
    assert not bench.relay.contact


def test_a_relay_that_does_not_close_never_shows_closed() -> None:
    bench = Bench("nominal", "not_closing").toggle(500)
    assert (bench.relay.contact, bench.world.inputs[RELAY_FB]) == (False, 0)


def test_a_slow_release_adds_its_time() -> None:
    bench = Bench().toggle(500)
    bench.relay.fault("slow_release", True, 200000)
    assert bench.pins(0, 0, 0, 0).contact_opens_after_ms() == 209


def test_a_cut_feedback_wire_reads_closed_and_a_short_reads_open() -> None:
    assert Bench("nominal", "feedback_stuck_closed").world.inputs[RELAY_FB] == 1
    assert Bench("nominal", "feedback_stuck_open").toggle(100).world.inputs[RELAY_FB] == 0


def test_a_power_dip_shorter_than_the_armature_is_not_seen() -> None:
    bench = Bench().toggle(1000)
    bench.relay.power(bench.world.now, False)
    bench.world.run_to(bench.world.now + 5000)
    bench.relay.power(bench.world.now, True)
    bench.toggle(100)
    assert bench.interruptions() == 0


def test_a_program_that_stops_pumping_loses_the_relay() -> None:
    stub = Stub(on_tick=lambda s: setattr(s, "pumping", s.ticks <= 100)).run(3000)
    assert 1590 + 90 <= stub.relay_open_ms() <= 1590 + 97
