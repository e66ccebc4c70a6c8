# SPDX-License-Identifier: MIT
"""docs/reference/link.md: the tables that both ends of the serial link must agree on."""

from __future__ import annotations

from guard.core import events, states
from guard.link import commands, describe
from guard.record import notes
from tests.docs.site import tables

ABOUT = """\
The names and numbers that the board tells with `describe`. What they mean on the wire is in
[the serial protocol](../protocol.md).

Interface hash of this version: `{hash}`. A host tool that knows another one says which side to
update."""

FLAGS = (
    (commands.CHANGE, "changes something: needs a CRC and an id"),
    (commands.LIVE, "also with the relay closed"),
    (commands.HEAVY, "heavy on the board's memory"),
)


def page() -> str:
    told = (*describe.TABLES, *(f"text:{name}" for name in describe.TEXTS))
    return tables.page(
        "Names and numbers of the link",
        ABOUT.format(hash=describe.interface_hash()),
        "## Requests",
        tables.table(("request", "kind"), [(f"`{n}`", _kind(f)) for n, f in commands.TABLE]),
        "## States",
        _states(),
        "## Modes and contacts",
        _numbered("mode", states.MODE_NAMES),
        _numbered("contact", states.CONTACT_NAMES),
        "## Events of the journal",
        _numbered("event", events.KIND_NAMES),
        "## Notes of the recorder",
        _numbered("note", notes.NOTE_NAMES),
        "## Formats",
        tables.table(("format", "version"), [(f"`{n}`", v) for n, v in describe.RECORDS]),
        "## Tables and texts of `describe`",
        tables.table(("of",), [(f"`{n}`",) for n in told]),
    )


def _kind(flags: int) -> str:
    told = [text for flag, text in FLAGS if flags & flag]
    return "; ".join(told) or "only reads"


def _states() -> str:
    rows = [
        (i, f"`{name}`", "closed" if states.is_closed(i) else "open")
        for i, name in enumerate(states.STATE_NAMES)
    ]
    return tables.table(("number", "state", "relay"), rows)


def _numbered(what: str, names: tuple[str, ...]) -> str:
    return tables.table(("number", what), [(i, f"`{name}`") for i, name in enumerate(names)])
