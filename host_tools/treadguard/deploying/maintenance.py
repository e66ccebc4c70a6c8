# SPDX-License-Identifier: MIT
"""Into maintenance and out of it: the controller gives the port to MicroPython's prompt.

The red button must be pressed: then hardware holds the treadmill's loop open, whatever somebody
types. The controller comes back with a reset, and by itself after ten minutes.
"""

from __future__ import annotations

import time

from treadguard.errors import LinkError
from treadguard.link.client import PROMPT, Client

PROMPT_S = 10.0


def enter(client: Client) -> None:
    """Ask for maintenance and wait for the prompt. BoardRefused in the board's own words."""
    client.request("maintenance")
    deadline = time.monotonic() + PROMPT_S
    heard = b""
    while PROMPT.strip() not in heard:
        heard += client.transport.read(min(deadline, time.monotonic() + 1.0))
        if time.monotonic() > deadline:
            raise LinkError(
                f"the board on {client.transport.name} granted maintenance but MicroPython's"
                " prompt did not come: press its EN button and try again"
            )
