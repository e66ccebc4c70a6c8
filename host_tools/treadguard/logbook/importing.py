# SPDX-License-Identifier: MIT
"""Pulled record files into the logbook: each event once, each file once, all or nothing.

Importing the same folder again changes nothing. Damage is noted and the rest is taken; a file
of a newer schema is kept as it is, for a version that can read it.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from treadguard import firmware
from treadguard.errors import FileInvalid, UsageError
from treadguard.link import pull
from treadguard.logbook import boxes, tables
from treadguard.logbook.store import Board, Book, now_ms

CHIP = re.compile(r"[0-9a-f]{8,16}")
Progress = Callable[[str], None]


@dataclass
class Imported:
    """What one import added, and what it could not read."""

    board: str
    events: int = 0
    files: int = 0
    damaged_bytes: int = 0
    damaged_files: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """Formats that these tools do not read, one sentence each."""

    def line(self) -> str:
        """One line for people."""
        new = f"{self.events} new events, {self.files} new black boxes and traces"
        if not self.damaged_bytes:
            return f"board {self.board}: {new}"
        where = ", ".join(self.damaged_files)
        return f"board {self.board}: {new}; {self.damaged_bytes} bytes damaged in {where}"


def chip_of(folder: Path, given: str | None) -> str:
    """The chip id of a folder's records: as given, as the pull noted it, or the folder's name."""
    noted = pull.note_of(folder).get("board") if given is None else None
    chip = str(given or noted or folder.resolve().name).lower()
    if CHIP.fullmatch(chip):
        return chip
    raise UsageError(
        f"{folder} does not say which board it comes from: give the chip's id with --board, as"
        " `treadguard status` shows it"
    )


def import_folder(
    book: Book,
    folder: Path,
    chip: str,
    as_new: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Import every *.bin of a folder. Raises FileInvalid when the records contradict the logbook:
    another board's, or an erased board's that counts from 1 again; `as_new` then starts anew.
    """
    if not folder.is_dir():
        raise FileInvalid(f"{folder} is no folder of pulled records")
    paths = sorted(folder.glob("*.bin"))
    if not paths:
        raise FileInvalid(f"{folder} holds no records: `treadguard logs pull` fetches them")
    told = tables.beside(folder)
    by = tables.read(told)
    with book.writing() as db:
        board = _board(db, book.boards(), chip, as_new, paths)
        told = told or tables.in_our_formats(book.told(board))
        if told is not None:
            db.execute("UPDATE boards SET tables = ? WHERE key = ?", (told, board.key))
        done = Imported(board.shown, unknown=by.unknown_formats())
        number = db.execute(
            "INSERT INTO imports (at_ms, board, events, files) VALUES (?, ?, 0, 0)",
            (now_ms(), board.key),
        ).lastrowid
        into = _Into(db, board, number or 0, done, by.readable())
        for path in paths:
            if progress is not None:
                progress(path.name)
            into.take(path.name, _read(path))
        db.execute(
            "UPDATE imports SET events = ?, files = ? WHERE id = ?",
            (done.events, done.files, number),
        )
    return done


def _board(
    db: sqlite3.Connection, known: Iterable[Board], chip: str, as_new: bool, paths: Iterable[Path]
) -> Board:
    """The newest entry of this chip that has these records or could, or a new one."""
    same = [board for board in known if board.chip == chip]
    if same and not as_new:
        first = _first_frame(paths) if len(same) > 1 else None
        return next((b for b in reversed(same) if _may_hold(db, b, first)), same[-1])
    key = f"{chip}+{len(same) + 1}" if same else chip
    db.execute("INSERT INTO boards (key, chip) VALUES (?, ?)", (key, chip))
    return Board(key, chip, None)


def _may_hold(db: sqlite3.Connection, board: Board, frame: tuple[int, bytes] | None) -> bool:
    if frame is None:
        return True
    found = db.execute(
        "SELECT frame FROM events WHERE board = ? AND seq = ?", (board.key, frame[0])
    ).fetchone()
    return found is None or bytes(found[0]) == frame[1] or not boxes.is_frame(bytes(found[0]))


