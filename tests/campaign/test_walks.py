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
from tests.campaign.groups import BY_NAME, Group
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


@pytest.mark.parametrize("group", BY_NAME.values(), ids=lambda group: group.name)
def test_the_quick_loop_is_the_engine(group: Group) -> None:
    for number in range(5) if group.gate else (len(group.name) % 5,):  # treadmills take turns
        whole, quick = (
            healthy.walk_through(walk.draw(group, 1, number), group.name, number, quick=quick)
            for quick in (False, True)
        )
        assert whole == quick


def test_the_quick_loop_logs_what_the_engine_logs_and_leaves_ticks_out() -> None:
    judged = []
    for make in (Engine, healthy.Quick):
        engine = healthy.engine_of(walk.draw(BY_NAME["healthy"], 1, 3), BY_NAME["healthy"], make)
        asked = counted(engine)
        for until_us in range(60_000_000, 400_000_000, 37_777_777):
            engine.run(until_us)
        judged.append((engine.log, engine.ticks, engine.guard.speed.lead_us, engine.now_us))
        judged.append(asked)
    assert judged[0] == judged[2]
    assert sum(judged[3]) * 3 < sum(judged[1])


@pytest.mark.parametrize("left_out", ["edges", "hands"])
def test_the_quick_loop_hears_silence_and_hands_in_the_tick_of_the_engine(left_out: str) -> None:
    """The belt's edges end at once, or a hand goes and does not come back."""
    found = []
    for make in (Engine, healthy.Quick):
        tape = walk.draw(BY_NAME["healthy"], 1, 3)
        cut_us = 200_000_000
        if left_out == "edges":
            tape.edges = [us for us in tape.edges if us < cut_us]
        else:
            tape.changes = [row for row in tape.changes if row[0] < cut_us]
            tape.changes.append((cut_us, "left_raw", walk.RELEASED))
        engine = healthy.engine_of(tape, BY_NAME["healthy"], make)
        engine.run(cut_us + 20_000_000, stop_when_open=True)
        found.append((engine.opened_at_us, engine.supervisor.fault, engine.log))
    assert found[0][0] is not None
    assert found[0] == found[1]


def counted(engine: Engine) -> list[int]:
    """A list that gets a 1 for each tick that the core judges."""
    asked: list[int] = []
    tick = engine.guard.tick

    def noted(s: object) -> None:
        asked.append(1)
        tick(s)

    engine.guard.tick = noted
    return asked


def test_the_upper_bound_of_nothing_is_three() -> None:
    assert report.upper(0, 1000) == 3.0
    assert report.upper(1, 1000) == 4.75
    assert report.upper(0, 0) is None
    assert (report.upper(100, 1000) or 0) > 117
