# SPDX-License-Identifier: MIT
"""The campaign's sessions on boards with options: a bounded run for CI, and the judge's twins."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.campaign import healthy_full, healthy_options, saved
from tests.campaign.hazards_options import OPTIONS
from tests.campaign.session import draw, names
from tests.campaign.test_campaign import SEED, campaign, failures
from tests.campaign.verdict import IN_TIME, LATE, MISSED, Verdict, judge
from treadguard import firmware
from treadguard.virtual import runner
from treadguard.virtual.check import check_file


@pytest.mark.timeout(300)
def test_a_session_of_each_option_misses_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The options' own hazards come first, the ordinary ones after them."""
    words = ("--sessions", str(len(OPTIONS)), "--engine", "options", "--seed", str(SEED))
    status, content = campaign(tmp_path, capsys, *words)
    assert not failures(content)
    assert status == 0
    assert all(content["options"]["hazards"][name]["sessions"] == 1 for name in OPTIONS)
    assert content["options"][IN_TIME] >= len(OPTIONS) - 2


def test_a_walk_uphill_with_every_option_stops_for_nothing() -> None:
    plan = healthy_options.scenario(SEED, 0)
    assert len(plan["fitted"]) == 4
    walked = healthy_full.walk_through(plan, 0)
    assert walked.false_stop == ""
    assert walked.closed_us > 800_000_000


@pytest.mark.parametrize("hazard", ["step", "let_go", "estop", "sensor_dead", "reset"])
def test_options_take_nothing_from_the_ordinary_rules(hazard: str) -> None:
    session = draw("options", SEED, names("options").index(hazard))
    assert session.scenario["fitted"]
    verdict = judge(session, session.run())
    assert not verdict.failed, verdict


@pytest.mark.parametrize("number", range(len(OPTIONS)))
def test_a_saved_session_with_options_is_a_scenario_that_checks(
    number: int, tmp_path: Path
) -> None:
    session = draw("options", SEED, number)
    missed = Verdict(MISSED, bound_ms=100.0, lock_bound_ms=900.0, stood_bound_ms=2000.0)
    path = tmp_path / "saved.toml"
    path.write_text(saved.toml(saved.expecting(session, missed)))
    assert check_file(path, firmware.folder()) == []


DEAF = {
    "one_of_two_dead": ("second_hall.SecondHall.missing",),
    "opposite_magnets": ("phase.Phase.out_of_order",),
    "disobeys_second_stop": ("second_stop.SecondStop.drop", "stopping.Stop.interval"),
    "bypassed": ("key_sense.KeySense.lockout",),
    "deck_raised": ("incline.TooSteep.judge",),
}


@pytest.mark.parametrize("hazard", DEAF)
def test_a_deaf_option_is_found_out(hazard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The options' twins: with its rule made deaf, an option's hazard is missed or late."""
    session = draw("options", SEED, names("options").index(hazard))
    assert judge(session, session.run()).kind == IN_TIME
    deafen(monkeypatch, DEAF[hazard])
    assert judge(session, session.run()).kind in (MISSED, LATE)


def deafen(monkeypatch: pytest.MonkeyPatch, methods: tuple[str, ...]) -> None:
    """Every boot imports the firmware anew: have each find these methods without effect."""
    put = runner.put_adaptors

    def put_and_deafen() -> None:
        put()
        for path in methods:
            module, kind, method = path.split(".")
            found = getattr(importlib.import_module(f"guard.core.{module}"), kind)
            setattr(found, method, lambda *_: 0)

    monkeypatch.setattr(runner, "put_adaptors", put_and_deafen)
