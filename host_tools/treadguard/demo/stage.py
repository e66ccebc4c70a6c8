# SPDX-License-Identifier: MIT
"""The stage: a served virtual board in a process of its own, and the people around it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from treadguard.errors import ExpectationFailed, TreadguardError

STARTUP_S = 30
WAIT_WALL_S = 120
BOARD = """name = "demo"
about = "A fresh board on the recommended build."
profile = "recommended_4_magnet"
mode = "off"
seed = 7

[board]
preset = "fresh"
"""


class People:
    """Hands, feet, buttons and console, over the served board's control channel."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=WAIT_WALL_S)
        self._file = self._socket.makefile("r", encoding="ascii")

    def do(self, line: str) -> str:
        """One control line; ExpectationFailed with the board's reason when it says error."""
        self._socket.sendall(line.encode() + b"\n")
        answer = self._file.readline().strip()
        if not answer.startswith("ok"):
            raise ExpectationFailed(
                f"the virtual board answered {answer or 'nothing'!r} to {line}"
            )
        return answer[2:].strip()

    def wait(self, condition: str, ms: int = 120_000) -> None:
        """Until a condition holds, in virtual time."""
        self.do(f"wait {condition} {ms}")

    def rest(self, ms: int) -> None:
        """Let virtual time pass: wait for a belt speed that never comes."""
        with contextlib.suppress(ExpectationFailed):
            self.wait("above:99999", ms)

    def truth(self) -> dict[str, Any]:
        """What really happened, as the firmware never sees it."""
        found: dict[str, Any] = json.loads(self.do("truth"))
        return found

    def close(self) -> None:
        with contextlib.suppress(OSError, ExpectationFailed):
            self.do("quit")
        self._file.close()
        self._socket.close()


class Stage:
    """Where the board is served, and the command line pointed at it."""

    def __init__(self, port: Path, people: People, factor: float) -> None:
        self.port = port
        self.people = people
        self.factor = factor

    def speed(self, factor: float) -> None:
        self.people.do(f"speed-factor {factor}")

    def command(self, *words: str) -> list[str]:
        """A treadguard command line on this board's port."""
        return [sys.executable, "-m", "treadguard", *words, "--port", str(self.port)]

    def run(self, *words: str) -> str:
        """Run one host command to its end; its standard output."""
        done = subprocess.run(
            self.command(*words), capture_output=True, text=True, timeout=WAIT_WALL_S, check=False
        )
        if done.returncode:
            said = done.stderr.strip() or done.stdout.strip()
            raise ExpectationFailed(f"treadguard {' '.join(words)} failed: {said}")
        return done.stdout

    @contextlib.contextmanager
    def running(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """A host command that goes on while people act; must end well."""
        process = subprocess.Popen(
            self.command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        try:
            yield process
            _, said = process.communicate(timeout=WAIT_WALL_S)
        except BaseException:
            process.kill()
            _, said = process.communicate()
            if said.strip():
                print(said.strip(), file=sys.stderr)
            raise
        if process.returncode:
            raise ExpectationFailed(f"treadguard {' '.join(words)} failed: {said.strip()}")


@contextlib.contextmanager
def served(factor: float, scenario: str = BOARD) -> Iterator[Stage]:
    """A virtual board on a pty, fresh unless the scenario says otherwise, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="treadguard-") as folder:
        board, link = Path(folder) / "board.toml", Path(folder) / "board"
        board.write_text(scenario, encoding="ascii")
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "treadguard", "simulate", "serve", "--json"),
                *("--pty", str(link), "--scenario", str(board), "--factor", str(factor)),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "NO_COLOR": "1"},
            start_new_session=True,  # a terminal's Ctrl-C is for the command, which ends the board
        )
        try:
            people = People(_control(process))
            yield Stage(link, people, factor)
            people.close()
        finally:
            process.terminate()
            process.communicate(timeout=STARTUP_S)


def _control(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout else ""
    try:
        return str(json.loads(line)["control"])
    except (json.JSONDecodeError, KeyError):
        process.terminate()
        said = process.stderr.read().strip() if process.stderr else ""
        raise TreadguardError(f"the virtual board did not start: {said or line}") from None
