# SPDX-License-Identifier: MIT
"""The outside ends of a served board: a pty or TCP port for the UART, a socket for control."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Protocol


class Wire(Protocol):
    """Where the UART's bytes go."""

    name: str

    def readers(self) -> list[int]:
        """File descriptors to wait for."""

    def read(self, ready: list[int]) -> bytes:
        """What has arrived."""

    def write(self, data: bytes) -> None:
        """Give bytes to whoever listens; nobody there means gone, as on a real UART."""

    def close(self) -> None:
        """Let go of everything."""


class PtyWire:
    """A pseudo terminal, with a symlink under a name of the user's choice."""

    def __init__(self, link: Path | None) -> None:
        import pty
        import tty

        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        os.set_blocking(self.master, False)
        device = os.ttyname(self.slave)
        self.link = link
        if link is not None:
            if link.is_symlink():
                link.unlink()
            link.symlink_to(device)
        self.name = str(link) if link is not None else device

    def readers(self) -> list[int]:
        return [self.master]

    def read(self, ready: list[int]) -> bytes:
        if self.master not in ready:
            return b""
        with contextlib.suppress(OSError):
            return os.read(self.master, 4096)
        return b""

    def write(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            os.write(self.master, data)

    def close(self) -> None:
        if self.link is not None and self.link.is_symlink():
            self.link.unlink()
        os.close(self.master)
        os.close(self.slave)


class TcpWire:
    """A TCP port on this machine; one client at a time, a new one replaces the old."""

    def __init__(self, port: int) -> None:
        self.server = listen(port)
        self.client: socket.socket | None = None
        self.name = f"socket://127.0.0.1:{self.server.getsockname()[1]}"

    def readers(self) -> list[int]:
        found = [self.server.fileno()]
        if self.client is not None:
            found.append(self.client.fileno())
        return found

    def read(self, ready: list[int]) -> bytes:
        if self.server.fileno() in ready:
            self._drop()
            self.client, _ = self.server.accept()
            self.client.setblocking(False)
        elif self.client is not None and self.client.fileno() in ready:
            try:
                data = self.client.recv(4096)
            except OSError:
                data = b""
            if not data:
                self._drop()
            return data
        return b""

    def write(self, data: bytes) -> None:
        if self.client is not None:
            with contextlib.suppress(OSError):
                self.client.send(data)

    def _drop(self) -> None:
        if self.client is not None:
            self.client.close()
            self.client = None

    def close(self) -> None:
        self._drop()
        self.server.close()


class Control:
    """Lines in, one line out each; any number of clients."""

    def __init__(self, port: int) -> None:
        self.server = listen(port)
        self.clients: dict[int, tuple[socket.socket, bytearray]] = {}
        self.name = f"127.0.0.1:{self.server.getsockname()[1]}"

    def readers(self) -> list[int]:
        return [self.server.fileno(), *self.clients]

    def serve(self, ready: list[int], handle: Callable[[str, int], str | None]) -> None:
        """Answer every complete line; handle may return None and answer later."""
        if self.server.fileno() in ready:
            client, _ = self.server.accept()
            client.setblocking(False)
            self.clients[client.fileno()] = (client, bytearray())
        for number in [n for n in self.clients if n in ready]:
            client, waiting = self.clients[number]
            try:
                data = client.recv(4096)
            except OSError:
                data = b""
            if not data:
                client.close()
                del self.clients[number]
                continue
            waiting += data
            self._lines(number, waiting, handle)

    def _lines(
        self, number: int, waiting: bytearray, handle: Callable[[str, int], str | None]
    ) -> None:
        while (end := waiting.find(b"\n")) >= 0:
            line = bytes(waiting[:end]).decode("utf-8", "replace").strip()
            del waiting[: end + 1]
            answer = handle(line, number) if line else None
            if answer is not None:
                self.answer(number, answer)

    def answer(self, number: int, text: str) -> None:
        if number in self.clients:
            with contextlib.suppress(OSError):
                self.clients[number][0].sendall(text.encode() + b"\n")

    def close(self) -> None:
        for client, _ in self.clients.values():
            client.close()
        self.server.close()


def listen(port: int) -> socket.socket:
    """A listening socket on this machine only; port 0 takes a free one."""
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen(4)
    server.setblocking(False)
    return server
