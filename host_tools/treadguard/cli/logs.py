# SPDX-License-Identifier: MIT
"""`treadguard logs`: what the board has recorded, pulled whole and checked, shown decoded."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from treadguard.cli.output import (
    DryRunOption,
    JsonOption,
    Output,
    PortOption,
    QuietOption,
    table,
)
from treadguard.errors import FileInvalid

if TYPE_CHECKING:
    from treadguard.link.client import Client

app = typer.Typer(help="The board's journal and black boxes.", no_args_is_help=True)

JOURNAL, BOX = "log.read", "blackbox.read"


@app.callback()
def logs() -> None:
    """The board's journal and black boxes."""


@app.command("list")
def list_(
    port: PortOption = None, as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """List what the board holds."""
    from treadguard.cli.connect import connected

    out = Output("logs.list", as_json, quiet)
    with connected(port, out) as client:
        found = list(_on_board(client))
    data = {"files": [{"name": n, "bytes": size, "kind": _kind(do)} for n, size, do in found]}
    rows = [(name, str(size), _kind(do)) for name, size, do in found]
    out.result(data, table(rows, ("FILE", "BYTES", "KIND")) if rows else ["no records"])


@app.command()
def pull(
    into: Annotated[
        Path | None,
        typer.Option("--into", help="Folder to pull into; `logs/BOARD` without it."),
    ] = None,
    port: PortOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Pull every record into a folder; what is there already is not pulled again."""
    from treadguard.cli.connect import connected

    out = Output("logs.pull", as_json, quiet)
    with connected(port, out) as client:
        folder = into or Path("logs") / (str(client.status_at_attach.get("board")) or "board")
        found = list(_on_board(client))
        if not dry_run:
            _make_folder(folder)
            _pull_all(client, found, folder, out)
    said = "would be pulled" if dry_run else "complete"
    data = {
        "folder": str(folder),
        "dry_run": dry_run,
        "files": [{"name": name, "bytes": size} for name, size, _ in found],
    }
    out.result(data, [f"files {said} in {folder}: {len(found)}"])


@app.command()
def show(
    source: Annotated[Path, typer.Argument(help="A pulled file or the folder of a pull.")],
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show pulled records decoded; with --json one line per record."""
    out = Output("logs.show", as_json, quiet)
    for path in _record_files(source):
        for record, line in _decoded(path):
            out.result(record, [line])


def _on_board(client: Client) -> Iterator[tuple[str, int, str]]:
    from treadguard.link.client import following

    at = 0
    while at >= 0:
        answer = client.request("log.list", at=at)
        for name, size in answer.get("journal", {}).get("segments", ()):
            yield _safe(str(name)), int(size), JOURNAL
        for name, size in answer.get("boxes", ()):
            yield _safe(str(name)), int(size), BOX
        at = following(answer, at, "log.list")


def _safe(name: str) -> str:
    # The name becomes a path here; a device must not choose where.
    if not name or name.startswith(".") or any(sign in name for sign in "/\\:"):
        raise FileInvalid(f"the board names a file {name!r}, which is no plain file name")
    return name


def _kind(do: str) -> str:
    return "journal" if do == JOURNAL else "black box"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileInvalid(f"{folder} cannot be made: {error.strerror}") from None


def _pull_all(
    client: Client, found: list[tuple[str, int, str]], folder: Path, out: Output
) -> None:
    from treadguard.link.files import read_file

    for name, size, do in found:

        def progress(done: int, of: int, name: str = name) -> None:
            out.progress(f"{name}  {done} of {of} bytes")

        read_file(client, do, name, size, folder, progress)


def _record_files(source: Path) -> list[Path]:
    if source.is_dir():
        found = sorted(source.glob("*.bin"))
        if not found:
            raise FileInvalid(f"{source} holds no records: `treadguard logs pull` fetches them")
        return found
    if not source.is_file():
        raise FileInvalid(f"{source} does not exist: name a pulled file or its folder")
    return [source]


def _decoded(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    from treadguard.logbook import decode

    data = path.read_bytes()
    try:
        yield from decode.records(path.name, data)
    except FileInvalid as error:
        raise FileInvalid(f"{path}: {error}") from None
    except (ValueError, IndexError, struct.error) as error:
        raise FileInvalid(f"{path} is damaged: {error}; pull it again") from None
