# SPDX-License-Identifier: MIT
"""Live a black box again: its checkpoint into a fresh core, its ticks one by one, compare.

The stored sample holds what the core read. It does not hold what was asked for over the link,
nor the stamps of all edges when several fell into one tick: where that mattered, the verdict
says so instead of calling it a difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from treadguard import firmware
from treadguard.errors import FileInvalid
from treadguard.logbook import box_options, replay_options
from treadguard.logbook.boxes import LONGEST_US
from treadguard.logbook.decode import Box

MASK = (1 << 30) - 1
ASKED = ("HOST_STOP", "CTRL_C_STOP")
OUTSIDE = ("FLOW_BROKEN", "STATE_CORRUPT", "WATCHDOG_RESET", "CRASH", "SESSION_CUT")
CHANNELS = 3

SAME, DIFFERENT, UNDECIDED = "same", "different", "undecided"


@dataclass(frozen=True)
class Verdict:
    """How a black box was decided again."""

    result: str
    """same, different, or undecided: what decided is not in the box."""
    ticks: int
    decided: str
    again: str
    differs_ms: int | None = None
    """First tick that differs, counted as in `logs show`: 0 is the last sample."""
    why: str = ""

    def line(self) -> str:
        """One sentence."""
        if self.result == SAME:
            return f"decided the same again: {self.decided}, {self.ticks} ticks alike"
        where = "" if self.differs_ms is None else f" at {self.differs_ms} ms"
        if self.result == UNDECIDED:
            return f"cannot be decided again{where}: {self.why}"
        return f"DIFFERENT{where}: the board decided {self.decided}, the replay {self.again}"

    def data(self) -> dict[str, Any]:
        """For --json."""
        return asdict(self)


def replay(box: Box) -> Verdict:
    """Decide a black box again. FileInvalid when the box does not hold what that needs."""
    if box.checkpoint is None or box.settings is None:
        raise FileInvalid(
            "this black box cannot be replayed: it was written by another version of the"
            " firmware, or its checkpoint or settings are damaged"
        )
    if not box.intact:
        raise FileInvalid("this black box is damaged: ticks are missing, a replay would mislead")
    replay_options.require_known(box)
    rows, guessed = _whole_times(box.rows[box.checkpoint["after"] :], box)
    with firmware.importable():
        decided = list(_decide(box, box.checkpoint, box.settings, rows))
    lived = [(row["state"], row["fault"]) for row in rows]
    return _verdict(rows, lived, decided, guessed)


def _whole_times(rows: list[dict[str, Any]], box: Box) -> tuple[list[dict[str, Any]], int]:
    """The rows with the time that long ticks lost, and the first row whose time is a guess.

    A sample counts at most 65.5 ms; writing flash with the relay open takes longer. The header
    says when the last sample was, so one such tick gets exactly what is missing.
    """
    start = box.checkpoint or {}
    span_us = (box.header["end_us"] - start["us"]) & MASK
    missing_us = span_us - sum(row["dt_us"] for row in rows)
    long = [i for i, row in enumerate(rows) if row["dt_us"] == LONGEST_US]
    if missing_us <= 0 or not long:
        return rows, len(rows)
    share_us = missing_us // len(long)
    mended = [
        {**row, "dt_us": row["dt_us"] + share_us * (i in long)} for i, row in enumerate(rows)
    ]
    return mended, long[0] if len(long) > 1 else len(rows)


def _verdict(
    rows: Sequence[dict[str, Any]],
    lived: Sequence[tuple[str, str | None]],
    again: Sequence[tuple[str, str | None]],
    guessed: int,
) -> Verdict:
    first = next(
        (i for i, pair in enumerate(zip(lived, again, strict=True)) if len(set(pair)) > 1), None
    )
    decided, repeated = _stop_of(lived), _stop_of(again)
    if first is None:
        return Verdict(SAME, len(rows), decided, repeated)
    ms = rows[first]["ms"]
    fault = lived[first][1]
    if fault in ASKED or fault in OUTSIDE:
        why = f"{fault} was decided outside of what the samples hold"
        return Verdict(UNDECIDED, first, decided, repeated, ms, why)
    if any(row["several"] or row.get("several_b") for row in rows[: first + 1]):
        why = "several edges fell into one tick before, and a sample holds one stamp"
        return Verdict(UNDECIDED, first, decided, repeated, ms, why)
    if first >= guessed:
        why = "the ticks while flash was written took longer than a sample can count"
        return Verdict(UNDECIDED, first, decided, repeated, ms, why)
    return Verdict(DIFFERENT, first, _said(lived[first]), _said(again[first]), ms)


def _stop_of(decisions: Sequence[tuple[str, str | None]]) -> str:
    stops = [fault for state, fault in decisions if state == "STOPPING"]
    return f"{stops[0]}" if stops else "no stop"


def _said(decision: tuple[str, str | None]) -> str:
    state, fault = decision
    return f"{state} {fault}" if fault else state


def _decide(
    box: Box, start: dict[str, Any], values: dict[str, int], rows: Sequence[dict[str, Any]]
) -> Iterator[tuple[str, str | None]]:
    """(state, fault) of every tick from the checkpoint on."""
    world = _World(box, start, values)
    left, right = _readings(rows, "left"), _readings(rows, "right")
    for i, row in enumerate(rows):
        yield world.live(row, left[i], right[i])


class _World:
    """A core with a checkpoint's numbers, and the sample it is fed."""

    def __init__(self, box: Box, start: dict[str, Any], values: dict[str, int]) -> None:
        load = firmware.load
        settings = load("guard.core.parameters").Settings()
        settings.load(values)
        memory = load("guard.core.memory").Memory()
        memory.stop_test_due = 0
        self.guard: Any = load("guard.core.guard").Guard(
            settings, memory, load("guard.core.events").EventRing()
        )
        self.guard.supervisor.blockers.not_configured = False
        self.options = replay_options.Options(self.guard, box.fitted)
        self._restore(start)
        self.states = load("guard.core.states")
        self.start_us, self.start_ms = start["us"], start["ms"]
        self.us = 0
        self.sample: Any = load("guard.core.sample").Sample()
        self.sample.channel = start["channel"]
        self.options.restored(self.sample, box_options.readings(box, start["after"]))

    def _restore(self, start: dict[str, Any]) -> None:
        checkpoint = firmware.load("guard.record.checkpoint")
        try:
            if checkpoint.Checkpoints(self.guard, 0).hash != start["names_hash"]:
                raise ValueError("this checkpoint belongs to another version")
            checkpoint.restore(self.guard, start["values"])
        except ValueError as error:
            raise FileInvalid(f"this black box cannot be replayed: {error}") from None

    def live(self, row: dict[str, Any], left_raw: int, right_raw: int) -> tuple[str, str | None]:
        s, guard, states = self.sample, self.guard, self.states
        self.us += row["dt_us"]
        s.now_us = (self.start_us + self.us) & MASK
        s.now_ms = (self.start_ms + self.us // 1000) & MASK
        s.channel = (s.channel + 1) % CHANNELS
        s.left_raw, s.right_raw = left_raw, right_raw
        s.mode = states.MODE_NAMES.index(row["mode"])
        s.estop_pressed, s.start_down = row["estop"], row["start"]
        s.feedback_closed = row["relay_feedback"] == "closed"
        s.late_us = 25001 if row["late"] else 0
        s.count_ahead = 2 if row["counter_ahead"] else 0
        s.hall_permille = 1000 if row["hall_bad"] else 800
        if row["edges"]:
            stamp_us = (s.now_us - row["last_edge_us_ago"]) & MASK
            guard.edge(stamp_us, row["edges"], s.now_ms)
        self.options.live(s, row)
        guard.tick(s)
        if guard.supervisor.relay_command == states.OPEN:
            guard.supervisor.blob_wanted = False  # the controller has written it
        fault = firmware.fault_names().get(guard.supervisor.fault)
        return str(states.STATE_NAMES[guard.supervisor.state]), fault


def _readings(rows: Sequence[dict[str, Any]], rail: str) -> list[int]:
    """The raw readings that made these contacts: gripping counts at the second, wiring at the
    third, so a reading is known by what the contact becomes up to two readings later."""
    raw = {"released": 500, "held": 199, "wiring": 1000}
    contacts = [row[rail] for row in rows]
    found = []
    for i, now in enumerate(contacts):
        following = contacts[i + CHANNELS : i + CHANNELS + 1]
        later = following + contacts[i + 2 * CHANNELS : i + 2 * CHANNELS + 1]
        if now == "released" and "wiring" in later:
            found.append(raw["wiring"])
        elif now == "released" and following == ["held"]:
            found.append(raw["held"])
        else:
            found.append(raw[now])
    return found
