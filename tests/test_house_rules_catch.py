# SPDX-License-Identifier: MIT
"""Every rule of the house catches what it is there for: a planted violation each."""

from __future__ import annotations

import pytest

from tests import house_rules as rules

CORE = ("guard.core", "micropython")


@pytest.mark.parametrize(
    "line",
    [
        "import machine",
        "import time as t",
        "from guard.board import pins",
        "from guard import board",
        "from guard import *",
        "from ..board import relay",
        "def late():\n    from guard.record import journal",
        "try:\n    import json\nexcept ImportError:\n    pass",
        "__import__('machine')",
        "import guard.corelike",
    ],
)
def test_the_core_rule_catches(line):
    assert rules.imports_outside(line, CORE, "guard.core")


@pytest.mark.parametrize(
    "line",
    [
        "from micropython import const",
        "from guard.core.states import READY",
        "from guard.core import states",
        "import guard.core.faults",
        "from . import states",
        "from .states import READY",
    ],
)
def test_the_core_rule_lets_core_pass(line):
    assert rules.imports_outside(line, CORE, "guard.core") == []


@pytest.mark.parametrize("module", ["machine", "esp32", "time", "os", "select"])
def test_the_hardware_rule_catches(module):
    assert rules.imports_of(f"def f():\n    import {module}", rules.HARDWARE) == [module]
    assert rules.imports_of(f"from {module} import x", rules.HARDWARE) == [f"{module}.x"]


@pytest.mark.parametrize("line", ["import guard.board.relay", "from guard.board import clock"])
def test_the_board_rule_catches(line):
    assert rules.imports_of(line, ("guard.board",), "guard.link")


@pytest.mark.parametrize("line", ["from guard import texts", "from .texts import faults"])
def test_the_texts_rule_catches(line):
    assert rules.imports_of(line, ("guard.texts",), "guard")


@pytest.mark.parametrize("line", ["import x", "def f(): pass", "A = open('f')", "A: int = 1"])
def test_the_data_rule_catches(line):
    assert rules.more_than_data(line)
    assert (
        rules.more_than_data('"""Doc."""\nA = (("ESTOP", "text " "text", 1, -1), {"a": None})')
        == []
    )


@pytest.mark.parametrize("module", ["typing", "dataclasses", "enum", "re", "collections.abc"])
def test_the_portability_rule_catches(module):
    assert rules.imports_outside(f"import {module}", rules.PORTABLE + rules.HARDWARE) == [module]


@pytest.mark.parametrize(
    "line",
    ["a = 0.5", "a = b / c", "a /= 2", "a = float(b)", "a = b % c", 'a = f"{b}"', "a = lambda: 1",
     "def f():\n    def g():\n        pass"],
)  # fmt: skip
def test_the_integer_rule_catches(line):
    assert rules.beyond_integers(line)
    assert rules.beyond_integers("a = b // c + 1") == []


@pytest.mark.parametrize(
    "line",
    ["Pin(23, Pin.OUT)", "machine.Pin(4)", "ADC(Pin(34))", "PCNT(0, pin=34)", "TouchPad(4)"],
)
def test_the_pin_rule_catches(line):
    assert rules.typed_pins(line)
    assert rules.typed_pins("Pin(pins.HALL_A, Pin.IN); PCNT(0, pin=hall)") == []


@pytest.mark.parametrize(
    "line",
    ["Pin(pins.RELAY_EN).value(1)", "from guard.board.pins import PUMP_A as a", "x = PUMP_B",
     "machine.mem32[0x3FF44008] = 1"],
)  # fmt: skip
def test_the_relay_rule_catches(line):
    assert rules.relay_words(line)
    assert rules.relay_words("cause = machine.mem32[0x3FF48034]") == []


@pytest.mark.parametrize(
    "line", ["Pin(23, Pin.OUT)", "Pin(23, Pin.OUT, value=1)", "p.value(1)", "p.on()"]
)
def test_the_boot_rule_catches(line):
    assert rules.not_low(line)
    assert rules.not_low("Pin(23, Pin.OUT, value=0)") == []


@pytest.mark.parametrize("line", ["import time\ntime.sleep(1)", "from time import sleep"])
def test_the_sleep_rule_catches(line):
    assert rules.sleeps(line)
    assert rules.sleeps("clock.sleep_ms(5)") == []


def test_the_licence_rule_catches():
    assert rules.without_licence('"""A module."""\n')
    assert not rules.without_licence("#!/bin/sh\n# SPDX-License-Identifier: MIT\n")
