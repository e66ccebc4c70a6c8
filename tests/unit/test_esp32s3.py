# SPDX-License-Identifier: MIT
"""What the ESP32-S3 does otherwise: touch turned over, and a console that may not stall a tick."""

from __future__ import annotations

import importlib
import subprocess
import sys
import types
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from guard.core.rails import TouchBand
from guard.core.states import HELD, RELEASED, WIRING
from tests.conftest import ROOT

FREE, TOUCHED = 30000, 60000  # counts of an S3's pad


class Pad:
    """machine.TouchPad with the next counts; an exception is raised."""

    counts: ClassVar[list[Any]] = []

    def __init__(self, pin: object) -> None:
        pass

    def read(self) -> int:
        count = Pad.counts.pop(0)
        if isinstance(count, Exception):
            raise count
        return int(count)


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[types.ModuleType]:
    """A `machine` to import the S3's modules against; they are forgotten afterwards."""
    machine = types.ModuleType("machine")
    machine.Pin = lambda gpio: gpio  # type: ignore[attr-defined]
    machine.TouchPad = Pad  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "machine", machine)
    before = set(sys.modules)
    yield machine
    for name in set(sys.modules) - before:
        if name.startswith("guard.board"):
            del sys.modules[name]


def reads(*counts: Any) -> list[int]:
    chip = importlib.import_module("guard.board.esp32s3.chip")
    Pad.counts = list(counts)
    pad = chip.TouchInput(1)
    return [pad.read() for _ in counts]


# Touch


def test_a_count_that_rises_reaches_the_core_as_one_that_falls(modules) -> None:
    free, touched = reads(FREE, TOUCHED)
    assert abs(touched * 2 - free) <= 1  # twice the capacitance, half the count


def test_the_bands_of_the_esp32_serve_the_s3(modules) -> None:
    band = TouchBand(700)
    found = [band.classify(raw) for raw in reads(FREE, FREE, TOUCHED, TOUCHED, FREE)]
    assert found == [RELEASED, RELEASED, HELD, HELD, RELEASED]


