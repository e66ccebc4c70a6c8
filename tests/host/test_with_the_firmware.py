# SPDX-License-Identifier: MIT
"""The command line against the real firmware on the virtual board, over a pty."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.host.conftest import CommandLine, Ran
from treadguard import errors

FACTOR = "10"


class Person:
    """Somebody at the board: one line to the control port, one answer."""

    def __init__(self, address: str) -> None:
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        self.answers = self.socket.makefile("r")

    def does(self, line: str) -> str:
        """Do it; the answer without its `ok`."""
        self.socket.sendall(f"{line}\n".encode())
        word, _, rest = self.answers.readline().strip().partition(" ")
        assert word == "ok", f"{line}: {rest}"
        return rest

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
            yield str(link), person
        finally:
            person.close()
            server.terminate()
            server.wait(30)


def in_background(treadguard: CommandLine, *arguments: str) -> tuple[threading.Thread, list[Ran]]:
    """A command that waits for somebody at the board."""
    ran: list[Ran] = []
    thread = threading.Thread(target=lambda: ran.append(treadguard(*arguments)))
    thread.start()
    return thread, ran


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
    command = ("config", "set", "backward_limit", "2 km/h", "--port", port)
    thread, ran = in_background(treadguard, *command)
    person.does("wait sound:pending")
    person.does(f"start press {press_ms}")
    thread.join(60)
    assert [r.code for r in ran] == [code], ran
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
