# SPDX-License-Identifier: MIT
"""A port with a chip behind it: its ROM loader, and the controller it starts afterwards.

The auto-reset circuit of a dev kit is missing on a pty. Instead the chip enters its loader when
esptool's first frame arrives, and starts what is in its flash when a line of the link arrives.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from tests.support.rom_loader import SYNC_FRAME, Nor, Rom

LINE = b'\n{"id":'


class Program(Protocol):
    """What runs when the chip is not in its loader."""

    def exchange(self, data: bytes) -> bytes:
        """Give it bytes, let some time pass, take its bytes."""

    def close(self) -> None:
        """End it."""


class ChipPort:
    """One chip on a pty; `boot` makes what its flash holds."""

    def __init__(self, rom: Rom, boot: Callable[[Nor], Program | None]) -> None:
        self.rom = rom
        self.boot = boot
        self.program: Program | None = None
        self.in_loader = False
        self.gone = False
        self.hanging = False
        self.heard = b""
        self.error: BaseException | None = None
        self.master, self.slave = os.openpty()
        tty.setraw(self.master)
        tty.setraw(self.slave)
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        try:
            while not self.gone:
                wait_s = 0.002 if self.program is not None and not self.in_loader else 1.0
                ready, _, _ = select.select([self.master, self._wake_read], [], [], wait_s)
                if self._wake_read in ready:
                    return
                data = os.read(self.master, 4096) if self.master in ready else b""
                answer = self._pass(data)
                if answer and not self.gone and not self.hanging:
                    os.write(self.master, answer)
        except OSError:
            self.gone = True
        except BaseException as error:
            self.error = error
            raise
        finally:
            if self.gone:
                os.close(self.master)
                os.close(self.slave)
            if self.program is not None:
                self.program.close()

    def _pass(self, data: bytes) -> bytes:
        self.heard = (self.heard + data)[-64:]
        if not self.in_loader and SYNC_FRAME in self.heard:
            self.in_loader = True
            if self.program is not None:
                self.program.close()
                self.program = None
            data = self.heard
        if self.in_loader and LINE in data:
            self.in_loader = False
            self.program = self.boot(self.rom.flash)
        if self.in_loader:
            return self.rom.feed(data)
        return self.program.exchange(data) if self.program is not None else b""

    def pull_cable(self) -> None:
        """Nothing more comes or goes. From the thread of the chip alone."""
        self.gone = True

    def stop(self) -> None:
        os.write(self._wake_write, b"x")
        self._thread.join(20)
        if not self.gone:
            os.close(self.master)
            os.close(self.slave)
        os.close(self._wake_read)
        os.close(self._wake_write)
        if self.error is not None:
            raise self.error


@contextlib.contextmanager
def plugged_in(
    rom: Rom, link: Path, boot: Callable[[Nor], Program | None] = lambda _: None
) -> Iterator[ChipPort]:
    """A port at `link`; with `boot` left out the chip only ever is in its loader."""
    port = ChipPort(rom, boot)
    link.unlink(missing_ok=True)
    link.symlink_to(os.ttyname(port.slave))
    port.start()
    try:
        yield port
    finally:
        link.unlink(missing_ok=True)
        port.stop()
