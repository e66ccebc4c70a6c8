# SPDX-License-Identifier: MIT
"""From a --port option to a board that answers, telling the user what happened on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from treadguard.cli.output import Output
from treadguard.link import client as link
from treadguard.link import discovery, interface


@contextmanager
def connected(
    port: str | None,
    out: Output,
    same_interface: bool = True,
    on_event: link.EventHandler | None = None,
) -> Iterator[link.Client]:
    """An attached client; `same_interface` refuses a board with another interface hash."""
    choice = discovery.choose(port)
    if choice.why != "--port":
        out.note(f"using {choice.url} ({choice.why})")
    client = link.open_client(choice.url, on_event)
    with client:
        out.progress(f"waiting for the board on {choice.url} ...")
        status = client.attach()
        out.end_progress()
        if client.reset_note:
            out.note(client.reset_note)
        board = str(status.get("board", ""))
        if choice.board and board and board != choice.board:
            out.note(f"warning: {choice.url} is board {board}, remembered was {choice.board}")
        if same_interface:
            interface.require_same(client)
        yield client


def relay_closed(status: dict[str, Any]) -> bool:
    """Whether this status was taken with the belt permitted to run."""
    return bool(status.get("relay") == "closed")
