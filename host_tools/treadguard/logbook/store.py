# SPDX-License-Identifier: MIT
"""The logbook: one SQLite file in the user's data folder that holds the board's own bytes.

What is stored is what the board wrote, frame by frame and file by file; sessions and trips are
worked out when somebody asks. So a later version can read more out of an old logbook, and
nothing that was recorded is lost to an early mistake of the tools.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from treadguard.errors import FileInvalid
from treadguard.logbook import boxes, schema, tables
from treadguard.logbook.plainly import said_plainly
from treadguard.logbook.tables import Tables

ENVIRONMENT = "TREADGUARD_LOGBOOK"
BUSY_S = 10.0  # another treadguard may be writing


@dataclass(frozen=True)
class Board:
    """One board; `key` is unique in the logbook, `chip` is what the chip calls itself."""

    key: str
    chip: str
    name: str | None

    @property
    def shown(self) -> str:
        """The name somebody gave it, or its key."""
        return self.name or self.key


@dataclass(frozen=True)
class Frame:
    """One event as the board wrote it, and when it came here (ms since 1970)."""

    data: bytes
    imported_ms: int


@dataclass(frozen=True)
class Stored:
    """A black box or trace as the board wrote it."""

    name: str
    intact: bool
    data: bytes


def default_path() -> Path:
    """$TREADGUARD_LOGBOOK, or logbook.db in the user's data folder."""
    if os.environ.get(ENVIRONMENT):
        return Path(os.environ[ENVIRONMENT])
    import platformdirs

    return platformdirs.user_data_path("treadguard", appauthor=False) / "logbook.db"


class Book:
    """An open logbook. Every method raises FileInvalid with one sentence when it cannot."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.db = connection

    def close(self) -> None:
        """Close the file; what was not committed is as if it had never been."""
        self.db.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or, on any error and on Ctrl-C, nothing."""
        with said_plainly(self.path):
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise

    def boards(self) -> list[Board]:
        """Every board, the one seen first at the top."""
        with said_plainly(self.path):
            rows = self.db.execute("SELECT key, chip, name FROM boards ORDER BY rowid").fetchall()
        return [Board(*row) for row in rows]

    def board(self, wanted: str | None) -> Board:
        """The board of that key or name; without one the only board there is."""
        boards = self.boards()
        if wanted is None and len(boards) == 1:
            return boards[0]
        if wanted is not None:
            for board in boards:
                if wanted == board.key or wanted.lower() == (board.name or "").lower():
                    return board
        if not boards:
            raise FileInvalid(f"the logbook {self.path} is empty: `treadguard logs pull` fills it")
        names = ", ".join(board.shown for board in boards)
        if wanted is None:
            raise FileInvalid(f"the logbook has several boards: choose one with --board: {names}")
        raise FileInvalid(f"the logbook has no board {wanted!r}; it has {names}")

    def rename(self, board: Board, name: str) -> None:
        """Call a board by a name of one's own. FileInvalid when another board has it."""
        taken = [b for b in self.boards() if b.key != board.key and name.lower() in _words(b)]
        if taken:
            raise FileInvalid(
                f"{name!r} is board {taken[0].key} already: two boards with one name cannot be"
                " told apart; choose another"
            )
        with self.writing() as db:
            db.execute("UPDATE boards SET name = ? WHERE key = ?", (name, board.key))

    def frames(self, board: Board) -> list[Frame]:
        """Every event of a board by its number; without those whose bytes went bad in here."""
        with said_plainly(self.path):
            rows = self.db.execute(
                "SELECT frame, at_ms FROM events JOIN imports ON imports.id = events.import"
                " WHERE events.board = ? ORDER BY seq",
                (board.key,),
            ).fetchall()
        return [Frame(bytes(data), at_ms) for data, at_ms in rows if boxes.is_frame(bytes(data))]

    def told(self, board: Board) -> str | None:
        """The tables.json of a board of another version; None where there was none."""
        with said_plainly(self.path):
            found = self.db.execute(
                "SELECT tables FROM boards WHERE key = ?", (board.key,)
            ).fetchone()
        return None if found is None or found[0] is None else str(found[0])

    def tables(self, board: Board) -> Tables:
        """What a board's numbers are called."""
        try:
            return tables.read(self.told(board))
        except tables.NONSENSE:
            raise FileInvalid(
                f"the logbook {self.path}: what board {board.shown} told of its records is"
                " damaged: import its folder again"
            ) from None

    def files(self, board: Board, prefix: str = "") -> list[Stored]:
        """Black boxes (`b`), traces (`t`) or everything, by name."""
        with said_plainly(self.path):
            rows = self.db.execute(
                "SELECT name, intact, bytes FROM files WHERE board = ? AND name LIKE ?"
                " ORDER BY name",
                (board.key, prefix + "%"),
            ).fetchall()
        known = self.tables(board).readable()
        return [
            Stored(name, bool(intact) and _still_whole(name, bytes(data), known), bytes(data))
            for name, intact, data in rows
        ]

    def file_names(self, board: Board) -> list[tuple[str, int, bool]]:
        """(name, bytes, intact) of every stored file."""
        return [(one.name, len(one.data), one.intact) for one in self.files(board)]

    def missing(self, board: Board) -> int:
        """Events between the first and the last that the logbook does not have."""
        with said_plainly(self.path):
            first, last = self.db.execute(
                "SELECT min(seq), max(seq) FROM events WHERE board = ?", (board.key,)
            ).fetchone()
        return last - first + 1 - len(self.frames(board)) if last else 0

    def damage(self, board: Board) -> list[tuple[str, int, int]]:
        """(file, at byte, bytes) that no import could read."""
        with said_plainly(self.path):
            rows = self.db.execute(
                "SELECT file, at, bytes FROM damage WHERE board = ? ORDER BY file, at",
                (board.key,),
            ).fetchall()
        return [(file, at, size) for file, at, size in rows]


