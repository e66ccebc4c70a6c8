# SPDX-License-Identifier: MIT
"""A year of records as the board writes them: 150 sessions of 12 minutes, 5 trips."""

from __future__ import annotations

import struct
from typing import Any

from treadguard import firmware

SESSIONS = 150
TRIPS = 5
SESSION_S = 12 * 60
BETWEEN_MS = 4 * 60 * 1000  # a session is a start of the box


def files() -> dict[str, bytes]:
    """Name -> content of every record file."""
    made = _journal()
    for session in range(1, SESSIONS + 1):
        made[f"t{session:08d}.bin"] = _trace(session)
    for trip in range(1, TRIPS + 1):
        made[f"b{trip:08d}.bin"] = _box(trip, trip * (SESSIONS // TRIPS))
    return made


def _journal() -> dict[str, bytes]:
    frames = firmware.load("guard.record.frames")
    journal = firmware.load("guard.record.journal")
    made: dict[str, bytes] = {}
    name = ""
    for seq, event in enumerate(_events(), 1):
        frame = frames.frame(seq, *event)
        if not name or len(made[name]) + len(frame) > journal.SEGMENT_BYTES:
            name = journal.segment_name(seq)
            made[name] = b""
        made[name] += frame
    return made


def _events() -> Any:
    e = firmware.load("guard.core.events")
    f = firmware.load("guard.core.faults")
    for session in range(1, SESSIONS + 1):
        boot, minute = session, 29_000_000 + session * 3504
        trip = session % (SESSIONS // TRIPS) == 0
        cause = f.OVERSPEED if trip else f.START_PRESSED
        yield boot, 1000, e.BOOT, 0, 0, boot, b""
        yield boot, 2000, e.CLOCK, minute, 0, 0, b""
        yield boot, 3000, e.STATE, 1, 0, 0, b""
        yield boot, BETWEEN_MS, e.ARM, 2, session, 0, b""
        for state in range(2, 8):
            yield boot, BETWEEN_MS + state * 1000, e.STATE, state, state - 1, 0, b""
        at_ms = BETWEEN_MS + SESSION_S * 1000
        yield boot, at_ms, e.STOP, cause, 840, 31 if trip else 3, bytes(8)
        yield boot, at_ms + 900, e.STOPPED, 900, 5, 20, b""
        yield boot, at_ms + 900, e.SESSION, SESSION_S - 60, 850, 9, b""
        if trip:
            yield boot, at_ms + 60_000, e.RESET, cause, 0, 0, b""


def _trace(session: int) -> bytes:
    frames = firmware.load("guard.record.frames")
    trace = firmware.load("guard.record.trace")
    records = SESSION_S // 2
    head = struct.pack(
        trace.HEADER,
        trace.MAGIC,
        trace.SCHEMA,
        trace.RECORD_BYTES,
        records,
        0,
        session,
        session,
        0,
    )
    data = b"".join(
        struct.pack("<HBB", 700 + (i * session) % 140, i % 9, 0x36) for i in range(records)
    )
    made = bytes(frames.block(frames.TRACE_HEADER, 0, head))
    for index in range(0, len(data), frames.BLOCK_PAYLOAD):
        part = data[index : index + frames.BLOCK_PAYLOAD]
        made += frames.block(frames.TRACE_RECORDS, index // frames.BLOCK_PAYLOAD, part)
    return made


def _box(number: int, session: int) -> bytes:
    frames = firmware.load("guard.record.frames")
    box = firmware.load("guard.record.blackbox")
    cause = firmware.load("guard.core.faults").OVERSPEED
    counts = (box.SAMPLE_BYTES, box.SAMPLES, session, session, 1 << 29, 1 << 20, 1 << 20)
    head = struct.pack(
        box.HEADER, box.MAGIC, box.SCHEMA, *counts, 833, 840, cause, cause, 0, number & 255
    )
    names = list(firmware.parameters())
    values = [parameter.default for parameter in firmware.parameters().values()]
    made = bytes(frames.block(frames.BOX_HEADER, 0, head))
    crc = frames.names_hash(names)
    settings = struct.pack(f"<I{len(values)}i", crc, *values)
    made += frames.block(frames.BOX_SETTINGS, 0, settings)
    data = b"".join(
        struct.pack("<BHBBBH", i % 30 == 0, i * 7 & 0x1FFF, 0x25, 0x17, 0, 10_000 + i % 3)
        for i in range(box.SAMPLES)
    )
    for at in range(0, len(data), frames.BLOCK_PAYLOAD):
        part = data[at : at + frames.BLOCK_PAYLOAD]
        made += frames.block(frames.BOX_SAMPLES, at // frames.BLOCK_PAYLOAD, part)
    return made
