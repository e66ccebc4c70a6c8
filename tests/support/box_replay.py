# SPDX-License-Identifier: MIT
"""Live a stored black box again: its checkpoint into a fresh guard, then its ticks one by one."""

from __future__ import annotations

from guard.core.events import EventRing
from guard.core.guard import Guard
from guard.core.memory import Memory
from guard.core.parameters import Settings
from guard.core.sample import Sample
from guard.core.states import (
    CONTACT_NAMES,
    HELD,
    MODE_NAMES,
    OPEN,
    RELEASED,
    STATE_NAMES,
    WIRING,
)
from guard.record.checkpoint import restore

MASK = (1 << 30) - 1
RAW = {RELEASED: 500, HELD: 199, WIRING: 1000}
HALL_GOOD, HALL_BAD = 800, 1000


def decisions(box):
    """[(state, fault)] the box's firmware decides again, from the checkpoint's tick on."""
    start = box.checkpoint
    settings = Settings()
    settings.load(box.settings)
    guard = Guard(settings, Memory(), EventRing())
    guard.memory.stop_test_due = 0
    guard.supervisor.blockers.not_configured = False
    restore(guard, start["values"])
    rows = box.rows[start["after"] :]
    s = Sample()
    s.now_us, s.now_ms, s.channel = start["us"], start["ms"], start["channel"]
    left, right = readings(rows, "left"), readings(rows, "right")
    found = []
    us = 0
    for i, row in enumerate(rows):
        us += row["dt_us"]
        s.now_us = (start["us"] + us) & MASK
        s.now_ms = (start["ms"] + us // 1000) & MASK
        s.channel = (s.channel + 1) % 3
        s.left_raw, s.right_raw = left[i], right[i]
        _set(s, row)
        if row["edges"]:
            guard.edge((s.now_us - row["last_edge_us_ago"]) & MASK, row["edges"], s.now_ms)
        guard.tick(s)
        if guard.supervisor.relay_command == OPEN:
            guard.supervisor.blob_wanted = False  # the controller has written it
        found.append((STATE_NAMES[guard.supervisor.state], guard.supervisor.fault))
    return found


def _set(s, row):
    s.mode = MODE_NAMES.index(row["mode"])
    s.estop_pressed, s.start_down = row["estop"], row["start"]
    s.feedback_closed = row["relay_feedback"] == "closed"
    s.late_us = 25001 if row["late"] else 0
    s.count_ahead = 2 if row["counter_ahead"] else 0
    s.hall_permille = HALL_BAD if row["hall_bad"] else HALL_GOOD


def readings(rows, rail):
    """The raw readings that made these contacts: gripping counts at the second, wiring at the
    third, so a reading is known by what the contact becomes up to two readings later."""
    contacts = [CONTACT_NAMES.index(row[rail]) for row in rows]
    raw = []
    for i, now in enumerate(contacts):
        next_two = contacts[i + 3 : i + 4], contacts[i + 6 : i + 7]
        if now == RELEASED and WIRING in (next_two[0] + next_two[1]):
            raw.append(RAW[WIRING])
        elif now == RELEASED and next_two[0] == [HELD]:
            raw.append(RAW[HELD])
        else:
            raw.append(RAW[now])
    return raw
