# SPDX-License-Identifier: MIT
"""The virtual board's pump (virtual/relay.py) against the simulated circuit.

Where the model cannot be exact it must err to the hard side. `nominal` and `longest` hold longer
than the circuit, never shorter: that is worse for the walker. `shortest` lets go sooner: that is
worse for a program that is late.
"""

from __future__ import annotations

import pytest

from hardware.tools.bench import ARMATURE_SLOW_MS
from hardware.tools.netlist import committed
from tests.campaign.light_parts import HOLD_UP_US
from tests.hardware.test_circuit import HOLD_UP_MS, LATE_MS, TICK_MS
from tests.hazards import outcome
from tests.virtual.test_pump import Bench
from treadguard import bounds
from treadguard.virtual.relay import CORNERS

LEVELS = {"high": (1, 0), "low": (0, 1), "both low": (0, 0), "both high": (1, 1)}


def virtual_ms(corner: str, how: str) -> float:
    bench = Bench(corner).toggle(1000)
    if how == "EN low":
        return bench.pins(1, 0, 0, 0).contact_opens_after_ms()
    bench.pins(*LEVELS[how], 1, 0)
    return bench.opens_after_last_edge_ms()


def single_edge_ms(corner: str) -> float:
    """Closed at most so long after one edge with RELAY_EN high."""
    bench = Bench(corner).pins(0, 0, 1, 500).pins(1, 0, 1, 5)
    return 5 + bench.contact_opens_after_ms()


@pytest.mark.parametrize("how", ["high", "low", "both low", "both high", "EN low"])
@pytest.mark.parametrize("corner", ["nominal", "longest"])
def test_the_virtual_relay_never_opens_sooner_than_the_circuit(known, corner, how):
    assert virtual_ms(corner, how) >= known["frozen"][corner][how]["50"]


def test_in_its_longest_corner_not_sooner_than_any_corner_of_the_sweep(known):
    longest = max(sweep["longest_ms"] for sweep in known["sweeps"].values())
    assert virtual_ms("longest", "high") >= longest


@pytest.mark.parametrize("how", ["high", "low"])
@pytest.mark.parametrize("corner", ["nominal", "longest"])
def test_nor_later_than_a_fifth_more(known, corner, how):
    assert virtual_ms(corner, how) <= known["frozen"][corner][how]["50"] * 1.2


@pytest.mark.parametrize("how", ["high", "low"])
def test_in_its_shortest_corner_it_lets_go_as_soon_as_any_corner_may(known, how):
    """The circuit's figure is the coil below must-operate, before any armature has moved."""
    soonest = min(sweep["shortest_ms"] for sweep in known["sweeps"].values())
    assert soonest - 5 <= virtual_ms("shortest", how) <= soonest


def test_and_still_rides_through_a_late_tick():
    assert virtual_ms("shortest", "high") > TICK_MS + LATE_MS
    assert virtual_ms("shortest", "low") > TICK_MS + LATE_MS


@pytest.mark.parametrize("corner", ["nominal", "longest"])
def test_a_single_edge_holds_it_at_least_as_long_as_in_the_circuit(known, corner):
    circuit = known["times"][corner]["single_edge_ms"] + ARMATURE_SLOW_MS
    assert circuit - 1 <= single_edge_ms(corner) <= circuit * 1.2


def test_in_the_shortest_corner_no_longer_than_the_circuit(known):
    assert single_edge_ms("shortest") <= known["times"]["shortest"]["single_edge_hold_ms"]


def test_the_slowest_rate_that_holds_the_model_holds_the_circuit(known):
    half_ms = 20
    while not Bench("shortest").toggle(3000, half_ms + 1).interruptions():
        half_ms += 1
    assert 500 / half_ms >= known["slowest_hz"]["shortest"]


def test_every_printed_hold_up_is_that_of_the_model():
    assert virtual_ms("longest", "high") == pytest.approx(HOLD_UP_MS, abs=0.2)
    assert bounds.HOLD_UP_MS == outcome.HOLD_UP_MS == HOLD_UP_MS
    for corner, hold_up_us in HOLD_UP_US.items():
        assert virtual_ms(corner, "high") == pytest.approx(hold_up_us / 1000, abs=0.2), corner


def test_one_phase_behaves_as_in_the_circuit(known):
    assert known["one_phase"]["50"]["holds"]
    assert Bench().toggle(2000, 10, phases=1).interruptions() == 0
    assert not known["one_phase"]["25"]["holds"]
    # The model needs the longer gap of 20 Hz to chatter; at 25 Hz the circuit chatters already.
    assert Bench().toggle(2000, 25, phases=1).interruptions() > 10


@pytest.mark.parametrize(
    ("virtual", "circuit"),
    [
        ("q1_short", "Q1 C-E short"), ("q2_short", "Q2 D-S short"), ("q3_short", "Q3 D-S short"),
        ("r5_open", "R5 open"), ("c1_short", "C1 short"), ("c2_short", "C2 short"),
    ],
)  # fmt: skip
def test_a_broken_part_does_the_same_in_both(known, virtual, circuit):
    kept = next(f for f in known["faults"] if f["fault"] == circuit)
    stays = {True: False, False: False}
    for a in (0, 1):
        bench = Bench("nominal", virtual).toggle(1000).pins(a, 1 - a, 1, 400)
        stays[bool(a)] = bench.relay.contact
    assert any(stays.values()) == (kept["after_freeze_ms"] < 0)
    bench = Bench("nominal", virtual).toggle(1000).pins(1, 0, 0, 60)
    assert bench.relay.contact == (kept["after_en_low_ms"] > 60)


def test_every_corner_of_the_model_is_named_in_the_figures(known):
    assert set(CORNERS) == set(known["frozen"])


def test_the_driver_is_still_drawn():
    assert committed().parts["R3"].value == "51k"
