# SPDX-License-Identifier: MIT
"""Settings and calibration back onto a board: one pending change, decided by START there."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from treadguard import config_files, config_push
from treadguard.errors import BoardRefused, LinkError, TreadguardError
from treadguard.flashing.backup import Backup
from treadguard.link import client as link
from treadguard.link.client import Client
from treadguard.link.frames import Message

STARTS_S = 30.0
POLL_S = 0.2
LATER_S = 120.0  # somebody has to press a button first

Say = Callable[[str], None]


def await_controller(port: str, by_hand: bool = False) -> Client:
    """An attached client once the controller has started; LinkError when it does not."""
    deadline = time.monotonic() + (LATER_S if by_hand else STARTS_S)
    while True:
        client = link.open_client(port)
        try:
            client.attach()
            settled_status(client)
        except TreadguardError:
            client.close()
            if time.monotonic() > deadline:
                raise
        except BaseException:
            client.close()
            raise
        else:
            return client


def settled_status(client: Client) -> Message:
    """The status once the self test is over: a second; with a belt that moves half a minute."""
    deadline = time.monotonic() + STARTS_S
    while True:
        status = client.request("status")
        if status.get("state") != "SELF_TEST":
            return status
        if time.monotonic() > deadline:
            raise LinkError(
                f"the controller on {client.transport.name} does not end its self test: is the"
                " belt still? then run the command again; nothing was changed"
            )
        client.listen(POLL_S)


def restore(client: Client, saved: Backup, say: Say) -> str:
    """Send the saved values and wait for START. "" when done, else why not and what to do."""
    if not saved.values:
        return ""
    current = config_push.read_values(client)
    values = {name: value for name, value in saved.values.items() if name in current}
    problems = config_files.combination_problems({**current, **values})
    if problems:
        return f"{'; '.join(problems)}; {later(saved.config_file)}"
    try:
        config_push.push(client, values, say)
    except BoardRefused as refused:
        return f"{refused}; {later(saved.config_file)}"
    return ""


def later(file: Path | None) -> str:
    """How the saved values come back another time."""
    return f"the old settings are in {file}: `treadguard config import {file}` brings them back"
