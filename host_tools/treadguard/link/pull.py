# SPDX-License-Identifier: MIT
"""Everything the board has recorded, into a folder: only what is new, each file whole or not.

The folder belongs to one board and one life of its flash: pull.json beside the records says
which. A board of another version is pulled all the same; what these tools cannot read of it is
named, and the board's own tables are kept beside its records.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from treadguard.errors import BoardRefused, FileInvalid
from treadguard.files import write_whole
from treadguard.link.client import Client, following
from treadguard.link.files import read_file
from treadguard.link.frames import crc_hex

NOTE = "pull.json"
NOTE_SCHEMA = 1
JOURNAL, BOX = "log.read", "blackbox.read"

Progress = Callable[[int, int, str], None]
"""(bytes done, bytes to do, file under way)"""


@dataclass(frozen=True)
class Record:
    """One record file on the board."""

    name: str
    size: int
    do: str

    @property
    def kind(self) -> str:
        """In words."""
        return {"j": "journal", "b": "black box"}.get(self.name[:1], "session trace")


@dataclass
class Listing:
    """What the board has. free_bytes is None where the board does not tell."""

    records: list[Record] = field(default_factory=list)
    next_seq: int = 0
    tail: str = ""
    free_bytes: int | None = None


@dataclass
class Pulled:
    """What one pull did."""

    folder: Path
    listed: int = 0
    new: list[str] = field(default_factory=list)
    transferred_bytes: int = 0
    gone: list[str] = field(default_factory=list)
    spoiled: list[str] = field(default_factory=list)
    """Went bad in the folder since they arrived: pulled again, the bad ones are NAME.bad."""


def listing(client: Client) -> Listing:
    """Every record file, journal first."""
    found = Listing()
    at = 0
    while at >= 0:
        answer = client.request("log.list", at=at)
        journal = answer.get("journal", {})
        for do, rows in ((JOURNAL, journal.get("segments", ())), (BOX, answer.get("boxes", ()))):
            found.records += [Record(_safe(str(name)), int(size), do) for name, size in rows]
        found.next_seq = int(journal.get("next", 0))
        found.tail = str(journal.get("tail", ""))
        if answer.get("free", -1) >= 0:
            found.free_bytes = int(answer["free"])
        at = following(answer, at, "log.list")
    return found


def wanted(found: Listing, folder: Path) -> list[Record]:
    """The records that are not in the folder in full, or no longer as they arrived."""
    arrived = note_of(folder).get("crc", {})
    return [record for record in found.records if not _is_here(record, folder, arrived)]


def _is_here(record: Record, folder: Path, arrived: Mapping[str, str]) -> bool:
    path = folder / record.name
    return _size(path) == record.size and not _went_bad(path, arrived)


def _went_bad(path: Path, arrived: Mapping[str, str]) -> bool:
    """Whether a file is no longer what the last pull noted; a journal grows, its note with it."""
    known = arrived.get(path.name)
    return known is not None and path.exists() and crc_hex(_bytes_of(path)) != known


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileInvalid(f"{path} cannot be read: {error.strerror}") from None


def pull(
    client: Client,
    found: Listing,
    folder: Path,
    board: str,
    progress: Progress | None = None,
) -> Pulled:
    """Pull what is new. Raises FileInvalid when the folder is another board's or the disk is
    full, BoardRefused when the relay closes, LinkError when the link is lost; what is complete
    stays, and the next pull goes on from there.
    """
    _require_ours(folder, board, found)
    done = Pulled(folder, len(found.records))
    done.spoiled = _put_aside(found, folder)
    new = wanted(found, folder)
    sizes = {record.name: _missing(folder, record) for record in new}
    total = sum(sizes.values())
    for record in new:
        begin = record.size - sizes[record.name]
        before = done.transferred_bytes

        def step(at: int, _: int, name: str = record.name, base: int = before - begin) -> None:
            if progress is not None:
                progress(base + at, total, name)

        if _one(client, record, folder, step, done):
            done.new.append(record.name)
            done.transferred_bytes = before + sizes[record.name]
    _write_note(folder, board, found)
    if done.new:
        with contextlib.suppress(BoardRefused):  # only a courtesy
            client.request("log.ack", seq=max(0, found.next_seq - 1))
    return done


def _put_aside(found: Listing, folder: Path) -> list[str]:
    """What went bad in the folder and is still on the board makes room for a new copy."""
    arrived = note_of(folder).get("crc", {})
    spoiled = [r.name for r in found.records if _went_bad(folder / r.name, arrived)]
    for name in spoiled:
        (folder / name).replace(folder / f"{name}.bad")
    return spoiled


def _one(
    client: Client, record: Record, folder: Path, step: Callable[[int, int], None], done: Pulled
) -> bool:
    try:
        read_file(client, record.do, record.name, record.size, folder, step)
    except BoardRefused as refused:
        if refused.code == "NO_SUCH_FILE":  # it gave way to a newer one
            done.gone.append(record.name)
            return False
        if refused.code == "BUSY":
            raise BoardRefused(
                f"the relay closed before {record.name} was complete: pull again after the"
                f" session, it goes on from there; {len(done.new)} files are new [BUSY]",
                "BUSY",
            ) from None
        raise
    return True


def _missing(folder: Path, record: Record) -> int:
    have = max(_size(folder / record.name), _size(folder / f"{record.name}.part"), 0)
    return record.size - have if have <= record.size else record.size


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _safe(name: str) -> str:
    # The name becomes a path here; a device must not choose where.
    if not name or name.startswith(".") or any(sign in name for sign in "/\\:"):
        raise FileInvalid(f"the board names a file {name!r}, which is no plain file name")
    return name


# -- whose folder it is -----------------------------------------------------------------------


def note_of(folder: Path) -> dict[str, Any]:
    """What the last pull into this folder noted; empty for none."""
    path = folder / NOTE
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise FileInvalid(f"{path} cannot be read: remove it and pull again") from None
    if not isinstance(note, dict) or note.get("schema") != NOTE_SCHEMA:
        raise FileInvalid(
            f"{path} was written by another version of treadguard: update these tools, or pull"
            " into another folder with --into"
        )
    return note


def _require_ours(folder: Path, board: str, found: Listing) -> None:
    note = note_of(folder)
    if not note:
        return
    if note.get("board") != board:
        raise FileInvalid(
            f"{folder} holds the records of board {note.get('board')}, this is board {board}:"
            " pull into another folder with --into; nothing was changed"
        )
    known = int(note.get("next", 0))
    # An event always comes before anything new: with as many events the last one is the same.
    if found.next_seq < known or (
        found.next_seq == known and found.tail and found.tail != note.get("tail")
    ):
        raise FileInvalid(
            f"{folder} holds other records than this board with the same id: another board of"
            " that name, or this one was erased; move the folder away or pull into another with"
            " --into; nothing was changed"
        )


def note_changed(folder: Path, name: str) -> None:
    """A record of this folder has come anew by another way, and is as it should be."""
    note = note_of(folder)
    if note:
        note.setdefault("crc", {})[name] = crc_hex(_bytes_of(folder / name))
        write_whole(folder / NOTE, (json.dumps(note, indent=1) + "\n").encode())


def _write_note(folder: Path, board: str, found: Listing) -> None:
    arrived = {
        record.name: crc_hex(_bytes_of(folder / record.name))
        for record in found.records
        if (folder / record.name).exists()
    }
    note = {
        "schema": NOTE_SCHEMA,
        "board": board,
        "next": found.next_seq,
        "tail": found.tail,
        "crc": arrived,
    }
    write_whole(folder / NOTE, (json.dumps(note, indent=1) + "\n").encode())