def _first_frame(paths: Iterable[Path]) -> tuple[int, bytes] | None:
    """The first intact event of the folder and its number."""
    frames = firmware.load("guard.record.frames")
    for path in paths:
        data = _read(path) if path.name.startswith("j") else b""
        for at in range(len(data)):
            if frames.frame_at(data, at) is not None:
                return int(frames.seq_of(data[at : at + 5])), data[at : at + data[at]]
    return None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileInvalid(f"{path} cannot be read: {error.strerror}") from None


class _Into:
    """One import under way."""

    def __init__(
        self,
        db: sqlite3.Connection,
        board: Board,
        number: int,
        done: Imported,
        known: frozenset[str],
    ) -> None:
        self.db = db
        self.known = known
        self.board = board
        self.number = number
        self.done = done

    def take(self, name: str, data: bytes) -> None:
        if name.startswith("j"):
            if "j" in self.known:
                self._journal(name, data)
        else:
            self._file(name, data)

    def _journal(self, name: str, data: bytes) -> None:
        frames = firmware.load("guard.record.frames")
        # What an earlier copy of this file had damaged may be whole in this one.
        self.db.execute("DELETE FROM damage WHERE board = ? AND file = ?", (self.board.key, name))
        at = good = 0
        while at < len(data):
            if frames.frame_at(data, at) is None:
                at += 1
                continue
            self._damage(name, good, at)
            self._event(name, data[at : at + data[at]], int(frames.seq_of(data[at : at + 5])))
            at += data[at]
            good = at
        self._damage(name, good, len(data))

    def _event(self, name: str, frame: bytes, seq: int) -> None:
        found = self.db.execute(
            "SELECT frame FROM events WHERE board = ? AND seq = ?", (self.board.key, seq)
        ).fetchone()
        if found is None or not boxes.is_frame(bytes(found[0])):
            self.db.execute(
                "INSERT OR REPLACE INTO events (board, seq, frame, import) VALUES (?, ?, ?, ?)",
                (self.board.key, seq, frame, self.number),
            )
            self.done.events += 1
        elif bytes(found[0]) != frame:
            raise self._contradiction(f"event {seq} of {name}")

    def _file(self, name: str, data: bytes) -> None:
        whole = self._whole(name, data)
        if not whole:
            self.done.damaged_files.append(name)
            self.done.damaged_bytes += len(data) - sum(b[3] for b in boxes.blocks_of(data))
        found = self.db.execute(
            "SELECT intact, bytes FROM files WHERE board = ? AND name = ?", (self.board.key, name)
        ).fetchone()
        if found is None or (whole and not (found[0] and self._whole(name, bytes(found[1])))):
            self.db.execute(
                "INSERT OR REPLACE INTO files (board, name, intact, bytes, import)"
                " VALUES (?, ?, ?, ?, ?)",
                (self.board.key, name, whole, data, self.number),
            )
            self.done.files += 1
        elif whole and _digest(bytes(found[1])) != _digest(data):
            raise self._contradiction(name)

    def _whole(self, name: str, data: bytes) -> bool:
        return name[:1] not in self.known or boxes.is_whole(data)

    def _damage(self, name: str, start: int, end: int) -> None:
        if start >= end:
            return
        self.done.damaged_bytes += end - start
        if name not in self.done.damaged_files:
            self.done.damaged_files.append(name)
        self.db.execute(
            "INSERT OR REPLACE INTO damage (board, file, at, bytes, import)"
            " VALUES (?, ?, ?, ?, ?)",
            (self.board.key, name, start, end - start, self.number),
        )

    def _contradiction(self, what: str) -> FileInvalid:
        return FileInvalid(
            f"{what} differs from what the logbook has of board {self.board.shown}: these are"
            " another board's records, or the board was erased since; give the right --board, or"
            " --as-new to begin a new entry; nothing was changed"
        )


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
