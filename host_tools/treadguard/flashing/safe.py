# SPDX-License-Identifier: MIT
"""When a board may be left without its controller: at rest, and the red button pressed."""

from __future__ import annotations

from collections.abc import Mapping

from treadguard.errors import BoardRefused

AT_REST = ("READY", "TRIPPED", "LOCKOUT")  # where maintenance is granted, too


def require_safe(status: Mapping[str, object]) -> None:
    """Only with the relay open, the belt still, and the red button holding the loop open."""
    at_rest = status.get("state") in AT_REST and status.get("relay") != "closed"
    if not at_rest or status.get("speed_mm_s"):
        raise BoardRefused("the belt is in use: end the session first; nothing was changed")
    if not status.get("estop"):
        raise BoardRefused(
            "press the red button and leave it pressed: it holds the treadmill's loop open while"
            " the controller does not run; then run the command again; nothing was changed"
        )
