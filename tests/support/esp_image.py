# SPDX-License-Identifier: MIT
"""Images as MicroPython's downloads are laid out, made here: small, and valid to esptool."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence

BANNER = b"3.4.0; MicroPython v%s on 2025-09-11\0Generic ESP32 module%s with ESP32\0"
BEGINS = {0: 0x1000, 9: 0}  # by chip
TABLE_AT = 0x8000
APP_AT = 0x10000
LAYOUT = (
    ("nvs", 1, 2, 0x9000, 0x6000),
    ("phy_init", 1, 1, 0xF000, 0x1000),
    ("factory", 0, 0, APP_AT, 0x1F0000),
    ("vfs", 1, 0x81, 0x200000, 0x200000),
)
DROM, DRAM = 0x3F400020, 0x3FFB0000  # of an S3 below
S3_DROM, S3_DRAM = 0x3C000020, 0x3FC90000

Row = tuple[str, int, int, int, int]


def program(segments: Sequence[tuple[int, bytes]], chip: int = 0) -> bytes:
    """One image: header, segments, checksum, SHA-256."""
    head = struct.pack("<BBBBI", 0xE9, len(segments), 2, 0x20, 0x40081000)
    made = head + struct.pack("<BBBBHBHH4sB", 0xEE, 0, 0, 0, chip, 0, 0, 0xFFFF, bytes(4), 1)
    checksum = 0xEF
    for address, text in segments:
        data = text + bytes(-len(text) % 4)
        made += struct.pack("<II", address, len(data)) + data
        for byte in data:
            checksum ^= byte
    made += bytes(15 - len(made) % 16) + bytes([checksum])
    return made + hashlib.sha256(made).digest()


def table(layout: Sequence[Row] = LAYOUT) -> bytes:
    """A partition table with its MD5."""
    rows = b"".join(
        struct.pack("<HBBII16sI", 0x50AA, kind, subtype, offset, size, name.encode(), 0)
        for name, kind, subtype, offset, size in layout
    )
    rows += struct.pack("<H14s16s", 0xEBEB, b"\xff" * 14, hashlib.md5(rows).digest())
    return rows.ljust(0xC00, b"\xff")


def micropython(
    version: bytes = b"1.26.1",
    *,
    chip: int = 0,
    counter: bytes = b"PCNT\0",
    spiram: bytes = b"",
    layout: Sequence[Row] = LAYOUT,
    filler: int = 40000,
) -> bytes:
    """A download: bootloader, table and program, for 0x1000 of an ESP32 or 0 of an S3."""
    begin = BEGINS.get(chip, 0)
    text = BANNER % (version, spiram) + counter
    noise = hashlib.shake_128(b"program").digest(filler)
    drom, dram = (S3_DROM, S3_DRAM) if chip == 9 else (DROM, DRAM)
    boot = program([(dram, hashlib.shake_128(b"boot").digest(9000))], chip)
    app = program([(drom, text + noise)], chip)
    made = boot.ljust(TABLE_AT - begin, b"\xff") + table(layout)
    return made.ljust(APP_AT - begin, b"\xff") + app
