# SPDX-License-Identifier: MIT
"""The limits of this walker, and the board's name and time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from treadguard import firmware, units
from treadguard.errors import FileInvalid, UsageError, ValueRefused
from treadguard.setting_up import handrails
from treadguard.setting_up.answers import yes_or_no
from treadguard.setting_up.visit import Visit

NAME_MAX = 40


def set_limits(visit: Visit) -> dict[str, Any]:
    """Backward limit, session time, and the mount limit that belongs to them."""
    visit.watch.ready()
    values = visit.values()
    asked = {}
    for key, name, question in (
        ("backward_limit", "backward_limit_mm_s", "How fast may somebody walk backward at most?"),
        ("session_limit", "session_limit_min", "How long at a time?"),
    ):
        unit = firmware.parameters()[name].unit
        asked[name] = visit.talk.ask(key, question, reader(name), units.plain(values[name], unit))
    rails = visit.notes.found("rails")
    buttons = rails.get("speed_buttons")
    if not isinstance(buttons, bool):
        question = "Are there speed buttons on the rails? yes or no?"
        buttons = visit.talk.ask("speed_buttons", question, yes_or_no)
    asked["mount_limit_mm_s"] = handrails.mount_limit(asked["backward_limit_mm_s"], buttons)
    visit.change(asked)
    return dict(asked)


def reader(name: str) -> Callable[[str], int]:
    """Reads a parameter's value with its unit, inside its hard range."""
    parameter = firmware.parameters()[name]
    return lambda text: units.parse(text, parameter).value


def give_name(visit: Visit) -> dict[str, Any]:
    """A name for people; in the logbook too, where the board is known there."""
    name = visit.talk.ask("name", "What shall this board be called?", _name, visit.notes.board)
    if visit.lasting:
        _remember(visit, name)
    return {"name": name}


def _name(text: str) -> str:
    if not text.strip() or len(text) > NAME_MAX or not text.isprintable():
        raise ValueRefused(f"a board's name is 1 to {NAME_MAX} printable characters")
    return text.strip()


def _remember(visit: Visit, name: str) -> None:
    from treadguard.link import discovery
    from treadguard.logbook import store

    try:
        discovery.remember(visit.notes.board, visit.client.transport.name)
    except OSError as error:
        raise UsageError(
            f"{discovery.state_file()} cannot be written: {error.strerror}; give your user the"
            " right to write there"
        ) from None
    try:
        with store.opened(visit.logbook) as book:
            book.rename(book.board(visit.notes.board), name)
    except FileInvalid:
        visit.talk.say(
            f"  after the first `treadguard logs pull`: treadguard logs name {visit.notes.board}"
            f' "{name}"'
        )


def set_clock(visit: Visit) -> dict[str, Any]:
    """This computer's time, for the records and for the date of the proof."""
    epoch_s = int(time.time())
    visit.client.request("clock.set", epoch_s=epoch_s)
    shown = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(epoch_s))
    visit.talk.say(f"    clock set to {shown}")
    return {"epoch_s": epoch_s}
