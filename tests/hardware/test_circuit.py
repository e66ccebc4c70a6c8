# SPDX-License-Identifier: MIT
"""The relay driver under ngspice, from the committed netlist: hold, drop-out, odd states."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from hardware.tools import figures, report
from hardware.tools.bench import (
    ARMATURE_SLOW_MS,
    OPERATE_A,
    RELEASE_A,
    freeze,
    peak_ma,
    toggling,
)
from hardware.tools.deck import CORNER_AXES, NOMINAL, Case, Deck, number
from hardware.tools.faults import T5_MS, all_faults, examine
from hardware.tools.netlist import HARDWARE

pytestmark = [pytest.mark.circuit, pytest.mark.usefixtures("ngspice")]

HOLD_UP_MS = 128  # what the safety file promises of the worst corner
TICK_MS, LATE_MS = 10, 30
CASE = figures.WHOLE


def some_corners(count: int) -> list[dict[str, float]]:
    """Ends of the axes, thrown with a fixed seed."""
    dice = random.Random(20261121)
    return [{a: dice.choice(ends) for a, ends in CORNER_AXES.items()} for _ in range(count)]


@pytest.mark.parametrize("hz", [25, 50])
@pytest.mark.parametrize("name", ["nominal", "shortest", "longest"])
def test_it_holds_while_both_pins_toggle_and_drops_when_they_freeze(netlist, known, name, hz):
    corner = {"nominal": NOMINAL, **known["corners"]}[name]
    for how in ("high", "low"):
        found = freeze(netlist, CASE.at(**corner), how, hz)
        assert found.hold_a >= OPERATE_A
        assert found.below_operate_ms > TICK_MS + LATE_MS
        assert 0 < found.off_ms + ARMATURE_SLOW_MS <= HOLD_UP_MS


@pytest.mark.parametrize("corner", some_corners(12))
def test_no_corner_is_worse_than_the_printed_ones(netlist, known, corner):
    for hz in (25, 50):
        row = known["sweeps"][f"{hz} Hz"]
        for how in ("high", "low"):
            found = freeze(netlist, CASE.at(**corner), how, hz, watch_s=0.2)
            assert found.hold_a >= OPERATE_A
            assert found.below_operate_ms >= row["shortest_ms"] - 1
            assert found.off_ms + ARMATURE_SLOW_MS <= row["longest_ms"] + 1


@pytest.mark.parametrize("how", ["both low", "floating", "EN low"])
@pytest.mark.parametrize("name", ["nominal", "longest"])
def test_other_ends_are_quicker_than_a_freeze(netlist, known, how, name):
    corner = {"nominal": NOMINAL, **known["corners"]}[name]
    found = freeze(netlist, CASE.at(**corner), how)
    assert 0 <= found.off_ms < freeze(netlist, CASE.at(**corner), "high").off_ms
    if how != "both low":
        assert found.off_ms <= 9


def test_one_dead_phase_holds_at_50_hz_chatters_at_25_hz_and_drops_all_the_same(netlist):
    assert freeze(netlist, CASE, "high", 50, "A").hold_a >= OPERATE_A
    assert freeze(netlist, CASE, "high", 25, "A").hold_a < OPERATE_A
    for hz in (25, 50):
        assert 0 < freeze(netlist, CASE, "high", hz, "A").off_ms < HOLD_UP_MS


@pytest.mark.parametrize("en", [None, 1])
def test_a_booting_chip_with_pull_ups_on_never_closes_it(netlist, en):
    hot = {**NOMINAL, "vio": 3.6, "vgs": 0.0, "temp_c": 60.0, "v5": 5.25}
    boot = replace(CASE.at(**hot), pull_ups=True)
    assert peak_ma(netlist, boot, [(0.0, None, None, en)], 0.0, 0.3) < RELEASE_A * 1000


@pytest.mark.parametrize("levels", [(0, 0), (1, 0), (0, 1), (1, 1)])
def test_no_static_level_closes_it(netlist, levels):
    rows = [(0.0, 0, 0, 1), (0.01, *levels, 1)]
    assert peak_ma(netlist, CASE, rows, 0.3, 0.4) < RELEASE_A * 1000


def test_toggling_without_relay_en_never_closes_it(netlist):
    assert peak_ma(netlist, CASE, toggling(0.3, en=0), 0.0, 0.3) < RELEASE_A * 1000


def test_the_e_stop_takes_the_coils_current_away_while_the_program_pumps_on(netlist, known):
    assert figures.times(netlist, dict(NOMINAL))["estop_ms"] <= 9
    assert known["times"]["longest"]["estop_ms"] <= 9


def test_the_second_stop_channel_changes_nothing_for_the_first(netlist):
    alone = freeze(netlist, CASE, "high")
    both = freeze(netlist, replace(CASE, second_stop=True), "high")
    assert both.hold_a >= OPERATE_A
    assert abs(both.off_ms - alone.off_ms) < 2


def test_the_deck_follows_the_drawing(netlist):
    deck = Deck(netlist, replace(CASE, pins=((0.0, 0, 0, 0),))).text()
    for ref in ("R3", "R4", "C1", "C2", "C3"):
        assert f"{ref[0]}{ref} " in deck
        assert f" {number(netlist.parts[ref].value):.6g}\n" in deck


@pytest.mark.parametrize("ref", ["R3", "R4", "C1", "C3"])
def test_one_value_changed_in_the_drawing_changes_the_figures(netlist, known, ref):
    part = netlist.parts[ref]
    other = {"R": "27k", "C": "100n"}[ref[0]]
    changed = replace(netlist, parts={**netlist.parts, ref: replace(part, value=other)})
    found = freeze(changed, CASE, "high").off_ms + 4
    assert abs(found - known["frozen"]["nominal"]["high"]["50"]) > 3


def test_one_wire_moved_in_the_drawing_changes_the_figures(netlist, known):
    nets = dict(netlist.nets)
    base = netlist.net_of("R4", "1")
    nets[base] = tuple(p for p in nets[base] if p != ("R4", "1"))
    nets["elsewhere"] = (("R4", "1"),)
    cut = replace(netlist, nets=nets, _by_pin={})
    assert freeze(cut, CASE, "high").off_ms > 2 * known["frozen"]["nominal"]["high"]["50"]


@pytest.mark.parametrize("how", ["high", "low", "both low", "both high", "floating", "EN low"])
def test_the_committed_figures_are_those_of_this_drawing(netlist, known, how):
    for hz in (25, 50):
        found = freeze(netlist, CASE, how, hz).off_ms + 4
        assert found == pytest.approx(known["frozen"]["nominal"][how][str(hz)], abs=1)


def test_leaky_diodes_leave_no_room_for_a_late_tick(netlist, known):
    assert figures.leaky_ms(netlist) == pytest.approx(known["leaky_diode_ms"], abs=1)
    assert known["leaky_diode_ms"] < TICK_MS + LATE_MS


def test_the_page_prints_the_committed_figures(known):
    assert (HARDWARE / "simulation.md").read_text("utf-8") == report.page(known)


def test_every_part_of_the_driver_was_broken_both_ways(netlist, known):
    assert [f["fault"] for f in known["faults"]] == all_faults(netlist)
    broken = {f["fault"].split()[0] for f in known["faults"]}
    assert broken >= {f"R{i}" for i in range(1, 11)} | {"C1", "C2", "C3", "D1", "D2", "D3", "D4",
                                                       "Q1", "Q2", "Q3", "K1", "F2"}  # fmt: skip


def test_no_single_fault_defeats_pump_and_enable(known):
    for f in known["faults"]:
        if f["closes"]:
            assert f["after_freeze_ms"] >= 0 or 0 <= f["after_en_low_ms"] <= 9, f["fault"]


def test_every_dangerous_fault_is_found_before_the_relay_may_close(known):
    for f in known["faults"]:
        slow = f["after_freeze_ms"] < 0 or f["after_freeze_ms"] > T5_MS[1]
        if f["closes"] and (slow or report.ignores_enable(f)):
            assert {"T1", "T2", "T2 B", "T3"} & set(f["found_by"]), f["fault"]


@pytest.mark.parametrize(
    "fault",
    ["Q1 C-E short", "Q2 open G", "Q3 D-S short", "C1 short", "R4 open", "R5 open", "C2 open"],
)
def test_the_committed_verdicts_are_those_of_this_drawing(netlist, known, fault):
    kept = next(f for f in known["faults"] if f["fault"] == fault)
    found = examine(netlist, fault)
    assert list(found.found_by) == list(kept["found_by"])
    assert found.closes == kept["closes"]
    assert found.after_freeze_ms == pytest.approx(kept["after_freeze_ms"], abs=1)


def test_a_value_that_is_none_is_refused():
    with pytest.raises(ValueError, match="write 4k7"):
        number("lots")


def test_a_part_without_a_model_is_refused(netlist):
    strange = replace(netlist.parts["Q1"], value="MYSTERY")
    changed = replace(netlist, parts={**netlist.parts, "Q1": strange})
    with pytest.raises(ValueError, match="no model"):
        Deck(changed, Case(((0.0, 0, 0, 0),), 0.1)).text()
