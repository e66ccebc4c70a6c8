# SPDX-License-Identifier: MIT
"""The incline that the board reckoned from the readings in a black box, by its own firmware."""

from __future__ import annotations

from typing import Any

from treadguard import firmware
from treadguard.logbook import box_options, replay_options
from treadguard.logbook.decode import Box

BETWEEN_MS = 20  # readings before the first row have no time of their own
NEEDED = ("incline_zero_permille", "incline_limit_permille")


def limit_permille(box: Box) -> int | None:
    """The limit of a walk backward, in both directions; None where the box has none."""
    backward = any(row["mode"] == "backward" for row in box.rows)
    known = backward and box.in_force is not None
    return box.in_force.get(NEEDED[1]) if known and box.in_force else None


def of(box: Box) -> list[int | None]:
    """Permille at each row, None while it was not known; empty where no reading is stored."""
    settings = box.in_force or {}
    stored = any(box_options.readings(box, len(box.rows)))
    if not stored or any(name not in settings for name in NEEDED):
        return []
    with firmware.importable():
        return _lived(box, settings)


def _lived(box: Box, settings: dict[str, int]) -> list[int | None]:
    incline = _fresh(settings)
    sample: Any = firmware.load("guard.core.sample").Sample()
    sample.incline_mg = [0, 0, 0]
    first_ms = len(box.fitted.before) * BETWEEN_MS
    for i, mg in enumerate(box.fitted.before):
        sample.now_ms = i * BETWEEN_MS
        replay_options.take_reading(sample, mg, mg is None)
        incline.tick(sample)
    found: list[int | None] = []
    for row in box.rows:
        sample.now_ms = first_ms + row["ms"] - box.rows[0]["ms"]
        replay_options.take_reading(
            sample, box_options.reading(row), bool(row.get("incline_silent"))
        )
        incline.tick(sample)
        found.append(incline.permille if incline.known else None)
    return found


def _fresh(settings: dict[str, int]) -> Any:
    """A board's incline before its first reading."""
    load = firmware.load
    in_force = load("guard.core.parameters").Settings()
    for name in NEEDED:
        setattr(in_force, name, settings[name])
    memory, events = load("guard.core.memory").Memory(), load("guard.core.events").EventRing()
    return load("guard.core.incline").Incline(
        load("guard.core.guard").Guard(in_force, memory, events)
    )
