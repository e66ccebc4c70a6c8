# SPDX-License-Identifier: MIT
"""The options of a board whose black box is lived again: fitted, restored, fed."""

from __future__ import annotations

from typing import Any

from treadguard import firmware
from treadguard.errors import FileInvalid
from treadguard.logbook import box_options
from treadguard.logbook.box_options import Fitted, Reading
from treadguard.logbook.decode import Box

MASK = (1 << 30) - 1
GOOD, BAD = 800, 1000  # permille of the hall line


def require_known(box: Box) -> None:
    """FileInvalid when the box holds more than these tools know, or less than it takes."""
    more = box.fitted.more()
    if more:
        raise FileInvalid(
            f"this black box cannot be replayed: it holds {more}, which these tools do not know:"
            " use the treadguard that belongs to the board"
        )
    settings = firmware.load("guard.core.parameters").Settings()
    settings.load(box.settings or {})
    wanted = settings.fitted() & ((1 << len(box_options.NAMES)) - 1)
    if wanted != box.fitted.bits:
        raise FileInvalid(
            "this black box cannot be replayed: its settings and its readings are of different"
            f" options ({box_options.names(wanted ^ box.fitted.bits)}), because an older"
            " firmware wrote it or the board was not restarted after a change"
        )


class Options:
    """What is fitted to a guard that was made for a replay."""

    def __init__(self, guard: Any, fitted: Fitted) -> None:
        self.fitted: Any = None
        if fitted.bits:
            self.fitted = firmware.load("guard.core.options").fit(guard)
        self.guard = guard

    def restored(self, sample: Any, readings: list[Reading | None]) -> None:
        """The checkpoint's numbers are back: put the rest in order. FileInvalid when the
        readings that made the incline are not all there."""
        if self.fitted is None:
            return
        hall, incline = self.fitted.hall, self.fitted.incline
        if hall is not None and hall.measures == firmware.load("guard.core.second_hall").B:
            self.guard.supervisor.stop.speed = hall.b
        if incline is not None:
            core = firmware.load("guard.core.incline")
            _refill(incline, core, readings)
            sample.incline_errors = 0 if incline.filled else core.ERRORS
            sample.incline_mg = [0, 0, 0]

    def live(self, sample: Any, row: dict[str, Any]) -> None:
        """What a row says of the options, after the first hall's edges were handed over."""
        if self.fitted is None:
            return
        sample.second_dropped = row.get("second_stop", "dropped") == "dropped"
        sample.key_closed = row.get("key_loop") == "closed"
        if self.fitted.hall is not None:
            self._hall(sample, row)
        if self.fitted.incline is not None:
            self._incline(sample, row)

    def _hall(self, sample: Any, row: dict[str, Any]) -> None:
        sample.count_ahead_b = 2 if row["counter_ahead_b"] else 0
        sample.hall_b_permille = BAD if row["hall_b_bad"] else GOOD
        if row["edges_b"]:
            stamp_us = (sample.now_us - row["last_edge_b_us_ago"]) & MASK
            self.fitted.hall.edge(stamp_us, row["edges_b"], sample.now_ms)

    def _incline(self, sample: Any, row: dict[str, Any]) -> None:
        take_reading(sample, box_options.reading(row), row["incline_silent"])


def take_reading(sample: Any, mg: Reading | None, silent: bool) -> None:
    """What the inclinometer brought to a tick: a reading, nothing, or its falling silent."""
    sample.incline_fresh = mg is not None
    if mg is not None:
        sample.incline_mg[:] = mg
        sample.incline_errors = 0
    elif silent:
        sample.incline_errors = firmware.load("guard.core.incline").ERRORS


def _refill(incline: Any, core: Any, readings: list[Reading | None]) -> None:
    """The readings whose sums the checkpoint holds, each in its place."""
    filled = incline.filled
    last = readings[len(readings) - filled :] if filled <= len(readings) else []
    earlier = readings[-filled - 1] if filled == core.READINGS < len(readings) else None
    sums = [0, 0, 0, 0]
    for i, mg in enumerate(last):
        if mg is None:
            break
        at = (incline.at - filled + i) % core.READINGS
        jump = mg[0] - earlier[0] if earlier else 0
        shaken = int(not -core.SHAKEN_MG < jump < core.SHAKEN_MG)
        incline.front[at], incline.across[at], incline.up[at] = mg
        incline.shaken[at] = shaken
        sums = [a + b for a, b in zip(sums, (*mg, shaken), strict=True)]
        earlier = mg
    stated = [incline.sum_front, incline.sum_across, incline.sum_up, incline.sum_shaken]
    if sums != stated:
        raise FileInvalid(
            "this black box cannot be replayed: the inclinometer's readings from before its"
            " first tick are not all in it"
        )
