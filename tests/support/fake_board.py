# SPDX-License-Identifier: MIT
"""A board that speaks the protocol and can be told to misbehave, on a pty or a TCP port.

It knows requests, not treadmills: what the firmware decides is tested with the firmware. Its
frame codec is written out here once more, so that host and test do not share a mistake.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import os
import select
import socket
import threading
import tty
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from treadguard import __version__, firmware
from treadguard.link.interface import host_hash

Message = dict[str, Any]
PAGE = 6
CHANGING = ("stop", "config.set", "config.defaults", "clock.set", "log.ack", "maintenance")


def frame(message: Message) -> bytes:
    """One line with CRC."""
    body = json.dumps(message, separators=(",", ":")).encode()
    return body + b"*%08x\n" % binascii.crc32(body)


@dataclass
class FakeBoard:
    """State of one board; `feed` takes bytes and returns what the board sends."""

    hash: str = field(default_factory=host_hash)
    version: str = __version__
    start: str = "hold"
    """What the person at the board does with a pending change: hold, short or nothing."""
    mangle: Callable[[bytes, int], bytes] | None = None
    """(answer line, number of this answer) -> what goes on the wire instead."""
    files: dict[str, bytes] = field(default_factory=dict)
    status: Message = field(default_factory=dict)
    hand_turn_edges: list[int] = field(default_factory=list)
    """Edge counts a hand-turn window reports, one a status; then it closes."""
    done: list[str] = field(default_factory=list)
    """Every request carried out, repetitions left out."""
    lines_seen: int = 0
    next_seq: int = 9
    free_bytes: int = 1 << 20
    tables: dict[str, list[Any]] = field(default_factory=dict)
    """Rows of `describe`, where a test needs some."""

    def __post_init__(self) -> None:
        self.values = {name: p.default for name, p in firmware.parameters().items()}
        self.staged: dict[str, int] = {}
        self.pending: dict[str, int] | None = None
        self.clock_s = 0
        self.bytes_seen = b""
        self._rest = b""
        self._answers = 0
        self._repeats: dict[int, Message] = {}

    # -- the wire -----------------------------------------------------------------------

    def feed(self, data: bytes) -> bytes:
        """What the board answers to these bytes."""
        self.bytes_seen += data
        *lines, self._rest = (self._rest + data).split(b"\n")
        return b"".join(self._line(line) for line in lines if line.strip())

    def _line(self, line: bytes) -> bytes:
        self.lines_seen += 1
        sent = frame(self._answer(line.strip()))
        self._answers += 1
        return self.mangle(sent, self._answers) if self.mangle else sent

    def _answer(self, line: bytes) -> Message:
        if len(line) > 200:
            return error(None, "BAD_LINE", "The line is longer than 200 bytes.")
        body, star, digits = line.rpartition(b"*")
        if star and digits != b"%08x" % binascii.crc32(body):
            return error(None, "BAD_CRC", "The line was damaged.")
        message: Message = json.loads(body if star else line)
        number, do = message["id"], message["do"]
        if number in self._repeats:
            return self._repeats[number]
        answer = self._do(number, do, message)
        if do in CHANGING:
            self._repeats[number] = answer
        return answer

    def _do(self, number: int, do: str, message: Message) -> Message:
        served = {
            "describe": self._describe,
            "status": self._status,
            "watch": lambda _: {},
            "stop": self._stop,
            "config.get": self._config_get,
            "config.set": self._config_set,
            "clock.set": self._clock_set,
            "log.list": self._log_list,
            "log.ack": lambda _: {},
            "log.read": self._read,
            "blackbox.read": self._read,
        }.get(do)
        if served is None:
            return error(number, "UNKNOWN_REQUEST", f"There is no request {do}.")
        if self.status.get("relay") == "closed" and do not in ("status", "watch", "stop"):
            return error(number, "BUSY", "The relay is closed.")
        answer = served(message)
        if "error" in answer:
            return answer
        self.done.append(do)
        return {"id": number, "ok": True, **answer}

    # -- requests -----------------------------------------------------------------------

    def _describe(self, message: Message) -> Message:
        return {"hash": self.hash, "rows": self.tables.get(message["of"], []), "next": -1}

    def _status(self, _: Message) -> Message:
        if self.pending is not None:
            self._decide()
        base: Message = {
            "state": "READY",
            "mode": "backward",
            "speed_mm_s": 0,
            "limit_mm_s": self.values["backward_limit_mm_s"],
            "blockers": [],
            "latched": None,
            "left": "released",
            "right": "held",
            "rails": "two rails",
            "estop": False,
            "feedback": "open",
            "relay": "open",
            "edges": 0,
            "boot": 3,
            "uptime_ms": 60000,
            "reset": "power_on",
            "pending": self._pending_hash(),
            "hand_turn": bool(self.hand_turn_edges),
            "calibration": "none",
            "version": self.version,
            "board": "a1b2c3d4e5f6",
        }
        if self.hand_turn_edges:
            base["edges"] = self.hand_turn_edges.pop(0)
        return {**base, **self.status}

    def _decide(self) -> None:
        if self.start == "hold" and self.pending is not None:
            self.values.update(self.pending)
            self.status.pop("blockers", None)
        self.pending, self.staged = None, {}

    def _stop(self, _: Message) -> Message:
        self.status.update(relay="open", state="STOPPING")
        return {}

    def _config_get(self, message: Message) -> Message:
        at = message.get("at", 0)
        rows = [[name, value] for name, value in self.values.items()][at : at + PAGE]
        following = at + PAGE if at + PAGE < len(self.values) else -1
        return {"rows": rows, "next": following}

    def _config_set(self, message: Message) -> Message:
        if self.status.get("state", "READY") != "READY":
            return error(message["id"], "NOT_NOW", "Settings change in READY only.")
        if self.pending is not None:
            self.pending, self.staged = None, {}
        for name, value in message["values"].items():
            parameter = firmware.parameters().get(name)
            if parameter is None:
                return error(message["id"], "UNKNOWN_NAME", f"There is no {name}.", name)
            if parameter.refusal(value) is not None:
                return error(message["id"], "OUT_OF_RANGE", "Out of range.", name)
        self.staged.update(message["values"])
        if message.get("more"):
            return {"staged": len(self.staged)}
        self.pending = self.staged
        return {"pending": self._pending_hash(), "within_s": 30}

    def _pending_hash(self) -> str | None:
        if self.pending is None:
            return None
        complete = {**self.values, **self.pending}
        text = ",".join(f"{name}={value}" for name, value in complete.items())
        return f"{binascii.crc32(text.encode()):08x}"

    def _clock_set(self, message: Message) -> Message:
        self.clock_s = message["epoch_s"]
        return {}

    def _log_list(self, _: Message) -> Message:
        journal = [[n, len(d)] for n, d in self.files.items() if n.startswith("j")]
        boxes = [[n, len(d)] for n, d in self.files.items() if n[0] in "bt"]
        tail = self.files[max(journal)[0]][-4:].hex() if journal else ""
        about = {"first": 1, "next": self.next_seq, "tail": tail, "segments": journal}
        return {"journal": about, "boxes": boxes, "acked": 0, "free": self.free_bytes}

    def _read(self, message: Message) -> Message:
        data = self.files.get(message["name"])
        if data is None:
            return error(message["id"], "NO_SUCH_FILE", "There is no such file.", "name")
        piece = data[message["at"] : message["at"] + message["n"]]
        return {
            "at": message["at"],
            "n": len(piece),
            "size": len(data),
            "crc": f"{binascii.crc32(piece):08x}",
            "data": base64.b64encode(piece).decode(),
        }


def error(number: int | None, code: str, say: str, name: str = "") -> Message:
    """An answer that refuses."""
    return {"id": number, "ok": False, "error": code, "say": say, "field": name or None}


class HangUp(Exception):
    """Raised by a `mangle` to cut the line."""


@contextlib.contextmanager
def on_pty(feed: Callable[[bytes], bytes], greeting: bytes = b"") -> Iterator[str]:
    """Serve `feed` on a pty; yields the path to open. HangUp closes the master."""
    master, slave = os.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    path = os.ttyname(slave)
    wake_read, wake_write = os.pipe()

    def serve() -> None:
        try:
            while True:
                ready, _, _ = select.select([master, wake_read], [], [])
                if wake_read in ready:
                    return
                answer = feed(os.read(master, 4096))
                os.write(master, (first.pop() if first else b"") + answer)
        except (HangUp, OSError):
            os.close(slave)
            os.close(master)
            hung_up.append(True)

    first = [greeting] if greeting else []
    hung_up: list[bool] = []
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield path
    finally:
        os.write(wake_write, b"x")
        thread.join(5)
        for descriptor in (wake_read, wake_write, *(() if hung_up else (slave, master))):
            os.close(descriptor)


@contextlib.contextmanager
def on_tcp(feed: Callable[[bytes], bytes]) -> Iterator[str]:
    """Serve `feed` on a TCP port; yields the socket:// URL. HangUp closes the connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError, HangUp):
            connection, _ = listener.accept()
            with connection:
                while data := connection.recv(4096):
                    connection.sendall(feed(data))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"socket://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
