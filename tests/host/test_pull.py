# SPDX-License-Identifier: MIT
"""`logs pull`: only what is new, whole files, one board a folder, and clear sentences."""

from __future__ import annotations

import base64
import errno
import json
from pathlib import Path

import pytest

from tests.host.conftest import CommandLine
from tests.support import fake_board
from tests.support.fake_board import FakeBoard
from treadguard import errors
from treadguard.link import files, pull
from treadguard.logbook.tables import FILE as TABLES_FILE

JOURNAL = bytes(range(256)) * 40
BOX = bytes(reversed(range(256))) * 30


@pytest.fixture
def board() -> FakeBoard:
    """One segment, one box, one trace."""
    made = FakeBoard()
    made.files = {"j00000001.bin": JOURNAL, "b00000001.bin": BOX, "t00000001.bin": b"trace"}
    return made


@pytest.fixture
def pulled(treadguard: CommandLine, port: str, board: FakeBoard, tmp_path: Path) -> Path:
    """A folder that was pulled into once."""
    folder = tmp_path / "logs"
    assert treadguard("logs", "pull", "--into", folder, "--port", port).code == errors.OK
    board.bytes_seen = b""
    board.done.clear()
    return folder


def test_every_record_arrives_as_it_is(pulled: Path, board: FakeBoard) -> None:
    assert {p.name: p.read_bytes() for p in pulled.glob("*.bin")} == board.files
    assert not list(pulled.glob("*.part"))


def test_a_second_pull_transfers_nothing(
    treadguard: CommandLine, port: str, board: FakeBoard, pulled: Path
) -> None:
    ran = treadguard("logs", "pull", "--into", pulled, "--port", port, "--json")
    assert ran.code == errors.OK
    assert json.loads(ran.out)["transferred_bytes"] == 0
    assert {"log.read", "blackbox.read", "log.ack"}.isdisjoint(board.done)


def test_only_what_is_new_is_pulled(
    treadguard: CommandLine, port: str, board: FakeBoard, pulled: Path
) -> None:
    board.files["j00000001.bin"] += b"one more event"
    board.files["b00000002.bin"] = BOX
    board.next_seq += 1
    ran = treadguard("logs", "pull", "--into", pulled, "--port", port, "--json")
    said = json.loads(ran.out)
    assert said["new"] == ["j00000001.bin", "b00000002.bin"]
    assert said["transferred_bytes"] == 14 + len(BOX)
    assert (pulled / "j00000001.bin").read_bytes() == board.files["j00000001.bin"]


def test_records_that_gave_way_on_the_board_stay_in_the_folder(
    treadguard: CommandLine, port: str, board: FakeBoard, pulled: Path
) -> None:
    del board.files["b00000001.bin"]
    assert treadguard("logs", "pull", "--into", pulled, "--port", port).code == errors.OK
    assert (pulled / "b00000001.bin").read_bytes() == BOX


def test_a_dry_run_says_what_is_new_and_touches_nothing(
    treadguard: CommandLine, port: str, tmp_path: Path
) -> None:
    ran = treadguard("logs", "pull", "--into", tmp_path / "x", "--port", port, "--dry-run")
    assert "3 would be pulled" in ran.out
    assert not (tmp_path / "x").exists()


# -- what goes wrong --------------------------------------------------------------------


def refused(code: int, expected: int, err: str, *words: str) -> None:
    assert code == expected, err
    assert err.count("\n") == 1
    assert all(word in err for word in words), err


