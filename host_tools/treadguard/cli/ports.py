# SPDX-License-Identifier: MIT
"""`treadguard ports`: serial ports, probable boards first; opens none unless asked to."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from treadguard.cli.output import JsonOption, Output, PortOption, QuietOption, table
from treadguard.errors import UsageError


def ports(
    remember: Annotated[
        bool,
        typer.Option(
            "--remember", help="Ask the board on --port its id and prefer it from now on."
        ),
    ] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Prefer no board any more.")] = False,
    port: PortOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List the serial ports and which of them is probably an ESP32."""
    from treadguard.link import discovery

    out = Output("ports", as_json, quiet)
    if remember and forget:
        raise UsageError("--remember and --forget contradict each other: give one of them")
    if forget:
        out.note("forgotten" if discovery.forget() else "no board was remembered")
    if remember:
        _remember(port, out)
    found = discovery.list_ports()
    known = discovery.recall()
    rows = [
        (p.device, p.vid_pid or "-", p.serial or "-", p.product or "-", _remark(p.likely))
        for p in found
    ]
    data = {
        "ports": [asdict(p) for p in found],
        "remembered": asdict(known) if known is not None else None,
    }
    lines = table(rows, ("PORT", "USB ID", "SERIAL", "PRODUCT", "")) if rows else []
    if not rows:
        out.note("no serial port found: plug the board in, or name a port with --port")
    if known is not None:
        lines.append(f"remembered: board {known.board} on {known.device}")
    out.result(data, lines)


def _remark(likely: bool) -> str:
    return "probably an ESP32" if likely else ""


def _remember(port: str | None, out: Output) -> None:
    from treadguard.cli.connect import connected
    from treadguard.link import discovery

    with connected(port, out, same_interface=False) as client:
        board = str(client.status_at_attach.get("board", ""))
        if not board:
            raise UsageError("this board has no id to remember: use --port or TREADGUARD_PORT")
        discovery.remember(board, client.transport.name)
