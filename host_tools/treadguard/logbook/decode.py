# SPDX-License-Identifier: MIT
"""The board's record files -> plain dictionaries, with the firmware's own tables.

Formats: docs/records.md. What is damaged is reported as such and the rest is read.
"""

from __future__ import annotations

import struct
from binascii import crc32
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from treadguard import firmware
from treadguard.errors import FileInvalid

BOX_HEADER = struct.Struct("<IBBHIIHHHHHHBBBBII")
BOX_FIELDS = (
    "magic",
    "schema",
    "sample_bytes",
    "samples",
    "boot",
    "session",
    "limit_mm_s",
    "margin_permille",
    "travel_mm",
    "rail_grace_ms",
    "one_hand_grace_ms",
    "v0_mm_s",
    "cause",
    "latched",
    "rails_fitted",
    "magnets_per_turn",
    "distance_per_edge_um",
    "end_ms",
)
TRACE_HEADER = struct.Struct("<IBBHIII")
BOX_MAGIC = 0x42475431
TRACE_MAGIC = 0x54475431
KNOWN_SCHEMA = 1
TICK_MS = 10
TRACE_MS = 2000
CONTACTS = ("released", "held", "wiring", "?")


@dataclass(frozen=True)
class Box:
    """One black box: its header's numbers and a row per tick, oldest first."""

    header: dict[str, Any]
    rows: list[dict[str, Any]]
    intact: bool


def records(name: str, data: bytes) -> Iterator[tuple[dict[str, Any], str]]:
    """(record, line for people) of any record file, by its name."""
    if name.startswith("j"):
        for event in journal(data):
            yield event, event_line(event)
    elif name.startswith("b"):
        box = blackbox(data)
        yield {"box": name, **box.header, "intact": box.intact}, box_line(name, box)
        for row in box.rows:
            yield row, row_line(row)
    elif name.startswith("t"):
        for row in trace(data):
            yield row, f"{row['s']:6d} s  {row['v_mm_s']:5d} mm/s  lead {row['lead_mm']} mm"
    else:
        raise FileInvalid(f"{name} is no record file of treadguard: j, b and t files are")


def journal(data: bytes) -> Iterator[dict[str, Any]]:
    """Every intact frame; a damaged one ends the reading with a record that says so."""
    frames = firmware.load("guard.record.frames")
    kinds = firmware.load("guard.core.events").KIND_NAMES
    at = 0
    while at < len(data):
        found = frames.frame_at(data, at)
        if found is None:
            yield {"kind": "damaged", "at": at, "bytes": len(data) - at}
            return
        seq, boot, uptime_ms, kind, a, b, c, text = found
        named = kinds[kind] if kind < len(kinds) else f"kind {kind}"
        event: dict[str, Any] = {"seq": seq, "boot": boot, "uptime_ms": uptime_ms, "kind": named}
        event.update(_meaning(named, a, b, c, text.decode("ascii", "replace")))
        yield event
        at += data[at]


def _meaning(kind: str, a: int, b: int, c: int, text: str) -> dict[str, Any]:
    """The three numbers of an event by name; core/events.py says what they are."""
    faults, states = firmware.fault_names(), firmware.state_names()
    fault = faults.get
    meanings: dict[str, dict[str, Any]] = {
        "boot": {"reset": a, "found": fault(b), "number": c},
        "arm": {"mode": ("none", "forward", "backward")[a] if 0 <= a < 3 else a, "session": b},
        "stop": {"fault": fault(a), "v_mm_s": b, "lead_mm": c},
        "renamed": {"fault": fault(a), "was": fault(b)},
        "stopped": {"still_ms": a, "edges": b, "drop_ms": c if c >= 0 else None},
        "session": {"backward_s": a, "max_mm_s": b, "max_lead_mm": c},
        "lockout": {"fault": fault(a), "v_mm_s": b},
        "reset": {"fault": fault(a)},
        "proof": {"cleared": fault(a)},
        "stop_test": {"a_min_mm_s2": a, "still_ms": b, "v_mm_s": c},
        "config": {"parameter": text, "old": b, "new": c},
        "clock": {"epoch_s": a * 60 + b},
    }
    if kind == "state" and 0 <= a < len(states) and 0 <= b < len(states):
        return {"state": states[a], "from": states[b], "fault": fault(c)}
    return meanings.get(kind, {"a": a, "b": b, "c": c, "text": text})


