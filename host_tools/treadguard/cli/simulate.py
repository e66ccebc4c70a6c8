# SPDX-License-Identifier: MIT
"""`treadguard simulate`: the real firmware on a virtual board, treadmill and walker."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treadguard.cli.chip_option import ChipName
from treadguard.cli.output import JsonOption, Output, QuietOption, table
from treadguard.errors import ExpectationFailed, FileInvalid, UsageError

if TYPE_CHECKING:
    from treadguard.simulation import Run

app = typer.Typer(
    help="The real firmware on a virtual board, treadmill and walker.", no_args_is_help=True
)


class Interpreter(StrEnum):
    """What executes the firmware."""

    CPYTHON = "cpython"
    MICROPYTHON = "micropython"


class ClosedState(StrEnum):
    """States a replay can start in."""

    WAIT_BELT = "wait_belt"
    FORWARD = "forward"
    MOUNTING = "mounting"
    BACKWARD = "backward"


# What of a scenario is its world; the rest is its story.
SETUP = ("seed", "profile", "pump", "mode", "chip", "treadmill", "fitted", "board")


@app.callback()
def simulate() -> None:
    """The real firmware on a virtual board, treadmill and walker."""


@app.command("list")
def list_(as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """List the scenarios that ship."""
    from treadguard import simulation

    out = Output("simulate.list", as_json, quiet)
    found = [(path, simulation.read(path)) for path in simulation.library()]
    rows = [(path.stem, str(scenario.get("about", "")).split("\n")[0]) for path, scenario in found]
    data = {"scenarios": [{"name": name, "about": about} for name, about in rows]}
    out.result(data, table(rows))


@app.command()
def run(
    scenario: Annotated[
        list[str] | None, typer.Argument(metavar="FILE|NAME", help="Scenarios to run.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Run every scenario that ships.")] = False,
    interpreter: Annotated[
        Interpreter, typer.Option("--interpreter", help="What executes the firmware.")
    ] = Interpreter.CPYTHON,
    events: Annotated[bool, typer.Option("--events", help="Print the event log too.")] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Run scenarios and compare with what they expect; exit code 7 when one fails."""
    from treadguard import simulation

    out = Output("simulate.run", as_json, quiet)
    if bool(scenario) == all_:
        raise UsageError("name scenarios to run, or give --all")
    command = simulation.interpreter_command(interpreter is Interpreter.MICROPYTHON)
    paths = simulation.library() if all_ else [simulation.find(name) for name in scenario or ()]
    checked = [simulation.load(path) for path in paths]
    failed = 0
    for number, done in enumerate(simulation.run_all(checked, command), 1):
        out.progress(f"{number} of {len(checked)}")
        failed += not done.passed
        data = {"interpreter": interpreter.value, **done.summary}
        out.result({**data, "events": done.events} if events else data, _lines(done, events))
    if failed:
        count = f"{failed} of {len(checked)} scenarios"
        raise ExpectationFailed(f"{count} did not end as expected")


