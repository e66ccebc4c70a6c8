# SPDX-License-Identifier: MIT
"""GPIO numbers: pins.py, the drawing, the harness and the chip agree."""

from __future__ import annotations

import ast
import re

import pytest

from hardware.tools.netlist import EXPORTS, HARDWARE, SHEETS, global_labels
from tests.conftest import ROOT

RELAY_TRIO = ("PUMP_A", "PUMP_B", "RELAY_EN")
OUTPUTS = (*RELAY_TRIO, "BUZZER", "LED", "STOP2_EN")
ANALOGUE = ("HALL_A_DIAG", "HALL_B_DIAG", "RAIL_L", "RAIL_R")
TOUCH = ("RAIL_L", "RAIL_R")
EDGES = ("HALL_A", "HALL_B")

# The chip: data sheet and hardware design guidelines of the ESP32.
STRAPPING = {0, 2, 5, 12, 15}
FLASH = {6, 7, 8, 9, 10, 11}
CONSOLE = {1, 3}
INPUT_ONLY = {34, 35, 36, 37, 38, 39}
HIGH_AT_POWER_ON = {25, 26, 27}
PULLED_UP_AT_RESET = {0, 5, 14, 15}
ADC1 = {32, 33, 34, 35, 36, 37, 38, 39}
TOUCHES = {0, 2, 4, 12, 13, 14, 15, 27, 32, 33}
BLIPS_WITH_THE_ADC = {36, 39}


def declared(name: str = "pins.py") -> dict[str, int]:
    """NAME = const(number), as a pins.py of the board's folder says it."""
    tree = ast.parse((ROOT / "firmware/guard/board" / name).read_text("utf-8"))
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            assert isinstance(node.targets[0], ast.Name)
            argument = node.value.args[0]
            assert isinstance(argument, ast.Constant)
            found[node.targets[0].id] = int(argument.value)
    return found


PINS = declared()


def labelled(words) -> dict[str, int]:
    """{name: number} of NAME_GPIOnn or NAME GPIOnn; two numbers for one name are an error."""
    found: dict[str, int] = {}
    for word in words:
        for name, number in re.findall(r"\b([A-Z][A-Z0-9_]*?)[_ ]GPIO(\d+)", word):
            assert found.setdefault(name, int(number)) == int(number), word
    return found


def test_pins_py_was_read():
    assert len(PINS) >= 16
    assert PINS["PUMP_A"] == 21


def test_the_drawing_labels_every_pin_and_no_other():
    assert labelled(global_labels()) == PINS


def test_every_label_is_drawn_at_the_chip_and_where_it_is_used():
    drawn = [name for name in global_labels() if "_GPIO" in name]
    assert {name: drawn.count(name) for name in drawn} == dict.fromkeys(drawn, 2)


@pytest.mark.parametrize("name", PINS)
def test_the_label_ends_at_that_pin_of_the_kit(netlist, name):
    net = netlist.nets[f"{name}_GPIO{PINS[name]}"]
    at_chip = [pin for ref, pin in net if ref == "U1"]
    assert [kit_pin_names()[p] for p in at_chip] == [f"IO{PINS[name]}"]
    assert len(net) > 1, "the wire leads nowhere"


def kit_pin_names() -> dict[str, str]:
    """{pin of the kit: its name}, from the symbol in the drawing."""
    text = (HARDWARE / "controller.kicad_sch").read_text("utf-8")
    symbol = text[text.index('(symbol "ESP32_DEVKIT_38_1_1"') :]
    return {
        n: name for name, n in re.findall(r'\(name "(\w+)".*?\(number "(J\d-\d+)"', symbol, re.S)
    }


def test_the_kit_has_the_pins_of_the_38_pin_board():
    left = (
        "3V3 EN IO36 IO39 IO34 IO35 IO32 IO33 IO25 IO26 IO27 IO14 IO12 GND IO13 IO9 IO10 IO11 5V"
    )
    right = "GND IO23 IO22 IO1 IO3 IO21 GND IO19 IO18 IO5 IO17 IO16 IO4 IO0 IO2 IO15 IO8 IO7 IO6"
    expected = {f"J2-{i}": n for i, n in enumerate(left.split(), 1)}
    expected |= {f"J3-{i}": n for i, n in enumerate(right.split(), 1)}
    assert kit_pin_names() == expected


def test_the_pictures_show_the_same_numbers():
    pictures = [EXPORTS / f"treadguard-{s}.svg" for s in SHEETS[1:]]
    assert labelled(p.read_text("utf-8") for p in pictures) == PINS


def test_the_harness_shows_the_same_numbers():
    for names in (("harness.yml", "harness-options.yml"), ("wires.md",)):
        found = labelled((HARDWARE / n).read_text("utf-8") for n in names)
        assert found
        assert found == {name: PINS[name] for name in found}
    drawn = labelled(p.read_text("utf-8") for p in EXPORTS.glob("harness*.svg"))
    assert drawn == found


def test_the_pages_name_no_other_number():
    pages = [*HARDWARE.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    found = labelled(p.read_text("utf-8") for p in pages)
    assert found == {name: PINS[name] for name in found}
    written = (HARDWARE / "README.md").read_text("utf-8")
    table = {n: int(g) for n, g in re.findall(r"^\| `([A-Z0-9_]+)` \| (\d+) \|", written, re.M)}
    assert table == PINS


def test_no_gpio_has_two_names():
    assert len(set(PINS.values())) == len(PINS)


def test_the_relay_pins_are_the_chosen_ones():
    assert [PINS[n] for n in (*RELAY_TRIO, "RELAY_FB")] == [21, 22, 23, 18]


@pytest.mark.parametrize("name", [*RELAY_TRIO, "RELAY_FB", "STOP2_EN"])
def test_nothing_of_a_relay_is_on_a_pin_that_moves_at_power_on(name):
    assert PINS[name] not in HIGH_AT_POWER_ON | STRAPPING | PULLED_UP_AT_RESET | FLASH | CONSOLE


def test_no_output_is_on_an_input_or_strapping_pin():
    assert not {PINS[n] for n in OUTPUTS} & (INPUT_ONLY | STRAPPING)


def test_nothing_is_on_flash_or_console_pins():
    assert not set(PINS.values()) & (FLASH | CONSOLE)


def test_a_strapping_pin_in_use_idles_at_the_level_it_must_have_at_reset():
    strapping = {n for n, gpio in PINS.items() if gpio in STRAPPING}
    assert strapping == {"I2C_SDA", "I2C_SCL"}  # I2C idles high, and so must these
    assert {PINS[n] for n in strapping} <= PULLED_UP_AT_RESET


def test_voltages_are_read_on_adc1():
    assert {PINS[n] for n in ANALOGUE} <= ADC1


def test_rails_can_touch():
    assert {PINS[n] for n in TOUCH} <= TOUCHES


def test_edges_are_not_read_where_the_adc_blips():
    assert not {PINS[n] for n in EDGES} & BLIPS_WITH_THE_ADC
