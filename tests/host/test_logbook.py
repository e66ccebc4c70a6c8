# SPDX-License-Identifier: MIT
"""The logbook keeps what was pulled: each record once, all or nothing, whatever goes wrong."""

from __future__ import annotations

import functools
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from guard.core import faults as f
from tests.host.conftest import CommandLine, Ran
from tests.support.walked_year import lived
from tests.support.written import Written
from treadguard import errors
from treadguard.errors import FileInvalid
from treadguard.logbook import importing, schema, store

CHIP, OTHER = "a1b2c3d4e5f6", "0badc0ffee00"
NOON = 1_770_000_000  # s since 1970: 2026-02-02


@pytest.fixture
def book_path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "logbook.db"


def two_walks(boot: int = 1) -> Written:
    journal = Written(boot - 1).power_on().clock(30_000, NOON)
    journal.walk(60_000, 1, f.BELT_STOPPED)
    return journal.walk(900_000, 2, f.OVERSPEED)


@functools.cache
def a_box() -> bytes:
    """Of the second walk's trip."""
    return lived({"speed": 1000}, 2, 1)[0]


def pulled(tmp_path: Path, chip: str = CHIP) -> Path:
    folder = two_walks().into(tmp_path / chip)
    (folder / "b00000001.bin").write_bytes(a_box())
    return folder


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but the imports' own."""
    with sqlite3.connect(path) as db:
        tables = ("boards", "events", "files", "damage", "enrolments")
        return {name: sorted(db.execute(f"SELECT * FROM {name}").fetchall()) for name in tables}


def refused(ran: Ran, code: int, *words: str) -> None:
    assert ran.code == code, (ran.out, ran.err)
    (sentence,) = [line for line in ran.err.splitlines() if line.startswith("treadguard: ")]
    assert ran.out == ""
    for word in words:
        assert word in sentence


# -- importing --------------------------------------------------------------------------


def test_importing_twice_changes_nothing(tmp_path, book_path):
    folder = pulled(tmp_path)
    with store.opened(book_path, make=True) as book:
        first = importing.import_folder(book, folder, CHIP)
        before = contents(book_path)
        second = importing.import_folder(book, folder, CHIP)
    assert (first.events, first.files) == (18, 1)
    assert (second.events, second.files, second.damaged_bytes) == (0, 0, 0)
    assert contents(book_path) == before


def test_a_longer_pull_adds_only_what_is_new(tmp_path, book_path):
    journal = two_walks()
    with store.opened(book_path, make=True) as book:
        importing.import_folder(book, journal.into(tmp_path / CHIP), CHIP)
        journal.walk(2_000_000, 3, f.START_PRESSED)
        done = importing.import_folder(book, journal.into(tmp_path / CHIP), CHIP)
        assert done.events == 8
        assert len(book.frames(book.board(None))) == 26


def test_damage_is_told_and_the_rest_is_kept(treadguard: CommandLine, tmp_path: Path) -> None:
    journal = two_walks()
    journal.frames[5] = bytes(len(journal.frames[5]))
    folder = journal.into(tmp_path / CHIP)
    ran = treadguard("logs", "import", folder)
    assert ran.code == errors.OK
    assert "17 new events" in ran.out
    assert "28 bytes damaged in j00000001.bin" in ran.out
    listed = json.loads(treadguard("logs", "list", "--json").out)["boards"][0]
    assert (listed["events"], listed["damaged_bytes"]) == (17, 28)


def test_a_damaged_black_box_gives_way_to_a_whole_one_and_not_the_other_way(tmp_path, book_path):
    folder = pulled(tmp_path)
    box = folder / "b00000001.bin"
    whole = box.read_bytes()
    torn = whole[:5000]
    with store.opened(book_path, make=True) as book:
        for data, kept in ((torn, torn), (whole, whole), (torn, whole)):
            box.write_bytes(data)
            importing.import_folder(book, folder, CHIP)
            assert [file.data for file in book.files(book.board(None), "b")] == [kept]


