# SPDX-License-Identifier: MIT
"""Wires and control lines of a served board, with a stub in the place of the firmware."""

from __future__ import annotations

import json
import os
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.virtual.stub import Stub
from treadguard.virtual.adaptors import stdio
from treadguard.virtual.runner import Runner
from treadguard.virtual.serve import NotServableError, Server, serve
from treadguard.virtual.wires import Control, PtyWire, TcpWire


class Served:
    """A stub that echoes what it reads, 50 times as fast as the wall clock."""

    def __init__(self, wire: Any) -> None:
        self.stub = Stub(on_tick=self.echo)
        self.control = Control(0)
        self.wire = wire
        self.server = Server(self.stub.world, wire, self.control, 50)
        self.thread = threading.Thread(
            target=Runner(self.stub.world, "", self.stub.main).run, daemon=True
        )
        self.thread.start()
        host, _, port = self.control.name.partition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=20)
        self.lines = self.socket.makefile("rw")

    def echo(self, stub: Stub) -> None:
        data = bytes(stub.read)
        stub.read.clear()
        if data:
            stdio.write(data.upper(), len(data))

    def say(self, line: str) -> str:
        self.lines.write(line + "\n")
        self.lines.flush()
        return self.lines.readline().strip()

    def close(self) -> None:
        self.say("quit")
        self.thread.join(20)
        self.lines.close()
        self.socket.close()
        self.wire.close()
        self.control.close()
        assert not self.thread.is_alive()


def test_a_pty_carries_bytes_both_ways_under_the_name_asked_for(tmp_path: Path) -> None:
    link = tmp_path / "board"
    served = Served(PtyWire(link))
    served.say("wait boot")
    client = os.open(link, os.O_RDWR | os.O_NOCTTY)
    os.write(client, b"hello\n")
    got = b""
    while not got.endswith(b"HELLO\n"):
        got += os.read(client, 100)
    os.close(client)
    served.close()
    assert not link.exists()


def test_a_tcp_port_takes_one_client_after_another() -> None:
    served = Served(TcpWire(0))
    port = int(served.wire.name.rsplit(":", 1)[1])
    for word in (b"one\n", b"two\n"):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            client.sendall(word)
            got = b""
            while word.upper() not in got:
                got += client.recv(100)
    served.close()


def test_control_lines_act_wait_and_tell_the_truth() -> None:
    served = Served(TcpWire(0))
    assert served.say("wait relay:closed 5000") == "ok"
    assert served.say("console speed 600") == "ok"
    assert served.say("wait above:500 20000") == "ok"
    truth = json.loads(served.say("truth").removeprefix("ok "))
    assert truth["relay"] == "closed"
    assert truth["belt_mm_s"] >= 500
    assert served.say("estop press") == "ok"
    assert served.say("wait belt:still") == "ok"
    assert served.say("wait relay:closed 100").startswith("error waited in vain")
    served.close()


def test_a_power_cut_answers_and_the_board_comes_back() -> None:
    served = Served(TcpWire(0))
    assert served.say("wait relay:closed 5000") == "ok"
    assert served.say("power off") == "ok"
    assert served.say("wait relay:open 1000") == "ok"
    assert served.say("power on") == "ok"
    assert served.say("wait relay:closed 5000") == "ok"
    served.close()


@pytest.mark.parametrize(
    "line", ["jump", "grip", "speed-factor 0", "speed-factor x", "wait moon", "events x"]
)
def test_a_line_that_makes_no_sense_is_answered_with_a_sentence(line: str) -> None:
    served = Served(TcpWire(0))
    assert served.say(line).startswith("error ")
    served.close()


def test_time_runs_as_fast_as_asked() -> None:
    served = Served(TcpWire(0))
    assert served.say("speed-factor 100") == "ok"
    before = json.loads(served.say("time").removeprefix("ok "))["ms"]
    assert served.say("wait state:NEVER 1000").startswith("error")
    after = json.loads(served.say("time").removeprefix("ok "))["ms"]
    assert 1000 <= after - before < 3000
    served.close()


def test_a_wrong_setup_is_refused_before_anything_is_opened() -> None:
    firmware = Path(__file__).resolve().parents[2] / "firmware"
    with pytest.raises(NotServableError, match="bowflex"):
        serve({"profile": "bowflex"}, firmware)
