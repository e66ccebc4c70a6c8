# SPDX-License-Identifier: MIT
"""What the options of a board saw around a stop: for the figure, its words and the facts below.

Whether a contact is where it should be is judged by the firmware's own times.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from treadguard import firmware, options
from treadguard.logbook import box_options, incline, plots
from treadguard.logbook.decode import Box
from treadguard.report import traces

Row = dict[str, Any]

TICK = struct.Struct("<Bh")  # flags, incline in permille
UNKNOWN = -32768
EDGE_B_BIT, BAD_A_BIT, BAD_B_BIT = 1, 2, 4
SECOND_SHIFT, KEY_SHIFT = 3, 5
OPEN, CLOSED, ODDLY_OPEN, ODDLY_CLOSED = range(4)  # of a contact; oddly: not as the relay asks
NOT_CLOSED_STATES = ("READY", "TRIPPED", "LOCKOUT")


@dataclass(frozen=True)
class Seen:
    """Lists have a place for each row of the box; None where the option was not fitted."""

    rows: list[Row]
    at: int
    """The row in which the relay was told to open."""
    edges_b: list[int] | None
    second_stop: list[int] | None
    key_loop: list[int] | None
    inclines: list[int | None] | None
    limit_permille: int | None

    def packed(self) -> dict[str, Any]:
        """For the page: what there is to draw, and a record per row."""
        return {
            "hall_b": self.edges_b is not None,
            "second_stop": self.second_stop is not None,
            "key_loop": self.key_loop is not None,
            "incline": self.inclines is not None,
            "limit_permille": self.limit_permille,
            "ticks": traces.base64_of(self._records()),
        }

    def _records(self) -> Iterator[bytes]:
        for i, row in enumerate(self.rows):
            flags = BAD_A_BIT if row["hall_bad"] else 0
            if self.edges_b is not None:
                flags |= EDGE_B_BIT if self.edges_b[i] else 0
                flags |= BAD_B_BIT if row["hall_b_bad"] else 0
            flags |= self.second_stop[i] << SECOND_SHIFT if self.second_stop else 0
            flags |= self.key_loop[i] << KEY_SHIFT if self.key_loop else 0
            permille = self.inclines[i] if self.inclines else None
            yield TICK.pack(flags, UNKNOWN if permille is None else permille)

    # Words

    def facts(self) -> list[tuple[str, str]]:
        """Terms and values, as text."""
        found = []
        if self.edges_b is not None:
            a = sum(row["edges"] for row in self.rows[: self.at])
            b = sum(self.edges_b[: self.at])
            found.append(("edges before the stop", f"sensor A {a}, sensor B {b}"))
        if self.inclines is not None:
            found.append(("incline", self._incline(self.inclines)))
        if self.second_stop is not None:
            found.append(("second stop", self._contact(self.second_stop, "dropped")))
        if self.key_loop is not None:
            found.append(("key loop", self._contact(self.key_loop, "opened")))
        return found

    def sentence(self) -> str:
        """For those who do not see the figure; empty without an option."""
        return "".join(f" {term[0].upper()}{term[1:]}: {text}." for term, text in self.facts())

    def _incline(self, inclines: list[int | None]) -> str:
        now = inclines[self.at]
        said = f"{'not known' if now is None else options.steep(now)} at the stop"
        if self.limit_permille is not None:
            said += f", limit {options.steep(self.limit_permille)}"
        return said

    def _contact(self, codes: list[int], opened: str) -> str:
        """When it opened for good, from the decision on or before it."""
        if codes[-1] in (CLOSED, ODDLY_CLOSED):
            return "stayed closed" if codes[-1] == ODDLY_CLOSED else "still closed at the end"
        closed = [i for i, code in enumerate(codes) if code in (CLOSED, ODDLY_CLOSED)]
        if not closed:
            return "open all the time"
        ms = self.rows[closed[-1] + 1]["ms"] - self.rows[self.at]["ms"]
        when = "after" if ms >= 0 else "before"
        itself = " by itself" if ODDLY_OPEN in codes else ""
        return f"{opened}{itself} {abs(ms) / 1000:.2f} s {when} the decision"


def of(box: Box) -> Seen | None:
    """None for a box of a board without options."""
    bits = box.fitted.bits
    rows = box.rows
    if not bits or not rows:
        return None
    whole = bits & box_options.HALL_B and rows[0]["edges_b"] is not None
    return Seen(
        rows=rows,
        at=plots.opened_index(rows),
        edges_b=[row["edges_b"] for row in rows] if whole else None,
        second_stop=_second_stop(rows) if bits & box_options.SECOND_STOP else None,
        key_loop=_key_loop(rows) if bits & box_options.KEY_SENSE else None,
        inclines=incline.of(box) or None,
        limit_permille=incline.limit_permille(box),
    )


def _second_stop(rows: Sequence[Row]) -> list[int]:
    """Closed with the relay; open from the end of the stop on, or before."""
    core = firmware.load("guard.core.second_stop")
    codes = [CLOSED if row["second_stop"] == "closed" else OPEN for row in rows]
    _mark(codes, rows, ODDLY_OPEN, core.OPEN_MS, lambda row, code: code == OPEN and _walks(row))
    _mark(
        codes, rows, ODDLY_CLOSED, core.STUCK_MS, lambda row, code: code == CLOSED and _ended(row)
    )
    return codes


def _key_loop(rows: Sequence[Row]) -> list[int]:
    """Closed with the relay and with nothing else."""
    core = firmware.load("guard.core.key_sense")
    codes = [CLOSED if row["key_loop"] == "closed" else OPEN for row in rows]
    _mark(
        codes, rows, ODDLY_CLOSED, core.CLOSED_MS,
        lambda row, code: code == CLOSED and row["relay_feedback"] == "open",
    )  # fmt: skip
    return codes


def _walks(row: Row) -> bool:
    return row["relay_feedback"] == "closed" and not row["estop"]


def _ended(row: Row) -> bool:
    return row["relay_feedback"] == "open" and row["state"] in NOT_CLOSED_STATES


def _mark(
    codes: list[int],
    rows: Sequence[Row],
    odd: int,
    least_ms: int,
    is_odd: Callable[[Row, int], bool],
) -> None:
    """What lasts as long as the board would wait before it judges gets the odd code."""
    begin: int | None = None
    for i in range(len(rows) + 1):
        holds = i < len(rows) and is_odd(rows[i], codes[i])
        if holds and begin is None:
            begin = i
        if holds or begin is None:
            continue
        if rows[i - 1]["ms"] - rows[begin]["ms"] >= least_ms:
            codes[begin:i] = [odd] * (i - begin)
        begin = None
