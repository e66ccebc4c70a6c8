# SPDX-License-Identifier: MIT
"""`treadguard stop`: open the relay. Works with any version of the board."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from treadguard.cli.output import JsonOption, Output, PortOption, QuietOption
from treadguard.errors import LinkError

if TYPE_CHECKING:
    from treadguard.link.client import Client

STOP_BYTE = b"\x03"  # acted on before any parser, in the middle of a line too
ATTACH_S = 2.5  # whoever types this is in a hurry


def stop(port: PortOption = None, as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """Open the relay now; the belt stops as if the safety key were pulled."""
    from treadguard.link import client as link
    from treadguard.link import discovery

    out = Output("stop", as_json, quiet)
    choice = discovery.choose(port)
    with link.open_client(choice.url) as client:
        _ask(client)
        after = client.request("status")
        data = {"state": after.get("state"), "relay": after.get("relay")}
        out.result(data, [f"relay {data['relay']}, {data['state']}"])


def _ask(client: Client) -> None:
    try:
        client.attach(ATTACH_S, do="stop")
    except LinkError as error:
        # Only where treadguard was heard: elsewhere the byte would interrupt a stranger's program.
        if client.heard_treadguard:
            with contextlib.suppress(LinkError):
                client.transport.write(STOP_BYTE)
        raise LinkError(f"{error}; USE THE SAFETY KEY OR THE E-STOP if the belt moves") from error
