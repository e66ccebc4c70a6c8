# SPDX-License-Identifier: MIT
"""`treadguard logs pull`: all that the board has recorded, checked, and only what is new."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treadguard.cli.output import (
    DryRunOption,
    JsonOption,
    Output,
    PortOption,
    QuietOption,
    table,
)
from treadguard.errors import FileInvalid, Interrupted

if TYPE_CHECKING:
    from treadguard.link.client import Client
    from treadguard.link.pull import Listing, Progress, Pulled

app = typer.Typer(help="The board's journal and black boxes.", no_args_is_help=True)

BAR = 24  # characters
NEARLY_FULL_BYTES = 65536  # below this the board gives up black boxes


@app.callback()
def logs() -> None:
    """The board's journal and black boxes."""


def list_on_board(port: str, out: Output) -> None:
    """`logs list --port`: what that board holds."""
    from treadguard.cli.connect import connected
    from treadguard.link.pull import listing

    with connected(port, out, same_interface=False) as client:
        found = listing(client)
    data = {
        "files": [{"name": r.name, "bytes": r.size, "kind": r.kind} for r in found.records],
        "free_bytes": found.free_bytes,
    }
    rows = [(r.name, str(r.size), r.kind) for r in found.records]
    out.result(data, table(rows, ("FILE", "BYTES", "KIND")) if rows else ["no records"])
    _say_if_full(found, out)


@app.command()
def pull(
    into: Annotated[
        Path | None,
        typer.Option(
            "--into", help="A folder of your own; without it `logs/BOARD` and the logbook."
        ),
    ] = None,
    port: PortOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Pull every record, and into the logbook; what is there already is not pulled again."""
    from treadguard.cli.connect import connected
    from treadguard.link import pull as puller
    from treadguard.link import versions

    out = Output("logs.pull", as_json, quiet)
    with connected(port, out, same_interface=False) as client:
        board = str(client.status_at_attach.get("board") or "board")
        folder = into or Path("logs") / board
        found = puller.listing(client)
        new = [record.name for record in puller.wanted(found, folder)]
        done = puller.Pulled(folder, len(found.records), new)
        if not dry_run:
            _make_folder(folder)
            for sentence in versions.keep_tables(client, folder):
                out.note(f"warning: {sentence}")
            done = _pull(client, found, folder, board, out)
    data = {
        "folder": str(folder),
        "board": board,
        "dry_run": dry_run,
        "files": [{"name": r.name, "bytes": r.size} for r in found.records],
        "new": done.new,
        "transferred_bytes": done.transferred_bytes,
        "free_bytes": found.free_bytes,
    }
    what = "would be pulled" if dry_run else f"new, {done.transferred_bytes} bytes"
    out.result(data, [f"files in {folder}: {done.listed}; {len(done.new)} {what}"])
    for name in done.gone:
        out.note(f"{name} was removed on the board meanwhile: it had to make room")
    for name in done.spoiled:
        out.note(
            f"{name} had gone bad in {folder} and was pulled again; the bad one is {name}.bad"
        )
    _say_if_full(found, out)
    if into is None and not dry_run:
        _into_logbook(folder, board, out)


def _pull(client: Client, found: Listing, folder: Path, board: str, out: Output) -> Pulled:
    from treadguard.link import pull as puller

    try:
        return puller.pull(client, found, folder, board, shown(out))
    except KeyboardInterrupt:
        raise Interrupted(
            f"interrupted: what has arrived is kept in {folder}, and the next `treadguard logs"
            " pull` goes on from there; nothing on the board was changed"
        ) from None


def _into_logbook(folder: Path, board: str, out: Output) -> None:
    """What `logs import` does; a folder of one's own (--into) is left to that command."""
    from treadguard.logbook import importing, store

    with store.opened(make=True) as book:
        of = importing.chip_of(folder, board)
        out.note(
            f"logbook: {importing.import_folder(book, folder, of, False, out.progress).line()}"
        )


def shown(out: Output) -> Progress:
    """A bar with the rate and what is left, on a terminal."""
    began = time.monotonic()

    def show(done: int, total: int, name: str) -> None:
        passed_s = max(0.001, time.monotonic() - began)
        rate = done / passed_s
        left_s = int((total - done) / rate) if rate else 0
        filled = BAR * done // max(1, total)
        bar = "#" * filled + "." * (BAR - filled)
        out.progress(
            f"{name}  [{bar}] {done // 1024} of {total // 1024} KB"
            f"  {rate / 1024:.1f} KB/s  {left_s // 60}:{left_s % 60:02d} left"
        )

    return show


def _say_if_full(found: Listing, out: Output) -> None:
    if found.free_bytes is not None and found.free_bytes < NEARLY_FULL_BYTES:
        out.note(
            f"warning: the board has {found.free_bytes // 1024} KB left and gives up its oldest"
            " black boxes: remove files from it that are not treadguard's"
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileInvalid(f"{folder} cannot be made: {error.strerror}") from None
