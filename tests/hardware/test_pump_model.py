# SPDX-License-Identifier: MIT
"""The virtual board's pump (virtual/relay.py) against the simulated circuit.

Where the model cannot be exact it must err to the side that is worse for the walker: it may
hold longer than the circuit, never shorter, in the corners that the safety file counts with.
"""

from __future__ import annotations

import pytest

from hardware.tools.netlist import committed
from tests.virtual.test_pump import Bench
from treadguard.virtual.relay import CORNERS

LEVELS = {"high": (1, 0), "low": (0, 1), "both low": (0, 0)}


def virtual_ms(corner: str, how: str) -> float:
    bench = Bench(corner).toggle(1000)
    if how == "EN low":
        return bench.pins(1, 0, 0, 0).contact_opens_after_ms()
    bench.pins(*LEVELS[how], 1, 0)
    return bench.opens_after_last_edge_ms()


@pytest.mark.parametrize("how", ["high", "low", "both low", "EN low"])
@pytest.mark.parametrize("corner", ["nominal", "longest"])
def test_the_virtual_relay_never_opens_sooner_than_the_circuit(known, corner, how):
    circuit = known["frozen"][corner][how]["50"]
    assert virtual_ms(corner, how) >= circuit - 1.5


@pytest.mark.parametrize("how", ["high", "low"])
@pytest.mark.parametrize("corner", ["nominal", "longest"])
def test_nor_later_than_a_fifth_more(known, corner, how):
    assert virtual_ms(corner, how) <= known["frozen"][corner][how]["50"] * 1.2


def test_a_single_edge_holds_it_at_least_as_long_as_in_the_circuit(known):
    bench = Bench().pins(0, 0, 1, 500).pins(1, 0, 1, 0)
    bench.pins(1, 0, 1, 5)
    held = 5 + bench.contact_opens_after_ms()
    assert known["times"]["nominal"]["single_edge_ms"] <= held <= 80


def test_one_phase_behaves_as_in_the_circuit(known):
    assert known["one_phase"]["50"]["holds"]
    assert Bench().toggle(2000, 10, phases=1).interruptions() == 0
    assert not known["one_phase"]["25"]["holds"]
    # The model needs the longer gap of 20 Hz to chatter; at 25 Hz the circuit chatters already.
    assert Bench().toggle(2000, 25, phases=1).interruptions() > 10


def test_the_slowest_rate_of_the_model_holds_in_the_circuit_too(known):
    assert known["slowest_hz"]["shortest"] <= 16


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