def test_a_black_box_of_a_newer_schema_is_kept_and_said_to_be_unreadable(
    treadguard: CommandLine, tmp_path: Path
) -> None:
    from guard.record.frames import BOX_HEADER, block

    folder = two_walks().into(tmp_path / CHIP)
    newer = block(BOX_HEADER, 0, b"TGBB" + bytes([99]) + bytes(60))
    (folder / "b00000007.bin").write_bytes(newer)
    assert treadguard("logs", "import", folder).code == errors.OK
    refused(treadguard("logs", "show", folder / "b00000007.bin"), errors.BAD_FILE, "schema 99")
    listed = json.loads(treadguard("logs", "list", "--json").out)["boards"][0]
    assert listed["files"] == [
        {"name": "b00000007.bin", "bytes": len(newer), "intact": True, "kind": "black box"}
    ]
    assert len(json.loads(treadguard("sessions", "--json").out)["sessions"]) == 2


def test_several_boards_are_kept_apart(treadguard: CommandLine, tmp_path: Path) -> None:
    treadguard("logs", "import", pulled(tmp_path))
    treadguard(
        "logs", "import", Written().power_on().walk(50_000, 9, f.ESTOP).into(tmp_path / OTHER)
    )
    rows = json.loads(treadguard("sessions", "--json").out)["sessions"]
    assert sorted((row["board"], row["session"]) for row in rows) == [
        (OTHER, 9),
        (CHIP, 1),
        (CHIP, 2),
    ]
    assert [r["session"] for r in json.loads(
        treadguard("sessions", "--board", OTHER, "--json").out)["sessions"]] == [9]  # fmt: skip
    refused(treadguard("logs", "show"), errors.BAD_FILE, "several boards", CHIP, OTHER)


def test_two_boards_with_one_name_are_refused(treadguard: CommandLine, tmp_path: Path) -> None:
    treadguard("logs", "import", pulled(tmp_path))
    treadguard("logs", "import", Written().power_on().into(tmp_path / OTHER))
    assert treadguard("logs", "name", CHIP, "Cellar").code == errors.OK
    refused(treadguard("logs", "name", OTHER, "cellar"), errors.BAD_FILE, CHIP, "choose another")
    refused(treadguard("logs", "name", OTHER, CHIP), errors.BAD_FILE, "choose another")
    assert "Cellar" in treadguard("sessions").out


def test_records_of_another_board_under_this_ones_id_are_refused_whole(
    treadguard: CommandLine, tmp_path: Path
) -> None:
    treadguard("logs", "import", pulled(tmp_path))
    other = Written(7).power_on().clock(10_000, NOON + 99).walk(70_000, 3, f.ESTOP)
    folder = other.into(tmp_path / "elsewhere")
    book = Path(os.environ["TREADGUARD_LOGBOOK"])
    before = contents(book)
    ran = treadguard("logs", "import", folder, "--board", CHIP)
    refused(ran, errors.BAD_FILE, "another board's records", "--as-new", "nothing was changed")
    assert contents(book) == before
    assert treadguard("logs", "import", folder, "--board", CHIP, "--as-new").code == errors.OK
    keys = [b["key"] for b in json.loads(treadguard("logs", "list", "--json").out)["boards"]]
    assert keys == [CHIP, f"{CHIP}+2"]


def test_with_two_entries_of_one_chip_a_pull_goes_to_the_one_that_has_its_records(
    treadguard: CommandLine, tmp_path: Path
) -> None:
    before = pulled(tmp_path)
    erased = two_walks(boot=9).into(tmp_path / "erased")
    assert treadguard("logs", "import", before).code == errors.OK
    assert treadguard("logs", "import", erased, "--board", CHIP, "--as-new").code == errors.OK
    for folder, entry in ((before, CHIP), (erased, f"{CHIP}+2")):
        ran = treadguard("logs", "import", folder, "--board", CHIP)
        assert f"board {entry}: 0 new events" in ran.out, ran.err


def test_a_folder_that_does_not_say_its_board_is_refused(
    treadguard: CommandLine, tmp_path: Path
) -> None:
    refused(
        treadguard("logs", "import", two_walks().into(tmp_path / "walks")), errors.USAGE, "--board"
    )
    (tmp_path / CHIP).mkdir()
    refused(treadguard("logs", "import", tmp_path / CHIP), errors.BAD_FILE, "holds no records")
    refused(treadguard("logs", "import", tmp_path / OTHER), errors.BAD_FILE, "no folder")


