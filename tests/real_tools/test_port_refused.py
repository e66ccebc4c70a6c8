# SPDX-License-Identifier: MIT
"""`flash` and `deploy` on a port that another program holds, or that this user may not open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.chip_port import plugged_in
from tests.support.rom_loader import Nor, Rom
from treadguard.cli.main import main
from treadguard.deploying import program
from treadguard.errors import NO_BOARD, NoBoardError
from treadguard.flashing import loader
from treadguard.flashing.procedure import FlashPlan
from treadguard.link.transport import SerialTransport

Refused = Callable[[str], str]


@pytest.fixture(params=["flash", "deploy"])
def refused(
    request: pytest.FixtureRequest,
    download: Path,
    capsys: pytest.CaptureFixture[str],
    compiled: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> Refused:
    """Run the command on a port; its one sentence."""
    for where in ("flashing", "deploying"):
        monkeypatch.setattr(f"treadguard.{where}.procedure.built", lambda _: compiled)
    words = [request.param, *([str(download)] if request.param == "flash" else [])]

    def run(port: str) -> str:
        assert main([*words, "--port", port]) == NO_BOARD
        said = capsys.readouterr()
        assert said.out == ""
        assert "Traceback" not in said.err
        sentences = [line for line in said.err.splitlines() if line.startswith("treadguard: ")]
        assert len(sentences) == 1, said.err
        return sentences[0]

    return run


def test_a_port_in_use_is_told_and_the_chip_is_not_touched(
    refused: Refused, tmp_path: Path
) -> None:
    rom = Rom(Nor())
    with plugged_in(rom, tmp_path / "port"):
        other = SerialTransport(str(tmp_path / "port"))
        assert "in use by another program: close it" in refused(str(tmp_path / "port"))
        other.close()
    assert rom.commands == []
    assert not (tmp_path / "logs").exists()


def test_missing_rights_come_with_the_command_that_gives_them(
    refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("serial.serial_for_url", denied)
    assert "run `sudo" in refused("/dev/null")
    assert not (tmp_path / "logs").exists()


def test_a_port_taken_after_the_first_look_is_in_use_for_esptool(
    plan: FlashPlan, tmp_path: Path
) -> None:
    with plugged_in(Rom(Nor()), tmp_path / "port"):
        other = SerialTransport(plan.loader.port)
        with pytest.raises(NoBoardError, match="in use by another program"):
            loader.mac_of(plan.loader)
        other.close()


def test_a_port_taken_after_the_first_look_is_in_use_for_mpremote(tmp_path: Path) -> None:
    with plugged_in(Rom(Nor()), tmp_path / "port"):
        other = SerialTransport(str(tmp_path / "port"))
        with pytest.raises(NoBoardError, match="in use by another program"):
            program.run(str(tmp_path / "port"), "fs", "ls")
        other.close()
