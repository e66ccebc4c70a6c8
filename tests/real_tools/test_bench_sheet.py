# SPDX-License-Identifier: MIT
"""The bench sheet: what the board's script finds, what is noted by hand, where it is kept."""

from __future__ import annotations

import builtins
import io
import json
import sys
import types
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from treadguard import errors, measuring
from treadguard.cli.main import main
from treadguard.measuring import figures, procedure, sheet
from treadguard.measuring.figures import MEASURED, READINGS, Time

OUT, IN = 13, 34


class Chip:
    """A chip whose time passes 5 us a look, with a wire from OUT to IN.

    An edge is stamped 30 us late, behind whatever holds the interpreter up.
    """

    def __init__(self, wire: bool = True, lost: int = 0) -> None:
        self.wire, self.lost = wire, lost
        self.now = 0
        self.handler: Callable[[object], None] | None = None
        self.hertz, self.since = 0, 0
        self.touched: set[int] = set()

    def ticks_us(self) -> int:
        self.now += 5
        return self.now & 0x3FFFFFFF

    def falls(self) -> None:
        if self.wire and self.handler is not None:
            self.now += 30
            self.handler(None)

    def edges(self) -> int:
        """The counter: it returns to 0 at 32767."""
        passed = (self.now - self.since) * self.hertz // 1_000_000 if self.wire else 0
        return max(0, passed - (self.lost if passed else 0)) % 32767

    def modules(self) -> dict[str, types.ModuleType]:
        chip = self

        class Pin:
            OUT, IN, IRQ_FALLING = 1, 0, 2

            def __init__(self, gpio: int, mode: int = 0, value: int = 0) -> None:
                chip.touched.add(gpio)
                self.gpio = gpio

            def value(self, level: int) -> None:
                if not level and self.gpio == OUT:
                    chip.falls()

            def irq(self, handler: Any, trigger: int = 0) -> None:
                chip.handler = handler

        class PWM:
            def __init__(self, pin: Pin, freq: int, duty_u16: int) -> None:
                chip.hertz, chip.since = freq, chip.now

            def deinit(self) -> None:
                chip.hertz = 0

        class PCNT:
            INCREMENT, IGNORE = 1, 0

            def __init__(self, unit: int, **_: object) -> None:
                assert unit != 0, "the controller's own"

            def start(self) -> None:
                pass

            def deinit(self) -> None:
                pass

            def value(self) -> int:
                return chip.edges()

        def module(name: str, **members: object) -> types.ModuleType:
            made = types.ModuleType(name)
            vars(made).update(members)
            return made

        return {
            "machine": module("machine", Pin=Pin, PWM=PWM),
            "esp32": module("esp32", PCNT=PCNT),
            "time": module(
                "time",
                ticks_us=self.ticks_us,
                ticks_add=lambda a, b: a + b,
                ticks_diff=lambda a, b: a - b,
            ),
            "gc": module("gc", collect=self.pause, mem_alloc=lambda: 95_000),
        }

    def pause(self) -> None:
        self.now += 2_100

    def opened(self, path: str, mode: str) -> io.BytesIO:
        assert (path, mode) == ("bench.tmp", "ab")
        self.now += 40_000
        return io.BytesIO()


