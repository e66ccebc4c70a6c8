# SPDX-License-Identifier: MIT
"""The board's record files -> plain dictionaries, with the firmware's own frames and tables.

Formats: docs/records.md. What is damaged is reported as such and the rest is read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from treadguard import firmware
from treadguard.errors import FileInvalid
from treadguard.logbook import box_options, boxes, tables
from treadguard.logbook.box_options import Fitted
from treadguard.logbook.tables import Tables

Event = dict[str, Any]
NOTHING_FITTED = Fitted()


def records(name: str, data: bytes, by: Tables | None = None) -> Iterator[tuple[Event, str]]:
    """(record, line for people) of any record file, by its name; FileInvalid for a foreign one."""
    require_known(name, by or tables.ours())
    if name.startswith("j"):
        for event in journal(data, by):
            yield event, event_line(event)
    elif name.startswith("b"):
        box = blackbox(data, by)
        yield {"box": name, **box.header, "intact": box.intact}, boxes.box_line(name, box)
        for row in box.rows:
            yield row, boxes.row_line(row)
    elif name.startswith("t"):
        for row in trace(data, by):
            yield row, f"{row['s']:6d} s  {row['v_mm_s']:5d} mm/s  lead {row['lead_mm']} mm"
    else:
        raise FileInvalid(f"{name} is no record file of treadguard: j, b and t files are")


def require_known(name: str, by: Tables) -> None:
    """FileInvalid for a record file of a format that these tools do not read."""
    kind, word = tables.FORMATS.get(name[:1], ("", ""))
    mine = tables.ours().formats.get(kind)
    if kind and by.formats[kind] != mine:
        raise FileInvalid(
            f"{name} is a {word} of format {by.formats[kind]}, these tools read {mine}:"
            " use the treadguard that belongs to the board"
        )


# -- journal ------------------------------------------------------------------------------


def journal(data: bytes, by: Tables | None = None) -> Iterator[Event]:
    """Every intact frame in the order of the file; damage between them is told and passed."""
    frame_at = firmware.load("guard.record.frames").frame_at
    at = damaged_from = 0
    while at < len(data):
        frame = frame_at(data, at)
        if frame is None:
            at += 1
            continue
        if damaged_from < at:
            yield _damage(damaged_from, at)
        yield _event(by or tables.ours(), *frame)
        at += data[at]
        damaged_from = at
    if damaged_from < len(data):
        yield _damage(damaged_from, len(data))


def merged(segments: Sequence[bytes]) -> list[Event]:
    """The events of several segments by number, each once: a carried frame may stand in two."""
    by_seq = {e["seq"]: e for data in segments for e in journal(data) if "seq" in e}
    return [by_seq[seq] for seq in sorted(by_seq)]


def wall_clock(events: Sequence[Event]) -> dict[int, int]:
    """boot -> ms to add to uptime_ms for ms since 1970, where a clock was ever set."""
    return {
        e["boot"]: e["epoch_s"] * 1000 - e["uptime_ms"] for e in events if e["kind"] == "clock"
    }


def _damage(start: int, end: int) -> Event:
    return {"kind": "damaged", "at": start, "bytes": end - start}


def _event(
    by: Tables,
    seq: int,
    boot: int,
    uptime_ms: int,
    kind: int,
    a: int,
    b: int,
    c: int,
    text: bytes,
) -> Event:
    named = by.event(kind)
    event: Event = {"seq": seq, "boot": boot, "uptime_ms": uptime_ms, "kind": named}
    event |= _named(by, by.fields.get(f"event.{named}", ("a", "b", "c")), (a, b, c))
    if named == "clock":
        event["epoch_s"] = event.pop("epoch_min") * 60 + event.pop("s")
    elif named == "note":
        numbers = (event.pop("x"), event.pop("y"))
        event |= _named(by, by.fields.get(f"note.{event['note']}", ("x", "y")), numbers)
    elif named == "config" and text:
        event["parameter"] = text.decode("ascii", "replace")
    elif named == "stop" and len(text) == boxes.SAMPLE_BYTES:
        event["sample"] = boxes.sample(text, by)
    elif text:
        event["text"] = text.decode("ascii", "replace")
    return event


def _named(by: Tables, fields: Sequence[str], numbers: Sequence[int]) -> Event:
    """Numbers under the names of their fields, and by their own names where they have one."""
    found: Event = {}
    for field, number in zip(fields, numbers, strict=False):
        key, _, table = field.partition(":")
        if key:
            found[key] = by.word(table, number) if table else _meaning(key, number)
    return found


def _meaning(key: str, number: int) -> Any:
    if key == "letter":
        return chr(number) if 32 < number < 127 else number
    return None if key == "drop_ms" and number < 0 else number


def event_line(event: Event) -> str:
    """One line for people."""
    if event["kind"] == "damaged":
        return f"damaged: {event['bytes']} bytes from byte {event['at']} on"
    head = ("seq", "boot", "uptime_ms", "kind", "sample")
    rest = "  ".join(f"{k}={v}" for k, v in event.items() if k not in head and v is not None)
    seconds = event["uptime_ms"] / 1000
    return f"{event['seq']:6d}  boot {event['boot']}  {seconds:10.2f} s  {event['kind']:9s} {rest}"


# -- black box and session trace ----------------------------------------------------------


@dataclass(frozen=True)
class Box:
    """One black box: its header's numbers and a row per tick, oldest first."""

    header: dict[str, Any]
    rows: list[dict[str, Any]]
    intact: bool
    settings: dict[str, int] | None
    """The limits in force; None when another version of the firmware wrote them."""
    checkpoint: dict[str, Any] | None
    """The core's numbers at an early tick, where a replay starts."""
    fitted: Fitted = NOTHING_FITTED
    """The options of the board; the rows have their columns."""
    in_force: dict[str, int] | None = None
    """The limits by the board's own names, another version's too."""


