# SPDX-License-Identifier: MIT
"""One file for a bug report: the board's own bytes, the versions, and a list of what is in it."""

from __future__ import annotations

import io
import json
import platform
import sqlite3
import sys
import zipfile
from typing import Any

from treadguard import __version__
from treadguard.errors import FileInvalid
from treadguard.link.interface import host_hash
from treadguard.logbook import decode, replay
from treadguard.logbook.store import Board, Book

BOXES = 10  # the newest: enough for a bug, small enough for a mail
EPOCH = (1980, 1, 1, 0, 0, 0)  # zip knows none earlier; the same input makes the same file

ABOUT = """What is in this file
====================

For whoever looks into a problem with treadguard. Nothing else than this is in it:

  README.txt         this text
  about.json         versions of treadguard, Python, SQLite and the operating system's kind
  status.json        with --port: the board's status, as `treadguard status --json` shows it
  config.json        with --port: the board's settings
  bench.json         the bench sheet, where there is one: what `treadguard bench` measured
  BOARD/tables.json  names of a board of another version, where it has other ones
  BOARD/journal.bin  every event of the board: sessions with times, speeds, stops, settings
  BOARD/*.bin        the last {boxes} black boxes: belt, hands and relay around a stop
  BOARD/replay.json  whether this firmware decides those black boxes the same again

What it says about you: on which days, when, how long and how fast somebody walked, and the
board's chip id. It holds no name you gave a board, no user name, no path, no serial port, and no
session traces. Look into it before you send it: it is a plain zip.
"""


def make(
    book: Book | None,
    boards: list[Board],
    status: dict[str, Any] | None,
    config: dict[str, int] | None,
    sheet: dict[str, Any] | None = None,
) -> tuple[bytes, list[str]]:
    """The zip and the names in it."""
    parts: dict[str, bytes] = {
        "README.txt": ABOUT.format(boxes=BOXES).encode("ascii"),
        "about.json": _json(about()),
    }
    if status is not None:
        parts["status.json"] = _json(status)
    if config is not None:
        parts["config.json"] = _json(config)
    if sheet is not None:
        parts["bench.json"] = _json(sheet)
    if book is not None:
        for board in boards:
            parts.update(_board(book, board))
    return _zip(parts), list(parts)


def about() -> dict[str, Any]:
    """Versions; nothing about the person."""
    return {
        "schema": "treadguard.support-bundle/1",
        "treadguard": __version__,
        "interface": host_hash(),
        "python": sys.version.split()[0],
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.machine()}",
    }


def _board(book: Book, board: Board) -> dict[str, bytes]:
    folder = board.key
    parts = {f"{folder}/journal.bin": b"".join(frame.data for frame in book.frames(board))}
    verdicts: dict[str, Any] = {}
    by = book.tables(board)
    told = book.told(board)
    if told is not None:
        parts[f"{folder}/tables.json"] = told.encode("utf-8")
    for stored in book.files(board, "b")[-BOXES:]:
        parts[f"{folder}/{stored.name}"] = stored.data
        try:
            verdicts[stored.name] = replay.replay(decode.blackbox(stored.data, by)).data()
        except FileInvalid as error:
            verdicts[stored.name] = {"result": "not possible", "why": str(error)}
    parts[f"{folder}/replay.json"] = _json(verdicts)
    return parts


def _json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, indent=2).encode("utf-8") + b"\n"


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
