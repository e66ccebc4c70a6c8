# SPDX-License-Identifier: MIT
"""Pull one file from the board: resumable, checked piece by piece, complete or not there.

Pieces go to NAME.part and the file gets its name only when its size is reached. What an
earlier run left is kept, if the last bytes of it still read the same on the board.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO

from treadguard.errors import FileInvalid, LinkError
from treadguard.link.client import Client
from treadguard.link.frames import crc_hex

PIECE = 3072  # the board's largest; its line is 4.2 KB
PIECE_S = 0.6  # which takes so long at 115200 baud
PIECE_TRIES = 3
TAIL = 96  # bytes that must read the same before more is added: the longest journal frame

Progress = Callable[[int, int], None]


def read_piece(client: Client, do: str, name: str, at: int, count: int) -> bytes:
    """Bytes at..at+count of a file on the board, verified against the board's CRC."""
    for _ in range(PIECE_TRIES):
        answer = client.request(do, extra_s=PIECE_S, name=name, at=at, n=count)
        try:
            data = base64.b64decode(str(answer.get("data", "")), validate=True)
        except binascii.Error:
            continue
        if answer.get("at") == at and str(answer.get("crc", "")).lower() == crc_hex(data):
            return data
    raise LinkError(f"{name}: the piece at byte {at} arrives damaged every time: pull again")


def read_file(
    client: Client,
    do: str,
    name: str,
    size: int,
    folder: Path,
    progress: Progress | None = None,
) -> Path:
    """Pull `name` of `size` bytes into `folder` and return its path.

    Raises LinkError when the link is lost; NAME.part then holds what arrived. FileInvalid when
    the folder cannot be written, or holds another file of that name: it is not touched.
    """
    target = folder / name
    part = folder / f"{name}.part"
    try:
        if target.exists():
            if target.stat().st_size == size:
                return target
            _begin_from(client, do, name, size, target, part)
        at = _resume_at(client, do, name, size, part)
        with part.open("r+b" if part.exists() else "w+b") as file:
            file.truncate(at)
            file.seek(at)
            _append(client, do, name, size, at, file, progress)
        part.replace(target)
    except OSError as error:
        raise FileInvalid(
            f"{part} cannot be written: {error.strerror or error}: make room and pull again;"
            " what is complete is kept"
        ) from None
    return target


def _append(
    client: Client,
    do: str,
    name: str,
    size: int,
    at: int,
    file: IO[bytes],
    progress: Progress | None,
) -> None:
    while at < size:
        data = read_piece(client, do, name, at, min(PIECE, size - at))
        if not data:
            raise LinkError(f"{name} ends at byte {at} of {size} on the board: pull again")
        file.write(data)
        file.flush()
        at += len(data)
        if progress is not None:
            progress(at, size)
    os.fsync(file.fileno())


def _begin_from(client: Client, do: str, name: str, size: int, target: Path, part: Path) -> None:
    """A journal segment grows: only its new end is read. Anything else of that name is foreign."""
    have = target.stat().st_size
    if do == "log.read" and have < size and _still_same(client, do, name, target):
        if not part.exists() or part.stat().st_size < have:
            part.write_bytes(target.read_bytes())
        return
    raise FileInvalid(
        f"{target} differs from the board's {name}: another board with this id, or one that was"
        " erased; move the folder away or pull into another with --into; nothing was changed"
    )


def _resume_at(client: Client, do: str, name: str, size: int, part: Path) -> int:
    if not part.exists():
        return 0
    have = part.stat().st_size
    if have > size or not _still_same(client, do, name, part):
        return 0
    return have


def _still_same(client: Client, do: str, name: str, local: Path) -> bool:
    have = local.stat().st_size
    at = max(0, have - TAIL)
    with local.open("rb") as file:
        file.seek(at)
        tail = file.read()
    if not tail:
        return True
    return read_piece(client, do, name, at, len(tail)) == tail
