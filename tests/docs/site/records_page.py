# SPDX-License-Identifier: MIT
"""docs/reference/record-tables.md: sizes, layouts and fields of what the board stores."""

from __future__ import annotations

import struct

from guard.core import faults
from guard.core.memory import FIELDS
from guard.record import blackbox, blob, frames, journal, option_box, trace
from tests.docs.site import tables
from treadguard.logbook import tables as names

ABOUT = """\
Sizes, layouts and fields as the firmware and the decoder have them. How to read a file, byte by
byte, is in [records](../records.md)."""

BLOCKS = (
    "BOX_HEADER", "BOX_SETTINGS", "BOX_CHECKPOINT", "BOX_SAMPLES", "TRACE_HEADER", "TRACE_RECORDS",
)  # fmt: skip
OF_OPTIONS = ("BOX_OPTIONS", "BOX_HALL_B", "BOX_INCLINE")


def page() -> str:
    return tables.page(
        "Record tables",
        ABOUT,
        "## Sizes",
        tables.table(("what", "value"), sizes()),
        "## Layouts",
        "In the notation of Python's `struct`; all of them little-endian.",
        tables.table(("what", "layout", "bytes"), layouts()),
        "## Blocks",
        tables.table(("kind", "block"), blocks()),
        "## Events of the journal",
        "The three numbers of each event, as `treadguard logs show` names them.",
        tables.table(("event", "a", "b", "c"), _fields("event")),
        "## Notes",
        tables.table(("note", "b", "c"), _fields("note")),
        "## NVS memory",
        tables.table(("byte", "field", "bytes"), memory()),
    )


def blocks() -> list[tuple[int, str]]:
    found = [(getattr(frames, name), f"`{name}`") for name in BLOCKS]
    return found + [(getattr(option_box, name), f"`{name}`") for name in OF_OPTIONS]


def sizes() -> list[tuple[str, object]]:
    return [
        ("journal frame, smallest to largest", f"{frames.SMALLEST} to {frames.LARGEST} bytes"),
        ("journal segment", f"{journal.SEGMENT_BYTES} bytes"),
        ("journal segments kept", journal.SEGMENTS),
        ("carried forward from a segment that goes", f"{journal.CARRIED_BYTES} bytes"),
        ("one piece of flash", f"{frames.PIECE_BYTES} bytes"),
        ("payload of a block", f"{frames.BLOCK_PAYLOAD} bytes"),
        ("black box samples", f"{blackbox.SAMPLES} of {blackbox.SAMPLE_BYTES} bytes"),
        ("of these after the decision", blackbox.AFTER_TICKS),
        ("second hall sensor, as many of", f"{option_box.HALL_B_BYTES} bytes"),
        (
            "readings of the inclinometer, one every second tick, of",
            f"{option_box.READING_BYTES} bytes",
        ),
        ("of these before the oldest sample", option_box.READINGS_BEFORE),
        ("trace records", f"{trace.RECORDS} of {trace.RECORD_BYTES} bytes"),
        ("ticks in a trace record", trace.TICKS_PER_RECORD),
        ("NVS blob", f"{blob.BLOB_SIZE} bytes"),
    ]


def layouts() -> list[tuple[str, str, int]]:
    found = (
        ("black box header", blackbox.HEADER),
        ("black box checkpoint, first block", blackbox.CHECKPOINT),
        ("black box, what is fitted", option_box.OPTIONS),
        ("black box, a tick of the second hall sensor", option_box.HALL_B),
        ("black box, a reading of the inclinometer", option_box.READING),
        ("trace header", trace.HEADER),
    )
    return [(what, f"`{layout}`", struct.calcsize(layout)) for what, layout in found]


def _fields(kind: str) -> list[tuple[str, ...]]:
    """Fields of events or notes, without the table a field is a number of."""
    rows = names.ours().fields
    return [
        (f"`{name.partition('.')[2]}`", *(f"`{f.partition(':')[0]}`" if f else "" for f in row))
        for name, row in rows.items()
        if name.startswith(kind + ".")
    ]


def memory() -> list[tuple[object, ...]]:
    """Offsets as blob.pack lays the fields out: behind magic and schema."""
    rows: list[tuple[object, ...]] = [(0, "magic", 2), (2, "schema", 1)]
    at = 3
    for name, width in FIELDS:
        rows.append((at, f"`{name}`", width))
        at += width
    rows.append((blob._COUNTERS_AT, "counter of each fault code", faults.CODES))
    return [*rows, (blob._CRC_AT, "CRC-32", 4)]
