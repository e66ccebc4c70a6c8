# SPDX-License-Identifier: MIT
"""Lines of the protocol: one JSON object, `*`, its CRC-32 in eight hex digits, newline.

Everything else on the wire (boot messages, tracebacks, half lines, a prompt) is noise to be
skipped and counted, never guessed at.
"""

from __future__ import annotations

import binascii
import json
from typing import Any

REQUEST_MAX = 200  # bytes with CRC, without the newline: the board's line buffer
LINE_MAX = 16384  # far above any answer; noise without a newline must not fill the memory
CRC_DIGITS = 8

Message = dict[str, Any]


def crc_hex(data: bytes) -> str:
    """CRC-32 as the protocol writes it."""
    return f"{binascii.crc32(data) & 0xFFFFFFFF:08x}"


def encode(message: Message) -> bytes:
    """One line with CRC and newline, printable ASCII."""
    body = json.dumps(message, separators=(",", ":"), ensure_ascii=True).encode("ascii")
    return body + b"*" + crc_hex(body).encode("ascii") + b"\n"


def decode(line: bytes) -> Message | None:
    """The object of one line, None when it is not an intact line of this protocol."""
    line = line.strip()
    body, star, digits = line.rpartition(b"*")
    if not star or len(digits) != CRC_DIGITS or not body.startswith(b"{"):
        return None
    if digits.decode("ascii", "replace").lower() != crc_hex(body):
        return None
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


def salvage(line: bytes) -> Message | None:
    """Like decode, but also finds an intact object behind a half line or boot text."""
    start = line.find(b"{")
    while start >= 0:
        message = decode(line[start:])
        if message is not None:
            return message
        start = line.find(b"{", start + 1)
    return None


class LineAssembler:
    """Bytes in any portions -> complete lines."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Complete lines that `data` finishes, without their line ends."""
        self._rest += data
        *lines, rest = bytes(self._rest).replace(b"\r", b"\n").split(b"\n")
        self._rest = bytearray(rest[-LINE_MAX:])
        return [line for line in lines if line]

    @property
    def rest(self) -> bytes:
        """The unfinished line, for example a prompt."""
        return bytes(self._rest)
