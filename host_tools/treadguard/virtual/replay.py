# SPDX-License-Identifier: MIT
"""A recorded list of edge times through the firmware's deciding core, from a closed state.

The file has one edge a line, in us, or `us,event,value` with event `edge`, `left`, `right`
(`held` or `released`), `estop` (`pressed` or `released`) or `start` (`down` or `up`). A header
line and lines that begin with `#` are passed over.
"""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from treadguard import firmware
from treadguard.errors import FileInvalid

VALUES = {
    "left": ("left_raw", {"held": 199, "released": 500}),
    "right": ("right_raw", {"held": 199, "released": 500}),
    "estop": ("estop_pressed", {"pressed": True, "released": False}),
    "start": ("start_down", {"down": True, "up": False}),
}


@dataclass(frozen=True)
class Outcome:
    """opened_at_us: RELAY_EN low, on the file's time scale; None when the relay stayed closed."""

    opened_at_us: int | None
    fault: str | None
    max_lead_mm: int
    edges: int
    state: str
    limit_mm_s: int


def read_edges(path: Path) -> tuple[list[int], list[tuple[int, str, object]]]:
    """Edge times and contact changes of a file, both in the order of time."""
    edges: list[int] = []
    changes: list[tuple[int, str, object]] = []
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileInvalid(f"{path} cannot be read: {error}") from error
    last = -1
    for number, row in enumerate(csv.reader(text.splitlines()), 1):
        cells = [cell.strip() for cell in row]
        if not cells or not cells[0] or cells[0].startswith("#"):
            continue
        if number == 1 and not cells[0].lstrip("-").isdigit():
            continue
        at_us = _time(path, number, cells[0])
        if at_us < last:
            raise FileInvalid(f"{path}:{number}: time goes backwards ({at_us} after {last} us)")
        last = at_us
        if len(cells) == 1 or cells[1] in ("", "edge"):
            edges.append(at_us)
        else:
            changes.append(_change(path, number, at_us, cells))
    if not edges and not changes:
        raise FileInvalid(f"{path} has no edge in it: give one edge time in us a line")
    return edges, changes


def _time(path: Path, number: int, text: str) -> int:
    if not text.isdigit():
        raise FileInvalid(f"{path}:{number}: {text!r} is no time in whole microseconds")
    return int(text)


def _change(path: Path, number: int, at_us: int, cells: list[str]) -> tuple[int, str, object]:
    if cells[1] not in VALUES:
        allowed = ", ".join(["edge", *VALUES])
        raise FileInvalid(f"{path}:{number}: unknown event {cells[1]!r}; allowed: {allowed}")
    field, words = VALUES[cells[1]]
    word = cells[2] if len(cells) > 2 else ""
    if word not in words:
        raise FileInvalid(
            f"{path}:{number}: {cells[1]} takes {' or '.join(words)}, not {word or 'nothing'!r}"
        )
    return at_us, field, words[word]


def replay(
    path: Path,
    state: str = "backward",
    limit_mm_s: int | None = None,
    distance_um: int | None = None,
    magnets: int | None = None,
    run_on_us: int = 0,
) -> Outcome:
    """Drive the file through the core; None keeps the parameter's default.

    The run ends with the tick after the last entry: what came later was not recorded. With
    run_on_us, time goes on in silence, which opens the relay.
    """
    edges, changes = read_edges(path)
    with firmware.importable():
        from treadguard.virtual.engine import STATES, TICK_US, Engine

    values: dict[str, Any] = {"calibration": 2}
    own = "forward_limit_mm_s" if state == "forward" else "backward_limit_mm_s"
    if limit_mm_s is not None:
        values[own] = limit_mm_s
    if distance_um is not None:
        values["distance_per_edge_um"] = distance_um
    if magnets is not None:
        values["magnets_per_turn"] = magnets
    _check(values)
    first = min(edges[:1] + [change[0] for change in changes[:1]])
    engine = Engine(values, start_us=first - TICK_US)
    limit = getattr(engine.settings, own)
    engine.edges, engine.changes = edges, changes
    engine.start_in(STATES[state], limit)
    last = max(edges[-1:] + [change[0] for change in changes[-1:]])
    engine.run(last + TICK_US + run_on_us, stop_when_open=True)
    opened = engine.opened_at_us
    fault = engine.supervisor.fault if opened is not None else 0
    return Outcome(
        opened_at_us=opened,
        fault=firmware.load("guard.core.faults").name(fault) if fault else None,
        max_lead_mm=engine.guard.speed.max_lead_mm(),
        edges=len(edges),
        state=state,
        limit_mm_s=limit,
    )


def _check(values: dict[str, Any]) -> None:
    parameters = firmware.load("guard.core.parameters")
    for name, value in values.items():
        reason = parameters.check(name, value)
        if reason:
            raise FileInvalid(reason)
    crossed = parameters.cross_check({**parameters.Settings().as_dict(), **values})
    if crossed:
        raise FileInvalid(crossed[1])


def as_row(outcome: Outcome) -> dict[str, object]:
    """For --json."""
    return asdict(outcome)