# -- the file itself --------------------------------------------------------------------


def test_a_logbook_of_a_newer_version_is_refused_and_untouched(
    treadguard: CommandLine, tmp_path: Path
) -> None:
    treadguard("logs", "import", pulled(tmp_path))
    book = Path(os.environ["TREADGUARD_LOGBOOK"])
    with sqlite3.connect(book) as db:
        db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    before = book.read_bytes()
    for command in (["sessions"], ["trips"], ["report", "-o", str(tmp_path / "r.html")],
                    ["logs", "import", str(tmp_path / CHIP)], ["logs", "list"]):  # fmt: skip
        refused(treadguard(*command), errors.BAD_FILE, "newer treadguard", "nothing was changed")
    assert book.read_bytes() == before


def test_a_file_that_is_no_logbook_is_refused_and_untouched(
    treadguard: CommandLine, tmp_path: Path
) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("milk, eggs and a new safety key " * 100)
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE recipes (name TEXT)")
    for path, word in ((text, "no logbook"), (other, "another program")):
        before = path.read_bytes()
        refused(treadguard("sessions", "--logbook", path), errors.BAD_FILE, word)
        assert path.read_bytes() == before


def test_reading_makes_no_logbook(treadguard: CommandLine) -> None:
    for command in (["sessions"], ["trips"], ["report"], ["logs", "list"], ["logs", "replay"]):
        refused(treadguard(*command), errors.BAD_FILE, "no logbook", "logs pull")
    assert not Path(os.environ["TREADGUARD_LOGBOOK"]).exists()


def test_ctrl_c_in_the_middle_of_an_import_leaves_nothing_half_done(tmp_path, book_path):
    folder = pulled(tmp_path)

    def interrupt(name: str) -> None:
        if name.startswith("j"):
            raise KeyboardInterrupt

    with store.opened(book_path, make=True) as book:
        with pytest.raises(KeyboardInterrupt):
            importing.import_folder(book, folder, CHIP, progress=interrupt)
        assert book.boards() == []
        assert importing.import_folder(book, folder, CHIP).events == 18


