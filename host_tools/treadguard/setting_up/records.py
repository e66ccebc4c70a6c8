# SPDX-License-Identifier: MIT
"""A look into the board's journal, without storing anything."""

from __future__ import annotations

from typing import Any

from treadguard.link import pull
from treadguard.link.client import Client
from treadguard.link.files import PIECE, read_piece
from treadguard.logbook import decode

SEGMENTS = 2  # the newest, and the one before in case it has just begun


def tail(client: Client) -> list[dict[str, Any]]:
    """The newest events, oldest first. Raises BoardRefused while the relay is closed."""
    found = [r for r in pull.listing(client).records if r.kind == "journal"]
    return decode.merged([_whole(client, record) for record in found[-SEGMENTS:]])


def last(client: Client, kind: str) -> dict[str, Any] | None:
    """The newest event of a kind, None when there is none in the tail."""
    return next((event for event in reversed(tail(client)) if event["kind"] == kind), None)


def _whole(client: Client, record: pull.Record) -> bytes:
    data = b""
    while len(data) < record.size:
        piece = read_piece(client, record.do, record.name, len(data), PIECE)
        if not piece:
            break
        data += piece
    return data
