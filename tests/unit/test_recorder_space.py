# SPDX-License-Identifier: MIT
"""The recorder and its space: who goes first, what a full flash costs, which numbers are used."""

from __future__ import annotations

import pytest

from guard import recorder as r
from guard.core import events as e
from guard.core.events import EventRing
from guard.core.guard import Guard
from guard.core.memory import Memory
from guard.core.parameters import Settings
from guard.core.sample import Sample
from guard.core.states import READY, STOPPING
from guard.record import notes
from guard.record.frames import frame_at
from tests.support.memory_files import MemoryFiles


class Controller:
    """What the recorder sees of the controller."""

    def __init__(self, files: MemoryFiles, memory: Memory | None = None) -> None:
        self.settings = Settings()
        self.memory = memory or Memory()
        self.sample = Sample()
        self.recorder = r.Recorder(files, self.memory, EventRing())
        self.guard = Guard(self.settings, self.memory, self.recorder.events)
        self.supervisor = self.guard.supervisor
        self.supervisor.state = READY
        self.recorder.box.attach(self.guard)

    def settle(self) -> None:
        for _ in range(2000):
            if not self.recorder.saving:
                return
            self.recorder.save_piece(self, self.supervisor)
        pytest.fail("it never comes to rest")

    def stop(self) -> None:
        """A session with a stop, of 10 s."""
        self.memory.session += 1
        recorder, s = self.recorder, self.sample
        for i in range(1000):
            if i == 499:
                recorder.box.trigger()
                recorder.events.put(i, e.STATE, STOPPING, 7, 11)
            s.now_us = (s.now_us + 10000) & 0x3FFFFFFF
            recorder.box.sample(s, self.guard.speed, 0, 0, s.now_us)
            recorder.trace.sample(s, self.guard.speed)


class FullFiles(MemoryFiles):
    """A write that does not fit is refused, as LittleFS does it."""

    def _store(self, name, before, data):  # type: ignore[no-untyped-def]
        if len(data) > self.free_bytes():
            raise OSError(28)
        super()._store(name, before, data)


def numbered(files: MemoryFiles, kind: str) -> list[str]:
    return sorted(name for name in files.files if name[0] == kind and name.endswith(".bin"))


def found_notes(files: MemoryFiles) -> list[tuple[int, int, int]]:
    found = []
    for name in numbered(files, "j"):
        data, at = files.files[name], 0
        while frame_at(data, at) is not None:
            _, _, _, kind, a, b, c, _ = frame_at(data, at)
            found += [(a, b, c)] if kind == e.NOTE else []
            at += data[at]
    return found


def test_a_stop_leaves_its_box_and_its_trace():
    files = MemoryFiles()
    board = Controller(files)
    board.stop()
    board.settle()
    assert numbered(files, "b") == ["b00000001.bin"]
    assert numbered(files, "t") == ["t00000001.bin"]


def test_the_oldest_boxes_and_traces_go_when_there_are_too_many():
    files = MemoryFiles({f"b{n:08d}.bin": b"x" for n in range(1, 30)})
    files.files.update({f"t{n:08d}.bin": b"x" for n in range(1, 200)})
    board = Controller(files)
    board.stop()
    board.settle()
    assert numbered(files, "b") == [f"b{n:08d}.bin" for n in range(11, 31)]
    assert numbered(files, "t") == [f"t{n:08d}.bin" for n in range(41, 201)]
    assert found_notes(files) == [], "nothing went before its time"


def test_short_of_space_boxes_go_before_traces_and_it_is_noted():
    files = MemoryFiles({f"b{n:08d}.bin": bytes(9000) for n in range(1, 6)})
    files.files.update({f"t{n:08d}.bin": bytes(2000) for n in range(1, 6)})
    files.free = 55000 + r.FREE_BYTES - 26000
    board = Controller(files)
    board.recorder.events.put(1, e.BOOT, 0, 0, 1)
    board.settle()
    assert numbered(files, "b") == ["b00000004.bin", "b00000005.bin"]
    assert len(numbered(files, "t")) == 5
    made = [(notes.MADE_ROOM, ord("b"), n) for n in (1, 2, 3)]
    assert found_notes(files) == made


