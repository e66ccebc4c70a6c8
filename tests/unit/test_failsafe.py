# SPDX-License-Identifier: MIT
"""failsafe.after_crash on the virtual chip: relay open, the crash noted, then REPL or reset."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.virtual.stub import Stub
from treadguard.virtual import runner
from treadguard.virtual.wiring import PUMP_A, PUMP_B, RELAY_EN

MAGIC, BACKWARD, NO_FAULT = 0x54, 6, 0
CRUMB = bytes([MAGIC, BACKWARD, NO_FAULT, 0, BACKWARD ^ NO_FAULT ^ 0x5A]) + bytes(11)
CRASH_MS = 700  # boot.py begins 600 ms after power-on
WAIT_MS = 5000


class Crashing(Stub):
    """Closes the relay's pins, then its program ends with an exception, at every boot."""

    def __init__(self, crumb: bytes) -> None:
        super().__init__()
        self.crumb = crumb
        self.handled: list[int] = []
        self.levels: list[list[int]] = []
        self.printed: list[Any] = []
        self.keyboard: list[int] = []

    def main(self) -> None:
        runner.find_paths(str(ROOT / "firmware"))
        runner.fresh_modules()
        import micropython
        from machine import RTC, Pin

        from guard.board import failsafe

        micropython.kbd_intr = self.keyboard.append
        if not self.handled:
            RTC().memory(self.crumb)
        for gpio in (RELAY_EN, PUMP_A, PUMP_B):
            Pin(gpio, Pin.OUT, value=1)
        self.handled.append(self.world.now // 1000)
        failsafe.after_crash(ValueError("planted"))
        self.note_levels()

    def note_levels(self) -> None:
        self.levels.append([self.world.outputs[gpio] for gpio in (RELAY_EN, PUMP_A, PUMP_B)])


@pytest.fixture
def crashing(monkeypatch: pytest.MonkeyPatch) -> Any:
    import micropython

    monkeypatch.setattr(micropython, "kbd_intr", micropython.kbd_intr)
    monkeypatch.setattr(sys, "path", list(sys.path))

    def run(*, estop: bool, crumb: bytes = CRUMB, ms: int = 4000) -> Crashing:
        stub = Crashing(crumb)
        monkeypatch.setattr(sys, "print_exception", stub.printed.append, raising=False)
        stub.world.press_estop(estop)
        stub.at(CRASH_MS, lambda _: stub.note_levels())
        try:
            stub.run(ms)
        finally:
            runner.restore_modules()
        return stub

    return run


@pytest.mark.parametrize("estop", [False, True])
def test_the_relay_pins_are_low_at_once(crashing: Any, estop: bool) -> None:
    stub = crashing(estop=estop)
    assert stub.levels
    assert all(levels == [0, 0, 0] for levels in stub.levels)


def test_with_the_e_stop_pressed_the_repl_is_reached(crashing: Any) -> None:
    """Ctrl-C works again, the board does not restart under whoever repairs it."""
    stub = crashing(estop=True, ms=60000)
    assert stub.keyboard == [3]
    assert len(stub.handled) == 1
    assert "repl" in [detail for _, detail in stub.log("chip")]


def test_otherwise_the_board_starts_again_after_five_seconds(crashing: Any) -> None:
    stub = crashing(estop=False, ms=7000)
    assert stub.keyboard == []
    assert len(stub.handled) == 2
    assert stub.handled[1] - stub.handled[0] >= WAIT_MS


def test_the_crash_is_noted_where_it_outlives_the_reset(crashing: Any) -> None:
    stub = crashing(estop=True)
    noted = bytes(stub.world.chip.rtc)
    assert noted[:3] == CRUMB[:3]
    assert noted[3] == 1
    assert noted[4] == noted[1] ^ noted[2] ^ noted[3] ^ 0x5A
    assert noted[5:] == CRUMB[5:]


@pytest.mark.parametrize("crumb", [b"", b"\x54\x06"])
def test_without_a_crumb_none_is_made_up(crashing: Any, crumb: bytes) -> None:
    assert bytes(crashing(estop=True, crumb=crumb).world.chip.rtc) == crumb


def test_the_error_is_shown(crashing: Any) -> None:
    (error,) = crashing(estop=True).printed
    assert (type(error), error.args) == (ValueError, ("planted",))
