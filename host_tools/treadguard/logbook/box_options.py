# SPDX-License-Identifier: MIT
"""What a black box holds of the board's options: columns of its rows; the firmware's layouts."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from treadguard import firmware

if TYPE_CHECKING:
    from treadguard.logbook.decode import Box

NAMES = ("second hall sensor", "second stop", "key sense", "inclinometer")
"""By their bit, as Settings.fitted() of the firmware has them."""
HALL_B, SECOND_STOP, KEY_SENSE, INCLINE = 1, 2, 4, 8

Reading = tuple[int, int, int]
"""mg towards the front, across and up."""


@dataclass(frozen=True)
class Fitted:
    """Which options the board had, and the inclinometer's readings before the first row."""

    bits: int = 0
    before: tuple[Reading | None, ...] = ()
    """Oldest first; None where the sensor had fallen silent."""
    unknown: tuple[int, ...] = ()
    """Kinds of blocks that these tools do not know."""

    def more(self) -> str:
        """What the box holds beyond these tools; empty when nothing."""
        found = [f"blocks of kind {kind}" for kind in self.unknown]
        found += [f"option {bit}" for bit in range(len(NAMES), 8) if self.bits >> bit & 1]
        return " and ".join(found)


def names(bits: int) -> str:
    """Of the options of these bits."""
    return ", ".join(name for bit, name in enumerate(NAMES) if bits >> bit & 1)


def add(rows: list[dict[str, Any]], blocks: Sequence[Any], whole: bool) -> tuple[Fitted, bool]:
    """Put the options' columns into the rows; what is fitted, and whether none is missing."""
    layout = firmware.load("guard.record.option_box")
    parts: dict[int, dict[int, bytes]] = {}
    for kind, index, payload, _ in blocks:
        parts.setdefault(kind, {})[index] = payload
    frames = firmware.load("guard.record.frames")
    known = range(frames.BOX_HEADER, layout.BOX_INCLINE + 1)
    unknown = tuple(sorted(set(parts) - set(known)))
    head = parts.get(layout.BOX_OPTIONS, {}).get(0)
    bits, held = struct.unpack(layout.OPTIONS, head) if head else (0, 0)
    if bits & HALL_B:
        stored = _records(parts.get(layout.BOX_HALL_B, {}), layout.HALL_B)
        whole = whole and len(stored) == len(rows)
        _add_hall(rows, stored if whole else [])
    if bits & (SECOND_STOP | KEY_SENSE):
        _add_contacts(rows, bits)
    before: list[Reading | None] = []
    if bits & INCLINE:
        stored = _records(parts.get(layout.BOX_INCLINE, {}), layout.READING)
        readings = [None if mg[0] == layout.NO_READING else mg for mg in stored]
        whole = whole and len(readings) == held
        before = _add_readings(rows, readings if whole else [])
    for row in rows:
        del row["spare"]
    return Fitted(bits, tuple(before), unknown), whole


def _records(parts: dict[int, bytes], layout: str) -> list[Any]:
    """In the order of the blocks."""
    data = b"".join(parts[index] for index in sorted(parts))
    size = struct.calcsize(layout)
    return list(struct.iter_unpack(layout, data[: len(data) // size * size]))


def _add_hall(rows: list[dict[str, Any]], stored: Sequence[tuple[int, int]]) -> None:
    for i, row in enumerate(rows):
        first, age_us = stored[i] if stored else (0, 0)
        row["edges_b"] = first & 15 if stored else None
        row["several_b"] = bool(first & 32)
        row["counter_ahead_b"] = bool(first & 16)
        row["last_edge_b_us_ago"] = age_us if first & 15 else None
        row["hall_b_bad"] = bool(first & 64)


def _add_contacts(rows: list[dict[str, Any]], bits: int) -> None:
    layout = firmware.load("guard.record.option_box")
    for row in rows:
        if bits & SECOND_STOP:
            row["second_stop"] = "dropped" if row["spare"][0] & layout.DROPPED_BIT else "closed"
        if bits & KEY_SENSE:
            row["key_loop"] = "closed" if row["spare"][0] & layout.KEY_BIT else "open"


def _add_readings(
    rows: list[dict[str, Any]], readings: list[Reading | None]
) -> list[Reading | None]:
    """The last one belongs to the last row that says it has one; those before the first row."""
    bit = firmware.load("guard.record.option_box").READING_BIT
    having = [row for row in rows if row["spare"][1] & bit]
    first = len(readings) - len(having)
    for row in rows:
        row["incline_silent"] = False
        row |= {"incline_front_mg": None, "incline_across_mg": None, "incline_up_mg": None}
    if first < 0:
        return []
    for row, mg in zip(having, readings[first:], strict=True):
        row["incline_silent"] = mg is None
        if mg is not None:
            row["incline_front_mg"], row["incline_across_mg"], row["incline_up_mg"] = mg
    return readings[:first]


def readings(box: Box, rows: int) -> list[Reading | None]:
    """Those of the inclinometer up to and with so many rows, oldest first."""
    found = list(box.fitted.before)
    for row in box.rows[:rows]:
        mg = reading(row)
        if mg is not None or row.get("incline_silent"):
            found.append(mg)
    return found


def reading(row: dict[str, Any]) -> Reading | None:
    """That of one row."""
    if row.get("incline_up_mg") is None:
        return None
    return row["incline_front_mg"], row["incline_across_mg"], row["incline_up_mg"]


def row_words(row: dict[str, Any]) -> str:
    """For a line of `logs show`."""
    found = ""
    if row.get("edges_b"):
        found += f"  {row['edges_b']} of B"
    if "second_stop" in row:
        found += f"  second stop {row['second_stop']}"
    if "key_loop" in row:
        found += f"  key loop {row['key_loop']}"
    if row.get("incline_silent"):
        found += "  inclinometer silent"
    elif row.get("incline_up_mg") is not None:
        found += f"  {row['incline_front_mg']}/{row['incline_up_mg']} mg"
    return found
