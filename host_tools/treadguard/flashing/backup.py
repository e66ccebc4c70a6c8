# SPDX-License-Identifier: MIT
"""What a board knows, brought to this computer before its flash is written.

Over the link when the controller answers; else out of the chip's file system, read whole.
Records go into the folder that `treadguard logs pull` uses, and into the logbook.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from treadguard import config_files, config_push, firmware
from treadguard.errors import FileInvalid
from treadguard.files import write_whole
from treadguard.link import pull, versions
from treadguard.link.client import Client

OURS = ("config.json", "config.old", "manifest.txt")
MADE_BY_MICROPYTHON = ("boot.py",)  # when it formats a new file system

Say = Callable[[str], None]


@dataclass
class Backup:
    """What was saved. `next_seq` is the number of the journal's next event, 0 for no journal."""

    board: str
    folder: Path
    values: dict[str, int] = field(default_factory=dict)
    next_seq: int = 0
    config_file: Path | None = None
    records: int = 0
    others: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """Settings, name = value, that this version does not know or would refuse."""
    unread: Path | None = None
    """Where settings are kept that nobody here can read."""

    def warning(self) -> str:
        """What cannot come back, in one sentence; "" when everything can."""
        if self.unread is not None:
            return (
                f"warning: the settings there are of another version, or damaged: {self.unread}"
                " keeps them as they are, the defaults hold"
            )
        if not self.left_out:
            return ""
        return (
            f"warning: this version does not take {', '.join(self.left_out)}: the defaults hold"
            f" there; {self.config_file} keeps them in a comment"
        )


def over_link(client: Client, folder: Path | None, say: Say) -> Backup:
    """Settings and records of a board that answers and has ended its self test: only then does it
    say that its settings are the defaults. LinkError and BoardRefused as they come."""
    status = client.request("status")
    board = str(status.get("board") or "board")
    made = Backup(board, folder or default_folder(board))
    if not config_push.unwritten(status):
        _take(made, config_push.read_values(client), str(status.get("version", "")))
    found = pull.listing(client)
    if found.records:
        for sentence in versions.keep_tables(client, made.folder):
            say(f"warning: {sentence}")
        pull.pull(client, found, made.folder, board)
    made.next_seq, made.records = found.next_seq, len(found.records)
    return made


def from_files(files: Mapping[str, bytes], board: str, folder: Path | None) -> Backup:
    """The same out of a file system. What is not treadguard's is kept in `other/`."""
    made = Backup(board, folder or default_folder(board))
    stored = _stored_values(files)
    if stored:
        _take(made, stored, "")
    elif OURS[0] in files:
        made.unread = made.folder / OURS[0]
        write_whole(made.unread, files[OURS[0]])
    for path, data in files.items():
        if is_record(path):
            write_whole(made.folder / path, data)
            made.records += 1
        elif not belongs(path):
            write_whole(made.folder / "other" / _safe(path), data)
            made.others.append(path)
    made.next_seq = next_number(files)
    return made


def into_logbook(made: Backup, book_path: Path | None) -> str:
    """Import what was saved; one line that says what was new, "" without records."""
    from treadguard.logbook import importing, store

    if not made.records:
        return ""
    with store.opened(book_path, make=True) as book:
        return str(importing.import_folder(book, made.folder, made.board).line())


def default_folder(board: str) -> Path:
    """Where `treadguard logs pull` puts this board's records."""
    return Path("logs") / board


def settable(values: Mapping[str, int]) -> dict[str, int]:
    """Of a board's values those that this firmware knows and takes from a host."""
    known = firmware.parameters()
    return {
        name: value
        for name, value in values.items()
        if name in known and known[name].settable and known[name].refusal(value) is None
    }


def left_out(values: Mapping[str, int]) -> list[str]:
    """Of a board's values those that are a setting of another version, or out of this one's
    range. What the board measures itself is neither."""
    known, taken = firmware.parameters(), settable(values)
    return [
        f"{name} = {value}"
        for name, value in values.items()
        if name not in taken and (name not in known or known[name].settable)
    ]


def is_record(path: str) -> bool:
    """Journal, black box or trace."""
    number_of = firmware.load("guard.record.frames").number_of
    return bool("/" not in path and number_of(path, path[:1]) and path[:1] in ("j", "b", "t"))


def belongs(path: str) -> bool:
    """Whether treadguard or MicroPython itself put this file there."""
    return (
        path.startswith(("guard/", "guard.old/", "next/"))
        or path in (*OURS, *MADE_BY_MICROPYTHON, "main.py")
        or path.endswith(".tmp")
        or is_record(path)
    )


def is_treadguard(files: Mapping[str, bytes]) -> bool:
    """Whether this file system is a controller's, or nobody's."""
    ours = any(p.startswith("guard/") or p in OURS or is_record(p) for p in files)
    return ours or all(path in MADE_BY_MICROPYTHON for path in files)


def next_number(files: Mapping[str, bytes]) -> int:
    """One more than the last event of a journal; 0 for none."""
    frames: Any = firmware.load("guard.record.frames")
    last = 0
    for path, data in files.items():
        number = frames.number_of(path, "j") if "/" not in path else 0
        last = max(last, number - 1)
        at = 0
        while number and at < len(data):
            if frames.frame_at(data, at) is None:
                at += 1
                continue
            last = max(last, frames.seq_of(data[at : at + 5]))
            at += data[at]
    return last + 1 if last else 0


def seed(next_seq: int) -> dict[str, bytes]:
    """An empty segment: the journal goes on with the number in its name."""
    name = firmware.load("guard.record.journal").segment_name
    return {str(name(next_seq)): b""} if next_seq > 1 else {}


def _stored_values(files: Mapping[str, bytes]) -> dict[str, int]:
    decode = firmware.load("guard.record.config_store").decode
    for name in OURS[:2]:
        found = decode(files[name]) if name in files else None
        if found is not None:
            return dict(found[0])
    return {}


def _take(made: Backup, values: Mapping[str, int], version: str) -> None:
    made.values, made.left_out = settable(values), left_out(values)
    _save_config(made, version)


def _save_config(made: Backup, version: str) -> None:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    about = {"board": made.board, "version": version, "saved": stamp}
    made.config_file = made.folder / f"config-{stamp}.toml"
    text = config_files.export(made.values, about)
    text += "".join(f"# left out by this version: {line}\n" for line in made.left_out)
    write_whole(made.config_file, text.encode())


def _safe(path: str) -> str:
    if any(part in ("", ".", "..") for part in path.split("/")) or "\\" in path or ":" in path:
        raise FileInvalid(f"the board has a file {path!r} that cannot be kept under that name")
    return path