def box_header(data: bytes, by: Tables | None = None) -> dict[str, Any]:
    """The header of a black box. FileInvalid when it is none, or of an unknown schema."""
    return _box_header(boxes.blocks_of(data), by or tables.ours())


def _box_header(blocks: Sequence[boxes.Block], by: Tables) -> dict[str, Any]:
    payload = boxes.only(blocks, firmware.load("guard.record.frames").BOX_HEADER, "black box")
    return boxes.box_header(payload, firmware.load("guard.record.blackbox"), by)


def blackbox(data: bytes, by: Tables | None = None) -> Box:
    """A whole black box. FileInvalid when it is none, or of a schema this host does not know."""
    by = by or tables.ours()
    blocks = boxes.blocks_of(data)
    frames = firmware.load("guard.record.frames")
    layout = firmware.load("guard.record.blackbox")
    header = _box_header(blocks, by)
    stored = boxes.payloads(blocks, frames.BOX_SETTINGS)
    settings = boxes.settings(stored, tables.ours())
    in_force = settings or boxes.settings(stored, by)
    parts = boxes.numbered(blocks, frames.BOX_SAMPLES)
    d_um = in_force.get("distance_per_edge_um", 0) if in_force else 0
    rows, complete = boxes.rows(parts, header["samples"], d_um, by)
    fitted, complete = box_options.add(rows, blocks, complete)
    checkpoint = boxes.checkpoint(boxes.numbered(blocks, frames.BOX_CHECKPOINT), layout)
    whole = complete and sum(length for *_, length in blocks) == len(data)
    return Box(header, rows, whole, settings, checkpoint, fitted, in_force)


def trace_header(data: bytes) -> dict[str, Any]:
    """The header of a session trace. FileInvalid when it is none, or of an unknown schema."""
    return _trace_header(boxes.blocks_of(data))


def _trace_header(blocks: Sequence[boxes.Block]) -> dict[str, Any]:
    payload = boxes.only(
        blocks, firmware.load("guard.record.frames").TRACE_HEADER, "session trace"
    )
    fields = ("record_bytes", "records", "beyond", "session", "boot", "start_ms")
    return boxes.header(payload, firmware.load("guard.record.trace"), "session trace", fields)


def trace(data: bytes, by: Tables | None = None) -> Iterator[dict[str, Any]]:
    """One row per 2 s of a session."""
    blocks = boxes.blocks_of(data)
    frames = firmware.load("guard.record.frames")
    layout = firmware.load("guard.record.trace")
    header = _trace_header(blocks)
    for index, part in sorted(boxes.numbered(blocks, frames.TRACE_RECORDS).items()):
        first = index * (frames.BLOCK_PAYLOAD // layout.RECORD_BYTES)
        for i, (v_mm_s, lead_mm, flags) in enumerate(struct.iter_unpack("<HBB", part)):
            yield {
                "session": header["session"],
                "s": (first + i) * 2,
                "v_mm_s": v_mm_s,
                "lead_mm": lead_mm,
                "state": (by or tables.ours()).word("states", flags & 15),
                "left": bool(flags & 16),
                "right": bool(flags & 32),
            }
