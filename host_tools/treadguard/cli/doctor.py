# SPDX-License-Identifier: MIT
"""`treadguard doctor`: what is wrong with this computer, the port or the board, and the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from treadguard.cli.output import (
    GREEN,
    RED,
    YELLOW,
    JsonOption,
    Output,
    PortOption,
    QuietOption,
)
from treadguard.errors import BoardRefused, LinkError, NoBoardError, TreadguardError

if TYPE_CHECKING:
    from treadguard.setting_up.findings import Finding

COLOURS = {"ok": GREEN, "note": YELLOW, "bad": RED}


def doctor(
    port: PortOption = None, as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Examine Python, port, driver and board; changes nothing. Exit code 0 when nothing is bad."""
    from treadguard.setting_up import findings

    out = Output("doctor", as_json, quiet)
    found: list[Finding] = []
    for finding in _examined(port):
        found.append(finding)
        out.progress(f"{finding.name} ...")
    code = findings.exit_code(found)
    data = {"healthy": code == 0, "findings": [finding.data() for finding in found]}
    out.result(data, [line for finding in found for line in _lines(finding, out)])
    if code:
        raise typer.Exit(code)


def _examined(port: str | None) -> Iterator[Finding]:
    from treadguard.link import discovery
    from treadguard.setting_up import computer, findings

    yield computer.python()
    yield computer.packages()
    ports = discovery.list_ports()
    try:
        url = discovery.choose(port).url
    except NoBoardError as error:
        if not any(p.likely for p in ports):
            yield computer.driver("", ports)
        yield findings.bad("port", *_parted(error), error.exit_code)
        return
    yield computer.driver(url, ports)
    rights = computer.rights(url)
    yield rights
    if rights.level == findings.BAD:
        return
    yield computer.other_program(url, computer.users(url))
    yield from _board(url)


def _board(url: str) -> Iterator[Finding]:
    from treadguard.link import client as link
    from treadguard.setting_up import examining, findings

    try:
        with link.open_client(url) as client:
            client.attach()
            if client.reset_note:
                yield findings.note(
                    "reset",
                    client.reset_note,
                    "plug in before walking, never during a session",
                )
            yield from examining.board(client)
    except (LinkError, NoBoardError, BoardRefused) as error:
        yield findings.bad("board", *_parted(error), error.exit_code)


def _parted(error: TreadguardError) -> tuple[str, str]:
    """A sentence "what: remedy" as its two halves."""
    what, _, remedy = str(error).rpartition(": ")
    return (what, remedy) if what else (remedy, "check the cable and the power")


def _lines(finding: Finding, out: Output) -> list[str]:
    mark = out.paint(f"{finding.level:<5}", COLOURS[finding.level])
    lines = [f"{mark} {finding.name:<16} {finding.said}"]
    if finding.remedy:
        lines.append(f"{'':<23}{finding.remedy}")
    return lines
