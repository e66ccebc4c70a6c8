# SPDX-License-Identifier: MIT
"""A flash or an update that was cut short, remembered on this computer until one is complete.

The file system of a flash is half old and half new: nobody can read settings or the journal's
number out of it any more, and it looks like somebody else's. Half an update may have the settings
of one version and the program of another. So both are noted before the first byte goes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from treadguard.files import write_whole
from treadguard.flashing.backup import Backup

NAME = "unfinished-flash.json"


def note(board: str, folder: Path, saved: Backup | None) -> None:
    """Before the first byte is written."""
    known = saved or Backup(board, folder)
    data = {
        "board": board,
        "values": known.values,
        "next_seq": known.next_seq,
        "config_file": str(known.config_file) if known.config_file else None,
    }
    write_whole(folder / NAME, (json.dumps(data, indent=1) + "\n").encode())


def forget(folder: Path) -> None:
    """After the last byte was verified."""
    (folder / NAME).unlink(missing_ok=True)


def found(board: str, folder: Path) -> Backup | None:
    """What was noted for this board; None when nothing was cut short, or the note is damaged."""
    try:
        data: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if data["board"] != board:
            return None
        file = data["config_file"]
        return Backup(
            board,
            folder,
            {str(name): int(value) for name, value in data["values"].items()},
            int(data["next_seq"]),
            Path(file) if file else None,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def merged(noted: Backup, read: Backup | None) -> Backup:
    """What the chip still shows, completed by what was noted before it was cut short."""
    if read is None:
        return noted
    read.next_seq = max(read.next_seq, noted.next_seq)
    if not read.values:
        read.values, read.config_file = noted.values, noted.config_file
        read.left_out, read.unread = [], None
    return read
