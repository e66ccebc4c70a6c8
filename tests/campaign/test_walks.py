# SPDX-License-Identifier: MIT
"""Healthy walking: its files, its names, its bound, and the loop that makes it affordable."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench import naming
from tests.bench.latency import numbers_of
from tests.campaign import __main__ as command
from tests.campaign import healthy, report, runs, saved_walk, walk
from tests.campaign.groups import BY_NAME
from treadguard.virtual.engine import Engine
from treadguard.virtual.profiles import PROFILES

SEED = 20
STOPS = 60


@pytest.mark.parametrize(("kind", "module"), [("walk", "walk"), ("full walk", "healthy_full")])
def test_a_false_stop_is_saved_and_replays_exactly(
    kind: str, module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A walk whose walker is not as healthy as the campaign thinks: a hand off for 9 s."""
    monkeypatch.setattr(f"tests.campaign.{module}.ONE_HAND_MS", 9000)
    row = saved_walk.walk(kind, runs.HEALTHY, SEED, 0, tmp_path)
    assert row["false_stop"] == "ONE_HAND"
    monkeypatch.undo()
    path = next(tmp_path.glob("*.json"))
    assert command.main(["--replay", str(path)]) == 0
    content = json.loads(path.read_text())
    content["walked"]["at_us"] += 1
    path.write_text(json.dumps(content))
    assert command.main(["--replay", str(path)]) == 1


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_an_honest_stop_keeps_its_name_after_the_stop_test(profile: str) -> None:
    """At most 2 % of stops with the motor switched off, the hardest there are."""
    numbers = numbers_of(profile, 80, 0)
    tests = sorted(naming.stop_test(numbers, 1000 + i) for i in range(5))
    wrong = 0
    for number in range(STOPS):
        mm_s = 500 + number * 600 // STOPS
        _, name = naming.names(numbers, naming.COAST, mm_s, tests[2], SEED + number)
        wrong += name != naming.STOPPED
    assert wrong <= STOPS * report.NAMED_SHARE


def test_the_quick_loop_is_the_engine() -> None:
    for name, number in (("healthy", 3), ("step-off surges of 30 %", 2), ("ripple 12 %", 5)):
        group = BY_NAME[name]
        logs = []
        for make in (Engine, healthy.Quick):
            tape = walk.draw(group, 1, number)
            engine = healthy.engine_of(tape, group, make)
            engine.run(60_000_000)
            engine.run(160_000_000)
            logs.append((engine.log, engine.ticks, engine.guard.speed.lead_us, engine.now_us))
        assert logs[0] == logs[1]


def test_the_upper_bound_of_nothing_is_three() -> None:
    assert report.upper(0, 1000) == 3.0
    assert report.upper(1, 1000) == 4.75
    assert report.upper(0, 0) is None
    assert (report.upper(100, 1000) or 0) > 117
