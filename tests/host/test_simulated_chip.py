# SPDX-License-Identifier: MIT
"""`simulate serve --chip`: which chip the virtual board has."""

from __future__ import annotations

from typing import Any

import pytest

from treadguard.cli.main import main
from treadguard.errors import BAD_FILE


def served(monkeypatch: pytest.MonkeyPatch, *words: str) -> dict[str, Any]:
    """The setup that would be served."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "treadguard.virtual.serve.serve", lambda setup, *_, **__: found.append(setup)
    )
    assert main(["simulate", "serve", "--tcp", "0", *words]) == 0
    return found[0]


def test_a_board_without_the_option_is_the_scenarios(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "chip" not in served(monkeypatch)
    words = ("--scenario", "an_esp32s3_guards_a_walk_by_touch")
    assert served(monkeypatch, *words)["chip"] == "esp32s3"


def test_the_option_wins_over_the_scenario(monkeypatch: pytest.MonkeyPatch) -> None:
    assert served(monkeypatch, "--chip", "esp32s3")["chip"] == "esp32s3"
    words = ("--scenario", "an_esp32s3_guards_a_walk_by_touch", "--chip", "esp32")
    assert served(monkeypatch, *words)["chip"] == "esp32"


def test_a_chip_nobody_knows_is_refused(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = tmp_path / "one.toml"
    scenario.write_text('name = "one"\nchip = "esp32c3"\n')
    assert main(["simulate", "run", str(scenario)]) == BAD_FILE
    assert "there is no 'esp32c3', only esp32, esp32s3" in capsys.readouterr().err
