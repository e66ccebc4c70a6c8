# SPDX-License-Identifier: MIT
"""LittleFS as MicroPython's ESP32 port lays it out, made and read on this computer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from treadguard.errors import FileInvalid

# The port's own numbers: 4096-byte blocks, 32-byte reads, a cache of four of them, disk 2.1.
BLOCK = 4096
READ = 32
CACHE = 4 * READ
LOOKAHEAD = 32
CYCLES = 100
DISK_VERSION = 0x00020001


def build(files: Mapping[str, bytes], size: int) -> bytes:
    """An image of `size` bytes with these files (path -> content, folders are made).

    Raises FileInvalid when they do not fit.
    """
    from littlefs.errors import LittleFSError

    system = _mounted(size, None)
    try:
        for path in sorted(files):
            folder = path.rpartition("/")[0]
            if folder:
                system.makedirs(folder, exist_ok=True)
            with system.open(path, "wb") as file:
                file.write(files[path])
    except LittleFSError as error:
        raise FileInvalid(f"the firmware does not fit the board's {size // 1024} KB") from error
    return bytes(system.context.buffer)


def read(image: bytes) -> dict[str, bytes] | None:
    """Every file of an image by its path; None when it holds no intact file system."""
    from littlefs.errors import LittleFSError

    try:
        system = _mounted(len(image), image)
        found = {}
        for folder, _, names in system.walk("/"):
            for name in names:
                path = f"{folder.rstrip('/')}/{name}"
                with system.open(path, "rb") as file:
                    found[path.lstrip("/")] = bytes(file.read())
        return found
    except LittleFSError:
        return None


def folder_files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path in it."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _mounted(size: int, image: bytes | None) -> Any:
    from littlefs import LittleFS, UserContext

    context = UserContext(buffsize=size) if image is None else UserContext(buffer=bytearray(image))
    system = LittleFS(
        context=context,
        mount=False,
        block_size=BLOCK,
        block_count=size // BLOCK,
        read_size=READ,
        prog_size=READ,
        cache_size=CACHE,
        lookahead_size=LOOKAHEAD,
        block_cycles=CYCLES,
        disk_version=DISK_VERSION,
    )
    if image is None:
        system.format()
    system.mount()
    return system
