# SPDX-License-Identifier: MIT
"""`treadguard flash` with the real esptool against an ESP32's ROM loader."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.real_tools.conftest import SMALL, another
from tests.support import esp_image
from tests.support.chip_port import ChipPort, plugged_in
from tests.support.rom_loader import Nor, Rom
from tests.support.whole_board import WholeBoard
from tests.support.written import Written
from treadguard import firmware, manifest
from treadguard.errors import (
    BoardRefused,
    ExpectationFailed,
    LinkError,
    NoBoardError,
    NotTreadguardError,
    TreadguardError,
)
from treadguard.flashing import (
    filesystem,
    flash,
    image,
    loader,
    partitions,
    procedure,
    unfinished,
)
from treadguard.flashing.procedure import FlashPlan

NVS, NVS_END = 0x9000, 0xF000
FILES_AT, FILES_BYTES = SMALL[3][3], SMALL[3][4]
LOCKOUT = b"lockout!" * ((NVS_END - NVS) // 8)
CONFIG = {"backward_limit_mm_s": 700, "distance_per_edge_um": 100000, "calibration": 2}


@pytest.fixture
def rom() -> Rom:
    """An empty chip, but for what stands where lockouts are kept."""
    rom = Rom(Nor())
    rom.flash.data[NVS:NVS_END] = LOCKOUT
    return rom


@pytest.fixture
def port(rom: Rom, tmp_path: Path) -> object:
    with plugged_in(rom, tmp_path / "port") as plugged:
        yield plugged


def on_chip(rom: Rom) -> dict[str, bytes] | None:
    return filesystem.read(bytes(rom.flash.data[FILES_AT : FILES_AT + FILES_BYTES]))


def sound(files: dict[str, bytes] | None, tmp_path: Path) -> bool:
    """What the firmware's own check at boot would say, with its list and every file."""
    if not files or manifest.NAME not in files or "main.py" not in files:
        return False
    folder = tmp_path / "judged"
    for path, data in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    wanted = files[manifest.NAME].decode("latin-1").splitlines()
    made = manifest.build(str(folder)).splitlines()
    return set(wanted) <= set(made) and wanted[-1:] == made[-1:]


def test_everything_is_written_and_verified_and_the_lockouts_are_not_touched(
    plan: FlashPlan, rom: Rom, port: ChipPort, tmp_path: Path
) -> None:
    loader.write(plan.loader, plan.pieces())
    for piece in plan.pieces():
        assert rom.flash.data[piece.at : piece.at + len(piece.data)] == piece.data
    assert rom.flash.data[NVS:NVS_END] == LOCKOUT
    assert on_chip(rom) == dict(plan.files)
    assert sound(on_chip(rom), tmp_path)
    assert 0x13 in rom.commands  # the chip's own MD5


def test_the_chip_tells_its_address(plan: FlashPlan, port: ChipPort) -> None:
    assert loader.mac_of(plan.loader) == "240ac4001234"


