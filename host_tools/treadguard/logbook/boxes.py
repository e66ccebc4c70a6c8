# SPDX-License-Identifier: MIT
"""Blocks of a black box or trace, and what their bytes mean; the layouts are the firmware's."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from treadguard import firmware
from treadguard.errors import FileInvalid
from treadguard.logbook import box_options
from treadguard.logbook.tables import Tables

if TYPE_CHECKING:
    from treadguard.logbook.decode import Box

Block = tuple[int, int, bytes, int]  # kind, index, payload, bytes in the file

SAMPLE_BYTES = 8
SAMPLE = struct.Struct("<BHBBBH")
LONGEST_US = 65535  # saturated

BOX_FIELDS = (
    "sample_bytes",
    "samples",
    "boot",
    "session",
    "end_us",
    "end_ms",
    "saved_ms",
    "limit_mm_s",
    "v0_mm_s",
    "cause",
    "latched",
    "has_checkpoint",
    "reserved",
)


def blocks_of(data: bytes) -> list[Block]:
    """Every intact block; damage is stepped over."""
    block_at = firmware.load("guard.record.frames").block_at
    found: list[Block] = []
    at = 0
    while at < len(data):
        block = block_at(data, at)
        if block is None:
            at += 1
            continue
        length, kind, index, payload = block
        found.append((int(kind), int(index), bytes(payload), int(length)))
        at += int(length)
    return found


def is_whole(data: bytes) -> bool:
    """Whether a black box or trace consists of intact blocks, whatever its schema."""
    return bool(data) and sum(block[3] for block in blocks_of(data)) == len(data)


def is_frame(data: bytes) -> bool:
    """Whether this is one intact journal frame and nothing else."""
    frame_at = firmware.load("guard.record.frames").frame_at
    return bool(data) and data[0] == len(data) and frame_at(data, 0) is not None


def payloads(blocks: Sequence[Block], kind: int) -> list[bytes]:
    """The payloads of one kind, in the order of the file."""
    return [payload for found, _, payload, _ in blocks if found == kind]


def numbered(blocks: Sequence[Block], kind: int) -> dict[int, bytes]:
    """Index -> payload of one kind."""
    return {index: payload for found, index, payload, _ in blocks if found == kind}


def only(blocks: Sequence[Block], kind: int, what: str) -> bytes:
    """The one payload of a kind; FileInvalid when it is missing."""
    found = payloads(blocks, kind)
    if not found:
        raise FileInvalid(f"this is no {what} of treadguard, or its start is damaged")
    return found[0]


def header(payload: bytes, layout: Any, what: str, fields: Sequence[str]) -> dict[str, Any]:
    """Magic and schema checked, the rest by name."""
    if payload[: len(layout.MAGIC)] != layout.MAGIC:
        raise FileInvalid(f"this is no {what} of treadguard")
    schema = payload[len(layout.MAGIC)]
    if schema != layout.SCHEMA or len(payload) != struct.calcsize(layout.HEADER):
        raise FileInvalid(
            f"this {what} has schema {schema}, these tools read {layout.SCHEMA}:"
            " use the treadguard that belongs to the board"
        )
    _, _, *numbers = struct.unpack(layout.HEADER, payload)
    return {"schema": schema, **dict(zip(fields, numbers, strict=True))}


def box_header(payload: bytes, layout: Any, by: Tables) -> dict[str, Any]:
    """The header of a black box, faults by name."""
    found = header(payload, layout, "black box", BOX_FIELDS)
    del found["reserved"]
    found["cause"] = by.word("faults", found["cause"])
    found["latched"] = by.word("faults", found["latched"])
    found["has_checkpoint"] = bool(found["has_checkpoint"])
    return found


def settings(parts: Sequence[bytes], by: Tables) -> dict[str, int] | None:
    """The settings in force; None when their names are not these."""
    names = list(by.names["parameters"].values())
    expected = firmware.load("guard.record.frames").names_hash(names)
    if not parts or len(parts[0]) != 4 + 4 * len(names):
        return None
    stated, *values = struct.unpack(f"<I{len(names)}i", parts[0])
    return dict(zip(names, values, strict=True)) if stated == expected else None


def checkpoint(parts: dict[int, bytes], layout: Any) -> dict[str, Any] | None:
    """The core's numbers after the sample of number `after` - 1, for restore() and a replay."""
    if 0 not in parts:
        return None
    fields = ("names_hash", "after", "us", "ms", "channel", "parts")
    found: dict[str, Any] = dict(
        zip(fields, struct.unpack(layout.CHECKPOINT, parts[0]), strict=True)
    )
    wanted = range(1, found.pop("parts") + 1)
    if any(index not in parts for index in wanted):
        return None
    found["values"] = [n for index in wanted for (n,) in struct.iter_unpack("<i", parts[index])]
    return found


