# SPDX-License-Identifier: MIT
"""`treadguard flash`: MicroPython and the controller onto a chip, empty or not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from treadguard.cli.book_options import BookOption
from treadguard.cli.chip_option import ChipName, ChipOption
from treadguard.cli.output import DryRunOption, JsonOption, Output, PortOption, QuietOption

if TYPE_CHECKING:
    from treadguard.flashing import Flashed


def flash(
    image: Annotated[
        Path, typer.Argument(help="MicroPython for the chip, 1.26 or later, as downloaded.")
    ],
    chip: ChipOption = ChipName.ESP32,
    by_hand: Annotated[
        bool,
        typer.Option(
            "--by-hand", help="The board has no reset circuit: press BOOT and EN when asked."
        ),
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Overwrite a chip that runs another program.")
    ] = False,
    no_restore: Annotated[
        bool, typer.Option("--no-restore", help="Save the settings but do not bring them back.")
    ] = False,
    backup: Annotated[
        Path | None,
        typer.Option("--backup", help="Folder for settings and records; else logs/BOARD."),
    ] = None,
    port: PortOption = None,
    logbook: BookOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write MicroPython and the controller; settings and records are saved first."""
    from treadguard import chips, flashing
    from treadguard.link import discovery

    out = Output("flash", as_json, quiet)
    choice = discovery.choose(port)
    plan = flashing.make_plan(
        image,
        choice.url,
        by_hand=by_hand,
        replace=replace,
        folder=backup,
        logbook=logbook,
        restore=not no_restore,
        chip=chips.CHIPS[chip],
    )
    for warning in plan.image.warnings:
        out.note(f"warning: {warning}")
    if dry_run:
        pieces = [{"name": p.name, "at": p.at, "bytes": len(p.data)} for p in plan.pieces()]
        data = {"dry_run": True, "micropython": plan.image.version, "pieces": pieces}
        data["chip"] = chip.value
        out.result(data, plan.lines())
        return
    for line in plan.lines():
        out.note(line)
    done = flashing.flash(plan, out.note)
    out.result(_data(done), _lines(done))
    if done.not_restored:
        out.note(f"warning: {done.not_restored}")


def _data(done: Flashed) -> dict[str, Any]:
    return {
        "dry_run": False,
        "board": done.board,
        "found": done.found,
        "version": done.version,
        "state": done.state,
        "restored": done.restored,
        "stop_test_due": done.stop_test_due,
        "blockers": done.blockers,
        "saved": str(done.saved.folder) if done.saved else None,
        "other_files": done.saved.others if done.saved else [],
    }


def _lines(done: Flashed) -> list[str]:
    lines = [f"board {done.board} runs treadguard {done.version}, {done.state}"]
    if done.saved is not None:
        lines.append(f"what was on it is in {done.saved.folder}")
    if done.logbook:
        lines.append(f"logbook: {done.logbook}")
    if done.restored:
        lines.append("settings and calibration are back")
    if done.blockers:
        lines.append(f"cannot be armed yet: {', '.join(done.blockers)}")
    if done.stop_test_due:
        lines.append("a stop test is due before anybody walks backward")
    return lines
