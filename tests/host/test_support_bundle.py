# SPDX-License-Identifier: MIT
"""The support bundle: enough for a bug report, nothing it does not name."""

from __future__ import annotations

import getpass
import io
import json
import socket
import zipfile
from pathlib import Path

from guard.core import faults as f
from tests.host.conftest import CommandLine
from tests.support.walked_year import lived
from tests.support.written import Written
from treadguard import errors
from treadguard.logbook import bundle, decode

CHIP = "a1b2c3d4e5f6"


def filled(treadguard: CommandLine, tmp_path: Path) -> None:
    folder = Written().power_on().walk(60_000, 1, f.OVERSPEED).into(tmp_path / CHIP)
    (folder / "b00000001.bin").write_bytes(lived({"speed": 1000}, 1, 1)[0])
    assert treadguard("logs", "import", folder).code == errors.OK
    assert treadguard("logs", "name", CHIP, "Grandmother").code == errors.OK


def made(treadguard: CommandLine, tmp_path: Path, *more: str) -> dict[str, bytes]:
    target = tmp_path / "out.zip"
    ran = treadguard("support-bundle", "-o", target, *more)
    assert ran.code == errors.OK, ran.err
    with zipfile.ZipFile(io.BytesIO(target.read_bytes())) as file:
        found = {name: file.read(name) for name in file.namelist()}
    for name in found:
        assert name in ran.out
    return found


def test_it_holds_the_boards_own_bytes_and_a_replay(treadguard, tmp_path):
    filled(treadguard, tmp_path)
    found = made(treadguard, tmp_path)
    journal = found[f"{CHIP}/journal.bin"]
    assert [e["kind"] for e in decode.journal(journal)].count("stop") == 1
    assert decode.blackbox(found[f"{CHIP}/b00000001.bin"]).header["cause"] == "OVERSPEED"
    assert json.loads(found[f"{CHIP}/replay.json"])["b00000001.bin"]["result"] == "same"


def test_it_holds_nothing_that_its_readme_does_not_name(treadguard, tmp_path):
    filled(treadguard, tmp_path)
    found = made(treadguard, tmp_path)
    readme = found["README.txt"].decode()
    for name in found:
        assert name.replace(CHIP, "BOARD") in readme or name.endswith(".bin")
    text = b"".join(found.values())
    for private in ("Grandmother", str(tmp_path), socket.gethostname(), str(Path.home())):
        assert private.encode() not in text
    assert f'"{getpass.getuser()}"'.encode() not in text


def test_the_same_logbook_makes_the_same_file(treadguard, tmp_path):
    filled(treadguard, tmp_path)
    made(treadguard, tmp_path)
    before = (tmp_path / "out.zip").read_bytes()
    made(treadguard, tmp_path)
    assert (tmp_path / "out.zip").read_bytes() == before


def test_with_a_board_it_holds_status_and_settings(treadguard, tmp_path, board, port):
    found = made(treadguard, tmp_path, "--port", port)
    assert json.loads(found["config.json"]) == board.values
    assert json.loads(found["status.json"])["state"] == "READY"
    assert set(found) == {"README.txt", "about.json", "config.json", "status.json"}


def test_many_black_boxes_are_cut_to_the_newest(tmp_path):
    from treadguard.logbook import importing, store

    data = lived({"speed": 1000}, 1, 1)[0]
    folder = Written().power_on().into(tmp_path / CHIP)
    for number in range(1, bundle.BOXES + 4):
        (folder / f"b{number:08d}.bin").write_bytes(data)
    with store.opened(tmp_path / "book.db", make=True) as book:
        importing.import_folder(book, folder, CHIP)
        _, names = bundle.make(book, book.boards(), None, None)
    boxes = [name for name in names if "/b0" in name]
    assert len(boxes) == bundle.BOXES
    assert boxes[-1].endswith(f"b{bundle.BOXES + 3:08d}.bin")


def test_a_logbook_that_cannot_be_read_is_no_reason_to_have_no_bundle(treadguard, tmp_path, port):
    book = tmp_path / "damaged.db"
    book.write_bytes(b"no database" * 100)
    ran = treadguard(
        "support-bundle", "-o", tmp_path / "out.zip", "--port", port, "--logbook", book
    )
    assert ran.code == errors.OK, ran.err
    assert "it is damaged" in ran.err
    assert "the bundle has no records" in ran.err
    with zipfile.ZipFile(tmp_path / "out.zip") as file:
        assert set(file.namelist()) == {"README.txt", "about.json", "config.json", "status.json"}
