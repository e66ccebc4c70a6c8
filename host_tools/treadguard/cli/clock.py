# SPDX-License-Identifier: MIT
"""`treadguard clock`: give the board's records a wall time."""

from __future__ import annotations

import time

import typer

from treadguard.cli.output import DryRunOption, JsonOption, Output, PortOption, QuietOption

app = typer.Typer(help="The time of the board's records.", no_args_is_help=True)


@app.callback()
def clock() -> None:
    """The time of the board's records."""


@app.command()
def sync(
    port: PortOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Tell the board this computer's time; it has no clock of its own."""
    from treadguard.cli.connect import connected

    out = Output("clock", as_json, quiet)
    with connected(port, out) as client:
        epoch_s = int(time.time())
        if not dry_run:
            client.request("clock.set", epoch_s=epoch_s)
        shown = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(epoch_s))
        said = "would set" if dry_run else "set"
        out.result({"epoch_s": epoch_s, "dry_run": dry_run}, [f"clock {said} to {shown}"])
