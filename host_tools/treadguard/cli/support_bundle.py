# SPDX-License-Identifier: MIT
"""`treadguard support-bundle`: one file for a bug report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from treadguard.cli.book_options import BoardOption, BookOption
from treadguard.cli.output import JsonOption, Output, PortOption, QuietOption
from treadguard.errors import FileInvalid

# Of a status, what names a place on the user's computer is not in it; the rest is the board's.
OWN = ("id", "ok")


def support_bundle(
    output: Annotated[Path, typer.Option("--output", "-o", help="The zip to write.")] = Path(
        "treadguard-support.zip"
    ),
    port: PortOption = None,
    board: BoardOption = None,
    logbook: BookOption = None,
    bench: Annotated[
        Path | None,
        typer.Option(
            "--bench", help="The bench sheet; else treadguard-bench.json, if it is here."
        ),
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write one zip for a bug report; it lists what is in it, and asks the board with --port."""
    from treadguard.files import write_whole
    from treadguard.logbook import bundle, store

    out = Output("support-bundle", as_json, quiet)
    sheet = _sheet(bench)
    status, config = _ask(port, out) if port else (None, None)
    try:
        with store.opened(logbook) as book:
            boards = [book.board(board)] if board else book.boards()
            data, names = bundle.make(book, boards, status, config, sheet)
    except FileInvalid as error:
        # A logbook that cannot be read is no reason to have no bug report.
        if board is not None:
            raise
        out.note(f"{error}; the bundle has no records")
        data, names = bundle.make(None, [], status, config, sheet)
    write_whole(output, data)
    lines = [f"wrote {output}, {len(data)} bytes:", *(f"  {name}" for name in names)]
    lines.append("its README.txt says what it tells about you; look into it before you send it")
    out.result({"file": str(output), "bytes": len(data), "contents": names}, lines)


def _sheet(named: Path | None) -> dict[str, Any] | None:
    """The bench sheet; None without one. FileInvalid when the named one is missing."""
    from treadguard import measuring

    found = measuring.load(named or measuring.DEFAULT)
    if named is not None and not found:
        raise FileInvalid(f"{named} does not exist: `treadguard bench` makes one")
    return found or None


def _ask(port: str, out: Output) -> tuple[dict[str, Any], dict[str, int] | None]:
    from treadguard.cli.connect import connected, relay_closed
    from treadguard.config_push import read_values

    with connected(port, out, same_interface=False) as client:
        status = {k: v for k, v in client.status_at_attach.items() if k not in OWN}
        if relay_closed(status):
            out.note("the relay is closed: the board tells its settings only at rest")
            return status, None
        return status, read_values(client)
