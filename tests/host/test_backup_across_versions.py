# SPDX-License-Identifier: MIT
"""Settings of another version: what comes back, what does not, and that it is said."""

from __future__ import annotations

from binascii import crc32
from pathlib import Path

import pytest

from tests.support.fake_board import FakeBoard
from treadguard import config_files, firmware
from treadguard.flashing import backup
from treadguard.link.client import open_client

HIGHEST = firmware.parameters()["session_limit_min"].highest


@pytest.fixture
def newer(board: FakeBoard) -> FakeBoard:
    """A board whose version has one setting more, and allows more in another."""
    board.values["backward_limit_mm_s"] = 700
    board.values["session_limit_min"] = HIGHEST + 1
    board.values["wobble_limit_mm"] = 12
    return board


def test_what_this_version_does_not_take_is_said_and_kept_as_a_comment(
    newer: FakeBoard, port: str, tmp_path: Path
) -> None:
    with open_client(port) as client:
        client.attach()
        made = backup.over_link(client, tmp_path / "saved", lambda _: None)
    out = [f"session_limit_min = {HIGHEST + 1}", "wobble_limit_mm = 12"]
    assert sorted(made.left_out) == out
    assert all(line in made.warning() for line in out)
    assert str(made.config_file) in made.warning()
    text = made.config_file.read_text()
    assert all(f"# left out by this version: {line}\n" in text for line in out)
    values = config_files.read(made.config_file).values
    assert values["backward_limit_mm_s"] == 700
    assert "session_limit_min" not in values


def test_a_board_of_this_version_leaves_nothing_out(
    board: FakeBoard, port: str, tmp_path: Path
) -> None:
    with open_client(port) as client:
        client.attach()
        made = backup.over_link(client, tmp_path / "saved", lambda _: None)
    assert (made.left_out, made.warning()) == ([], "")


NEWER = b'{"schema": 2, "generation": 3, "values": {"backward_limit_mm_s": 700}}'


@pytest.mark.parametrize(
    "stored",
    [NEWER + b"\n%08x\n" % crc32(NEWER), b"\xff\x00 half a file"],
    ids=["a newer schema", "damage"],
)
def test_settings_on_the_chip_that_nobody_can_read_are_kept_as_they_are_and_said(
    tmp_path: Path, stored: bytes
) -> None:
    made = backup.from_files({"config.json": stored, "config.old": stored}, "b", tmp_path)
    assert made.values == {}
    assert (tmp_path / "config.json").read_bytes() == stored
    assert str(tmp_path / "config.json") in made.warning()
    assert "the defaults hold" in made.warning()
