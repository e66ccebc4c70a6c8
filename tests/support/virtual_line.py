# SPDX-License-Identifier: MIT
"""A client and the virtual board in lockstep: the board's time passes while the client waits.

So a transfer takes the virtual time it would take, whatever this machine is doing. HOST_US stands
for what a computer and its USB adapter need to answer.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from treadguard.virtual import scenario
from treadguard.virtual.runner import Runner, find_paths

HOST_US = 2000
SLICE_US = 50_000
MASK = 0x3FFFFFFF


class Stopped(BaseException):
    """Ends the board's thread."""


class VirtualLine:
    """A Transport whose other end is a virtual board with the firmware of `folder`."""

    name = "the virtual board"

    def __init__(
        self, folder: Path, files: dict[str, bytes] | None = None, chip: str = "esp32"
    ) -> None:
        find_paths(str(folder))
        setup = {"name": "line", "board": {}, "chip": chip}
        self.world: Any = scenario.build(setup, str(folder))
        self.world.flash.files.update(files or {})
        self.world.uart.sink = self._sink
        self.world.pacer = self._pace
        self.wire_bytes = 0
        self.latest_us = 0  # how late a tick ever began its waiting
        self.ticks = 0
        self._spin = self.world.spin
        self.world.spin = self._watched_spin
        self._arrived = b""
        self._ready_us = self._until_us = 0
        self._turn = threading.Semaphore(0)  # the board may run
        self._back = threading.Semaphore(0)  # the client may
        self._stopping = False
        self._thread = threading.Thread(target=self._run, args=(folder,), daemon=True)
        self._thread.start()

    # -- the board's thread

    def _run(self, folder: Path) -> None:
        self._turn.acquire()
        try:
            Runner(self.world, str(folder)).run()
        except Stopped:
            pass
        finally:
            self._back.release()

    def _sink(self, data: bytes) -> None:
        self.wire_bytes += len(data)
        self._arrived += data
        self._ready_us = self.world.uart.line_free_at

    def _pace(self, to_us: int) -> None:
        if self._stopping:
            raise Stopped
        if (self._arrived and to_us >= self._ready_us) or to_us >= self._until_us:
            self._back.release()
            self._turn.acquire()

    def _watched_spin(self, deadline_us: int, poll: Any) -> None:
        self.ticks += 1
        late_us = (self.world.tick_us - deadline_us) & MASK
        if late_us < MASK // 2:
            self.latest_us = max(self.latest_us, late_us)
        self._spin(deadline_us, poll)

    # -- the client's

    @property
    def now_us(self) -> int:
        """The board's time since its start."""
        return int(self.world.now)

    def _run_until(self, us: int) -> None:
        self._until_us = us
        self._turn.release()
        self._back.acquire()

    def wait(self, us: int) -> None:
        """Let the board run for so long."""
        end = self.now_us + us
        while self.now_us < end - 100:
            self._run_until(end)

    def read(self, deadline: float) -> bytes:
        """What has come over the line, or b"" at the deadline."""
        while not self._arrived and time.monotonic() < deadline:
            self._run_until(self.now_us + SLICE_US)
        found, self._arrived = self._arrived, b""
        return found

    def write(self, data: bytes) -> None:
        """Send, after the time a computer takes."""
        kept, self._arrived = self._arrived, b""
        self.wait(HOST_US)
        self._arrived = kept + self._arrived
        self.world.uart.host_send(data)

    def close(self) -> None:
        """End the board."""
        if self._thread.is_alive():
            self._stopping = True
            self._turn.release()
            self._thread.join(20)
