# SPDX-License-Identifier: MIT
"""SQLite's errors as people can use them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from treadguard.errors import FileInvalid


@contextmanager
def said_plainly(path: Path) -> Iterator[None]:
    """SQLite's errors as one sentence with a remedy."""
    try:
        yield
    except sqlite3.Error as error:
        raise FileInvalid(f"the logbook {path}: {_plain(error)}") from None


def _plain(error: sqlite3.Error) -> str:
    text = str(error)
    if "full" in text:
        return "the disk is full: make room and repeat the command; nothing was changed"
    if "locked" in text:
        return "another program is writing it: repeat the command when that has ended"
    if "not a database" in text:
        return "this is no logbook, or it is damaged: move it away; pulled files import again"
    if "readonly" in text or "unable to open" in text:
        return f"it cannot be opened for writing ({text}): check the access rights of its folder"
    if "malformed" in text:
        return "it is damaged: move it away; pulled files import again into a new one"
    return f"{text}; nothing was changed"
