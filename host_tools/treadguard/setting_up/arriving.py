# SPDX-License-Identifier: MIT
"""From a port to a board whose controller answers, flashing it when nothing does."""

from __future__ import annotations

from pathlib import Path

from treadguard.errors import LinkError, NotRunningError
from treadguard.link import client as link
from treadguard.link import interface
from treadguard.link.client import Client
from treadguard.setting_up.dialogue import Dialogue


def arrive(url: str, talk: Dialogue, image: Path | None, logbook: Path | None) -> Client:
    """An attached client of a board with this interface.

    A port on which nothing answers is flashed when an image was given; one on which something
    else talks never is. Raises NoBoardError, NotTreadguardError, LinkError, InterfaceMismatch,
    and what `treadguard flash` raises.
    """
    try:
        return _attached(url, talk)
    except (NotRunningError, LinkError) as error:
        if image is None:
            raise type(error)(
                f"{error}; a new chip is flashed with `treadguard setup --image FILE`"
            ) from None
        talk.say(f"  no controller answers on {url}: flashing it")
    _flash(url, talk, image, logbook)
    return _attached(url, talk)


def _attached(url: str, talk: Dialogue) -> Client:
    client = link.open_client(url)
    try:
        talk.live(f"waiting for the board on {url} ...")
        client.attach()
        talk.out.end_progress()
        if client.reset_note:
            talk.say(client.reset_note)
        if client.status_at_attach.get("relay") != "closed":
            interface.require_same(client)
    except BaseException:
        client.close()
        raise
    return client


def _flash(url: str, talk: Dialogue, image: Path, logbook: Path | None) -> None:
    from treadguard import flashing

    plan = flashing.make_plan(image, url, logbook=logbook)
    for warning in plan.image.warnings:
        talk.say(f"warning: {warning}")
    for line in plan.lines():
        talk.say(f"  {line}")
    talk.confirm("Write this to the chip?")
    flashing.flash(plan, talk.say)
