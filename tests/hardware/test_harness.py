# SPDX-License-Identifier: MIT
"""Harness drawing, wire list and parts list follow from the schematic."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hardware.tools import harness
from hardware.tools.cables import OPTIONS, STANDARD, WORDS
from hardware.tools.make import words
from hardware.tools.netlist import EXPORTS, HARDWARE, placed

CABLES = STANDARD + OPTIONS


def test_the_committed_harness_is_what_the_netlist_gives(netlist):
    for name, text in harness.texts(netlist).items():
        assert (HARDWARE / name).read_text("utf-8") == text, name


def test_a_wire_moved_in_the_schematic_moves_in_the_harness(netlist):
    nets = dict(netlist.nets)
    start, reset = netlist.net_of("S6", "1"), netlist.net_of("S6", "3")
    nets[start] = tuple(("S6", "3") if p == ("S6", "1") else p for p in nets[start])
    nets[reset] = tuple(("S6", "1") if p == ("S6", "3") else p for p in nets[reset])
    swapped = replace(netlist, nets=nets, _by_pin={})
    assert harness.texts(swapped)["harness.yml"] != harness.texts(netlist)["harness.yml"]


def test_a_pin_renamed_in_the_schematic_renames_the_terminal(netlist):
    nets = {n.replace("START_GPIO19", "START_GPIO4"): p for n, p in netlist.nets.items()}
    renamed = replace(netlist, nets=nets, _by_pin={})
    assert harness.terminal_label(renamed, "J7", "1") == "START GPIO4"


@pytest.mark.parametrize("cable", CABLES, ids=lambda c: c.name)
def test_each_wire_joins_two_points_of_one_net(netlist, cable):
    for pin, end in harness.wires(netlist, cable):
        if end:
            ref, _, number = end.partition(".")
            assert netlist.net_of(cable.block, pin) == netlist.net_of(ref, number)


def test_every_terminal_of_the_box_has_a_wire(netlist):
    wired = {(c.block, pin) for c in CABLES for pin, _ in harness.wires(netlist, c)}
    wired |= {(c.block, harness.shield_pin(netlist, c)) for c in CABLES if c.shield}
    blocks = [r for r, p in netlist.parts.items() if r[0] == "J" and r != "JP1"]
    every = {(b, p) for b in blocks for p in netlist.pins_of(b)}
    assert every - wired == {("J10", "2")}  # a spare: both poles are one net


def test_every_part_off_the_board_is_at_the_end_of_a_cable(netlist):
    off = {r for r, p in netlist.parts.items() if p.fields["Place"] != "board"}
    assert off == {r for c in CABLES for r in c.parts}


def test_key_loop_wires_have_colours_of_their_own(netlist):
    loop = {"orange", "brown"}
    for cable in STANDARD:
        for (pin, _), colour in zip(harness.wires(netlist, cable), cable.colours, strict=True):
            is_loop = harness.terminal_label(netlist, cable.block, pin).startswith("loop")
            assert is_loop == (WORDS[colour] in loop), (cable.name, pin)


def test_the_harness_is_drawn_as_committed(graphviz, tmp_path):
    program = Path(sys.executable).parent / "wireviz"
    for name in ("harness", "harness-options"):
        source = HARDWARE / f"{name}.yml"
        subprocess.run(
            [program, "-f", "s", "-o", tmp_path, source], check=True, capture_output=True
        )
        drawn = words(tmp_path / f"{name}.svg")
        assert drawn == words(EXPORTS / f"{name}.svg")
        assert len(drawn) > 60


def test_the_harness_file_is_json_behind_its_comments():
    lines = (HARDWARE / "harness.yml").read_text("utf-8").splitlines()
    made = json.loads("\n".join(line for line in lines if not line.startswith("#")))
    assert {"J3", "J4", "J5", "E_STOP"} <= made["connectors"].keys()


def parts_list() -> list[dict[str, str]]:
    with (EXPORTS / "bom.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_parts_list_has_every_part_once_with_its_value():
    listed = {ref: row for row in parts_list() for ref in row["Refs"].split()}
    wanted = {r: f for r, f in placed().items() if f["Place"] != "treadmill" and r != "TP1"}
    assert listed.keys() == wanted.keys()
    for ref, fields in wanted.items():
        assert listed[ref]["Value"] == fields["Value"]
        assert listed[ref]["Part"] == fields["Part"]
    assert sum(int(row["Qty"]) for row in parts_list()) == len(wanted)


def test_every_part_has_a_description_and_an_estimated_price():
    for row in parts_list():
        assert len(row["Part"]) > 9, row["Refs"]
        assert float(row["Price_USD_estimate"]) >= 0


@pytest.mark.parametrize("ref", ["R3", "R4"])
def test_the_timing_resistors_are_one_percent(ref):
    assert placed()[ref]["Tolerance"] == "1 %"


@pytest.mark.parametrize("ref", ["C1", "C2", "C3"])
def test_the_timing_capacitors_are_ten_percent_x7r(ref):
    assert placed()[ref]["Tolerance"] == "10 %"
    assert "X7R" in placed()[ref]["Part"]


def test_what_must_not_be_fitted_is_named():
    drawn = placed()
    for ref, word in {"K1": "SRD-05", "Q3": "2N7002", "D1": "BAT54", "U1": "WROVER"}.items():
        substitutes = drawn[ref]["Substitutes"]
        assert word in substitutes
        assert any(no in substitutes for no in ("never", "not ", "no "))


def test_the_price_on_the_page_is_the_sum_of_the_lists():
    with (HARDWARE / "mechanical-parts.csv").open(newline="", encoding="utf-8") as file:
        mechanical = list(csv.DictReader(file))
    rows = [r for r in parts_list() if r["Build"] == "standard"] + mechanical
    total = sum(float(r["Price_USD_estimate"]) * int(r["Qty"].split()[0]) for r in rows)
    page = (HARDWARE / "README.md").read_text("utf-8")
    assert f"about {round(total)} USD" in page


OPTION_NAMES = {
    "second hall": "second hall sensor (recommended)",
    "second stop": "second stop channel, without the contactor",
    "key sense": "key sense",
    "inclinometer": "inclinometer",
}


@pytest.mark.parametrize("build", OPTION_NAMES)
def test_the_price_of_an_option_is_the_sum_of_its_parts(build):
    rows = [r for r in parts_list() if r["Build"] == build]
    total = sum(float(r["Price_USD_estimate"]) * int(r["Qty"]) for r in rows)
    page = (HARDWARE / "README.md").read_text("utf-8")
    assert f"| {OPTION_NAMES[build]} | {round(total)} |" in page
