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
from treadguard.logbook import boxes

Event = dict[str, Any]

# What the three numbers of an event are, by the letters of docs/records.md; "" = unused.
EVENT_FIELDS: dict[str, tuple[str, str, str]] = {
    "boot": ("reset", "found", "number"),
    "state": ("state", "from", "fault"),
    "arm": ("mode", "session", ""),
    "stop": ("fault", "v_mm_s", "lead_mm"),
    "renamed": ("fault", "was", ""),
    "stopped": ("still_ms", "edges", "drop_ms"),
    "session": ("backward_s", "max_mm_s", "max_lead_mm"),
    "lockout": ("fault", "v_mm_s", ""),
    "reset": ("fault", "", ""),
    "proof": ("cleared", "", ""),
    "stop_test": ("a_min_mm_s2", "still_ms", "v_mm_s"),
    "config": ("parameter", "old", "new"),
    "clock": ("epoch_min", "s", ""),
    "note": ("note", "x", "y"),
}
NOTE_FIELDS: dict[str, tuple[str, str]] = {
    "torn": ("segment", "bytes"),
    "lost": ("events", ""),
    "evicted": ("segment", "carried_bytes"),
    "ack": ("up_to_seq", ""),
    "config_status": ("status", "generation"),
}
FAULTS = ("fault", "found", "was", "cleared")


def records(name: str, data: bytes) -> Iterator[tuple[Event, str]]:
    """(record, line for people) of any record file, by its name."""
    if name.startswith("j"):
        for event in journal(data):
            yield event, event_line(event)
    elif name.startswith("b"):
        box = blackbox(data)
        yield {"box": name, **box.header, "intact": box.intact}, boxes.box_line(name, box)
        for row in box.rows:
            yield row, boxes.row_line(row)
    elif name.startswith("t"):
        for row in trace(data):
            yield row, f"{row['s']:6d} s  {row['v_mm_s']:5d} mm/s  lead {row['lead_mm']} mm"
    else:
        raise FileInvalid(f"{name} is no record file of treadguard: j, b and t files are")


# -- journal ------------------------------------------------------------------------------


def journal(data: bytes) -> Iterator[Event]:
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
        yield _event(*frame)
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
    seq: int, boot: int, uptime_ms: int, kind: int, a: int, b: int, c: int, text: bytes
) -> Event:
    kinds = firmware.load("guard.core.events").KIND_NAMES
    named = str(kinds[kind]) if kind < len(kinds) else f"kind {kind}"
    event: Event = {"seq": seq, "boot": boot, "uptime_ms": uptime_ms, "kind": named}
    fields = EVENT_FIELDS.get(named, ("a", "b", "c"))
    event |= {key: _meaning(key, n) for key, n in zip(fields, (a, b, c), strict=True) if key}
    if named == "clock":
        event["epoch_s"] = event.pop("epoch_min") * 60 + event.pop("s")
    elif named == "note":
        _name_note(event)
    elif named == "config" and text:
        event["parameter"] = text.decode("ascii", "replace")
    elif named == "stop" and len(text) == boxes.SAMPLE_BYTES:
        event["sample"] = boxes.sample(text)
    elif text:
        event["text"] = text.decode("ascii", "replace")
    return event


def _meaning(key: str, number: int) -> Any:
    """A number by its name, where the firmware has one for it."""
    if key in FAULTS:
        return str(firmware.load("guard.core.faults").name(number)) if number else None
    if key in ("state", "from"):
        return boxes.word(firmware.state_names(), number)
    if key == "mode":
        return boxes.word(firmware.load("guard.core.states").MODE_NAMES, number)
    if key == "parameter":
        return boxes.word(firmware.load("guard.core.parameters").NAMES, number)
    return None if key == "drop_ms" and number < 0 else number


def _name_note(event: Event) -> None:
    event["note"] = boxes.word(firmware.load("guard.record.notes").NOTE_NAMES, event["note"])
    numbers = (event.pop("x"), event.pop("y"))
    fields = NOTE_FIELDS.get(event["note"], ("x", "y"))
    event |= {key: n for key, n in zip(fields, numbers, strict=True) if key}


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


def blackbox(data: bytes) -> Box:
    """A whole black box. FileInvalid when it is none, or of a schema this host does not know."""
    blocks = boxes.blocks_of(data)
    frames = firmware.load("guard.record.frames")
    layout = firmware.load("guard.record.blackbox")
    header = boxes.box_header(boxes.only(blocks, frames.BOX_HEADER, "black box"), layout)
    settings = boxes.settings(boxes.payloads(blocks, frames.BOX_SETTINGS))
    parts = boxes.numbered(blocks, frames.BOX_SAMPLES)
    d_um = settings["distance_per_edge_um"] if settings else 0
    rows, complete = boxes.rows(parts, header["samples"], d_um)
    checkpoint = boxes.checkpoint(boxes.numbered(blocks, frames.BOX_CHECKPOINT), layout)
    whole = complete and sum(length for *_, length in blocks) == len(data)
    return Box(header, rows, whole, settings, checkpoint)


def trace(data: bytes) -> Iterator[dict[str, Any]]:
    """One row per 2 s of a session."""
    blocks = boxes.blocks_of(data)
    frames = firmware.load("guard.record.frames")
    layout = firmware.load("guard.record.trace")
    payload = boxes.only(blocks, frames.TRACE_HEADER, "session trace")
    header = boxes.header(
        payload,
        layout,
        "session trace",
        ("record_bytes", "records", "beyond", "session", "boot", "start_ms"),
    )
    for index, part in sorted(boxes.numbered(blocks, frames.TRACE_RECORDS).items()):
        first = index * (frames.BLOCK_PAYLOAD // layout.RECORD_BYTES)
        for i, (v_mm_s, lead_mm, flags) in enumerate(struct.iter_unpack("<HBB", part)):
            yield {
                "session": header["session"],
                "s": (first + i) * 2,
                "v_mm_s": v_mm_s,
                "lead_mm": lead_mm,
                "state": boxes.word(firmware.state_names(), flags & 15),
                "left": bool(flags & 16),
                "right": bool(flags & 32),
            }