def measured(
    chip: Chip, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> dict[str, Any]:
    """What the script prints as its last line."""
    for name, module in chip.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(builtins, "open", chip.opened)
    monkeypatch.setattr("os.remove", lambda _: None)
    text = procedure.SCRIPTS.joinpath("measure.py").read_text(encoding="ascii")
    names = {"WRITES": 10, "TICKS": 50, "EDGES": 20, "WRAP_MS": 4000, "OUT": OUT, "IN": IN}
    exec(compile(text, "measure.py", "exec"), names)
    monkeypatch.undo()
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def test_with_the_wire_every_figure_is_taken_and_as_expected(monkeypatch, capsys) -> None:
    chip = Chip()
    found = measured(chip, monkeypatch, capsys)
    found["restart"] = {"n": 1, "max_us": 3_000_000, "median_us": 3_000_000}
    for figure in MEASURED:
        assert found[figure.name] is not None, found
        assert not sheet.unusual(figure, found[figure.name]), (figure.name, found[figure.name])
    assert found["edge_late"]["median_us"] == 35
    assert found["counter_wrap"]["n"] > 32767, "the counter has to pass its end"
    assert chip.touched == {OUT, IN}
    for figure in MEASURED:
        if isinstance(figure, Time) and figure.name != "restart":
            one = found[figure.name]
            assert sum(n for _, n in one["histogram"]) == one["n"]


def test_without_the_wire_nothing_is_made_up(monkeypatch, capsys) -> None:
    found = measured(Chip(wire=False), monkeypatch, capsys)
    on_wire = [figure.name for figure in MEASURED if figures.WIRE in figure.what]
    assert len(on_wire) == 5
    assert [found[name] for name in on_wire] == [None] * 5
    rows = {row[0]: row for row in sheet.lines(found)}
    assert rows[MEASURED[3].what][1] == "not measured: no loop-back wire"


@pytest.mark.parametrize("lost", [401, 32767 // 2])
def test_a_counter_that_loses_edges_is_to_be_looked_at(monkeypatch, capsys, lost: int) -> None:
    found = measured(Chip(lost=lost), monkeypatch, capsys)
    wrap = next(figure for figure in MEASURED if figure.name == "counter_wrap")
    assert sheet.unusual(wrap, found["counter_wrap"])


# By hand


def run(*words: object) -> int:
    return main(["bench", *map(str, words)])


def test_readings_are_noted_beside_what_the_board_measured(tmp_path: Path, capsys) -> None:
    path = tmp_path / sheet.DEFAULT
    path.write_text(json.dumps({"schema": sheet.SCHEMA, "heap_used_bytes": 95_000}))
    words = ("--record", "coil_current=28,5 mA", "--record", "pulls=3.3 V, 0 V, 0 V")
    assert run(*words) == errors.OK
    assert run("--record", "drop_frozen = 130 ms") == errors.OK
    kept = json.loads(path.read_text())
    assert kept["heap_used_bytes"] == 95_000
    assert kept["by_hand"] == {
        "coil_current": 28.5,
        "pulls": "3.3 V, 0 V, 0 V",
        "drop_frozen": 130,
    }
    said = capsys.readouterr().out
    assert "28.5 mA" in said
    late = next(line for line in said.splitlines() if "130 ms" in line)
    assert late.endswith("LOOK")


@pytest.mark.parametrize(
    "text",
    [
        "coil_current=28",
        "coil_current=28 V",
        "coil_current=-1 mA",
        "coil_current=1e9 mA",
        "coil=28 mA",
        "pulls=",
        "pulls=" + "3" * 81,
        "pulls=\x1b[2J",
        "x",
        "",
    ],
)
def test_a_reading_that_cannot_be_is_refused_and_nothing_is_kept(
    tmp_path: Path, capsys, text: str
) -> None:
    assert run("--record", "key_loop=12 V", "--record", text) == errors.USAGE
    assert not (tmp_path / sheet.DEFAULT).exists()
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)


@pytest.mark.parametrize("text", ["", "[]", '{"schema": "treadguard.status/1"}', "\xff"])
def test_another_file_is_not_taken_for_a_sheet(tmp_path: Path, capsys, text: str) -> None:
    path = tmp_path / "mine.json"
    path.write_bytes(text.encode("latin-1"))
    assert run("--record", "key_loop=12 V", "-o", path) == errors.BAD_FILE
    assert main(["support-bundle", "--bench", str(path)]) == errors.BAD_FILE
    assert path.read_bytes() == text.encode("latin-1")
    assert "is no bench sheet" in capsys.readouterr().err


def test_the_sheet_says_how_each_empty_line_is_filled(tmp_path: Path, capsys) -> None:
    assert run("--sheet") == errors.OK
    said = capsys.readouterr().out
    for reading in READINGS:
        assert f"--record {reading.name}=" in said
    assert not (tmp_path / sheet.DEFAULT).exists()


def test_every_example_is_taken_once_its_dots_are_filled_in() -> None:
    for reading in READINGS:
        text = reading.example.replace('"', "").replace("...", "1")
        assert sheet.reading(text)[0] == reading.name
        assert not sheet.unusual(reading, reading.highest or 0)


def test_the_support_bundle_takes_the_sheet_along(tmp_path: Path, capsys) -> None:
    assert run("--record", "key_loop=12 V") == errors.OK
    assert main(["support-bundle", "-o", str(tmp_path / "out.zip")]) == errors.OK
    with zipfile.ZipFile(tmp_path / "out.zip") as file:
        assert json.loads(file.read("bench.json"))["by_hand"] == {"key_loop": 12}
        assert b"bench.json" in file.read("README.txt")
    assert "bench.json" in capsys.readouterr().out


def test_a_sheet_that_is_named_and_missing_is_told(tmp_path: Path, capsys) -> None:
    assert main(["support-bundle", "--bench", str(tmp_path / "none.json")]) == errors.BAD_FILE
    assert "does not exist" in capsys.readouterr().err


def test_no_two_figures_share_a_name() -> None:
    names = {figure.name for figure in (*measuring.MEASURED, *measuring.READINGS)}
    assert len(names) == len(MEASURED) + len(READINGS)