def test_the_newest_box_and_trace_stay_while_they_can():
    files = MemoryFiles({"b00000001.bin": bytes(900), "t00000001.bin": bytes(900)}, free=50000)
    board = Controller(files)
    board.stop()
    board.settle()
    assert numbered(files, "b") == ["b00000002.bin"]
    assert numbered(files, "t") == ["t00000002.bin"] or numbered(files, "t") == ["t00000001.bin"]
    assert not board.recorder.store_failed


@pytest.mark.parametrize("room", [0, 600, 3000, 9000])
def test_a_flash_full_of_other_files_never_holds_up_a_walk(room):
    files = FullFiles({f"b{n:08d}.bin": bytes(3000) for n in range(1, 4)})
    files.files["holiday.jpg"] = bytes(40000)
    files.free = 49000 + room
    board = Controller(files)
    board.stop()
    board.settle()
    assert not board.recorder.store_failed
    assert not board.recorder.saving
    assert files.files["holiday.jpg"] == bytes(40000)
    assert (notes.MADE_ROOM, ord("b"), 1) in found_notes(files)


def test_a_journal_that_cannot_be_written_is_a_failed_store():
    files = FullFiles({"holiday.jpg": bytes(40000)}, free=40010)
    board = Controller(files)
    board.stop()
    board.settle()
    assert board.recorder.store_failed
    assert board.supervisor.blockers.store_failed


def test_a_broken_store_removes_nothing():
    files = MemoryFiles({"b00000001.bin": b"x"})
    board = Controller(files)
    board.stop()
    files.broken = True
    files._spend = _refuse  # type: ignore[method-assign]
    board.settle()
    assert board.recorder.store_failed
    assert "b00000001.bin" in files.files


def _refuse(*_: object) -> int:
    raise OSError(5)


def test_numbers_go_on_from_the_files_when_nvs_was_erased():
    files = MemoryFiles({"b00000007.bin": b"x", "t00000009.bin": b"y"})
    board = Controller(files, Memory())
    board.stop()
    board.settle()
    assert files.files["b00000007.bin"] == b"x"
    assert files.files["t00000009.bin"] == b"y"
    assert "b00000008.bin" in files.files
    assert "t00000010.bin" in files.files


@pytest.mark.parametrize("name", ["junk.bin", "jtest.bin", "j1.bin", "b.bin", "t-000001.bin", ""])
def test_files_of_other_names_disturb_nothing(name):
    files = MemoryFiles({name: b"not ours"})
    board = Controller(files)
    board.stop()
    board.settle()
    assert files.files[name] == b"not ours"
    assert not board.recorder.store_failed


def test_what_a_power_cut_left_half_is_removed_at_the_next_start():
    files = MemoryFiles({"b.tmp": b"half", "t.tmp": b"half"})
    Controller(files)
    assert files.files == {}


def test_settings_that_fell_back_are_noted():
    files = MemoryFiles()
    board = Controller(files)
    assert board.recorder.save_config(board.settings)
    assert board.recorder.save_config(board.settings)
    files.files["config.json"] = b"damage"
    again = Controller(files)
    again.recorder.load_config(again.settings)
    again.settle()
    assert (notes.CONFIG_STATUS, 2, 1) in found_notes(files)


@pytest.mark.parametrize("kind", ["b", "t"])
def test_a_setting_that_does_not_fit_takes_the_place_of_an_older_record(kind):
    files = FullFiles({f"{kind}00000001.bin": bytes(3000)}, free=3100)
    board = Controller(files)
    assert board.recorder.save_config(board.settings)
    assert f"{kind}00000001.bin" not in files.files
    assert "config.json" in files.files
    assert not board.recorder.store_failed


def test_a_setting_that_does_not_fit_with_no_record_left_is_a_failed_store():
    files = FullFiles({"holiday.jpg": bytes(3000)}, free=3100)
    board = Controller(files)
    assert not board.recorder.save_config(board.settings)
    assert board.recorder.store_failed
    assert files.files == {"holiday.jpg": bytes(3000)}
