# SPDX-License-Identifier: MIT
"""Do board and host speak of the same parameters, faults and requests? Else nobody guesses."""

from __future__ import annotations

import functools
import re

from treadguard import __version__, chips, firmware
from treadguard.errors import InterfaceMismatch
from treadguard.link.client import Client


@functools.cache
def host_hash() -> str:
    """The interface hash of the firmware this host tool belongs to, by the firmware's own rule."""
    with firmware.importable():  # it imports some of its tables only when asked
        return str(firmware.load("guard.link.describe").interface_hash())


def require_same(client: Client) -> None:
    """Raise InterfaceMismatch, saying which side to update, unless the hashes are equal."""
    answer = client.request("describe", of="commands", at=0)
    if answer.get("hash") != host_hash():
        raise mismatch(str(client.status_at_attach.get("version", "")))


def mismatch(board_version: str) -> InterfaceMismatch:
    """The sentence for two different interfaces."""
    board, host = _numbers(board_version), _numbers(__version__)
    if board < host:
        remedy = "update the board with `treadguard deploy`"
    elif board > host:
        remedy = f"update the host tools: `pip install treadguard=={chips.plain(board_version)}`"
    else:
        remedy = "one of them was changed without a new version: deploy this firmware again"
    return InterfaceMismatch(
        f"the board (version {board_version or 'unknown'}) and these tools ({__version__})"
        f" define the interface differently: {remedy}",
        "INTERFACE",
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
