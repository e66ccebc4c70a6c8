# SPDX-License-Identifier: MIT
"""What the board's stores hold, by docs/records.md: layouts, CRC and ranges checked by code that
shares no line with the firmware. Only names and ranges come from the declared table.
"""

from __future__ import annotations

import json
import struct
from functools import cache
from typing import Any
from zlib import crc32

from treadguard import firmware

MAGIC = b"\x47\x54"
BLOB_FIELDS = (
    ("boot", 4), ("session", 4), ("latch_code", 1), ("cause", 1), ("mark", 1),
    ("stop_test_due", 1), ("sensor_not_proven", 1), ("drop_time_ms", 2),
    ("journal_next_seq", 4), ("box_next", 4), ("proof_epoch_min", 4), ("sessions_total", 4),
    ("backward_minutes_total", 4),
)  # fmt: skip
COUNTERS_AT = 40
Frame = tuple[int, ...]


@cache
def table() -> dict[str, tuple[int, int, int]]:
    """name: default, lowest, highest."""
    rows = firmware.load("guard.core.parameters").TABLE
    return {row[0]: (row[2], row[3], row[4]) for row in rows}


def whole_number(value: Any) -> bool:
    return type(value) is int


def in_range(values: dict[str, Any]) -> bool:
    """Every value inside its hard range, and none contradicts another."""
    complete = {name: row[0] for name, row in table().items()}
    for name, value in values.items():
        if name not in complete:
            continue
        _, lowest, highest = table()[name]
        if not whole_number(value) or value < lowest or value > highest:
            return False
        complete[name] = value
    four_seconds_um = complete["backward_limit_mm_s"] * 4000
    three_edges_um = complete["distance_per_edge_um"] * 3
    return complete["magnets_per_turn"] != 2 and three_edges_um <= four_seconds_um


def settings(data: bytes | None) -> dict[str, int] | None:
    """The values of a settings file, or None when it may not be taken."""
    if data is None or data.count(b"\n") != 2 or not data.endswith(b"\n"):
        return None
    text, stated, _ = data.split(b"\n")
    if stated != format(crc32(text), "08x").encode():
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("schema") != 1:
        return None
    if not whole_number(found.get("generation")) or not isinstance(found.get("values"), dict):
        return None
    values = {name: value for name, value in found["values"].items() if name in table()}
    return values if in_range(values) else None


def blob(data: bytes) -> dict[str, Any] | None:
    """The fields of an NVS blob, or None when it is not one."""
    if len(data) != 128 or data[:2] != MAGIC or data[2] != 1:
        return None
    if struct.unpack("<I", data[124:])[0] != crc32(data[:124]):
        return None
    found: dict[str, Any] = {}
    at = 3
    for name, width in BLOB_FIELDS:
        found[name] = int.from_bytes(data[at : at + width], "little")
        at += width
    found["counters"] = data[COUNTERS_AT:124]
    return found


def frames(data: bytes) -> list[bytes]:
    """The intact frames of a journal segment, in their order; damage is stepped over."""
    found = []
    at = 0
    while at + 28 <= len(data):
        length = data[at]
        frame = data[at : at + length]
        if 28 <= length <= 96 and len(frame) == length:
            if struct.unpack("<I", frame[-4:])[0] == crc32(frame[:-4]):
                found.append(frame)
                at += length
                continue
        at += 1
    return found


def seq(frame: bytes) -> int:
    return int(struct.unpack("<I", frame[1:5])[0])
