# SPDX-License-Identifier: MIT
"""`treadguard deploy`: this version's controller onto a board that has one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from treadguard.cli.book_options import BookOption
from treadguard.cli.chip_option import ChipName, ChipOption
from treadguard.cli.output import DryRunOption, JsonOption, Output, PortOption, QuietOption

if TYPE_CHECKING:
    from treadguard.deploying import Deployed


def deploy(
    chip: ChipOption = ChipName.ESP32,
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
    """Update the controller, with the red button pressed; cut short, it refuses to arm."""
    from treadguard import chips, deploying
    from treadguard.link import discovery

    out = Output("deploy", as_json, quiet)
    plan = deploying.make_plan(
        discovery.choose(port).url, folder=backup, logbook=logbook, chip=chips.CHIPS[chip]
    )
    if dry_run:
        files = [{"name": name, "bytes": len(data)} for name, data in sorted(plan.files.items())]
        out.result({"dry_run": True, "files": files}, plan.lines())
        return
    done = deploying.deploy(plan, out.note)
    out.result(_data(done), _lines(done))
    if done.not_restored:
        out.note(f"warning: {done.not_restored}")


def _data(done: Deployed) -> dict[str, Any]:
    return {
        "dry_run": False,
        "board": done.board,
        "before": done.before,
        "version": done.version,
        "state": done.state,
        "blockers": done.blockers,
        "saved": str(done.saved.folder) if done.saved else None,
        "cleared": done.cleared,
        "other_files": done.foreign,
    }


def _lines(done: Deployed) -> list[str]:
    before = f" (before: {done.before})" if done.before else ""
    lines = [f"board {done.board} runs treadguard {done.version}{before}, {done.state}"]
    if done.saved is not None:
        lines.append(f"a copy of its settings and records is in {done.saved.folder}")
    if done.cleared:
        kinds = ", ".join(done.cleared)
        lines.append(
            f"cleared on the board, because the new version writes another format: {kinds};"
            " the copy has them all, the logbook what it can read"
        )
    if done.foreign:
        lines.append(f"not treadguard's, and still there: {', '.join(done.foreign)}")
    if done.blockers:
        lines.append(f"cannot be armed yet: {', '.join(done.blockers)}")
    return lines
