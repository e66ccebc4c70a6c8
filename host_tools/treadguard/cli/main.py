# SPDX-License-Identifier: MIT
"""`treadguard`: the table of commands and the one place where an error meets the user."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

from treadguard import __version__, errors
from treadguard.cli import (
    bench,
    calibrate,
    clock,
    completion,
    config,
    demo,
    deploy,
    doctor,
    flash,
    logbook,
    ports,
    programme,
    proof,
    report,
    sessions,
    setup,
    simulate,
    status,
    stop,
    support_bundle,
    watch,
)

DEBUG = "TREADGUARD_DEBUG"
PROGRAM = "treadguard"
COMPLETE = "_TREADGUARD_COMPLETE"  # set by the scripts that `treadguard completion` prints

EPILOG = (
    "Exit codes: "
    + ", ".join(f"{code} {meaning}" for code, meaning in errors.EXIT_CODES.items())
    + "."
)

app = typer.Typer(
    name=PROGRAM,
    help="Host tools of treadguard, a guard for backward walking on a treadmill.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"{PROGRAM} {__version__}")
        raise typer.Exit


@app.callback()
def treadguard(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """Host tools of treadguard, a guard for backward walking on a treadmill."""


app.command("setup")(setup.setup)
app.command("proof")(proof.proof)
app.command("doctor")(doctor.doctor)
app.command("ports")(ports.ports)
app.command("status")(status.status)
app.command("watch")(watch.watch)
app.command("stop")(stop.stop)
app.add_typer(config.app, name="config")
app.add_typer(logbook.app, name="logs")
app.command("sessions")(sessions.sessions)
app.command("trips")(sessions.trips)
app.command("report")(report.report)
app.add_typer(programme.app, name="programme")
app.add_typer(clock.app, name="clock")
app.add_typer(calibrate.app, name="calibrate")
app.add_typer(simulate.app, name="simulate")
app.command("flash")(flash.flash)
app.command("deploy")(deploy.deploy)
app.command("bench")(bench.bench)
app.command("support-bundle")(support_bundle.support_bundle)
app.command("demo")(demo.demo)
app.command("completion")(completion.completion)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code: the one error boundary."""
    if COMPLETE in os.environ:
        _know_shells()
    try:
        code = app(
            args=list(arguments) if arguments is not None else None,
            prog_name=PROGRAM,
            standalone_mode=False,
        )
        if code == errors.INTERRUPTED:  # typer's word for KeyboardInterrupt
            raise KeyboardInterrupt
        return code if isinstance(code, int) else errors.OK
    except errors.TreadguardError as error:
        return _fail(error, str(error), error.exit_code)
    except KeyboardInterrupt as error:
        return _fail(error, "interrupted", errors.INTERRUPTED)
    except BrokenPipeError:
        # The reader of a pipe left (`| head`): nothing to say, and nothing more to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return errors.OK
    except typer.Abort as error:
        return _fail(error, "interrupted", errors.INTERRUPTED)
    except Exception as error:
        if _is_usage_error(error):
            return _fail(error, _usage_sentence(error), errors.USAGE)
        sentence = f"{type(error).__name__}: {error} (set {DEBUG}=1 for the details)"
        return _fail(error, f"internal error: {sentence}", errors.INTERNAL)


def run() -> None:
    """Entry point of the installed program."""
    sys.exit(main())


def _fail(error: BaseException, sentence: str, code: int) -> int:
    if os.environ.get(DEBUG) == "1":
        traceback.print_exception(error, file=sys.stderr)
    print(f"{PROGRAM}: {' '.join(sentence.split())}", file=sys.stderr, flush=True)
    return code


def _know_shells() -> None:
    # typer registers its shells only together with --install-completion, which edits the
    # user's start-up files; we only print a script.
    from typer._completion_classes import completion_init

    completion_init()


def _is_usage_error(error: Exception) -> bool:
    # typer carries its own click; its parsing errors share this method and exit code 2.
    return hasattr(error, "format_message") and getattr(error, "exit_code", 0) == errors.USAGE


def _usage_sentence(error: Exception) -> str:
    message = str(error.format_message()).rstrip(".")  # type: ignore[attr-defined]
    message = message or "a command is missing"
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else PROGRAM
    return f"{message}: `{where} --help` shows what there is"