def snapshot(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_another_board_is_refused_and_nothing_is_touched(
    treadguard: CommandLine, port: str, board: FakeBoard, pulled: Path
) -> None:
    before = snapshot(pulled)
    board.status["board"] = "ffffffffffff"
    ran = treadguard("logs", "pull", "--into", pulled, "--port", port)
    refused(ran.code, errors.BAD_FILE, ran.err, "a1b2c3d4e5f6", "ffffffffffff", "--into")
    assert snapshot(pulled) == before


@pytest.mark.parametrize("next_seq", [3, 9])
def test_two_boards_with_one_name_are_told_apart(
    treadguard: CommandLine, port: str, board: FakeBoard, pulled: Path, next_seq: int
) -> None:
    before = snapshot(pulled)
    board.files = {"j00000001.bin": bytes(len(JOURNAL))}
    board.next_seq = next_seq
    ran = treadguard("logs", "pull", "--into", pulled, "--port", port)
    refused(ran.code, errors.BAD_FILE, ran.err, "same id", "erased", "--into")
    assert snapshot(pulled) == before


def test_a_grown_journal_that_began_differently_is_another_boards(
    treadguard: CommandLine, port: str, board: FakeBoard, pulled: Path
) -> None:
    before = snapshot(pulled)
    board.files["j00000001.bin"] = bytes(len(JOURNAL) + 28)
    board.next_seq += 1
    ran = treadguard("logs", "pull", "--into", pulled, "--port", port)
    refused(ran.code, errors.BAD_FILE, ran.err, "j00000001.bin", "nothing was changed")
    assert snapshot(pulled) == before


def test_a_full_disk_is_named_and_what_is_complete_stays(
    treadguard: CommandLine, port: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        if (tmp_path / "j00000001.bin").exists():
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    ran = treadguard("logs", "pull", "--into", tmp_path, "--port", port)
    refused(ran.code, errors.BAD_FILE, ran.err, "No space left", "make room")
    assert (tmp_path / "j00000001.bin").read_bytes() == JOURNAL
    assert not (tmp_path / "b00000001.bin").exists()


def test_ctrl_c_in_mid_pull_loses_nothing(
    treadguard: CommandLine,
    port: str,
    board: FakeBoard,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = files.read_piece
    calls = []

    def interrupted(*arguments: object) -> bytes:
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return read(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(files, "read_piece", interrupted)
    ran = treadguard("logs", "pull", "--into", tmp_path, "--port", port)
    refused(ran.code, errors.INTERRUPTED, ran.err, "interrupted", "kept", "goes on from there")
    assert (tmp_path / "j00000001.bin.part").read_bytes() == JOURNAL[: 2 * files.PIECE]
    monkeypatch.setattr(files, "read_piece", read)
    ran = treadguard("logs", "pull", "--into", tmp_path, "--port", port, "--json")
    left = len(JOURNAL) + len(BOX) + 5 - 2 * files.PIECE
    assert json.loads(ran.out)["transferred_bytes"] == left
    assert {p.name: p.read_bytes() for p in tmp_path.glob("*.bin")} == board.files


def test_a_relay_that_closes_ends_the_pull_and_says_how_to_go_on(
    treadguard: CommandLine, port: str, board: FakeBoard, tmp_path: Path
) -> None:
    def close(line: bytes, number: int) -> bytes:
        if number == 4:
            board.status["relay"] = "closed"
        return line

    board.mangle = close
    ran = treadguard("logs", "pull", "--into", tmp_path, "--port", port)
    refused(ran.code, errors.REFUSED, ran.err, "after the session", "BUSY")
    board.mangle = None
    board.status.clear()
    assert treadguard("logs", "pull", "--into", tmp_path, "--port", port).code == errors.OK


def test_a_record_that_goes_away_meanwhile_is_told_and_the_rest_is_pulled(
    treadguard: CommandLine, port: str, board: FakeBoard, tmp_path: Path
) -> None:
    def evict(line: bytes, number: int) -> bytes:
        if number == 4:
            del board.files["b00000001.bin"]
        return line

    board.mangle = evict
    ran = treadguard("logs", "pull", "--into", tmp_path, "--port", port)
    assert ran.code == errors.OK
    assert "b00000001.bin was removed on the board" in ran.err
    assert (tmp_path / "t00000001.bin").read_bytes() == b"trace"


def test_a_nearly_full_board_is_told(treadguard: CommandLine, port: str, board: FakeBoard) -> None:
    board.free_bytes = 20 << 10
    ran = treadguard("logs", "list", "--port", port)
    assert "20 KB left" in ran.err


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": 2}'])
def test_a_note_that_cannot_be_read_stops_the_pull(
    treadguard: CommandLine, port: str, pulled: Path, text: str
) -> None:
    (pulled / pull.NOTE).write_text(text)
    ran = treadguard("logs", "pull", "--into", pulled, "--port", port)
    refused(ran.code, errors.BAD_FILE, ran.err, pull.NOTE)


@pytest.mark.parametrize("name", ["j00000001.bin", "b00000001.bin"])
@pytest.mark.parametrize("grown", [False, True])
def test_a_file_that_went_bad_in_the_folder_is_pulled_again(
    treadguard: CommandLine, port: str, board: FakeBoard, pulled: Path, name: str, grown: bool
) -> None:
    spoiled = bytearray(board.files[name])
    spoiled[700] ^= 8
    (pulled / name).write_bytes(spoiled)
    if grown:
        board.files["j00000001.bin"] += b"one more event"
        board.next_seq += 1
    ran = treadguard("logs", "pull", "--into", pulled, "--port", port)
    assert ran.code == errors.OK, ran.err
    assert f"{name} had gone bad" in ran.err
    assert {p.name: p.read_bytes() for p in pulled.glob("*.bin")} == board.files
    assert (pulled / f"{name}.bad").read_bytes() == spoiled
    ran = treadguard("logs", "pull", "--into", pulled, "--port", port, "--json")
    assert json.loads(ran.out)["transferred_bytes"] == 0


def test_a_bad_file_that_the_board_no_longer_has_is_left_alone(
    treadguard: CommandLine, port: str, board: FakeBoard, pulled: Path
) -> None:
    del board.files["b00000001.bin"]
    (pulled / "b00000001.bin").write_bytes(b"half of it")
    assert treadguard("logs", "pull", "--into", pulled, "--port", port).code == errors.OK
    assert (pulled / "b00000001.bin").read_bytes() == b"half of it"


# -- a board of another version ---------------------------------------------------------


def newer(board: FakeBoard) -> None:
    board.hash = "00000000"
    board.tables = {
        "records": [["protocol", 1], ["journal", 1], ["blackbox", 2], ["trace", 1]],
        "events": [[1, "boot"], [99, "warp"]],
        "faults": [],
    }


def test_a_newer_boards_records_are_pulled_and_what_is_unknown_is_named(
    treadguard: CommandLine, port: str, board: FakeBoard, tmp_path: Path
) -> None:
    newer(board)
    ran = treadguard("logs", "pull", "--into", tmp_path, "--port", port)
    assert ran.code == errors.OK
    assert "the black box files of this board have format 2, these tools read 1" in ran.err
    assert "events newer than these tools: warp" in ran.err
    assert (tmp_path / "b00000001.bin").read_bytes() == BOX
    kept = json.loads((tmp_path / TABLES_FILE).read_text())
    assert kept["tables"]["events"] == board.tables["events"]


def test_another_protocol_is_refused(
    treadguard: CommandLine, port: str, board: FakeBoard, tmp_path: Path
) -> None:
    newer(board)
    board.tables["records"][0] = ["protocol", 2]
    ran = treadguard("logs", "pull", "--into", tmp_path, "--port", port)
    refused(ran.code, errors.REFUSED, ran.err, "define the interface differently")


def test_every_byte_is_checked_on_its_way(
    treadguard: CommandLine, board: FakeBoard, tmp_path: Path
) -> None:
    def flip(line: bytes, number: int) -> bytes:
        if number != 4:
            return line
        message = json.loads(line.rpartition(b"*")[0])
        message["data"] = base64.b64encode(bytes(message["n"])).decode()
        return fake_board.frame(message)  # an intact line with wrong data

    board.mangle = flip
    with fake_board.on_pty(board.feed) as port:
        assert treadguard("logs", "pull", "--into", tmp_path, "--port", port).code == errors.OK
    assert (tmp_path / "j00000001.bin").read_bytes() == JOURNAL
