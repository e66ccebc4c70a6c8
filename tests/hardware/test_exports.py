# SPDX-License-Identifier: MIT
"""What is committed beside the schematic is what the schematic gives."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from hardware.tools import export
from hardware.tools.make import words
from hardware.tools.netlist import EXPORTS, HARDWARE, SHEETS, global_labels, load_netlist, placed

pytestmark = pytest.mark.filterwarnings("error")
SOURCES = ("*.kicad_sch", "*.kicad_pro", "*.kicad_sym", "sym-lib-table")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The KiCad project in a folder of its own."""
    for pattern in SOURCES:
        for file in HARDWARE.glob(pattern):
            shutil.copy(file, tmp_path)
    return tmp_path


def change(folder: Path, sheet: str, old: str, new: str, count: int = 1) -> None:
    path = folder / f"{sheet}.kicad_sch"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), "utf-8")


def drop_wire(folder: Path, sheet: str, index: int) -> None:
    path = folder / f"{sheet}.kicad_sch"
    text = path.read_text("utf-8")
    found = list(re.finditer(r"\n\t\(wire\n.*?\n\t\)", text, re.S))
    wire = found[index]
    path.write_text(text[: wire.start()] + text[wire.end() :], "utf-8")


def test_the_rule_check_finds_nothing(kicad):
    assert export.erc() == []


def test_the_netlist_is_the_one_kicad_exports(kicad, tmp_path):
    export.netlist(HARDWARE, tmp_path / "n.net")
    assert load_netlist(tmp_path / "n.net") == load_netlist(EXPORTS / "treadguard.net")
    assert (tmp_path / "n.net").read_text() == (EXPORTS / "treadguard.net").read_text()


def test_the_parts_list_is_the_one_kicad_exports(kicad, tmp_path):
    export.bom(HARDWARE, tmp_path / "b.csv")
    assert (tmp_path / "b.csv").read_text() == (EXPORTS / "bom.csv").read_text()


def test_the_pictures_show_the_words_kicad_draws(kicad, tmp_path):
    export.drawings(HARDWARE, tmp_path)
    made = sorted(tmp_path.glob("*.svg"))
    assert len(made) == len(SHEETS)
    for picture in made:
        assert words(picture) == words(EXPORTS / picture.name)
        assert len(words(picture)) > 20
    assert (tmp_path / "treadguard.pdf").read_bytes()[:5] == b"%PDF-"


def test_the_pictures_show_every_part_with_its_value():
    shown = {w for s in SHEETS[1:] for w in words(EXPORTS / f"treadguard-{s}.svg")}
    for ref, fields in placed().items():
        assert any(w == ref or w.startswith(f"{ref}.") for w in shown), ref
        if ref[0] in "RCDQ":
            assert fields["Value"] in shown, ref


def test_the_pictures_show_every_label():
    shown = [w for s in SHEETS[1:] for w in words(EXPORTS / f"treadguard-{s}.svg")]
    drawn = global_labels()
    for label in set(drawn):
        assert shown.count(label) == drawn.count(label), label


def test_the_pdf_has_a_page_for_every_sheet():
    pdf = (EXPORTS / "treadguard.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b(?!s)", pdf)) == len(SHEETS)


def test_exports_name_no_machine_and_no_clock():
    for path in EXPORTS.iterdir():
        text = path.read_bytes()
        for word in (b"/work", b"/tmp", b"/home", b"/root", b"localhost"):
            assert word not in text, path.name
    assert not re.search(r"\d\d:\d\d:\d\d", (EXPORTS / "treadguard.net").read_text("utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("sheet", ["relay", "panel", "belt"])
def test_any_lost_wire_is_noticed(kicad, copy, sheet):
    """Every ninth wire, one at a time: the rule check or the netlist must differ."""
    whole = (copy / f"{sheet}.kicad_sch").read_text("utf-8")
    committed = load_netlist(EXPORTS / "treadguard.net").nets
    count = len(re.findall(r"\n\t\(wire\n", whole))
    assert count > 30
    for index in range(0, count, 9):
        drop_wire(copy, sheet, index)
        export.netlist(copy, copy / "n.net")
        assert load_netlist(copy / "n.net").nets != committed, f"wire {index}"
        (copy / f"{sheet}.kicad_sch").write_text(whole, "utf-8")


def test_a_swapped_label_is_noticed(kicad, copy):
    change(copy, "relay", '"PUMP_B_GPIO22"', '"PUMP_X"')
    change(copy, "relay", '"PUMP_A_GPIO21"', '"PUMP_B_GPIO22"')
    change(copy, "relay", '"PUMP_X"', '"PUMP_A_GPIO21"')
    export.netlist(copy, copy / "n.net")
    assert load_netlist(copy / "n.net") != load_netlist(EXPORTS / "treadguard.net")


def test_a_label_of_another_pin_is_noticed_without_kicad(copy):
    change(copy, "relay", '"RELAY_EN_GPIO23"', '"RELAY_EN_GPIO25"')
    assert sorted(global_labels(copy)) != sorted(global_labels())


def test_a_changed_value_is_noticed_without_kicad(copy):
    change(copy, "relay", '(property "Value" "51k"', '(property "Value" "68k"')
    assert placed(copy)["R3"]["Value"] == "68k"
    assert load_netlist(EXPORTS / "treadguard.net").parts["R3"].value == placed()["R3"]["Value"]


def test_a_dangling_wire_fails_the_rule_check(kicad, copy):
    drop_wire(copy, "relay", 3)
    assert export.erc(copy)
