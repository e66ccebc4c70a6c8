# SPDX-License-Identifier: MIT
"""The logbook's part of `treadguard logs`: list, show, export, import, name, replay."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from treadguard.cli import logs
from treadguard.cli.book_options import (
    BoardOption,
    BookOption,
    SessionOption,
    SinceOption,
    UntilOption,
)
from treadguard.cli.output import JsonOption, Output, PortOption, QuietOption, table
from treadguard.cli.replay import record_files, replay
from treadguard.errors import FileInvalid, UsageError

if TYPE_CHECKING:
    from treadguard.logbook.store import Book

app = logs.app
app.command()(replay)
KINDS = {"j": "journal", "b": "black box", "t": "session trace"}


class What(StrEnum):
    """What `logs export` writes."""

    SESSIONS = "sessions"
    TRIPS = "trips"
    EVENTS = "events"
    BLACKBOX = "blackbox"
    TRACE = "trace"


class Form(StrEnum):
    """How `logs export` writes it."""

    CSV = "csv"
    JSONL = "jsonl"


@app.command("list")
def list_(
    port: PortOption = None,
    logbook: BookOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List what the logbook holds; with --port what the board on that port holds."""
    if port is not None:
        logs.list_on_board(port, Output("logs.list", as_json, quiet))
        return
    from treadguard.logbook import query, store

    out = Output("logs.list", as_json, quiet)
    with store.opened(logbook) as book:
        boards = [_board_data(book, board, story) for board, story in query.stories(book)]
    rows = [_board_line(board) for board in boards]
    head = ("BOARD", "NAME", "SESSIONS", "TRIPS", "EVENTS", "FILES", "DAMAGED BYTES")
    lines = table(rows, head) if rows else ["an empty logbook: `treadguard logs pull` fills it"]
    out.result({"logbook": str(book.path), "boards": boards}, lines)


def _board_line(data: dict[str, Any]) -> tuple[str, ...]:
    counts = (data["sessions"], data["trips"], data["events"], len(data["files"]))
    return data["key"], data["name"] or "", *map(str, counts), str(data["damaged_bytes"])


def _board_data(book: Book, board: Any, story: Any) -> dict[str, Any]:
    from treadguard.logbook.sessions import ended

    return {
        "key": board.key,
        "chip": board.chip,
        "name": board.name,
        "sessions": sum(1 for _ in ended(story)),
        "trips": len(story.trips),
        "events": len(book.frames(board)),
        "files": [
            {"name": name, "bytes": size, "intact": intact, "kind": KINDS.get(name[:1], "unknown")}
            for name, size, intact in book.file_names(board)
        ],
        "damaged_bytes": sum(size for *_, size in book.damage(board)),
    }


@app.command()
def show(
    source: Annotated[
        Path | None, typer.Argument(help="A pulled file or folder; without it the logbook.")
    ] = None,
    session: SessionOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    board: BoardOption = None,
    logbook: BookOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show records decoded; with --json one line per record."""
    out = Output("logs.show", as_json, quiet)
    if source is not None:
        for path in record_files(source):
            for record, line in _decoded(path):
                out.result(record, [line])
        return
    from treadguard.logbook import decode, query, store
    from treadguard.logbook.rows import event_row

    within = query.period(since, until)
    with store.opened(logbook) as book:
        one = book.board(board)
        for placed in query.events(book, one, within, session):
            line = f"{placed.when.text():16s}  {decode.event_line(placed.event)}"
            out.result(event_row(one, placed), [line])


@app.command()
def export(
    what: Annotated[What, typer.Argument(help="What to write.")],
    form: Annotated[Form, typer.Option("--as", help="CSV, or one JSON object a line.")] = Form.CSV,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; stdout without it.")
    ] = None,
    session: SessionOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    board: BoardOption = None,
    logbook: BookOption = None,
) -> None:
    """Write sessions, trips, events, a black box or a trace as CSV or JSON lines.

    A column's name ends in its unit: _mm_s, _mm, _ms, _s. `blackbox` and `trace` need --session.
    """
    from treadguard.files import write_whole
    from treadguard.logbook import export as exporting
    from treadguard.logbook import query, store
    from treadguard.logbook.rows import csv_lines

    within = query.period(since, until)
    with store.opened(logbook) as book:
        rows = exporting.rows_of(what.value, book, within, board, session)
        lines = csv_lines(rows) if form is Form.CSV else (json.dumps(row) for row in rows)
        if output is None:
            for line in lines:
                print(line)
        else:
            write_whole(output, "".join(line + "\n" for line in lines).encode("utf-8"))


@app.command("import")
def import_(
    folder: Annotated[Path, typer.Argument(help="A folder of pulled records.")],
    chip: Annotated[
        str | None,
        typer.Option("--board", help="The chip's id, where the folder's name is not it."),
    ] = None,
    as_new: Annotated[
        bool, typer.Option("--as-new", help="The board was erased and counts from 1 again.")
    ] = False,
    logbook: BookOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Import pulled records into the logbook; doing it twice changes nothing."""
    from dataclasses import asdict

    from treadguard.logbook import importing, store

    out = Output("logs.import", as_json, quiet)
    with store.opened(logbook, make=True) as book:
        of = importing.chip_of(folder, chip)
        done = importing.import_folder(book, folder, of, as_new, out.progress)
    for sentence in done.unknown:
        out.note(f"warning: {sentence}")
    out.result(asdict(done), [done.line()])


@app.command()
def name(
    board: Annotated[str, typer.Argument(help="The board's key, or the name it has.")],
    called: Annotated[str, typer.Argument(metavar="NAME", help="What to call it from now on.")],
    logbook: BookOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Give a board a name in the logbook."""
    from treadguard.logbook import store

    out = Output("logs.name", as_json, quiet)
    if not called.strip() or len(called) > 40 or not called.isprintable():
        raise UsageError("a board's name is 1 to 40 printable characters")
    with store.opened(logbook) as book:
        one = book.board(board)
        book.rename(one, called.strip())
    data = {"key": one.key, "name": called.strip()}
    out.result(data, [f"board {one.key} is called {called.strip()}"])


def _decoded(path: Path) -> Iterable[tuple[dict[str, Any], str]]:
    from treadguard.logbook import decode, tables

    data = path.read_bytes()
    by = tables.of_folder(path.parent)
    try:
        yield from decode.records(path.name, data, by)
    except FileInvalid as error:
        raise FileInvalid(f"{path}: {error}") from None
    except (ValueError, IndexError, struct.error) as error:
        raise FileInvalid(f"{path} is damaged: {error}; pull it again") from None
