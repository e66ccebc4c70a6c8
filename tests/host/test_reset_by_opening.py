# SPDX-License-Identifier: MIT
"""A port whose opening resets the board: every command that opens it says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.host.conftest import CommandLine
from tests.support import esp_image, fake_board
from tests.support.fake_board import FakeBoard

SAYS = "opening this port reset the controller (cause: power_on)"


@pytest.fixture
def resetting(board: FakeBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first line that arrives finds a board that has just started."""
    hello = [fake_board.frame({"ev": "hello", "reset": "power_on"})]
    board.mangle = lambda line, _: (hello.pop() if hello else b"") + line
    for where in ("flashing", "deploying"):
        monkeypatch.setattr(f"treadguard.{where}.procedure.built", lambda _: {})


@pytest.mark.parametrize(
    "words", ["status", "doctor", "flash IMAGE", "deploy", "bench", "setup name --yes"]
)
def test_a_board_that_was_reset_by_opening_its_port_is_told(
    treadguard: CommandLine, port: str, resetting: None, tmp_path: Path, words: str
) -> None:
    image = tmp_path / "IMAGE"
    image.write_bytes(esp_image.micropython())
    ran = treadguard(*words.replace("IMAGE", str(image)).split(), "--port", port)
    assert SAYS in ran.out + ran.err
    assert "Traceback" not in ran.err


def test_a_board_that_was_not_is_not_blamed(treadguard: CommandLine, port: str) -> None:
    ran = treadguard("status", "--port", port)
    assert "reset the controller" not in ran.out + ran.err
