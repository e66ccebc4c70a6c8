# SPDX-License-Identifier: MIT
"""Sessions and trips as rows: for tables, CSV and JSON. A key's ending is its unit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from treadguard.logbook.sessions import Session, Stop
from treadguard.logbook.store import Board
from treadguard.logbook.timeline import Placed


def session_row(board: Board, session: Session) -> dict[str, Any]:
    """One session; empty cells are what the board did not measure."""
    stop = session.stop
    travel = stop.travel_mm if stop else None
    return {
        "board": board.shown,
        "session": session.number,
        **_times(session.when.data()),
        "mode": session.mode,
        "reached": session.reached,
        "length_s": session.length_ms // 1000,
        "backward_s": session.backward_s,
        "limit_mm_s": session.limit_mm_s,
        "max_speed_mm_s": session.max_mm_s,
        "max_lead_mm": session.max_lead_mm,
        "incline_permille": session.incline_permille,
        "max_incline_permille": session.most_incline_permille,
        "ended_by": stop.cause if stop else None,
        "class": stop.fault_class if stop else None,
        "speed_at_stop_mm_s": stop.v_mm_s if stop else None,
        "stop_time_ms": stop.still_ms if stop else None,
        "stop_distance_min_mm": travel[0] if travel else None,
        "stop_distance_max_mm": travel[1] if travel else None,
        "drop_out_ms": stop.drop_ms if stop else None,
        "second_stop_ms": stop.contactor_ms if stop else None,
    }


def trip_row(board: Board, stop: Stop) -> dict[str, Any]:
    """One trip or lockout."""
    travel = stop.travel_mm
    return {
        "board": board.shown,
        "trip": stop.seq,
        **_times(stop.when.data()),
        "session": stop.session,
        "fault": stop.cause,
        "class": stop.fault_class,
        "first_named": stop.first_named if stop.first_named != stop.cause else None,
        "speed_mm_s": stop.v_mm_s,
        "limit_mm_s": stop.limit_mm_s,
        "lead_mm": stop.lead_mm,
        "stop_time_ms": stop.still_ms,
        "second_stop_ms": stop.contactor_ms,
        "stop_distance_min_mm": travel[0] if travel else None,
        "stop_distance_max_mm": travel[1] if travel else None,
        "cleared_at": stop.cleared.data()["at"] if stop.cleared else None,
        "cleared": stop.cleared is not None,
    }


def event_row(board: Board, one: Placed) -> dict[str, Any]:
    """One event with its time."""
    return {"board": board.shown, **_times(one.when.data()), **one.event}


def _times(data: dict[str, str | None]) -> dict[str, str | None]:
    return {"at": data["at"], "not_before": data["not_before"], "not_after": data["not_after"]}


def csv_lines(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """CSV with a header whose names end in the unit; quoted where needed."""
    import csv
    import io

    everything = [flat(row) for row in rows]
    fields = list(dict.fromkeys(key for row in everything for key in row))
    if not fields:
        return
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=fields, lineterminator="\n")
    writer.writeheader()
    writer.writerows(everything)
    yield from text.getvalue().splitlines()


def flat(row: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested tables as `sample.edges`."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            found.update(flat(value, f"{prefix}{key}."))
        else:
            found[prefix + key] = value
    return found