@app.command()
def serve(
    pty: Annotated[
        Path | None, typer.Option("--pty", metavar="LINK", help="Serve on a pty, named by a link.")
    ] = None,
    tcp: Annotated[int | None, typer.Option("--tcp", metavar="PORT", help="Serve on TCP.")] = None,
    control: Annotated[
        int, typer.Option("--control", metavar="PORT", help="TCP port for commands; 0 takes any.")
    ] = 0,
    scenario: Annotated[
        str | None,
        typer.Option("--scenario", help="File or name whose treadmill and board to start from."),
    ] = None,
    chip: Annotated[
        ChipName | None, typer.Option("--chip", help="The chip of the board; else the scenario's.")
    ] = None,
    factor: Annotated[float, typer.Option("--factor", help="Times real time.")] = 1.0,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Run a virtual board in real time, for any client, until Ctrl-C.

    The control port takes lines such as `grip both`, `let_go left`, `start press 200`,
    `console speed 833`, `estop press`; `help` lists them.
    """
    from treadguard import firmware, simulation
    from treadguard.virtual import serve as server

    if (pty is None) == (tcp is None):
        raise UsageError("give either --pty LINK or --tcp PORT")
    out = Output("simulate.serve", as_json, quiet)
    setup = simulation.load(simulation.find(scenario)) if scenario else {}
    setup = {key: setup[key] for key in SETUP if key in setup}
    if chip is not None:
        setup["chip"] = chip.value

    def ready(wire: str, commands: str) -> None:
        out.result(
            {"port": wire, "control": commands}, [f"board on {wire}, control on {commands}"]
        )

    try:
        server.serve(
            setup,
            firmware.folder(),
            pty_link=pty,
            tcp_port=tcp,
            control_port=control,
            factor=factor,
            on_ready=ready,
        )
    except server.NotServableError as error:
        raise FileInvalid("; ".join(str(error).splitlines())) from None


@app.command()
def replay(
    edges: Annotated[
        Path | None, typer.Argument(help="CSV: one edge time in microseconds a line.")
    ] = None,
    box: Annotated[
        Path | None,
        typer.Option("--box", metavar="FILE", help="A pulled black box instead of edges."),
    ] = None,
    state: Annotated[
        ClosedState, typer.Option("--state", help="State the replay starts in.")
    ] = ClosedState.BACKWARD,
    limit: Annotated[
        str | None, typer.Option("--limit", help="Speed limit: `3 km/h`, `833 mm/s`.")
    ] = None,
    distance_um: Annotated[
        int | None, typer.Option("--distance-um", help="Belt travel per edge, in um.")
    ] = None,
    magnets: Annotated[int | None, typer.Option("--magnets", help="Magnets per turn.")] = None,
    run_on_ms: Annotated[
        int, typer.Option("--run-on-ms", min=0, help="Silence after the last entry, in ms.")
    ] = 0,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Drive recorded edges, and contact changes if listed, through the firmware.

    Starts with the relay closed, both rails held unless listed, lead 0 and no edge yet.
    Further lines may read `us,left|right,held|released`, `us,estop,pressed|released` or
    `us,start,down|up`. With --box a black box is decided again, as `logs replay` does it: exit
    code 7 when it is decided differently.
    """
    from treadguard import config_files, units
    from treadguard.virtual import replay as library

    out = Output("simulate.replay", as_json, quiet)
    if (edges is None) == (box is None):
        raise UsageError("give either EDGES or --box FILE")
    if box is not None:
        _box_again(box, out, limit is None and distance_um is None and magnets is None)
        return
    edges = _existing(edges)
    name = "forward_limit" if state is ClosedState.FORWARD else "backward_limit"
    limit_mm_s = units.parse(limit, config_files.find_parameter(name)).value if limit else None
    outcome = library.replay(
        edges, state.value, limit_mm_s, distance_um, magnets, run_on_us=run_on_ms * 1000
    )
    if outcome.opened_at_us is None:
        line = f"the relay stayed closed, highest lead {outcome.max_lead_mm} mm"
    else:
        line = (
            f"{outcome.fault} opened the relay at {outcome.opened_at_us} us,"
            f" highest lead {outcome.max_lead_mm} mm"
        )
    out.result(library.as_row(outcome), [line])


def _lines(done: Run, events: bool) -> list[str]:
    lines = [f"  {ms:>8} ms  {kind:<8} {detail}" for ms, kind, detail in done.events if events]
    lines += [f"        {line}" for line in done.printed if events or not done.passed]
    lines.append(f"{'passed' if done.passed else 'FAILED'}  {done.name}")
    return lines + [f"        {failure}" for failure in done.summary.get("failures", ())]


def _box_again(box: Path, out: Output, alone: bool) -> None:
    from treadguard.cli.replay import decide_again, pulled_boxes

    if not alone:
        raise UsageError("--box brings its own limit, distance and magnets: leave them out")
    decide_again(pulled_boxes(_existing(box)), True, out)


def _existing(path: Path | None) -> Path:
    if path is None or not path.is_file():
        raise FileInvalid(f"{path} does not exist: check the name")
    return path
