# SPDX-License-Identifier: MIT
"""What the numbers in records are called: by this firmware, and by a board that told its own.

`texts/records.txt` of the firmware names every event, note and field. `logs pull` keeps the one of
a board of another version in tables.json beside the records; its names then come first, and ours
stand in where it has none: a number is never used twice.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from treadguard import firmware
from treadguard.errors import FileInvalid, TreadguardError

FILE = "tables.json"
TEXT = "text:records"
FORMATS = {
    "j": ("journal", "journal"),
    "b": ("blackbox", "black box"),
    "t": ("trace", "session trace"),
}
"""First letter of a record file -> its row of `describe records`, and the word for it."""
NUMBERED = ("faults", "states", "modes", "contacts", "events")

Told = Mapping[str, Sequence[Any]]
"""A board's answers to `describe`: of -> rows."""


@dataclass(frozen=True)
class Tables:
    """Names of one board's numbers."""

    names: Mapping[str, Mapping[int, str]]
    """events, notes, faults, states, modes, contacts and parameters: number -> name."""
    fields: Mapping[str, tuple[str, ...]]
    """`event.stop` or `note.torn` -> its fields; `NAME:table` is a number of that table."""
    classes: Mapping[str, str]
    """Fault -> block, stop, trip or lockout."""
    formats: Mapping[str, int]
    """journal, blackbox, trace and config -> the number of their format."""

    def word(self, table: str, number: int) -> str | None:
        """The name of a number, None for "no fault", or the number with what it is one of."""
        if table == "faults":
            return self.names[table].get(number, f"FAULT_{number}") if number else None
        return self.names.get(table, {}).get(number, f"unknown {number}")

    def event(self, number: int) -> str:
        """The name of a kind of event."""
        return self.names["events"].get(number, f"kind {number}")

    def readable(self) -> frozenset[str]:
        """First letters of the files whose format these tools read."""
        mine = ours().formats
        return frozenset(
            letter for letter, (kind, _) in FORMATS.items() if self.formats[kind] == mine[kind]
        )

    def unknown_formats(self) -> list[str]:
        """One sentence for each format that these tools do not read."""
        mine = ours().formats
        return [
            f"the {word} files of this board have format {self.formats[kind]}, these tools read"
            f" {mine[kind]}: they are kept as they are, for the treadguard of that version"
            for letter, (kind, word) in FORMATS.items()
            if letter not in self.readable()
        ]


@functools.cache
def ours() -> Tables:
    """Of the firmware these tools belong to."""
    states = firmware.load("guard.core.states")
    faults = firmware.load("guard.core.faults")
    described = firmware.load("guard.link.describe")
    names = {
        "faults": firmware.fault_names(),
        "states": dict(enumerate(states.STATE_NAMES)),
        "modes": dict(enumerate(states.MODE_NAMES)),
        "contacts": dict(enumerate(states.CONTACT_NAMES)),
        "events": dict(enumerate(firmware.load("guard.core.events").KIND_NAMES)),
        "notes": dict(enumerate(firmware.load("guard.record.notes").NOTE_NAMES)),
        "parameters": dict(enumerate(firmware.parameters())),
    }
    classes = {row[1]: faults.CLASS_NAMES[row[2]] for row in faults.TABLE}
    return Tables(names, _fields(lines()), classes, dict(described.RECORDS))


@functools.cache
def lines() -> tuple[str, ...]:
    """The firmware's own texts/records.txt, comments left out."""
    path = firmware.folder() / "guard" / "texts" / "records.txt"
    try:
        text = path.read_text(encoding="ascii")
    except OSError:
        raise TreadguardError(f"{path} is missing: install treadguard again") from None
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def told(data: Told) -> Tables:
    """Of a board that told its own. ValueError, TypeError or IndexError when it told nonsense."""
    mine = ours()
    names: dict[str, Mapping[int, str]] = {
        of: {**mine.names[of], **{int(row[0]): str(row[1]) for row in data.get(of, ())}}
        for of in NUMBERED
    }
    parameters = {i: str(row[0]) for i, row in enumerate(data.get("parameters", ()))}
    names["parameters"] = parameters or mine.names["parameters"]  # their order is hashed
    text = [str(line) for line in data.get(TEXT, ())]
    names["notes"] = {**mine.names["notes"], **_notes(text)}
    classes = {str(row[1]): str(row[2]) for row in data.get("faults", ())}
    formats = {str(row[0]): int(row[1]) for row in data.get("records", ())}
    return Tables(
        names,
        {**mine.fields, **_fields(text)},
        {**mine.classes, **classes},
        {**mine.formats, **formats},
    )


def beside(folder: Path) -> str | None:
    """The text of tables.json in a folder of pulled records; None where there is none."""
    path = folder / FILE
    try:
        text = path.read_text(encoding="utf-8")
        read(text)
    except FileNotFoundError:
        return None
    except (OSError, *NONSENSE):
        raise FileInvalid(f"{path} cannot be read: remove it and pull again") from None
    return text


NONSENSE = (ValueError, KeyError, TypeError, IndexError, AttributeError)


def read(text: str | None) -> Tables:
    """The tables of a tables.json; ours for None. NONSENSE when it is damaged."""
    return ours() if text is None else told(json.loads(text)["tables"])


def in_our_formats(text: str | None) -> str | None:
    """What a board told before it was updated to this version: its names stay, its records have
    our formats from now on. None for a board that never told, or nonsense."""
    try:
        data = json.loads(text or "null")
        data["tables"]["records"] = [list(row) for row in ours().formats.items()]
    except NONSENSE:
        return None
    return json.dumps(data)


def of_folder(folder: Path) -> Tables:
    """The tables that records in a folder go by."""
    return read(beside(folder))


def _rows(text: Iterable[str], kind: str, cells: int) -> Iterable[list[str]]:
    """`kind.name|cell|...` without the kind; lines of a form not known yet are passed over."""
    for line in text:
        row = line.split("|")
        if row[0].startswith(kind + ".") and len(row) >= cells:
            yield [row[0].removeprefix(kind + "."), *row[1:]]


def _fields(text: Iterable[str]) -> dict[str, tuple[str, ...]]:
    return {
        f"{kind}.{name}": tuple(fields.split(","))
        for kind in ("event", "note")
        for name, _, fields, *_ in _rows(text, kind, 3)
    }


def _notes(text: Iterable[str]) -> dict[int, str]:
    return {int(number): name for name, number, *_ in _rows(text, "note", 3)}
