# SPDX-License-Identifier: MIT
"""`treadguard watch`: live values, one overwriting line on a terminal, one line each elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from treadguard.cli.output import JsonOption, Output, PortOption, QuietOption
from treadguard.errors import LinkError, UsageError

if TYPE_CHECKING:
    from treadguard.link.client import Client

RENEW_S = 30  # the board is asked for this long at a time and asked again at half of it
SILENCE_S = 3.0


def watch(
    every: Annotated[
        str, typer.Option("--every", help="Time between two values, 200 ms to 2 s.")
    ] = "200 ms",
    lasting: Annotated[
        str | None, typer.Option("--for", help="Stop after this time, for example `30 s`.")
    ] = None,
    port: PortOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show speed, hands, lead and state live, until Ctrl-C."""
    from treadguard import units
    from treadguard.cli.connect import connected

    out = Output("watch", as_json, quiet)
    every_ms = units.parse_quantity(every, "ms").value
    if not 200 <= every_ms <= 2000:
        raise UsageError(f"--every {every} is refused: it takes 200 ms to 2000 ms")
    for_s = units.parse_quantity(lasting, "ms").value / 1000 if lasting else None
    with connected(port, out, same_interface=False) as client:
        view = _View(out)
        try:
            _stream(client, every_ms, for_s, view)
        finally:
            view.end()


def _stream(client: Client, every_ms: int, for_s: float | None, view: _View) -> None:
    end = None if for_s is None else time.monotonic() + for_s
    renew_at = 0.0
    client.on_event = view.event
    try:
        while end is None or time.monotonic() < end:
            if time.monotonic() >= renew_at:
                client.request("watch", every_ms=every_ms, for_s=RENEW_S)
                renew_at = time.monotonic() + RENEW_S / 2
            left = SILENCE_S if end is None else min(SILENCE_S, max(0.0, end - time.monotonic()))
            if client.listen(left) is None and left >= SILENCE_S:
                raise LinkError(
                    f"the board on {client.transport.name} fell silent: check the cable"
                )
    finally:
        _stop_stream(client)


def _stop_stream(client: Client) -> None:
    try:
        client.request("watch", tries=1, every_ms=0, for_s=0)
    except (LinkError, KeyboardInterrupt):
        pass  # it ends by itself after RENEW_S


class _View:
    """Events onto the screen."""

    def __init__(self, out: Output) -> None:
        self.out = out
        self.live = not out.as_json and sys.stdout.isatty()
        self._line_open = False

    def event(self, message: dict[str, Any]) -> None:
        if self.out.as_json:
            self.out.result(message, ())
        elif message.get("ev") == "watch":
            self._show(_watch_line(message), keep=not self.live)
        else:
            self._show(_event_line(message), keep=True)

    def _show(self, text: str, keep: bool) -> None:
        start = "\r\033[K" if self._line_open else ""
        print(f"{start}{text}", end="\n" if keep else "", flush=True)
        self._line_open = not keep

    def end(self) -> None:
        if self._line_open:
            print(flush=True)
            self._line_open = False


def _watch_line(message: dict[str, Any]) -> str:
    from treadguard import units

    speed = int(message.get("v", 0))
    fault = f"  {message['fault']}" if message.get("fault") else ""
    return (
        f"{message.get('state', '?'):<10} {speed:>5} mm/s ({units.speed(speed)})"
        f"  limit {message.get('lim', 0):>4}  lead {message.get('lead', 0):>2} mm"
        f"  left {message.get('l', '?')}  right {message.get('r', '?')}{fault}"
    )


def _event_line(message: dict[str, Any]) -> str:
    rest = ", ".join(f"{k} {v}" for k, v in message.items() if k != "ev" and v is not None)
    return f"{message.get('ev')}: {rest}"
