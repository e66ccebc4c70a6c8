# SPDX-License-Identifier: MIT
"""What a board of another version writes that these tools cannot read, in sentences.

A format's number grows only when an older reader would misread it. So an unknown number means:
keep the file, do not guess. New kinds of events have the frame of all others and are shown by
the board's own names.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from treadguard import __version__, chips
from treadguard.errors import BoardRefused, FileInvalid, LinkError
from treadguard.files import write_whole
from treadguard.link import interface
from treadguard.link.client import Client
from treadguard.logbook import tables as names

EARLIER = "earlier-format"
TABLES = (*names.NUMBERED, "parameters", "records", names.TEXT)


def keep_tables(client: Client, folder: Path) -> list[str]:
    """Compare the board's version and interface with ours; for another one keep its tables beside
    the records and say what is unknown here. Raises InterfaceMismatch for another protocol."""
    theirs = str(client.request("describe", of="records", at=0).get("hash", ""))
    version = str(client.status_at_attach.get("version", ""))
    path = folder / names.FILE
    if theirs == interface.host_hash() and chips.plain(version) == __version__:
        _put_aside(folder, names.ours().formats)
        return []
    tables = _kept(path, theirs, version)
    if tables is None:
        tables = {of: _pages(client, of) for of in TABLES}
        data = {"hash": theirs, "version": version, "tables": tables}
        by = _told(tables)
        _require_protocol(by, version)
        _put_aside(folder, by.formats)
        write_whole(path, (json.dumps(data, indent=1) + "\n").encode())
    return unknown(tables)


def _put_aside(folder: Path, formats: Mapping[str, int]) -> None:
    """Records of a format that the board does not write any more go into a folder of their own,
    with the tables they go by: in one folder all are read by the same."""
    path = folder / names.FILE
    try:
        before = names.of_folder(folder).formats
    except FileInvalid:
        return  # nobody can tell; the import says so
    old = [letter for letter, (kind, _) in names.FORMATS.items() if before[kind] != formats[kind]]
    records = [record for record in folder.glob("*.bin") if record.name[:1] in old]
    if not old:
        return
    if records:
        aside = _free_folder(folder)
        aside.mkdir(parents=True)
        if path.exists():
            write_whole(aside / names.FILE, path.read_bytes())
        for record in records:
            record.replace(aside / record.name)
    path.unlink(missing_ok=True)  # last: until then what is left here is known as what it is


def _free_folder(folder: Path) -> Path:
    return next(
        found
        for found in (folder / f"{EARLIER}-{number}" for number in itertools.count(1))
        if not found.exists()
    )


def _pages(client: Client, of: str) -> list[Any]:
    try:
        return list(client.pages("describe", of=of))
    except BoardRefused as refused:
        if refused.code == "UNKNOWN_NAME" and of == names.TEXT:
            return []  # a board of before there was one
        raise


def _told(tables: names.Told) -> names.Tables:
    try:
        return names.told(tables)
    except names.NONSENSE:
        raise LinkError("the board's own tables arrive in a form that nobody can read") from None


def _require_protocol(by: names.Tables, version: str) -> None:
    if by.formats.get("protocol") != names.ours().formats["protocol"]:
        raise interface.mismatch(version)


def unknown(tables: names.Told) -> list[str]:
    """One sentence for each format or kind of event that these tools do not know."""
    by, mine = _told(tables), names.ours()
    said = by.unknown_formats()
    for what in ("events", "faults", "notes"):
        new = sorted({*by.names[what].values()} - {*mine.names[what].values()})
        if new:
            said.append(
                f"{what} newer than these tools: {', '.join(new)}; they are shown by these names"
            )
    return said


def _kept(path: Path, wanted: str, version: str) -> dict[str, list[Any]] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        same = (found["hash"], found["version"]) == (wanted, version)
        return dict(found["tables"]) if same and names.TEXT in found["tables"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
