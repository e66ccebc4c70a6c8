# SPDX-License-Identifier: MIT
"""Records of a board that is newer than these tools: by its own names, or kept and said."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from guard.record import frames
from tests.host.conftest import CommandLine
from treadguard import errors, firmware
from treadguard.logbook import schema, tables

CHIP = "a1b2c3d4e5f6"
FRAMES = (
    (1, 7, 100, 1, 0, 0, 7, b""),
    (2, 7, 200, 3, 2, 41, 0, b""),
    (3, 7, 300, 99, 5, 833, 0, b""),
    (4, 7, 400, 4, 88, 812, 31, b""),
    (5, 7, 500, 14, 77, 12, 0, b""),
)
FAULT_ROWS = [[88, "BELT_ON_FIRE", "trip", "reset", 0]]
TOLD = {
    "events": [[99, "warp"]],
    "faults": FAULT_ROWS,
    "parameters": [["backward_limit_mm_s", "mm/s", 833, 140, 1118, "limits"]],
    "records": [["protocol", 1], ["journal", 1], ["blackbox", 1], ["trace", 1]],
    tables.TEXT: [
        "event.warp|99|factor,v_mm_s,",
        "note.dusty|77|grams,",
        "layout.of_the_future|<I",
        "unheard of",
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / CHIP
    found.mkdir()
    journal = b"".join(frames.frame(*frame) for frame in FRAMES)
    (found / "j00000001.bin").write_bytes(journal)
    tell(found, TOLD)
    return found


def tell(folder: Path, told: dict[str, object]) -> None:
    data = {"hash": "00000000", "version": "9.9.9", "tables": told}
    (folder / tables.FILE).write_text(json.dumps(data))


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_its_events_faults_and_notes_have_its_own_names(
    treadguard: CommandLine, folder: Path
) -> None:
    ran = treadguard("logs", "show", folder, "--json")
    assert ran.code == errors.OK, ran.err
    found = lines(ran.out)
    assert found[2] | {"kind": "warp", "factor": 5, "v_mm_s": 833} == found[2]
    assert found[3]["fault"] == "BELT_ON_FIRE"
    assert found[4] | {"note": "dusty", "grams": 12} == found[4]


def test_the_logbook_remembers_them(treadguard: CommandLine, folder: Path) -> None:
    assert treadguard("logs", "import", folder).code == errors.OK
    (folder / tables.FILE).unlink()
    assert "warp      factor=5  v_mm_s=833" in treadguard("logs", "show").out
    trips = treadguard("trips", "--json")
    assert "BELT_ON_FIRE" in trips.out
    assert '"class": "trip"' in trips.out


def test_without_tables_an_event_keeps_its_number(treadguard: CommandLine, folder: Path) -> None:
    (folder / tables.FILE).unlink()
    ran = treadguard("logs", "show", folder, "--json")
    found = lines(ran.out)
    assert found[2] | {"kind": "kind 99", "a": 5, "b": 833, "c": 0} == found[2]
    assert found[3]["fault"] == "FAULT_88"
    assert found[4] | {"note": "unknown 77", "x": 12} == found[4]


@pytest.mark.parametrize(
    ("row", "word"),
    [("journal", "journal"), ("blackbox", "black box"), ("trace", "session trace")],
)
def test_an_unknown_format_is_kept_raw_and_said_in_one_sentence(
    treadguard: CommandLine, folder: Path, row: str, word: str
) -> None:
    tell(folder, {**TOLD, "records": [*TOLD["records"], [row, 2]]})
    name = {"journal": "j00000001.bin", "blackbox": "b00000003.bin", "trace": "t00000041.bin"}[row]
    (folder / name).write_bytes(b"from the future")
    ran = treadguard("logs", "import", folder, "--json")
    assert ran.code == errors.OK, ran.err
    assert f"the {word} files of this board have format 2, these tools read 1" in ran.err
    assert json.loads(ran.out)["damaged_bytes"] == 0
    assert (folder / name).read_bytes() == b"from the future"
    shown = treadguard("logs", "show", folder / name)
    assert shown.code == errors.BAD_FILE
    assert "of format 2, these tools read 1" in shown.err


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"tables": 3}', '{"tables": {"events": 7}}']
)
def test_damaged_tables_are_refused_and_nothing_is_imported(
    treadguard: CommandLine, folder: Path, text: str
) -> None:
    (folder / tables.FILE).write_text(text)
    for command in (("logs", "show", folder), ("logs", "import", folder)):
        ran = treadguard(*command)
        assert ran.code == errors.BAD_FILE
        assert "tables.json cannot be read: remove it and pull again" in ran.err
    assert json.loads(treadguard("logs", "list", "--json").out)["boards"] == []


def test_a_logbook_of_the_version_before_is_brought_up_to_date(
    treadguard: CommandLine, folder: Path, tmp_path: Path
) -> None:
    old = sqlite3.connect(tmp_path / "book.db")
    old.executescript(schema.MIGRATIONS[0])
    old.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    old.execute("PRAGMA user_version = 1")
    old.execute("INSERT INTO boards (key, chip, name) VALUES (?, ?, 'attic')", (CHIP, CHIP))
    old.commit()
    old.close()
    ran = treadguard("logs", "import", folder, "--logbook", tmp_path / "book.db")
    assert "board attic: 5 new events" in ran.out, ran.err


def test_what_a_board_told_of_this_version_is_what_these_tools_say_themselves() -> None:
    same = {
        "faults": [[c, n, k] for c, n, k in fault_rows()],
        "records": list(tables.ours().formats.items()),
        tables.TEXT: list(tables.lines()),
    }
    assert tables.told(same) == tables.ours()


def fault_rows() -> list[tuple[int, str, str]]:
    faults = firmware.load("guard.core.faults")
    return [(row[0], row[1], faults.CLASS_NAMES[row[2]]) for row in faults.TABLE]
