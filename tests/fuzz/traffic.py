# SPDX-License-Identifier: MIT
"""Mutated protocol traffic without end: requests, good and spoilt, halves, noise and floods.

`quiet` holds nothing that may stop a session: no 0x03 and no request to stop.
"""

from __future__ import annotations

import json
import random
from typing import Any
from zlib import crc32

from tests.fuzz import oracle

# A walk goes on under any of these, so a changed one does not end it.
SETTABLE = (
    "backward_limit_mm_s", "mount_limit_mm_s", "rail_grace_ms", "one_hand_grace_ms",
    "turn_confirm_ms", "mount_timeout_s", "session_limit_min",
)  # fmt: skip
TEXTS = ("parameters", "faults", "states", "events", "commands", "records", "acting",
         "text:parameters", "text:faults", "text:records", "nothing", "")  # fmt: skip
NAMES = ("j00000001.bin", "b00000001.bin", "t00000001.bin", "config.json", "../boot.py", "j.bin")
ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1, 3, 200, 10**9, 2**31, 10**40, 1.5, "", "x" * 60, [], {}, [[[[]]]],
    {"a": {"b": 1}},
)  # fmt: skip
NOISE = (b"\x00", b"\xff", b"U", b"{", b"}", b'"', b"\\", b"\n", b"\r", b"*", b"[", b"\x1b[A")


class Stream:
    def __init__(self, rng: random.Random):
        self.rng = rng
        self.number = rng.randrange(1000)
        self.last = b"\n"

    def quiet(self, size: int) -> bytes:
        """At least so many bytes."""
        data = b""
        while len(data) < size:
            data += self._piece()
        return data.replace(b"\x03", b"?").replace(b'"stop"', b'"stoq"')

    def _piece(self) -> bytes:
        how = self.rng.randrange(20)
        if how < 6:
            self.last = self.line()
            return self.last
        if how < 13:
            return self._spoilt(self.line())
        if how < 15:
            return self.last  # the same id once more
        if how == 15:
            return self.line()[: self.rng.randrange(80)]
        if how == 16:
            return self.rng.randbytes(self.rng.randrange(1, 120))
        if how == 17:
            return self.rng.choice(NOISE) * self.rng.randrange(1, 400)
        if how == 18:
            return b'{"id":' + b"[" * self.rng.randrange(1, 300) + b"\n"
        return self._echo()

    def line(self) -> bytes:
        """A request, most of them with a CRC that fits."""
        self.number += self.rng.choice((0, 1, 1, 1))
        ask = {"id": self.number, **self._request()}
        if self.rng.randrange(8) == 0:
            ask[self.rng.choice((*ask, "x"))] = self.rng.choice(ODD)
        body = json.dumps(ask, separators=(",", ":")).encode()
        end = self.rng.choice((b"\n", b"\n", b"\r\n", b"\r"))
        return body + (b"*%08x" % crc32(body) if self.rng.randrange(5) else b"") + end

    def _request(self) -> dict[str, Any]:
        rng = self.rng
        do = rng.choice(("status", "describe", "watch", "config.get", "config.set", "config.set",
                         "config.defaults", "clock.set", "log.list", "log.read", "blackbox.read",
                         "log.ack", "selftest", "proof", "maintenance", "start"))  # fmt: skip
        if do == "config.set":
            more = {"more": True} if rng.randrange(3) == 0 else {}
            return {"do": do, "values": self._values(), **more}
        fields: dict[str, dict[str, Any]] = {
            "describe": {"of": rng.choice(TEXTS), "at": rng.choice((0, 1, 7, 100, 5000))},
            "watch": {"every_ms": rng.choice((0, 199, 200, 500)), "for_s": rng.choice((1, 9))},
            "config.get": {"at": rng.choice((0, 5, 99))},
            "clock.set": {"epoch_s": rng.choice((0, 1_790_000_000, 2**32))},
            "log.list": {"at": rng.choice((0, 1))},
            "log.read": {"name": rng.choice(NAMES), "at": rng.choice((0, 3)), "n": 500},
            "blackbox.read": {"name": rng.choice(NAMES), "n": rng.choice((1, 3072))},
            "log.ack": {"seq": rng.choice((0, 1, 10**6))},
        }
        return {"do": do, **fields.get(do, {})}

    def _values(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name in self.rng.sample(SETTABLE, self.rng.randrange(1, 3)):
            default, lowest, highest = oracle.table()[name]
            values[name] = self.rng.choice((default, lowest, highest, lowest - 1, highest + 1))
            if self.rng.randrange(6) == 0:
                values[name] = self.rng.choice(ODD)
        return values

    def _spoilt(self, line: bytes) -> bytes:
        hurt = bytearray(line)
        for _ in range(self.rng.choice((1, 1, 2, 5))):
            at = self.rng.randrange(len(hurt))
            how = self.rng.randrange(4)
            if how == 0:
                hurt[at] ^= 1 << self.rng.randrange(8)
            elif how == 1:
                hurt[at] = self.rng.randrange(256)
            elif how == 2:
                del hurt[at : at + self.rng.randrange(1, 9)]
            else:
                hurt[at:at] = self.rng.randbytes(self.rng.randrange(1, 9))
            if not hurt:
                return b"\n"
        return bytes(hurt)

    def _echo(self) -> bytes:
        """The board's own lines come back from a terminal."""
        body = b'{"id":%d,"ok":true,"staged":1}' % self.number
        return body + b"*%08x\n" % crc32(body)

    def ender(self) -> bytes:
        """What must stop a session: 0x03, in the middle of anything, or a request."""
        if self.rng.randrange(2):
            return self.line()[: self.rng.randrange(60)].replace(b"\x03", b"?") + b"\x03"
        body = b'{"id":%d,"do":"stop"}' % self.number
        return b"\n" + body + b"*%08x\n" % crc32(body)