def test_bytes_are_read_back(plan: FlashPlan, rom: Rom, port: ChipPort) -> None:
    assert loader.read(plan.loader, NVS, 1000) == LOCKOUT[:1000]


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_cable_pulled_at_any_block_leaves_nothing_that_can_arm(
    plan: FlashPlan, tmp_path: Path
) -> None:
    """On a board that had a sound version: old and new never mix into one that starts."""
    new = dict(plan.files)
    old = filesystem.build(another(new), FILES_BYTES)
    assert sound(filesystem.read(old), tmp_path / "old")
    whole = Rom(Nor())
    with plugged_in(whole, tmp_path / "port"):
        loader.write(plan.loader, plan.pieces())
    blocks = whole.blocks
    for stop in sorted({1, 2, 7, blocks // 3, blocks - 50, blocks - 9, blocks - 2, blocks - 1}):
        rom = Rom(Nor())
        rom.flash.data[FILES_AT : FILES_AT + FILES_BYTES] = old
        with plugged_in(rom, tmp_path / "port") as plugged:
            rom.after_block = lambda n, p=plugged, at=stop: p.pull_cable() if n == at else None
            with pytest.raises(LinkError, match="plug it in again"):
                loader.write(plan.loader, plan.pieces())
        if sound(on_chip(rom), tmp_path / str(stop)):
            for piece in plan.pieces():  # cut between the last byte and its acknowledgement
                assert rom.flash.data[piece.at : piece.at + len(piece.data)] == piece.data, stop
            assert stop > blocks - 3


def test_the_first_blocks_of_the_file_system_come_last(plan: FlashPlan) -> None:
    pieces = plan.pieces()
    assert pieces[-1].at == FILES_AT
    assert pieces[0].at == FILES_AT + procedure.HEAD_BYTES
    blank = b"\xff" * procedure.HEAD_BYTES
    assert filesystem.read(blank + pieces[0].data) is None


def test_a_byte_that_does_not_stick_is_noticed(plan: FlashPlan, rom: Rom, port: ChipPort) -> None:
    def flip(_: int) -> None:
        rom.flash.data[FILES_AT + procedure.HEAD_BYTES] = 0

    rom.after_block = flip
    with pytest.raises(ExpectationFailed, match="not what was sent"):
        loader.write(plan.loader, plan.pieces())


@pytest.mark.parametrize(("chip", "name"), [(9, "ESP32-S3"), (5, "ESP32-C3")])
def test_another_chip_is_refused(plan: FlashPlan, tmp_path: Path, chip: int, name: str) -> None:
    rom = Rom(Nor(), chip=chip)
    with plugged_in(rom, tmp_path / "port"), pytest.raises(NoBoardError, match=name):
        loader.mac_of(plan.loader)
    assert set(rom.commands).isdisjoint({2, 3, 16, 17})


def test_a_chip_with_too_little_flash_is_refused(plan: FlashPlan, tmp_path: Path) -> None:
    rom = Rom(Nor(), flash_id=0x1540EF)
    with plugged_in(rom, tmp_path / "port"), pytest.raises(NoBoardError, match="4 MB"):
        loader.write(plan.loader, plan.pieces())
    assert rom.blocks == 0


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_port_that_only_listens_is_told_from_a_chip(plan: FlashPlan, tmp_path: Path) -> None:
    with plugged_in(Rom(Nor()), tmp_path / "port") as plugged:
        plugged.hanging = True
        with pytest.raises(NoBoardError, match="BOOT"):
            loader.mac_of(plan.loader)


def test_a_port_that_is_not_there_is_named(plan: FlashPlan) -> None:
    with pytest.raises(NoBoardError, match="does not exist"):
        flash(plan)


# What is on the chip


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chip that says nothing is waited for in full only once, in the end-to-end tests."""
    monkeypatch.setattr("treadguard.link.client.CONNECT_S", 0.3)
    monkeypatch.setattr("treadguard.link.client.Client.attach", _no_answer)


def _no_answer(*_: object, **__: object) -> None:
    raise LinkError("silence")


def layout(rom: Rom, rows: Sequence[esp_image.Row] = SMALL) -> None:
    table = esp_image.table(rows)
    rom.flash.data[0x8000 : 0x8000 + len(table)] = table


def test_an_empty_chip_has_nothing_to_save(
    plan: FlashPlan, rom: Rom, port: ChipPort, silent: None
) -> None:
    done = procedure._look(plan, print)
    assert (done.found, done.saved) == ("empty", None)
    assert not partitions.blank(bytes(rom.flash.data[NVS:NVS_END]))


@pytest.mark.parametrize(
    "rows",
    [SMALL[:3], SMALL],
    ids=["a layout without files", "files that are no file system"],
)
def test_a_chip_with_another_program_is_left_alone(
    plan: FlashPlan, rom: Rom, port: ChipPort, silent: None, rows: Sequence[esp_image.Row]
) -> None:
    layout(rom, [*rows[:3], ("vfs", 1, 0x81, FILES_AT, 0x10000)] if len(rows) == 4 else rows)
    rom.flash.data[FILES_AT : FILES_AT + 0x10000] = b"something" * 7281 + bytes(7)
    with pytest.raises(NotTreadguardError, match="--replace"):
        procedure._look(plan, print)
    assert rom.blocks == 0
    done = procedure._look(dataclasses.replace(plan, replace=True), print)
    assert done.found == "other"


def test_somebody_elses_files_are_kept_before_they_are_replaced(
    plan: FlashPlan, rom: Rom, port: ChipPort, silent: None
) -> None:
    layout(rom, [*SMALL[:3], ("vfs", 1, 0x81, FILES_AT, 0x10000)])
    files = {"main.py": b"print(1)", "lib/mine.py": b"x = 1\n", "boot.py": b""}
    rom.flash.data[FILES_AT : FILES_AT + 0x10000] = filesystem.build(files, 0x10000)
    with pytest.raises(NotTreadguardError):
        procedure._look(plan, print)
    done = procedure._look(dataclasses.replace(plan, replace=True), print)
    assert done.saved is not None
    assert (done.saved.folder / "other" / "lib" / "mine.py").read_bytes() == b"x = 1\n"


def test_a_controller_that_does_not_start_gives_up_its_records_all_the_same(
    plan: FlashPlan, rom: Rom, port: ChipPort, silent: None
) -> None:
    layout(rom, [*SMALL[:3], ("vfs", 1, 0x81, FILES_AT, 0x20000)])
    encode = firmware.load("guard.record.config_store").encode
    journal = Written().power_on().walk(60_000, 1, 30)
    files = {
        "config.json": encode(CONFIG, 3),
        "j00000001.bin": b"".join(journal.frames),
        "guard/controller.mpy": b"broken",
    }
    rom.flash.data[FILES_AT : FILES_AT + 0x20000] = filesystem.build(files, 0x20000)
    done = procedure._look(plan, print)
    assert done.found == "micropython"
    assert done.saved is not None
    assert done.saved.values == CONFIG
    assert done.saved.next_seq == journal.seq + 1
    assert (done.saved.folder / "j00000001.bin").read_bytes() == files["j00000001.bin"]
    assert f"{journal.seq} new events" in done.logbook
    assert "backward_limit_mm_s = 700" in done.saved.config_file.read_text()


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("blocks", [3, 40])
def test_the_command_run_again_goes_on_where_the_cable_was_pulled(
    plan: FlashPlan, tmp_path: Path, silent: None, monkeypatch: pytest.MonkeyPatch, blocks: int
) -> None:
    """Settings and number were saved the first time; the chip cannot show them any more."""
    monkeypatch.setattr(procedure, "_await_start", lambda *_: None)
    rom = Rom(Nor())
    layout(rom)
    encode = firmware.load("guard.record.config_store").encode
    journal = Written().power_on().walk(60_000, 1, 30)
    old = {"config.json": encode(CONFIG, 3), "j00000001.bin": b"".join(journal.frames)}
    old |= {f"guard/{n}.mpy": bytes([n]) * 9000 for n in range(40)}
    rom.flash.data[FILES_AT : FILES_AT + FILES_BYTES] = filesystem.build(old, FILES_BYTES)
    with plugged_in(rom, tmp_path / "port") as plugged:
        rom.after_block = lambda n: plugged.pull_cable() if n == blocks else None
        with pytest.raises(LinkError, match="run the command again"):
            flash(plan)
    rom.after_block = lambda _: None
    said: list[str] = []
    with plugged_in(rom, tmp_path / "port"):
        done = flash(plan, said.append)
    assert (done.found, any("cut short" in line for line in said)) == ("unfinished", True)
    assert done.saved is not None
    assert (done.saved.values, done.saved.next_seq) == (CONFIG, journal.seq + 1)
    files = on_chip(rom)
    assert files is not None
    assert {p: files[p] for p in plan.files} == dict(plan.files)
    assert f"j{journal.seq + 1:08d}.bin" in files
    assert unfinished.found("240ac4001234", tmp_path / "saved") is None


def test_a_note_does_not_open_the_way_over_somebody_elses_program(
    plan: FlashPlan, rom: Rom, port: ChipPort, silent: None, tmp_path: Path
) -> None:
    unfinished.note("240ac4001234", tmp_path / "saved", None)
    layout(rom, SMALL[:3])
    with pytest.raises(NotTreadguardError, match="--replace"):
        procedure._look(plan, print)


@pytest.mark.parametrize("text", ["", "{}", '{"board": "240ac4001234", "values": 3}', "[]"])
def test_a_damaged_note_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / unfinished.NAME).write_text(text)
    assert unfinished.found("240ac4001234", tmp_path) is None


def test_lockouts_that_would_lie_elsewhere_are_not_lost(
    plan: FlashPlan, rom: Rom, port: ChipPort, silent: None, tmp_path: Path
) -> None:
    moved = [("nvs", 1, 2, 0x9000, 0x4000), *SMALL[1:3], ("vfs", 1, 0x81, FILES_AT, 0x10000)]
    layout(rom, moved)
    files = {"config.json": b"?", "guard/x.mpy": b""}
    rom.flash.data[FILES_AT : FILES_AT + 0x10000] = filesystem.build(files, 0x10000)
    with pytest.raises(NoBoardError, match="lockouts elsewhere"):
        procedure._look(plan, print)
    assert rom.blocks == 0


# From end to end


class Person:
    """Holds START when a change waits for it."""

    def __init__(self) -> None:
        self.held = 0

    def __call__(self, board: WholeBoard) -> None:
        sounds = board.world.events[-30:]
        waits = any(e[1] == "sound" and "change_pending" in str(e[2]).lower() for e in sounds)
        if waits and board.world.now // 1000 > self.held + 8000:
            self.held = board.world.now // 1000
            board.do("start", what="hold", ms=3600)


def whole(
    plan: FlashPlan,
    source_files: dict[str, bytes],
    micropython: Sequence[str],
    link: Path,
    hands: Callable[[WholeBoard], None],
    flash_it: Callable[[FlashPlan], object],
) -> WholeBoard:
    """One board, its controller run from the text form of the firmware."""
    flash_memory = Nor()
    flash_memory.data[NVS:NVS_END] = LOCKOUT
    board = WholeBoard(flash_memory, micropython, FILES_BYTES, link.parent, hands)
    rom = Rom(flash_memory)
    board.put(source_files)
    layout(rom)
    with plugged_in(rom, link, lambda _: board) as plugged:
        plugged.program = board
        flash_it(dataclasses.replace(plan, files=source_files))
    assert flash_memory.data[NVS:NVS_END] == LOCKOUT
    return board


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_board_is_flashed_and_its_settings_come_back_when_start_is_held(
    plan: FlashPlan,
    source_files: dict[str, bytes],
    plain_micropython: Sequence[str],
    tmp_path: Path,
) -> None:
    numbers: dict[str, int] = {}
    said: list[str] = []

    def flash_it(ready: FlashPlan) -> None:
        done = flash(ready, said.append)
        assert done.not_restored == ""
        assert (done.found, done.restored) == ("treadguard", True)
        assert done.stop_test_due
        assert done.saved is not None
        assert done.state == "READY"
        assert "FIRMWARE_DAMAGED" not in done.blockers
        assert "NOT_CONFIGURED" not in done.blockers
        numbers["next"] = done.saved.next_seq

    board = whole(plan, source_files, plain_micropython, tmp_path / "port", Person(), flash_it)
    assert any("hold START" in line for line in said)
    files = board.files()
    assert files["config.json"]
    segment = next(name for name in files if name.startswith("j"))
    frames = firmware.load("guard.record.frames")
    assert int(segment[1:9]) == numbers["next"]  # the numbering went on
    assert frames.seq_of(files[segment][:5]) == numbers["next"]


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("hand", "says"),
    [
        (("estop", {"what": "release"}), "press the red button"),
        (("push", {"mm_s": 400, "ms": 0}), "the belt"),
    ],
)
def test_a_board_in_use_is_not_flashed(
    plan: FlashPlan,
    source_files: dict[str, bytes],
    plain_micropython: Sequence[str],
    tmp_path: Path,
    hand: tuple[str, dict[str, object]],
    says: str,
) -> None:
    def flash_it(ready: FlashPlan) -> None:
        with pytest.raises((BoardRefused, LinkError), match=says):
            flash(ready)

    done: list[int] = []

    def hands(board: WholeBoard) -> None:
        if not done:
            done.append(board.world.now)
            board.do(hand[0], **hand[1])

    board = whole(plan, source_files, plain_micropython, tmp_path / "port", hands, flash_it)
    assert board.starts == 1


def test_every_refusal_has_an_exit_code() -> None:
    for error in (BoardRefused, NoBoardError, LinkError, ExpectationFailed):
        assert issubclass(error, TreadguardError)
        assert error.exit_code > 2
    assert image.OLDEST == (1, 26)
