# SPDX-License-Identifier: MIT
"""A command line on a pseudo terminal, and somebody who reads what it says and types."""

from __future__ import annotations

import errno
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 100
COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Terminal:
    """What a person sees, and their keyboard."""

    def __init__(self, process: subprocess.Popen[bytes], fd: int) -> None:
        self.process = process
        self.fd = fd
        self.seen = ""
        self._read_to = 0

    def sees(self, *words: str) -> str:
        """Wait until one of these is on the screen behind what was seen before; which one."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            fresh = self.seen[self._read_to :]
            found = [(fresh.index(word), word) for word in words if word in fresh]
            if found:
                at, word = min(found)
                self._read_to += at + len(word)
                return word
            assert time.monotonic() < deadline, f"no {words} in time in:\n{self.seen}"
            assert self._more(), f"no {words} in:\n{self.seen}"

    def types(self, text: str) -> None:
        os.write(self.fd, text.encode() + b"\n")

    def presses_ctrl_c(self) -> None:
        os.write(self.fd, b"\x03")

    def ends(self) -> int:
        """The exit code, after everything it still says."""
        while self._more():
            pass
        return self.process.wait(PATIENCE_S)

    def _more(self) -> bool:
        ready, _, _ = select.select([self.fd], [], [], PATIENCE_S)
        if not ready:
            return False
        try:
            data = os.read(self.fd, 4096)
        except OSError as error:
            if error.errno != errno.EIO:  # the program has left its terminal
                raise
            return False
        self.seen += COLOUR.sub("", data.decode("utf-8", "replace")).replace("\r", "")
        return bool(data)


@contextmanager
def treadguard(
    folder: Path, *words: str, environment: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """`treadguard WORDS` in `folder`, which is its home too, so that nothing of it stays."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-B", "-m", "treadguard", *words],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=folder,
        start_new_session=True,
        preexec_fn=_own_terminal,  # noqa: PLW1509 (these tests have no threads)
        env={
            **os.environ,
            "HOME": str(folder),
            "XDG_STATE_HOME": str(folder / "state"),
            "TREADGUARD_LOGBOOK": str(folder / "logbook.db"),
            "NO_COLOR": "1",
            **(environment or {}),
        },
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)
        os.close(master)


def _own_terminal() -> None:
    import fcntl
    import termios

    # So that Ctrl-C typed there reaches the program as it does at a desk.
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    # Tests that a shell runs in the background inherit that Ctrl-C means nothing.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
