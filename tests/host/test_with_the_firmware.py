# SPDX-License-Identifier: MIT
"""The command line against the real firmware on the virtual board, over a pty."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.host.conftest import CommandLine
from treadguard import errors

FACTOR = "10"


class Person:
    """Somebody at the board: one line to the control port, one answer."""

    def __init__(self, address: str) -> None:
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        self.answers = self.socket.makefile("r")

    def does(self, line: str) -> None:
        """Do it, and see that it could be done."""
        self.socket.sendall(f"{line}\n".encode())
        answer = self.answers.readline().strip()
        assert answer.startswith("ok"), f"{line}: {answer}"

    def hesitates(self, ms: int) -> None:
        """Let the board's time pass; nobody presses START within 200 ms of being asked."""
        until_ms = self._now_ms() + ms
        while self._now_ms() < until_ms:
            pass

    def _now_ms(self) -> int:
        self.socket.sendall(b"time\n")
        return int(json.loads(self.answers.readline().partition(" ")[2])["ms"])

    def close(self) -> None:
        self.answers.close()
        self.socket.close()


@pytest.fixture
def virtual(tmp_path: Path) -> Iterator[tuple[str, Person]]:
    """A commissioned virtual board in READY: its port, and the person beside it."""
    link = tmp_path / "board"
    command = [sys.executable, "-B", "-m", "treadguard", "simulate", "serve", "--json"]
    with subprocess.Popen(
        [*command, "--pty", str(link), "--factor", FACTOR],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TREADGUARD_DEBUG": "1"},
    ) as server:
        assert server.stdout is not None
        assert select.select([server.stdout], [], [], 60)[0], "the virtual board does not start"
        person = Person(json.loads(server.stdout.readline())["control"])
        try:
            person.does("mode backward")
            person.does("wait state:READY")
            yield str(link), person
        finally:
            person.close()
            server.terminate()
            server.wait(30)


def value_of(treadguard: CommandLine, port: str, name: str) -> int:
    ran = treadguard("config", "get", name, "--json", "--port", port)
    return int(json.loads(ran.out)["values"][0]["value"])


@pytest.mark.parametrize(
    ("press_ms", "code", "becomes"), [(3500, errors.OK, 556), (300, errors.REFUSED, 833)]
)
def test_a_change_counts_only_when_start_is_held(
    treadguard: CommandLine,
    virtual: tuple[str, Person],
    press_ms: int,
    code: int,
    becomes: int,
) -> None:
    port, person = virtual
    change = ["config", "set", "backward_limit", "2 km/h", "--port", port]
    with subprocess.Popen(
        [sys.executable, "-m", "treadguard", *change], stderr=subprocess.PIPE, text=True
    ) as command:
        assert command.stderr is not None
        said = [command.stderr.readline()]
        while said[-1] and "hold START" not in said[-1]:
            said.append(command.stderr.readline())
        person.hesitates(500)
        person.does(f"start press {press_ms}")
        said += command.stderr.readlines()
        assert command.wait(60) == code, said
    assert value_of(treadguard, port, "backward_limit") == becomes


def test_status_logs_clock_and_stop_work_on_the_real_protocol(
    treadguard: CommandLine, virtual: tuple[str, Person], tmp_path: Path
) -> None:
    port, _ = virtual
    status = json.loads(treadguard("status", "--json", "--port", port).out)
    assert status["schema"] == "treadguard.status/1"
    assert [reason["name"] for reason in status["reasons"]] == status["blockers"]
    assert treadguard("clock", "sync", "--port", port).code == errors.OK
    assert treadguard("logs", "pull", "--into", tmp_path / "logs", "--port", port).code == 0
    shown = treadguard("logs", "show", tmp_path / "logs", "--json").out.splitlines()
    assert "boot" in [json.loads(line)["kind"] for line in shown]
    assert treadguard("stop", "--port", port).out.startswith("relay open")
