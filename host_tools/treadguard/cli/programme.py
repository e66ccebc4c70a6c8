# SPDX-License-Identifier: MIT
"""`treadguard programme`: protocols of the studies and your own, what is due, done, missed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treadguard.cli.book_options import BoardOption, BookOption
from treadguard.cli.output import (
    DryRunOption,
    JsonOption,
    Output,
    PortOption,
    QuietOption,
    YesOption,
)
from treadguard.errors import FileInvalid, UsageError

if TYPE_CHECKING:
    from treadguard.link.client import Client
    from treadguard.programmes.plan import Plan

app = typer.Typer(help="Walking programmes: what is due, done and missed.", no_args_is_help=True)


@app.callback()
def programme() -> None:
    """Walking programmes: what is due, done and missed."""


@app.command("list")
def list_(as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """List the programmes with their sources; those above a rule are shown, never offered."""
    from treadguard.programmes import reading, words

    out = Output("programme.list", as_json, quiet)
    found = reading.everything()
    lines = [line for one in found for line in words.about(one)]
    out.result({"programmes": [words.data(one) for one in found]}, [*lines, words.NO_CLAIM])


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A programme of your own, as TOML.")],
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Check a programme file; needs no board."""
    from treadguard.programmes import reading, words

    out = Output("programme.check", as_json, quiet)
    one = reading.read(file)
    out.result(words.data(one), [f"{file} is valid", *words.about(one)])


@app.command()
def start(
    wanted: Annotated[str, typer.Argument(metavar="ID|FILE", help="As `list` names it.")],
    speed: Annotated[
        str | None,
        typer.Option("--speed", help="Your first speed, where the programme names none."),
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="First day; today without it.")
    ] = None,
    board: BoardOption = None,
    logbook: BookOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Begin a programme; one that was followed before ends."""
    from treadguard import firmware, units
    from treadguard.logbook import store
    from treadguard.programmes import enrolment, reading, words

    out = Output("programme.start", as_json, quiet)
    one = reading.find(wanted)
    if speed and one.speed_mm_s is not None:
        raise UsageError(f"{one.id} names its own speed: leave --speed out")
    limit = firmware.parameters()["backward_limit_mm_s"]
    first = units.parse(speed, limit).value if speed else None
    day = _date(on)
    with store.opened(logbook, make=True) as book:
        of = book.board(board) if board else None
        enrolment.start(book, one, day, first, of)
        found = enrolment.current(book)
        plan = enrolment.plan_of(book, found, _today())
    out.note(words.NO_CLAIM)
    out.result(
        words.status_data(found, plan),
        [f"{one.id} begins on {day}", *words.next_lines(found, plan)],
    )


@app.command()
def status(
    logbook: BookOption = None, as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Show what is due, done and missed, and the next session."""
    from treadguard.logbook import store
    from treadguard.programmes import enrolment, words

    out = Output("programme.status", as_json, quiet)
    with store.opened(logbook) as book:
        found = enrolment.current(book)
        plan = enrolment.plan_of(book, found, _today())
    out.result(words.status_data(found, plan), words.status_lines(found, plan))


@app.command()
def offer(
    port: PortOption = None,
    logbook: BookOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Offer the next session's speed limit and time to the board; START there confirms it."""
    from treadguard.cli.change import change_board
    from treadguard.cli.connect import connected
    from treadguard.logbook import store
    from treadguard.programmes import enrolment

    out = Output("programme.offer", as_json, quiet)
    with store.opened(logbook) as book:
        found = enrolment.current(book)
        plan = enrolment.plan_of(book, found, _today())
    wanted = _settings(plan)
    with connected(port, out) as client:
        wanted |= _incline(plan, client)
        change_board(client, out, wanted, yes, dry_run)


@app.command()
def stop(
    logbook: BookOption = None, as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Follow no programme any more; what was walked stays in the logbook."""
    from treadguard.logbook import store
    from treadguard.programmes import enrolment

    out = Output("programme.stop", as_json, quiet)
    with store.opened(logbook) as book:
        found = enrolment.current(book)
        enrolment.stop(book, _today())
    out.result({"id": found.programme.id}, [f"{found.programme.id} has ended"])


def _settings(plan: Plan) -> dict[str, int]:
    """The next session as parameters of the board."""
    coming = plan.next_session()
    if coming is None:
        raise FileInvalid("the programme is over: `treadguard programme list` shows others")
    _, week = coming
    wanted = {"session_limit_min": week.minutes}
    if week.speed_mm_s is not None:
        wanted["backward_limit_mm_s"] = week.speed_mm_s
    return wanted


def _incline(plan: Plan, client: Client) -> dict[str, int]:
    """The incline limit, only where an inclinometer would stop what the programme asks for."""
    from treadguard import config_push, options

    percent = plan.programme.incline_percent
    if percent is None or "incline_permille" not in options.of(client.status_at_attach):
        return {}
    needed = -(-percent.numerator * 10 // percent.denominator)
    limit = config_push.read_values(client)["incline_limit_permille"]
    return {"incline_limit_permille": needed} if needed > limit else {}


def _today() -> dt.date:
    return dt.datetime.now().astimezone().date()


def _date(text: str | None) -> dt.date:
    if text is None:
        return _today()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f'"{text}" is no date: write it as 2026-03-01') from None
