# SPDX-License-Identifier: MIT
"""From a walk on the virtual board to its report: every command of the logbook, nothing faked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.host.conftest import CommandLine
from tests.support.fake_board import FakeBoard
from tests.support.written import Written
from treadguard import errors

CHIP = "a1b2c3d4e5f6"


def walks() -> Written:
    from guard.core import faults as f

    return Written().power_on().clock(1_000, 1_770_000_000).walk(60_000, 1, f.BELT_STOPPED)


def test_a_pull_fills_the_logbook_and_a_second_one_adds_nothing(
    treadguard: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    board: FakeBoard, port: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    board.files["j00000001.bin"] = walks().data
    first = treadguard("logs", "pull", "--port", port)
    assert first.code == errors.OK, first.err
    assert f"logbook: board {CHIP}: 10 new events" in first.err
    assert len(json.loads(treadguard("sessions", "--json").out)["sessions"]) == 1
    second = treadguard("logs", "pull", "--port", port)
    assert "0 new events, 0 new black boxes" in second.err


def test_a_pull_into_a_folder_of_ones_own_leaves_the_logbook_alone(
    treadguard: CommandLine, tmp_path: Path, board: FakeBoard, port: str
) -> None:
    board.files["j00000001.bin"] = walks().data
    assert treadguard("logs", "pull", "--into", tmp_path / "own", "--port", port).code == errors.OK
    assert "no logbook" in treadguard("sessions").err
    # The folder's name says nothing; what the pull noted does.
    assert treadguard("logs", "import", tmp_path / "own").code == errors.OK
    assert json.loads(treadguard("logs", "list", "--json").out)["boards"][0]["key"] == CHIP


@pytest.mark.slow
def test_the_virtual_boards_stops_are_listed_replayed_and_reported(
    treadguard: CommandLine, tmp_path: Path
) -> None:
    from treadguard.demo import story

    story.play(tmp_path, quiet=True)
    assert treadguard("logs", "import", tmp_path / "records").code == errors.OK
    ended = [s["ended_by"] for s in json.loads(treadguard("sessions", "--json").out)["sessions"]]
    assert ended == ["START_PRESSED", "RAILS_RELEASED", "OVERSPEED", "SENSOR_LOST"]
    trips = json.loads(treadguard("trips", "--json").out)["trips"]
    assert [(trip["fault"], trip["cleared"]) for trip in trips] == [
        ("OVERSPEED", True),
        ("SENSOR_LOST", False),
    ]
    ran = treadguard("logs", "replay", "--json")
    verdicts = [json.loads(line) for line in ran.out.splitlines()]
    assert [verdict["result"] for verdict in verdicts] == ["same"] * 4
    assert [verdict["decided"] for verdict in verdicts] == ended
    for words in ([], ["--trip", trips[0]["trip"]], ["--session", 2]):
        target = tmp_path / "report.html"
        assert treadguard("report", "-o", target, *words).code == errors.OK
        assert "of where the limit allows" in target.read_text() or words[:1] == ["--session"]
    bundle = treadguard("support-bundle", "-o", tmp_path / "bundle.zip")
    assert bundle.code == errors.OK
    assert "b00000004.bin" in bundle.out