KILLED = """
import os, signal, sys
from pathlib import Path
from treadguard.logbook import importing, store
def stop(name):
    if name.startswith("j"):
        book.db.execute("PRAGMA cache_spill = 1")
        os.kill(os.getpid(), signal.SIGKILL)
with store.opened(Path(sys.argv[1]), make=True) as book:
    importing.import_folder(book, Path(sys.argv[2]), "a1b2c3d4e5f6", progress=stop)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL on Windows")
def test_a_program_killed_in_mid_import_loses_nothing_that_was_there(tmp_path, book_path):
    folder = pulled(tmp_path)
    with store.opened(book_path, make=True) as book:
        importing.import_folder(book, Written().power_on().into(tmp_path / OTHER), OTHER)
    before = contents(book_path)
    done = subprocess.run([sys.executable, "-c", KILLED, book_path, folder], check=False)
    assert done.returncode == -signal.SIGKILL
    assert contents(book_path) == before
    with store.opened(book_path) as book:
        assert importing.import_folder(book, folder, CHIP).events == 18


FULL = """
import resource, sys
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from treadguard.cli.main import main
sys.exit(main(sys.argv[2:]))
"""


def with_full_disk(limit: int, *arguments: object) -> Ran:
    """A command line whose files may not grow beyond `limit` bytes."""
    words = [sys.executable, "-c", FULL, str(limit), *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limit on Windows")
def test_a_full_disk_is_said_and_nothing_is_lost(treadguard: CommandLine, tmp_path: Path) -> None:
    book = Path(os.environ["TREADGUARD_LOGBOOK"])
    treadguard("logs", "import", Written().power_on().into(tmp_path / OTHER))
    before = contents(book)
    folder = pulled(tmp_path)
    limit = book.stat().st_size
    refused(with_full_disk(limit, "logs", "import", folder), errors.BAD_FILE, str(book))
    assert contents(book) == before
    assert treadguard("logs", "import", folder).code == errors.OK
    report = tmp_path / "report.html"
    report.write_text("the one of last week")
    ran = with_full_disk(4096, "report", "-o", report)
    refused(ran, errors.BAD_FILE, str(report), "cannot be written")
    assert report.read_text() == "the one of last week"
    assert list(tmp_path.glob("*.part")) == []


def test_a_logbook_somebody_else_is_writing_is_waited_for_and_then_said(
    tmp_path, book_path, monkeypatch
):
    monkeypatch.setattr(store, "BUSY_S", 0.01)
    folder = pulled(tmp_path)
    with (
        store.opened(book_path, make=True) as book,
        book.writing(),
        store.opened(book_path) as second,
        pytest.raises(FileInvalid, match="another program is writing"),
    ):
        importing.import_folder(second, folder, CHIP)


def test_damage_that_a_later_copy_of_the_file_does_not_have_is_forgotten(treadguard, tmp_path):
    folder = pulled(tmp_path)
    journal = folder / "j00000001.bin"
    whole = journal.read_bytes()
    journal.write_bytes(whole[:60] + bytes(30) + whole[90:])
    assert "damaged in j00000001.bin" in treadguard("logs", "import", folder).out
    journal.write_bytes(whole)
    assert treadguard("logs", "import", folder).code == errors.OK
    board = json.loads(treadguard("logs", "list", "--json").out)["boards"][0]
    assert (board["events"], board["damaged_bytes"]) == (18, 0)


# -- bits that tip inside the logbook ---------------------------------------------------


def spoil(book_path: Path, table: str, column: str, which: int, at: int) -> None:
    """One bit of one stored record; SQLite itself cannot see it."""
    with sqlite3.connect(book_path) as db:
        row, data = db.execute(
            f"SELECT {'seq' if table == 'events' else 'name'}, {column} FROM {table}"
            f" ORDER BY 1 LIMIT 1 OFFSET {which}"
        ).fetchone()
        bad = bytearray(data)
        bad[at] ^= 4
        key = "seq" if table == "events" else "name"
        db.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (bytes(bad), row))


def imported(treadguard: CommandLine, tmp_path: Path) -> Path:
    assert treadguard("logs", "import", pulled(tmp_path)).code == errors.OK
    return Path(json.loads(treadguard("logs", "list", "--json").out)["logbook"])


READERS = (
    ("sessions",), ("trips",), ("logs", "list"), ("logs", "show"), ("logs", "export", "events"),
    ("report", "-o", "r.html"), ("support-bundle", "-o", "s.zip"),
)  # fmt: skip


@pytest.mark.parametrize("at", [0, 13])
def test_an_event_spoiled_in_the_logbook_costs_itself_alone_and_comes_back_with_an_import(
    treadguard: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.chdir(tmp_path)
    path = imported(treadguard, tmp_path)
    spoil(path, "events", "frame", 9, at)
    for words in READERS:
        ran = treadguard(*words)
        assert ran.code == errors.OK, (words, ran.err)
    assert "1 of the events of" in (tmp_path / "r.html").read_text(encoding="utf-8")
    ran = treadguard("logs", "import", tmp_path / CHIP)
    assert "1 new events, 0 new black boxes" in ran.out
    assert json.loads(treadguard("logs", "list", "--json").out)["boards"][0]["events"] == 18


@pytest.mark.parametrize("at", [6, 3000])
def test_a_box_spoiled_in_the_logbook_is_told_and_comes_back_with_an_import(
    treadguard: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.chdir(tmp_path)
    path = imported(treadguard, tmp_path)
    spoil(path, "files", "bytes", 0, at)
    for words in READERS:
        ran = treadguard(*words)
        assert ran.code == errors.OK, (words, ran.err)
    assert not json.loads(treadguard("logs", "list", "--json").out)["boards"][0]["files"][0][
        "intact"
    ]
    ran = treadguard("logs", "import", tmp_path / CHIP)
    assert "0 new events, 1 new black boxes" in ran.out
    assert json.loads(treadguard("logs", "list", "--json").out)["boards"][0]["files"][0]["intact"]
