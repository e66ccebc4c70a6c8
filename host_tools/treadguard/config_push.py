# SPDX-License-Identifier: MIT
"""Bring a set of values onto the board: staged whole, confirmed by a person, read back.

The board takes a change only after somebody held START at the board for 3 s. Until then the
old values stand; afterwards what the board says it stored is compared with what was sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from treadguard import firmware, units
from treadguard.errors import BoardRefused, LinkError, NotConfirmed
from treadguard.link.client import Client
from treadguard.link.frames import Message

POLL_S = 0.3
GRACE_S = 5.0  # beyond the board's own time, for a lost line or two

# A fresh or damaged store blocks arming until one confirmed write, even of equal values.
UNWRITTEN = ("NOT_CONFIGURED", "CONFIG_DAMAGED")

STAGE_LOST = "PENDING_DROPPED"
STAGE_TRIES = 3

# Everywhere else a higher value is the looser one.
LOOSER_WHEN_LOWER = ("turn_confirm_ms", "rails_fitted", "distance_per_edge_um")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Change:
    """One parameter's way from the board's value to the wanted one."""

    name: str
    unit: str
    old: int
    new: int

    @property
    def loosens(self) -> bool:
        """Whether the board would permit more than before: a person must mean it."""
        return self.new < self.old if self.name in LOOSER_WHEN_LOWER else self.new > self.old

    def line(self) -> str:
        """Old -> new with units."""
        mark = "  (permits more than before)" if self.loosens else ""
        old, new = units.human(self.old, self.unit), units.human(self.new, self.unit)
        return f"{self.name}: {old} -> {new}{mark}"

    def data(self) -> dict[str, object]:
        """The change for --json."""
        return {
            "name": self.name,
            "unit": self.unit,
            "old": self.old,
            "new": self.new,
            "loosens": self.loosens,
        }


def read_values(client: Client) -> dict[str, int]:
    """Every parameter's value on the board, in the parameters' own units."""
    return {str(name): int(value) for name, value in client.pages("config.get")}


def changes_to(current: Mapping[str, int], wanted: Mapping[str, int]) -> list[Change]:
    """What differs, in the firmware's order."""
    return [
        Change(name, parameter.unit, current[name], wanted[name])
        for name, parameter in firmware.parameters().items()
        if name in wanted and name in current and current[name] != wanted[name]
    ]


def push(client: Client, wanted: Mapping[str, int], say: Say) -> dict[str, int]:
    """Stage all of `wanted` as one change, wait for START, read back and compare.

    Also what does not differ is sent: a new distance per edge voids the calibration, unless
    the same change brings one along, as a backup does.

    Returns the board's values. Raises NotConfirmed when nobody confirmed; the board is then
    as it was.
    """
    answer = _stage_exactly(client, wanted)
    return await_confirmation(client, answer["pending"], answer.get("within_s", 30), wanted, say)


def _stage_exactly(client: Client, wanted: Mapping[str, int]) -> Message:
    """Stage, and see by its hash that the pending change is ours and nothing but ours.

    A client that died in mid-stage may have left a part behind. A second stage drops the
    pending change and everything in it, so that it starts clean.
    """
    expected = pending_hash({**read_values(client), **wanted})
    for _ in range(STAGE_TRIES):
        try:
            answer = _stage(client, wanted)
        except BoardRefused as refused:
            if refused.code != STAGE_LOST:
                raise
            continue
        if answer.get("pending") == expected:
            return answer
    raise BoardRefused(
        "the board's pending change is not the one that was sent: another program is changing"
        " it too; press START shortly to discard it, and try again",
        STAGE_LOST,
    )


def pending_hash(complete: Mapping[str, int]) -> str:
    """The hash of a complete set of values, by the firmware's own rule."""
    return str(firmware.load("guard.changes").Changes(None)._hash(complete))


def await_confirmation(
    client: Client, pending: object, within_s: float, wanted: Mapping[str, int], say: Say
) -> dict[str, int]:
    """Wait until the pending change is decided at the board, then read back."""
    say(f"hold START at the board for 3 s, within {within_s:g} s, to confirm the change")
    deadline = time.monotonic() + within_s + GRACE_S
    while time.monotonic() < deadline:
        status = client.request("status")
        if status.get("pending") != pending:
            now = read_values(client)
            _require_stored(now, wanted, status)
            return now
        client.listen(POLL_S)
    raise LinkError("the board keeps the change pending beyond its time: look at `status`")


def _stage(client: Client, wanted: Mapping[str, int]) -> Message:
    *parts, last = _split(client, wanted)
    for part in parts:
        client.request("config.set", values=part, more=True)
    return client.request("config.set", values=last, more=False)


def unwritten(status: Message) -> bool:
    """Whether the board waits for its first confirmed configuration."""
    return any(name in UNWRITTEN for name in status.get("blockers") or ())


def _require_stored(now: dict[str, int], wanted: Mapping[str, int], status: Message) -> None:
    wrong = changes_to(now, wanted)
    if not wrong and not unwritten(status):
        return
    first = wrong[0] if wrong else None
    still = f" ({first.name} is still {units.plain(first.old, first.unit)})" if first else ""
    raise NotConfirmed(
        f"the change was not confirmed at the board and nothing was changed{still}:"
        " run the command again and hold START for 3 s",
        "NOT_CONFIRMED",
        first.name if first else "",
    )


def _split(client: Client, wanted: Mapping[str, int]) -> list[dict[str, int]]:
    parts: list[dict[str, int]] = [{}]
    for name, value in wanted.items():
        if parts[-1] and not client.fits(
            "config.set", values={**parts[-1], name: value}, more=False
        ):
            parts.append({})
        parts[-1][name] = value
    return parts
