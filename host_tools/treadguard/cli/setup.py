# SPDX-License-Identifier: MIT
"""`treadguard setup`: from a soldered box to one that may guard a walker."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from treadguard.cli.book_options import BookOption
from treadguard.cli.output import JsonOption, Output, PortOption, QuietOption, YesOption
from treadguard.errors import UsageError

if TYPE_CHECKING:
    from treadguard.setting_up.dialogue import Dialogue
    from treadguard.setting_up.visit import Visit

WAIT = "3 min"


class StepName(StrEnum):
    """The steps by their names on the command line."""

    NAME = "name"
    CLOCK = "clock"
    WIRES = "wires"
    RAILS = "rails"
    BELT = "belt"
    SENSORS = "sensors"
    VERIFY = "verify"
    STOP_TEST = "stop-test"
    LIMITS = "limits"
    SUMMARY = "summary"


AnswersOption = Annotated[
    Path | None,
    typer.Option("--answers", metavar="FILE", help="TOML file with answers, key = value."),
]
WaitOption = Annotated[
    str, typer.Option("--wait", help="How long to wait for each thing done at the board.")
]
VirtualOption = Annotated[
    bool, typer.Option("--virtual", help="On a virtual board; Enter has each thing done there.")
]


def setup(
    steps: Annotated[
        list[StepName] | None,
        typer.Argument(
            metavar="STEP ...",
            help="Only these; without one, all that is not done yet.",
        ),
    ] = None,
    image: Annotated[
        Path | None,
        typer.Option("--image", help="MicroPython to flash when no controller answers."),
    ] = None,
    answers: AnswersOption = None,
    again: Annotated[
        bool, typer.Option("--again", help="From the first step, whatever was done.")
    ] = False,
    save: Annotated[
        Path | None,
        typer.Option("--save", help="File for the summary; else treadguard-setup-BOARD.txt."),
    ] = None,
    virtual: VirtualOption = False,
    wait: WaitOption = WAIT,
    port: PortOption = None,
    logbook: BookOption = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Lead through the first power-up, step by step, with live readings.

    Find the board, flash it if nothing answers, name it, check every wire, the handrails,
    measure the belt by hand, compare two speeds, stop test, limits, summary. What is done is
    remembered, so that the next run goes on there. Each step can be run alone by its name.

    With `--answers` and `--yes` nobody is asked; hands at the board are needed all the same.
    """
    from treadguard.setting_up import plan

    out = Output("setup", as_json, quiet)
    chosen = [step.value for step in steps or ()]
    with visited(out, port, answers, yes, virtual, wait, image, logbook) as visit:
        visit.watch.ready()
        todo = plan.left(visit, [n for n in chosen if n != "summary"] or [], again)
        if chosen == ["summary"]:
            todo = []
        for step in plan.STEPS:
            if step not in todo and not chosen:
                out.note(f"done before: {step.title}")
        plan.walk(visit, todo)
        if not chosen or "summary" in chosen:
            _summarise(visit, out, save, virtual)
        else:
            data = {name: visit.notes.steps[name] for name in chosen}
            out.result({"board": visit.notes.board, "steps": data}, [f"{n}: done" for n in data])


def _summarise(visit: Visit, out: Output, save: Path | None, virtual: bool) -> None:
    from treadguard.files import write_whole
    from treadguard.setting_up import summary

    lines = summary.lines(visit)
    path = save or Path(f"treadguard-setup-{visit.notes.board}.txt")
    saved = save is not None or not virtual
    if saved:
        write_whole(path, ("\n".join(lines) + "\n").encode())
    data: dict[str, Any] = {
        "board": visit.notes.board,
        "steps": visit.notes.steps,
        "values": visit.values(),
        "saved": str(path) if saved else None,
    }
    out.note("")
    out.result(data, [*lines, *([f"written to {path}"] if saved else [])])


@contextlib.contextmanager
def visited(
    out: Output,
    port: str | None,
    answers: Path | None,
    yes: bool,
    virtual: bool,
    wait: str,
    image: Path | None = None,
    logbook: Path | None = None,
) -> Iterator[Visit]:
    """A visit at the board on `port`, or at a fresh virtual one."""
    from treadguard import units
    from treadguard.link import discovery
    from treadguard.setting_up import answers as given
    from treadguard.setting_up import virtual as pretend
    from treadguard.setting_up.dialogue import Dialogue

    patience_s = units.parse_quantity(wait, "ms").value / 1000
    if not 1 <= patience_s <= 3600:
        raise UsageError(f"--wait {wait} is refused: it takes 1 s to 60 min")
    known = given.read(answers)
    if virtual and port:
        raise UsageError("--virtual and --port contradict each other: give one of them")
    if not virtual:
        choice = discovery.choose(port)
        if choice.why != "--port":
            out.note(f"using {choice.url} ({choice.why})")
        talk = Dialogue(out, known, yes)
        image = Path(known["image"]) if image is None and "image" in known else image
        with _at(choice.url, talk, patience_s, image, logbook, None) as visit:
            yield visit
        return
    out.note("a virtual board: nothing here is connected to anything")
    with pretend.board() as (url, hands), tempfile.TemporaryDirectory() as folder:
        talk = Dialogue(out, known, yes, hands, pretend.KNOWN)
        with _at(url, talk, patience_s, None, None, Path(folder)) as visit:
            yield visit


@contextlib.contextmanager
def _at(
    url: str,
    talk: Dialogue,
    patience_s: float,
    image: Path | None,
    logbook: Path | None,
    folder: Path | None,
) -> Iterator[Visit]:
    from treadguard.setting_up import notes
    from treadguard.setting_up.arriving import arrive
    from treadguard.setting_up.visit import Visit
    from treadguard.setting_up.watching import Watch

    with arrive(url, talk, image, logbook) as client:
        board = str(client.status_at_attach.get("board", ""))
        talk.say(f"board {board} answers, version {client.status_at_attach.get('version')}")
        yield Visit(
            client,
            talk,
            Watch(client, talk, patience_s),
            notes.of_board(board, folder),
            logbook,
            lasting=folder is None,
        )
