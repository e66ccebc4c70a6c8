# SPDX-License-Identifier: MIT
"""The demo can be run again: its own records make room, anybody else's are never touched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from treadguard import demo
from treadguard.demo import outcome, story
from treadguard.link import pull
from treadguard.virtual.chip import UNIQUE_ID


def pulled(records: Path, board: str) -> list[str]:
    records.mkdir()
    note = {"schema": pull.NOTE_SCHEMA, "board": board, "next": 9, "tail": "00000000", "crc": {}}
    (records / pull.NOTE).write_text(json.dumps(note))
    (records / "j00000001.bin").write_bytes(b"earlier")
    return sorted(path.name for path in records.iterdir())


@pytest.mark.parametrize("board", [UNIQUE_ID.hex(), "0011223344ff"])
def test_records_of_an_earlier_demo_make_room_and_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, board: str
) -> None:
    before = pulled(tmp_path / demo.RECORDS, board)
    seen = []

    def play(output: Path, *, quiet: bool) -> list[Any]:
        records = output / demo.RECORDS
        seen.append(sorted(p.name for p in records.iterdir()) if records.exists() else [])
        return []

    monkeypatch.setattr(story, "play", play)
    monkeypatch.setattr(outcome, "write", lambda output, stops: 0)
    assert demo.run(tmp_path, quiet=True) == 0
    assert seen == [[] if board == UNIQUE_ID.hex() else before]


def test_a_folder_of_records_without_a_note_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(story, "play", lambda output, quiet: [])
    monkeypatch.setattr(outcome, "write", lambda output, stops: 0)
    (tmp_path / demo.RECORDS).mkdir()
    (tmp_path / demo.RECORDS / "mine.txt").write_text("mine")
    assert demo.run(tmp_path, quiet=True) == 0
    assert (tmp_path / demo.RECORDS / "mine.txt").read_text() == "mine"
