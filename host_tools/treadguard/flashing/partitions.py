# SPDX-License-Identifier: MIT
"""The partition table of a chip: what lies where in its flash."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

TABLE_AT = 0x8000  # on the chip, in every layout MicroPython ships
TABLE_BYTES = 0xC00
ENTRY = struct.Struct("<HBBII16sI")
ENTRY_MAGIC = 0x50AA
MD5_MAGIC = 0xEBEB
END_MAGIC = 0xFFFF
APP, DATA = 0, 1
NVS_SUBTYPE = 0x02


@dataclass(frozen=True)
class Partition:
    """One entry; offset and size in bytes."""

    name: str
    kind: int
    subtype: int
    offset: int
    size: int

    @property
    def end(self) -> int:
        """The first byte behind it."""
        return self.offset + self.size


def parse(data: bytes) -> list[Partition] | None:
    """The entries of a table; None when it is none, or damaged."""
    found = []
    for at in range(0, min(len(data), TABLE_BYTES) - ENTRY.size + 1, ENTRY.size):
        row = data[at : at + ENTRY.size]
        magic, kind, subtype, offset, size, name, _ = ENTRY.unpack(row)
        if magic == ENTRY_MAGIC:
            text = name.rstrip(b"\0").decode("ascii", "replace")
            found.append(Partition(text, kind, subtype, offset, size))
        elif magic == MD5_MAGIC:
            return found if hashlib.md5(data[:at]).digest() == row[16:] else None
        else:
            return found if magic == END_MAGIC and found else None
    return found or None


def blank(data: bytes) -> bool:
    """Whether nothing was ever written there."""
    return data.count(0xFF) == len(data)


def named(table: list[Partition], name: str) -> Partition | None:
    """The entry of that name."""
    return next((entry for entry in table if entry.name == name), None)


def first_app(table: list[Partition]) -> Partition | None:
    """Where the program lies: `factory`, or `ota_0` in a layout for updates over the air."""
    apps = [entry for entry in table if entry.kind == APP]
    return min(apps, key=lambda entry: entry.offset) if apps else None


def nvs_of(table: list[Partition]) -> Partition | None:
    """Where lockouts and counters are kept."""
    found = (entry for entry in table if (entry.kind, entry.subtype) == (DATA, NVS_SUBTYPE))
    return next(found, None)
