# SPDX-License-Identifier: MIT
"""Traces and black boxes, packed for the page: little-endian records in base64.

The page unpacks what it shows (assets/report.js); a year of sessions stays small and opens at
once.
"""

from __future__ import annotations

import base64
import statistics
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from treadguard import firmware
from treadguard.errors import FileInvalid
from treadguard.logbook import decode, plots
from treadguard.logbook.decode import Box
from treadguard.logbook.sessions import Session
from treadguard.logbook.store import Stored

TRACE = struct.Struct("<HBB")  # highest mm/s, highest lead mm, state and hands as on the board
TICK = struct.Struct("<iHB")  # ms from the opening, mm/s, flags
HANDS = {"released": 0, "held": 1, "wiring": 2}
RELAY_BIT, EDGE_BIT = 16, 32


@dataclass(frozen=True)
class Trace:
    """A session's trace: a row per 2 s."""

    session: int
    boot: int
    rows: list[dict[str, Any]]

    @property
    def backward_mm_s(self) -> int | None:
        """Median speed while walking backward; None without any."""
        speeds = [row["v_mm_s"] for row in self.rows if row["state"] == "BACKWARD"]
        return int(statistics.median(speeds)) if speeds else None

    def packed(self) -> str:
        """For the page."""
        states = firmware.state_names()
        return base64_of(
            TRACE.pack(
                min(row["v_mm_s"], 65535),
                row["lead_mm"],
                (states.index(row["state"]) if row["state"] in states else 15)
                | row["left"] << 4
                | row["right"] << 5,
            )
            for row in self.rows
        )


def read_all(files: Sequence[Stored]) -> tuple[dict[tuple[int, int], Trace], list[str]]:
    """(session, low 16 bits of the boot) -> trace, and the names of what cannot be read."""
    found: dict[tuple[int, int], Trace] = {}
    unread: list[str] = []
    for stored in files:
        try:
            rows = list(decode.trace(stored.data))
            header = decode.trace_header(stored.data)
        except (FileInvalid, ValueError, IndexError, struct.error):
            unread.append(stored.name)
            continue
        trace = Trace(header["session"], header["boot"], rows)
        found[trace.session, trace.boot & 0xFFFF] = trace
    return found, unread


def of(traces: dict[tuple[int, int], Trace], session: Session) -> Trace | None:
    """The trace of a session."""
    return traces.get((session.number, session.boot & 0xFFFF))


def box_packed(box: Box) -> dict[str, Any]:
    """A black box for the page: 0 ms is the tick in which the relay was told to open."""
    zero = box.rows[plots.opened_index(box.rows)]["ms"] if box.rows else 0
    return {
        "limit": int(box.header["limit_mm_s"]),
        "ticks": base64_of(TICK.pack(row["ms"] - zero, _v(row), _flags(row)) for row in box.rows),
    }


def _v(row: dict[str, Any]) -> int:
    return min(int(row["v_mm_s"]), 65535)


def _flags(row: dict[str, Any]) -> int:
    hands = HANDS.get(row["left"], 2) | HANDS.get(row["right"], 2) << 2
    relay = RELAY_BIT if row["relay_feedback"] == "closed" else 0
    return hands | relay | (EDGE_BIT if row["edges"] else 0)


def base64_of(records: Iterable[bytes]) -> str:
    """Records one after the other."""
    return base64.b64encode(b"".join(records)).decode("ascii")