def event_line(event: dict[str, Any]) -> str:
    """One line for people."""
    if event["kind"] == "damaged":
        return f"damaged from byte {event['at']} on ({event['bytes']} bytes)"
    head = ("seq", "boot", "uptime_ms", "kind")
    rest = "  ".join(f"{k}={v}" for k, v in event.items() if k not in head and v is not None)
    seconds = event["uptime_ms"] / 1000
    return f"{event['seq']:6d}  boot {event['boot']}  {seconds:10.2f} s  {event['kind']:9s} {rest}"


def blackbox(data: bytes) -> Box:
    """Header and samples. FileInvalid when it is none, or of a schema this host does not know."""
    header = _header(data, BOX_HEADER, BOX_MAGIC, "black box")
    numbers = dict(zip(BOX_FIELDS, BOX_HEADER.unpack(data[: BOX_HEADER.size]), strict=True))
    names = firmware.fault_names()
    numbers["cause"] = names.get(numbers["cause"])
    numbers["latched"] = names.get(numbers["latched"])
    del numbers["magic"]
    size = numbers["sample_bytes"]
    body = data[header : header + numbers["samples"] * size]
    count = len(body) // size
    rows = [_sample(body[i * size : i * size + size], i - count) for i in range(count)]
    return Box(numbers, rows, _intact(data))


def _header(data: bytes, form: struct.Struct, magic: int, what: str) -> int:
    if len(data) < form.size or struct.unpack_from("<I", data)[0] != magic:
        raise FileInvalid(f"this is no {what} of treadguard, or its start is damaged")
    if data[4] > KNOWN_SCHEMA:
        raise FileInvalid(
            f"this {what} has schema {data[4]}, newer than this host knows: update treadguard"
        )
    return form.size


def _intact(data: bytes) -> bool:
    (stored,) = struct.unpack("<I", data[-4:])
    return bool(stored == crc32(data[:-4]) & 0xFFFFFFFF)


def _sample(raw: bytes, number: int) -> dict[str, Any]:
    """One tick; `ms` counts back from the last sample, 0 is the last."""
    contacts, state = raw[3], raw[4]
    return {
        "ms": (number + 1) * TICK_MS,
        "edges": raw[0],
        "last_edge_us_ago": raw[1] | raw[2] << 8,
        "left": CONTACTS[contacts & 3],
        "right": CONTACTS[contacts >> 2 & 3],
        "mode": contacts >> 4 & 3,
        "estop": bool(contacts & 64),
        "start": bool(contacts & 128),
        "state": firmware.state_names()[state & 15],
        "relay_feedback": "closed" if state & 16 else "open",
        "late": bool(state & 32),
        "fault": firmware.fault_names().get(raw[5]),
        "v_mm_s": raw[6] | raw[7] << 8,
    }


def box_line(name: str, box: Box) -> str:
    """The first line of a shown black box."""
    state = "" if box.intact else "  DAMAGED"
    return f"{name}: session {box.header['session']}, cause {box.header['cause']}{state}"


def row_line(row: dict[str, Any]) -> str:
    """One line per tick."""
    return (
        f"{row['ms']:7d} ms  {row['state']:10s} {row['v_mm_s']:5d} mm/s  "
        f"{row['left']}/{row['right']}  relay {row['relay_feedback']}  {row['fault'] or ''}"
    )


def trace(data: bytes) -> Iterator[dict[str, Any]]:
    """One row per 2 s of a session."""
    start = _header(data, TRACE_HEADER, TRACE_MAGIC, "session trace")
    _, _, size, count, session, _, _ = TRACE_HEADER.unpack(data[:start])
    for i in range(count):
        raw = data[start + i * size : start + (i + 1) * size]
        if len(raw) < size:
            return
        yield {
            "session": session,
            "s": i * TRACE_MS // 1000,
            "v_mm_s": raw[0] | raw[1] << 8,
            "lead_mm": raw[2],
            "state": firmware.state_names()[raw[3] & 15],
            "left": bool(raw[3] & 16),
            "right": bool(raw[3] & 32),
        }
