# SPDX-License-Identifier: MIT
"""`treadguard calibrate`: how far the belt moves from one edge to the next."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated

import typer

from treadguard.cli.output import (
    DryRunOption,
    JsonOption,
    Output,
    PortOption,
    QuietOption,
    YesOption,
)
from treadguard.errors import BoardRefused, ExpectationFailed, LinkError, UsageError

if TYPE_CHECKING:
    from treadguard.link.client import Client
    from treadguard.link.frames import Message

LAPS_MIN = 3
EDGES_MIN = 12
WINDOW_S = 300  # the board's hand-turn window
OPENING_S = 120
POLL_S = 0.3
BY_HAND, VERIFIED = 1, 2
AGREE_PERCENT = 5
SPEEDS_APART = Fraction(3, 2)

app = typer.Typer(help="Measure the belt travel per sensor edge.", no_args_is_help=True)

MagnetsOption = Annotated[
    int | None, typer.Option("--magnets", help="Magnets per turn of the roller, if it changed.")
]


@app.callback()
def calibrate() -> None:
    """Measure the belt travel per sensor edge.

    First by hand, relay open (`laps`, or `roller` for a belt too stiff to pull), then verified
    against the console in forward mode (`verify`). The stop test at the board follows.
    """


@app.command()
def laps(
    belt_length: Annotated[
        str, typer.Option("--belt-length", help="Length of the whole belt, for example `2.91 m`.")
    ],
    count: Annotated[
        int, typer.Option("--laps", min=LAPS_MIN, help="Full laps you will pull the belt.")
    ] = LAPS_MIN,
    magnets: MagnetsOption = None,
    port: PortOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Pull the belt by hand for some laps; the board counts the edges."""
    from treadguard import units
    from treadguard.cli.connect import connected

    out = Output("calibrate.laps", as_json, quiet)
    length_um = units.parse_quantity(belt_length, "um").value
    with connected(port, out) as client:
        edges, found_b = _count_edges(client, count, magnets, out)
        if edges < EDGES_MIN:
            raise ExpectationFailed(
                f"only {edges} edges in {count} laps, at least {EDGES_MIN} are needed:"
                " pull more laps or fit more magnets"
            )
        d_um = units.to_nearest(Fraction(length_um * count, edges))
        out.note(f"{edges} edges in {count} laps: {units.human(d_um, 'um')} per edge")
        for line in found_b:
            out.note(line)
        _propose(client, out, d_um, magnets, yes, dry_run)


@app.command()
def roller(
    circumference: Annotated[
        str, typer.Option("--circumference", help="Of the roller by tape measure: `157 mm`.")
    ],
    magnets: Annotated[int, typer.Option("--magnets", help="Magnets per turn of the roller.")],
    port: PortOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """For a belt too stiff to pull: the roller's circumference by tape measure."""
    from treadguard import config_files, units
    from treadguard.cli.connect import connected

    out = Output("calibrate.roller", as_json, quiet)
    units.check_range(magnets, config_files.find_parameter("magnets_per_turn"))
    around_um = units.parse_quantity(circumference, "um").value
    d_um = units.to_nearest(Fraction(around_um, magnets))
    with connected(port, out) as client:
        out.note(f"{units.human(d_um, 'um')} per edge")
        _propose(client, out, d_um, magnets, yes, dry_run)


@app.command()
def verify(
    pairs: Annotated[
        list[str],
        typer.Argument(
            metavar="CONSOLE=BOARD ...",
            help='At two speeds, what the console and `watch` show: "2 km/h=560 mm/s".',
        ),
    ],
    port: PortOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare with the console at two speeds, nobody on the belt; within 5 % is verified."""
    from treadguard.cli.change import change_board
    from treadguard.cli.connect import connected

    out = Output("calibrate.verify", as_json, quiet)
    _check_pairs([_pair(text) for text in pairs])
    with connected(port, out) as client:
        change_board(client, out, {"calibration": VERIFIED}, yes, dry_run)


def _count_edges(
    client: Client, count: int, magnets: int | None, out: Output
) -> tuple[int, list[str]]:
    """Edges of the pulled belt, and what a second sensor says of them."""
    from treadguard import config_push, options

    status = client.request("status")
    if not status.get("hand_turn"):
        out.note("hold START for 3 s until the tone: it opens the hand-turn window")
        status = _wait_hand_turn(client)
    if magnets is None:
        magnets = config_push.read_values(client)["magnets_per_turn"]
    at_first = last = status
    first = int(status["edges"])
    out.note(f"mark the belt, pull it {count} full laps by hand, then press START briefly")
    edges, deadline = 0, time.monotonic() + WINDOW_S + OPENING_S
    while time.monotonic() < deadline:
        status = client.request("status")
        if not status.get("hand_turn"):
            return edges, options.pulled(at_first, last, edges, magnets)
        edges, last = int(status["edges"]) - first, status
        out.progress(f"{edges} edges")
        client.listen(POLL_S)
    raise LinkError("the hand-turn window does not close: look at `treadguard status`")


def _wait_hand_turn(client: Client) -> Message:
    deadline = time.monotonic() + OPENING_S
    while time.monotonic() < deadline:
        client.listen(POLL_S)
        status = client.request("status")
        if status.get("hand_turn"):
            return status
    raise BoardRefused("nobody opened the hand-turn window: hold START for 3 s in READY")


def _propose(
    client: Client, out: Output, d_um: int, magnets: int | None, yes: bool, dry_run: bool
) -> None:
    from treadguard import config_files, units
    from treadguard.cli.change import change_board

    units.check_range(d_um, config_files.find_parameter("distance_per_edge_um"))
    wanted = {"distance_per_edge_um": d_um, "calibration": BY_HAND}
    if magnets is not None:
        units.check_range(magnets, config_files.find_parameter("magnets_per_turn"))
        wanted["magnets_per_turn"] = magnets
    change_board(client, out, wanted, yes, dry_run)


def _pair(text: str) -> tuple[int, int]:
    from treadguard import units

    console, equals, board = text.partition("=")
    if not equals:
        raise UsageError(f'"{text}" is no pair: write CONSOLE=BOARD, as in "2 km/h=560 mm/s"')
    return units.parse_quantity(console, "mm/s").value, units.parse_quantity(board, "mm/s").value


def _check_pairs(pairs: list[tuple[int, int]]) -> None:
    console = [pair[0] for pair in pairs]
    if len(pairs) < 2 or min(console) <= 0 or Fraction(max(console), min(console)) < SPEEDS_APART:
        raise UsageError("two speeds are needed, one at least 1.5 times the other")
    for shown, measured in pairs:
        if abs(shown - measured) * 100 > AGREE_PERCENT * shown:
            raise ExpectationFailed(
                f"console {shown} mm/s and board {measured} mm/s differ by more than"
                f" {AGREE_PERCENT} %: calibrate again; nothing was changed"
            )