@pytest.mark.parametrize("threshold", [300, 700, 950])
def test_a_threshold_is_the_same_capacitance_on_both_chips(modules, threshold: int) -> None:
    """The hand's share: at `threshold` permille of the free count the pad has 1000/threshold of
    its free capacitance, whichever of the two is counted."""
    just = FREE * 1000 // threshold
    for count, contact in ((just - just // 50, RELEASED), (just + just // 50, HELD)):
        band = TouchBand(threshold)
        free, raw = reads(FREE, count)
        assert band.classify(free) == RELEASED
        assert band.classify(raw) == contact


@pytest.mark.parametrize("count", [ValueError("Touch pad error"), 0, 999, 0x1FFFFF, 0x3FFFFF])
def test_a_pad_that_counts_nothing_or_never_ends_is_a_fault_never_a_hand(modules, count) -> None:
    (raw,) = reads(count)
    band = TouchBand(950)
    band.classify(reads(FREE)[0])
    assert raw == -1
    assert band.classify(raw) == WIRING


@pytest.mark.parametrize("count", [1000, 1001, FREE, 0x1FFFFE])
def test_every_count_that_is_passed_on_keeps_the_bands_within_small_ints(modules, count) -> None:
    (raw,) = reads(count)
    assert 0 < raw * 1000 < 1 << 30


# The console


class Wire:
    """guard.board.clock and .esp32s3.console: a byte that is not taken costs half a second."""

    def __init__(self, switch: Exception | None = None) -> None:
        self.now = (1 << 30) - 5  # the clock wraps in the middle
        self.switch = switch
        self.off = False
        self.reading = True
        self.out = b""
        self.stalls = 0
        self.coming: list[int] = []

    def now_us(self) -> int:
        return self.now & 0x3FFFFFFF

    def usb_off(self) -> None:
        if self.switch:
            raise self.switch
        self.off = True

    def put(self, byte: int) -> None:
        if self.reading or self.off:
            self.out += bytes([byte])
            self.now += 10
        else:
            self.stalls += 1
            self.now += 500000

    def read_byte(self) -> int:
        return self.coming.pop(0) if self.coming else -1


@pytest.fixture
def console(modules, monkeypatch: pytest.MonkeyPatch):
    """Starts the S3's stdio on a Wire."""

    def start(wire: Wire):
        package = importlib.import_module("guard.board")
        s3 = importlib.import_module("guard.board.esp32s3")
        clock = types.ModuleType("guard.board.clock")
        clock.now_us = wire.now_us  # type: ignore[attr-defined]
        raw = types.ModuleType("guard.board.esp32s3.console")
        for name in ("usb_off", "put", "read_byte"):
            setattr(raw, name, getattr(wire, name))
        for owner, name, module in ((package, "clock", clock), (s3, "console", raw)):
            monkeypatch.setattr(owner, name, module, raising=False)
            monkeypatch.setitem(sys.modules, module.__name__, module)
        sys.modules.pop("guard.board.esp32s3.stdio", None)
        return importlib.import_module("guard.board.esp32s3.stdio")

    return start


def say(stdio, text: bytes) -> None:
    stdio.write(bytearray(text), len(text))


def test_the_chips_own_usb_is_off_before_the_first_byte(console) -> None:
    wire = Wire()
    wire.reading = False
    stdio = console(wire)
    assert wire.off
    say(stdio, b"one\ntwo\n")
    assert (wire.out, wire.stalls) == (b"one\ntwo\n", 0)


def test_without_the_switch_a_laptop_that_does_not_read_costs_one_byte(console) -> None:
    wire = Wire(AttributeError("USBDevice"))
    stdio = console(wire)
    say(stdio, b"first\n")
    wire.reading = False
    for _ in range(50):
        say(stdio, b"a line nobody takes\n")
    assert wire.stalls == 1
    assert wire.out == b"first\n"


@pytest.mark.parametrize(
    ("unheard", "after"),
    [(b"unheard\n", b"the answer\nmore\n"), (b"unheard\nhalf", b" of a line\nthe answer\nmore\n")],
)
def test_once_somebody_was_heard_it_speaks_from_the_next_line_on(console, unheard, after) -> None:
    """The first whole line is the answer to what was heard: it must not be lost."""
    wire = Wire(OSError(22))
    stdio = console(wire)
    say(stdio, b"said")
    wire.reading = False
    say(stdio, b"stuck\n")
    wire.reading = True
    say(stdio, unheard)
    assert wire.out == b"said"
    wire.coming = [ord("?")]
    assert stdio.read_byte() == ord("?")
    say(stdio, after)
    assert wire.out == b"said\nthe answer\nmore\n"
    assert stdio.read_byte() == -1


def test_a_laptop_that_spoke_and_fell_asleep_again_costs_one_byte_again(console) -> None:
    wire = Wire(OSError(22))
    stdio = console(wire)
    wire.reading = False
    for _ in range(2):
        say(stdio, b"a line\n")
        wire.coming = [ord("?")]
        stdio.read_byte()
        say(stdio, b"another\n")
        say(stdio, b"a third\n")
    assert wire.stalls == 3


class UsbDevice:
    """machine.USBDevice as its source has it: what was on before it was made it cannot see."""

    BUILTIN_NONE, BUILTIN_DEFAULT = "none", "default"
    console_on = True

    def __init__(self) -> None:
        self.builtin_driver = self.BUILTIN_NONE
        self._active = False

    def active(self, value: bool) -> None:
        if value == self._active:
            return  # nothing happens: the console of the start is not ours yet
        if value and self.builtin_driver == self.BUILTIN_NONE:
            raise OSError(22)
        self._active = value
        UsbDevice.console_on = value


def test_the_switch_takes_the_console_over_before_it_turns_it_off(modules, monkeypatch) -> None:
    modules.USBDevice = UsbDevice
    monkeypatch.setattr(UsbDevice, "console_on", True)
    poll = types.SimpleNamespace(register=lambda *_: None)
    monkeypatch.setattr("select.poll", lambda: poll)
    UsbDevice().active(False)
    assert UsbDevice.console_on  # what one would have written first
    importlib.import_module("guard.board.esp32s3.console").usb_off()
    assert not UsbDevice.console_on


@pytest.mark.micropython
def test_neither_touch_nor_console_allocates(micropython_31_bit: list[str]) -> None:
    script = ROOT / "tests/unit/esp32s3_heap_script.py"
    done = subprocess.run(
        [*micropython_31_bit, str(script), str(ROOT / "firmware")],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout
    said = done.stdout.splitlines()
    assert said[-1] == "least -1"
    assert said[:-1] == ["a line of the console"] * 21