def rows(
    parts: dict[int, bytes], count: int, d_um: int, by: Tables
) -> tuple[list[dict[str, Any]], bool]:
    """A row per stored tick, oldest first, and whether none is missing."""
    per_block = firmware.load("guard.record.frames").BLOCK_PAYLOAD // SAMPLE_BYTES
    found = []
    belt = _Belt(d_um)
    for index in range((count + per_block - 1) // per_block):
        part = parts.get(index, b"")
        for i in range(len(part) // SAMPLE_BYTES):
            raw = part[i * SAMPLE_BYTES : (i + 1) * SAMPLE_BYTES]
            row = sample(raw, by)
            row["n"] = index * per_block + i
            row["v_mm_s"] = belt.bound_mm_s(row)
            row["spare"] = (raw[0], raw[4])  # bits of the options, until box_options took them
            found.append(row)
    _count_back(found)
    return found, len(found) == count


def _count_back(found: list[dict[str, Any]]) -> None:
    """`ms` counts back from the last sample, which is 0."""
    before_us = 0
    for row in reversed(found):
        row["ms"] = -before_us // 1000
        before_us += row["dt_us"]


class _Belt:
    """The speed as the board bounded it: the last interval's, or less while an edge is late."""

    def __init__(self, d_um: int) -> None:
        self.d_um = d_um
        self.us = 0
        self.edge_us: int | None = None
        self.dt_us = 0

    def bound_mm_s(self, row: dict[str, Any]) -> int:
        self.us += row["dt_us"]
        if row["edges"]:
            stamp_us = self.us - row["last_edge_us_ago"]
            if self.edge_us is not None:
                self.dt_us = max(1, (stamp_us - self.edge_us) // row["edges"])
            self.edge_us = stamp_us
        if self.edge_us is None or not self.dt_us:
            return 0
        return self.d_um * 1000 // max(self.dt_us, self.us - self.edge_us)


def sample(raw: bytes, by: Tables) -> dict[str, Any]:
    """One tick."""
    first, age_us, contacts, flags, fault, dt_us = SAMPLE.unpack(raw)
    return {
        "dt_us": dt_us,
        "edges": first & 15,
        "several": bool(first & 32),
        "counter_ahead": bool(first & 16),
        "last_edge_us_ago": age_us if first & 15 else None,
        "left": by.word("contacts", contacts & 3),
        "right": by.word("contacts", contacts >> 2 & 3),
        "mode": by.word("modes", contacts >> 4 & 3),
        "estop": bool(contacts & 64),
        "start": bool(contacts & 128),
        "state": by.word("states", flags & 15),
        "relay_feedback": "closed" if flags & 16 else "open",
        "late": bool(flags & 32),
        "hall_bad": bool(flags & 64),
        "fault": by.word("faults", fault),
    }


def box_line(name: str, box: Box) -> str:
    """The first line of a shown black box."""
    state = "" if box.intact else "  DAMAGED"
    fitted = box_options.names(box.fitted.bits)
    state += f"  with {fitted}" if fitted else ""
    more = box.fitted.more()
    state += f"  and with {more}, which these tools do not know" if more else ""
    return f"{name}: session {box.header['session']}, cause {box.header['cause']}{state}"


def row_line(row: dict[str, Any]) -> str:
    """One line per tick."""
    return (
        f"{row['ms']:7d} ms  {row['state']:10s} {row['v_mm_s']:5d} mm/s  "
        f"{row['left']}/{row['right']}  relay {row['relay_feedback']}  {row['fault'] or ''}"
        f"{box_options.row_words(row)}"
    )
