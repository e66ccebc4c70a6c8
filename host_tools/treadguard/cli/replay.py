# SPDX-License-Identifier: MIT
"""`treadguard logs replay`: black boxes decided again by this firmware."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treadguard.cli.book_options import BoardOption, BookOption, SessionOption, TripOption
from treadguard.cli.output import JsonOption, Output, QuietOption
from treadguard.errors import ExpectationFailed, FileInvalid

if TYPE_CHECKING:
    from treadguard.logbook.decode import Box


def replay(
    source: Annotated[
        Path | None, typer.Argument(help="A pulled black box; without it the logbook's.")
    ] = None,
    session: SessionOption = None,
    trip: TripOption = None,
    board: BoardOption = None,
    logbook: BookOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Decide black boxes again with this firmware; exit code 7 when one decides differently."""
    chosen = source is not None or session is not None or trip is not None
    decide_again(
        _boxes(source, session, trip, board, logbook),
        chosen,
        Output("logs.replay", as_json, quiet),
    )


def decide_again(found: Iterable[tuple[str, Box]], chosen: bool, out: Output) -> None:
    """Print a verdict each. ExpectationFailed when one differs; FileInvalid when one that was
    chosen by name cannot be decided again."""
    from treadguard.logbook.replay import DIFFERENT
    from treadguard.logbook.replay import replay as again

    different = 0
    for named, box in found:
        try:
            verdict = again(box)
        except FileInvalid as error:
            if chosen:
                raise FileInvalid(f"{named}: {error}") from None
            out.result({"box": named, "result": "not possible", "why": str(error)},
                       [f"{named}: {error}"])  # fmt: skip
            continue
        different += verdict.result == DIFFERENT
        out.result({"box": named, **verdict.data()}, [f"{named}: {verdict.line()}"])
    if different:
        raise ExpectationFailed(f"{different} black boxes were decided differently")


def _boxes(
    source: Path | None,
    session: int | None,
    trip: int | None,
    board: str | None,
    logbook: Path | None,
) -> Iterator[tuple[str, Box]]:
    from treadguard.logbook import store
    from treadguard.logbook.export import chosen_boxes

    if source is not None:
        yield from pulled_boxes(source)
        return
    with store.opened(logbook) as book:
        yield from chosen_boxes(book, board, session, trip)


def pulled_boxes(source: Path) -> Iterator[tuple[str, Box]]:
    """A pulled black box, or every one of a folder. FileInvalid for anything else."""
    from treadguard.logbook import decode, tables

    for path in record_files(source):
        if path.name.startswith("b") or not source.is_dir():
            by = tables.of_folder(path.parent)
            decode.require_known(path.name, by)
            yield str(path), decode.blackbox(path.read_bytes(), by)


def record_files(source: Path) -> list[Path]:
    """A pulled file, or every record file of a folder."""
    if source.is_dir():
        found = sorted(source.glob("*.bin"))
        if not found:
            raise FileInvalid(f"{source} holds no records: `treadguard logs pull` fetches them")
        return found
    if not source.is_file():
        raise FileInvalid(f"{source} does not exist: name a pulled file or its folder")
    return [source]
