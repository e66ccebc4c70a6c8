# SPDX-License-Identifier: MIT
"""Fixtures of the host tests: a fake board on a pty, a command line without a terminal."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.support import fake_board
from treadguard.cli.main import main


@dataclass
class Ran:
    """What one command line did."""

    code: int
    out: str
    err: str


CommandLine = Callable[..., Ran]


@pytest.fixture(autouse=True)
def no_memory(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No port, board, logbook or terminal of the person who runs the tests."""
    monkeypatch.delenv("TREADGUARD_PORT", raising=False)
    monkeypatch.delenv("TREADGUARD_DEBUG", raising=False)
    state = tmp_path_factory.mktemp("state")
    note = state / "board.json"
    monkeypatch.setenv("TREADGUARD_LOGBOOK", str(state / "logbook.db"))
    monkeypatch.setattr("treadguard.programmes.reading.own_folder", lambda: state / "programmes")
    monkeypatch.setattr("treadguard.link.discovery.state_file", lambda: note)
    monkeypatch.setattr("treadguard.link.discovery.list_ports", list)


@pytest.fixture
def treadguard(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Run a command line in this process, stdin no terminal."""

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr("sys.stdin", io.StringIO())
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        text = capsys.readouterr()
        return Ran(code, text.out, text.err)

    return run


@pytest.fixture
def board() -> fake_board.FakeBoard:
    """A healthy board in READY."""
    return fake_board.FakeBoard()


@pytest.fixture
def port(board: fake_board.FakeBoard) -> Iterator[str]:
    """The pty `board` listens on."""
    with fake_board.on_pty(board.feed) as path:
        yield path
