# SPDX-License-Identifier: MIT
"""Where the program was before its last start: the breadcrumb a reset leaves in the chip."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from treadguard import firmware
from treadguard.errors import BoardRefused
from treadguard.link.client import Client


@dataclass(frozen=True)
class LastRun:
    """The last state the program entered, with its cause."""

    state: str
    fault: str | None
    crashed: bool

    def data(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)

    def words(self) -> str:
        """For people: "ended in BACKWARD, cause SENSOR_LOST"."""
        how = "crashed in" if self.crashed else "ended in"
        return f"{how} {self.state}" + (f", cause {self.fault}" if self.fault else "")


def ask(client: Client) -> LastRun | None:
    """What the board knows; None after a loss of power, and from a board that cannot tell now.

    Same interface and an open relay are required. Raises LinkError when the link is lost.
    """
    try:
        found = dict(client.pages("describe", of="last_run"))
    except BoardRefused:
        return None
    if not found:
        return None
    states = firmware.load("guard.core.states").STATE_NAMES
    faults = firmware.load("guard.core.faults")
    state, fault = int(found["state"]), int(found["fault"])
    known = 0 <= state < len(states)
    return LastRun(
        states[state] if known else str(state),
        faults.name(fault) if fault else None,
        bool(found["crashed"]),
    )
