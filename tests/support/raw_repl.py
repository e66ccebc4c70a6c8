# SPDX-License-Identifier: MIT
"""A board in maintenance for the real mpremote: MicroPython behind a pty at 115200 baud.

The raw REPL is raw_repl_script.py, the file system is a folder. Both directions are paced as on
the wire, a byte every 86.8 us.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import threading
import time
import tty
from collections.abc import Iterator, Sequence
from pathlib import Path

BYTES_PER_S = 11520
SLICE = 32  # bytes that go at once: under 3 ms
SCRIPT = Path(__file__).with_name("raw_repl_script.py")


class Pump:
    """One direction of the wire."""

    def __init__(self, source: int, sink: int) -> None:
        self.source = source
        self.sink = sink
        self.free_at = 0.0

    def step(self, now: float) -> None:
        """Pass on what fits now."""
        data = os.read(self.source, SLICE)
        os.write(self.sink, data)
        self.free_at = max(now, self.free_at) + len(data) / BYTES_PER_S
        if not data:
            raise OSError


@contextlib.contextmanager
def board(micropython: Sequence[str], folder: Path, link: Path) -> Iterator[Path]:
    """A port, as a symlink (mpremote reads /dev/pts without a timeout), while it lasts."""
    master, slave = os.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    child = subprocess.Popen(
        [*micropython, str(SCRIPT)], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    pumps = (Pump(master, child.stdin.fileno()), Pump(child.stdout.fileno(), master))
    wake_read, wake_write = os.pipe()

    def run() -> None:
        with contextlib.suppress(OSError):
            while True:
                now = time.monotonic()
                free = [pump for pump in pumps if pump.free_at <= now]
                waits = [pump.free_at - now for pump in pumps if pump.free_at > now]
                sources = [pump.source for pump in free]
                ready, _, _ = select.select(
                    [*sources, wake_read], [], [], min(waits) if waits else None
                )
                if wake_read in ready:
                    return
                for pump in free:
                    if pump.source in ready:
                        pump.step(time.monotonic())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    link.unlink(missing_ok=True)
    link.symlink_to(os.ttyname(slave))
    try:
        yield link
    finally:
        link.unlink(missing_ok=True)
        os.write(wake_write, b"x")
        thread.join(5)
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()
        for descriptor in (wake_read, wake_write, slave, master):
            os.close(descriptor)
