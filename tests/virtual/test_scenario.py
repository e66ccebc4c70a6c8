# SPDX-License-Identifier: MIT
"""The scenario engine: what waits for what, what is expected, and what the checker refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.virtual.stub import Stub
from treadguard.virtual import actions, expect
from treadguard.virtual.check import check, check_file
from treadguard.virtual.scenario import Timeline
from treadguard.virtual.words import NotUnderstoodError, parse, usages

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"


def played(*entries: dict[str, Any], end_ms: int = 0) -> tuple[Stub, Timeline]:
    """A timeline on a world whose stub pumps all the time."""
    stub = Stub()
    timeline = Timeline(stub.world, list(entries), end_ms, 1000)
    timeline.start()
    stub.run(90000)
    return stub, timeline


def note(text: str, **more: Any) -> dict[str, Any]:
    return {"do": "note", "text": text, **more}


def notes(stub: Stub) -> list[tuple[int, str]]:
    return stub.log("note")


def test_entries_follow_one_another_after_their_delay() -> None:
    stub, _ = played(note("a", delay_ms=100), note("b"), note("c", delay_ms=50))
    assert notes(stub) == [(100, "a"), (100, "b"), (150, "c")]


def test_at_ms_stands_by_itself_and_after_follows_a_name() -> None:
    stub, _ = played(
        note("a", at_ms=500, name="first"),
        note("b", delay_ms=1000),
        note("c", after="first", delay_ms=200),
    )
    assert notes(stub) == [(500, "a"), (700, "c"), (1500, "b")]


def test_when_waits_for_a_level_and_for_the_next_happening() -> None:
    stub, _ = played(
        {"do": "bypass", "at_ms": 1000},
        {"do": "console", "what": "speed", "mm_s": 300, "when": "relay:closed"},
        note("fast", when="above:200"),
        note("still there", when="above:200", delay_ms=10),
        note("again", when="console:nothing like it", timeout_ms=500, name="never"),
    )
    assert [text for _, text in notes(stub)] == ["fast", "still there"]
    assert notes(stub)[0][0] == pytest.approx(1400 + 1450, abs=30)


def test_a_wait_in_vain_ends_the_run_and_is_a_failure() -> None:
    stub, timeline = played(note("a", when="state:READY", timeout_ms=5000))
    assert stub.world.now == 5000000
    assert timeline.failures == ["entry 1 (note): waited in vain for state:READY"]


def test_repetition_and_the_end_a_second_after_the_last_action() -> None:
    stub, _ = played(note("tick", times=4, every_ms=250))
    assert [ms for ms, _ in notes(stub)] == [0, 250, 500, 750]
    assert stub.world.now == 1750000


def test_a_refused_action_is_a_failure_unless_it_may_fail() -> None:
    console = {"do": "console", "what": "speed", "mm_s": 500, "at_ms": 100}
    assert "key loop is open" in played(console)[1].failures[0]
    assert played({**console, "may_fail": True})[1].failures == []


def test_an_action_that_ends_the_program_counts_as_done() -> None:
    stub, timeline = played(
        {"do": "reset", "kind": "en", "at_ms": 1000}, note("after", delay_ms=100)
    )
    assert notes(stub) == [(1100, "after")]
    assert timeline.failures == []


def judged(expectation: dict[str, Any]) -> list[str]:
    stub = Stub()
    timeline = Timeline(
        stub.world, [note("now", at_ms=2000, name="now"), note("end", delay_ms=3000)], 0, 1000
    )
    timeline.start()
    stub.at(2500, lambda world: world.press_estop(True)).run(6000)
    stub.world.observer.state = "TRIPPED"
    stub.world.observer.latched = "OVERSPEED"
    return expect.judge(stub.world, timeline, [expectation])


@pytest.mark.parametrize(
    ("met", "not_met"),
    [
        ({"relay": "open", "after": "now", "within_ms": 509}, {"relay": "open", "within_ms": 508}),
        ({"relay": "closed", "by_ms": 610}, {"relay": "closed", "after": "now"}),
        ({"never": "relay:open", "after": "now"} | {"never": "sound:x"}, {"never": "relay:open"}),
        ({"latched": "OVERSPEED"}, {"latched": "ESTOP"}),
        ({"end_state": "TRIPPED"}, {"end_state": "READY"}),
        ({"boots": 1}, {"boots": 2}),
        ({"hazards": 0}, {"carried_mm": 100}),
    ],
)
def test_each_expectation_is_met_or_named(met: dict[str, Any], not_met: dict[str, Any]) -> None:
    if not_met.get("within_ms") == 508:
        not_met = {**not_met, "after": "now"}
    assert judged(met) == []
    (sentence,) = judged(not_met)
    assert sentence.startswith("expectation 1 (")


GOOD = {
    "name": "good",
    "timeline": [
        {"do": "grip", "side": "both", "when": "state:READY", "delay_ms": 5, "name": "grip"},
        note("x", after="grip"),
    ],
    "expect": [{"reached": "BACKWARD", "after": "grip", "within_ms": 5}],
}


def test_a_good_scenario_has_no_complaints() -> None:
    assert check(GOOD, "good.toml", FIRMWARE) == []


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"profil": "x"}, ["profil", "profile"]),
        ({"profile": "bowflex"}, ["profile", "bowflex"]),
        ({"seed": "many"}, ["seed", "whole number"]),
        ({"seed": True}, ["seed"]),
        ({"name": ""}, ["name"]),
        ({"treadmill": {"magnet": 3}}, ["treadmill", "magnets"]),
        ({"board": {"config": {"rail_grace_ms": 9000}}}, ["rail_grace_ms", "600"]),
        ({"board": {"preset": "fresh", "config": {"rails_fitted": 1}}}, ["fresh"]),
        ({"timeline": [{"side": "both"}]}, ["entry 1", "do"]),
        ({"timeline": [{"do": "grab", "side": "both"}]}, ["entry 1", "grab"]),
        ({"timeline": [{"do": "grip"}]}, ["entry 1", "side"]),
        ({"timeline": [{"do": "grip", "side": "all"}]}, ["entry 1", "side", "all"]),
        ({"timeline": [note("a", at_ms=9), note("b", at_ms=8)]}, ["entry 2", "at_ms", "9"]),
        ({"timeline": [note("a", at_ms=9)], "end_ms": 5}, ["entry 1", "end"]),
        ({"timeline": [note("a", at_ms=9, when="state:READY")]}, ["entry 1", "when"]),
        ({"timeline": [note("a", when="state:READI")]}, ["entry 1", "READI", "READY"]),
        ({"timeline": [note("a", when="moon:full")]}, ["entry 1", "moon"]),
        ({"timeline": [note("a", when="sound:bang")]}, ["entry 1", "bang"]),
        ({"timeline": [note("a", after="b"), note("c", name="b")]}, ["entry 1", "after", "b"]),
        ({"timeline": [note("a", name="b"), note("c", name="b")]}, ["entry 2", "name"]),
        ({"timeline": [note("a", times=3)]}, ["entry 1", "every_ms"]),
        ({"timeline": [note("a", delay_ms=-1)]}, ["entry 1", "delay_ms", "negative"]),
        ({"expect": [{"latched": "OVERSPED"}]}, ["expectation 1", "OVERSPEED"]),
        ({"expect": [{"reached": "READY", "boots": 1}]}, ["expectation 1", "reached and boots"]),
        ({"expect": [{"within_ms": 1}]}, ["expectation 1", "none"]),
        ({"expect": [{"boots": "two"}]}, ["expectation 1", "boots"]),
        ({"expect": [{"relay": "open", "after": "nobody"}]}, ["expectation 1", "nobody"]),
        ({"expect": [{"opend_within_ms": 5}]}, ["expectation 1", "opened_within_ms"]),
    ],
)
def test_every_contradiction_is_one_sentence_with_its_place(
    change: dict[str, Any], names: list[str]
) -> None:
    complaints = check({"name": "bad", **change}, "bad.toml", FIRMWARE)
    assert complaints
    assert all(complaint.startswith("bad.toml: ") for complaint in complaints)
    assert any(all(name in complaint for name in names) for complaint in complaints), complaints


@pytest.mark.parametrize(
    ("name", "text"),
    [("half.toml", 'name = "x'), ("half.json", "{"), ("list.json", "[]"), ("gone.toml", None)],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, name: str, text: str | None
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    (sentence,) = check_file(tmp_path / name, FIRMWARE)
    assert name in sentence


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('name = "a"\n[[timeline]]\ndo = "fall"\nat_ms = 5\n')
    (tmp_path / "a.json").write_text(json.dumps({"name": "a", "timeline": [{"do": "fall"}]}))
    assert check_file(tmp_path / "a.toml", FIRMWARE) == check_file(tmp_path / "a.json", FIRMWARE)


@pytest.mark.parametrize(
    ("line", "name", "values"),
    [
        ("grip both", "grip", {"side": "both"}),
        ("start hold 3200", "start", {"what": "hold", "ms": 3200}),
        ("console speed 833", "console", {"what": "speed", "mm_s": 833}),
        ("console stop", "console", {"what": "stop"}),
        ("runaway 1500 accel_mm_s2=300", "runaway", {"mm_s": 1500, "accel_mm_s2": 300}),
        ("let-go left hazard=slip", "let_go", {"side": "left", "hazard": "slip"}),
    ],
)
def test_control_lines_are_the_same_actions(line: str, name: str, values: dict[str, Any]) -> None:
    assert parse(line) == (name, values)


@pytest.mark.parametrize("line", ["jump", "grip", "grip all", "start press soon", "fall now", "'"])
def test_a_control_line_that_makes_no_sense_is_one_sentence(line: str) -> None:
    with pytest.raises(NotUnderstoodError):
        parse(line)


def test_every_action_can_be_said_in_words() -> None:
    assert len(usages()) == len(actions.TABLE)


def test_the_guide_names_every_action_key_and_expectation() -> None:
    guide = (FIRMWARE.parent / "docs/scenarios.md").read_text()
    for name, (_, arguments) in actions.TABLE.items():
        for word in (name, *(argument[0] for argument in arguments)):
            assert f"`{word}`" in guide, f"{name}: {word}"
    for word in expect.KINDS + expect.OPTIONS:
        assert word in guide, word