@contextmanager
def opened(path: Path | None = None, make: bool = False) -> Iterator[Book]:
    """The logbook, brought to this version when it is older; only `make` makes a new one."""
    wanted = path or default_path()
    if not make and not wanted.exists():
        raise FileInvalid(f"there is no logbook {wanted} yet: `treadguard logs pull` makes it")
    book = _open(wanted)
    try:
        yield book
    finally:
        book.close()


def _still_whole(name: str, data: bytes, known: frozenset[str]) -> bool:
    # SQLite has no checksums: a bit that tipped on the disk is seen by the record's own.
    return name[:1] not in known or boxes.is_whole(data)


def now_ms() -> int:
    """This computer's time, ms since 1970."""
    return time.time_ns() // 1_000_000


def _open(path: Path) -> Book:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileInvalid(f"{path.parent} cannot be made: {error.strerror}") from None
    with said_plainly(path):
        connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
            book = Book(path, connection)
            _bring_up_to_date(book)
        except BaseException:
            connection.close()
            raise
    return book


def _bring_up_to_date(book: Book) -> None:
    version = _version(book)
    if version == schema.VERSION:
        return
    with book.writing() as db:
        # Somebody else may have done it while we waited for the lock.
        for step in schema.MIGRATIONS[_version(book) :]:
            for statement in step.split(";"):
                db.execute(statement)
        db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {schema.VERSION}")


def _version(book: Book) -> int:
    (version,) = book.db.execute("PRAGMA user_version").fetchone()
    (application,) = book.db.execute("PRAGMA application_id").fetchone()
    (tables,) = book.db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application != schema.APPLICATION_ID:
        raise FileInvalid(f"{book.path} is a database of another program: choose another file")
    if version > schema.VERSION:
        raise FileInvalid(
            f"the logbook {book.path} was written by a newer treadguard (schema {version}, this"
            f" one knows {schema.VERSION}): install that version again; nothing was changed"
        )
    return int(version)


def _words(board: Board) -> tuple[str, ...]:
    return (board.key.lower(), (board.name or board.key).lower())
