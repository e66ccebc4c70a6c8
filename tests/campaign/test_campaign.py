# SPDX-License-Identifier: MIT
"""A bounded campaign for CI, and the campaign's own promises: reproducible, resumable, honest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.campaign import __main__ as command
from tests.campaign import document, runs, saved
from tests.campaign.session import ENGINES, draw, names
from tests.campaign.verdict import FALSE, IN_TIME, LATE, MISSED, NOT_REACHED, judge
from treadguard import firmware, simulation
from treadguard.virtual.check import check_file

SEED = 20


def campaign(tmp_path: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    status = command.main([*words, "--jobs", "1", "--out", str(tmp_path)])
    out = capsys.readouterr().out.strip().splitlines()
    content = json.loads((tmp_path / "campaign.json").read_text())
    assert out[-1] == content["line"]
    return status, content


def failures(content: Any) -> dict[str, Any]:
    return {
        f"{engine} {name}": row["failures"]
        for engine in ENGINES
        for name, row in content[engine]["hazards"].items()
        if row["failures"]
    }


@pytest.mark.timeout(300)
def test_a_hundred_sessions_miss_nothing_and_two_hours_of_walking_stop_for_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--sessions", "100", "--hours", "2", "--seed", str(SEED))
    status, content = campaign(tmp_path, capsys, *words)
    assert not failures(content)
    assert not content["failed"]
    assert status == 0
    assert content["complete"]
    assert content["core"]["sessions"] == 100
    for kind in (MISSED, LATE, FALSE, NOT_REACHED):
        assert content["core"][kind] == 0
    assert content["core"][IN_TIME] > 80
    assert content["walks"]["healthy"]["hours"] > 1.8
    assert content["walks"]["healthy"]["false_stops"] == 0
    assert content["options"]["sessions"] == 5
    assert content["options walk"]["sessions"] == 1


def test_ten_sessions_on_the_full_stack_miss_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The program's own hazards are known to this engine alone: begin before them.
    words = ("--sessions", "10", "--engine", "full", "--seed", str(SEED))
    status, content = campaign(tmp_path, capsys, *words)
    assert not failures(content)
    assert status == 0
    assert content["full"]["sessions"] == 10


@pytest.mark.parametrize("hazard", ["exception", "hang", "reset", "power", "slow"])
def test_a_program_that_fails_opens_the_relay_within_the_hold_up(hazard: str) -> None:
    number = names("full").index(hazard)
    session = draw("full", SEED, number)
    verdict = judge(session, session.run())
    assert session.hazard == hazard
    assert not verdict.failed, verdict


def test_a_session_is_known_by_its_number_alone() -> None:
    first, again = draw("core", SEED, 7), draw("core", SEED, 7)
    assert first.as_dict() == again.as_dict()
    assert first.run().row() == again.run().row()
    assert draw("core", SEED + 1, 7).scenario != first.scenario


@pytest.mark.parametrize("engine", ["core", "full", "options"])
def test_a_saved_session_replays_exactly(engine: str, tmp_path: Path) -> None:
    session = draw(engine, SEED, 10)
    outcome = session.run()
    path = saved.save(tmp_path, session, outcome, judge(session, outcome))
    again, _, _, changed = saved.replay(path)
    assert changed == []
    assert again.as_dict() == session.as_dict()
    assert command.main(["--replay", str(path)]) == 0


def test_a_saved_session_that_ends_otherwise_is_said_to(tmp_path: Path) -> None:
    session = draw("core", SEED, 10)
    outcome = session.run()
    path = saved.save(tmp_path, session, outcome, judge(session, outcome))
    content = json.loads(path.read_text())
    content["outcome"]["fault"] = "ANOTHER"
    path.write_text(json.dumps(content))
    assert command.main(["--replay", str(path)]) == 1


@pytest.mark.parametrize("number", range(0, 28, 3))
def test_sessions_of_the_full_stack_are_scenarios_that_check_and_run(
    number: int, tmp_path: Path
) -> None:
    session = draw("full", SEED, number)
    verdict = judge(session, session.run())
    path = tmp_path / "saved.toml"
    path.write_text(saved.toml(saved.expecting(session, verdict)))
    assert check_file(path, firmware.folder()) == []
    if number == 0:
        assert simulation.run(simulation.load(path), simulation.interpreter_command(False)).passed


def test_an_interrupted_campaign_says_so_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--sessions", "12", "--engine", "core", "--seed", str(SEED))
    status, part = campaign(tmp_path, capsys, *words, "--seconds", "0")
    assert status == 0
    assert not part["complete"]
    assert "PARTIAL" in part["line"]
    assert 0 < part["core"]["sessions"] < 12
    _, whole = campaign(tmp_path, capsys, *words, "--resume")
    assert whole["complete"]
    assert "PARTIAL" not in whole["line"]
    _, straight = campaign(tmp_path, capsys, *words)
    assert straight["core"] == whole["core"]


def test_ctrl_c_keeps_what_there_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    results = runs.results

    def interrupted(*arguments: Any) -> Iterator[runs.Row]:
        rows = results(*arguments)
        yield from (next(rows) for _ in range(3))
        raise KeyboardInterrupt

    monkeypatch.setattr(runs, "results", interrupted)
    words = ("--sessions", "12", "--engine", "core", "--seed", str(SEED))
    status, part = campaign(tmp_path, capsys, *words)
    assert status == 0
    assert part["core"]["sessions"] == 3
    assert "PARTIAL" in part["line"]


def test_the_page_holds_one_run_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "campaign.md"
    text = document.PAGE.read_text()
    page.write_text(re.sub(r"(<!-- campaign:full -->\n).*?(?=<!--)", r"\1old\n", text, flags=re.S))
    assert "\nold\n" in page.read_text()
    monkeypatch.setattr(document, "PAGE", page)
    words = ("--sessions", "3", "--engine", "core", "--seed", str(SEED), "--write-docs")
    command.main([*words, "--jobs", "1", "--out", str(tmp_path)])
    text = page.read_text()
    assert "<!-- campaign:full -->\nnot run\n<!-- /campaign:full -->" in text
    assert "core 3 sessions" in text
    assert "lets go of both rails" in text


def test_one_engine_anew_leaves_the_others_as_they_were_and_says_of_which_run_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "campaign.md"
    page.write_text(document.PAGE.read_text())
    monkeypatch.setattr(document, "PAGE", page)
    _, whole = campaign(tmp_path, capsys, "--sessions", "20", "--seed", str(SEED))
    rows = (tmp_path / "campaign" / "rows.jsonl").read_bytes()
    whole["parts"]["core"]["commit"] = "earlier"
    (tmp_path / "campaign.json").write_text(json.dumps(whole))
    words = ("--sessions", "2", "--engine", "options", "--renew", "--write-docs")
    status, content = campaign(tmp_path, capsys, *words, "--seed", str(SEED))
    assert (status, content["complete"]) == (0, True)
    assert content["core"] == whole["core"]
    assert content["walks"] == whole["walks"]
    assert (whole["options"]["sessions"], content["options"]["sessions"]) == (1, 2)
    assert "core 20 sessions" in content["line"]
    assert (tmp_path / "campaign" / "rows.jsonl").read_bytes() == rows
    text = page.read_text()
    assert "- core: `make campaign N=20`, commit earlier" in text
    assert "- options: `python -m tests.campaign --engine options --sessions 2`" in text


def test_one_engine_beside_a_partial_run_is_partial(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign(tmp_path, capsys, "--sessions", "40", "--seed", str(SEED), "--seconds", "0")
    words = ("--sessions", "1", "--engine", "options", "--renew", "--seed", str(SEED))
    _, content = campaign(tmp_path, capsys, *words)
    assert not content["complete"]
    assert "PARTIAL" in content["line"]


@pytest.mark.parametrize(("before", "said"), [(None, "no campaign"), (SEED + 1, "of seed 21")])
def test_one_engine_with_nothing_beside_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], before: int | None, said: str
) -> None:
    if before is not None:
        campaign(tmp_path, capsys, "--sessions", "1", "--seed", str(before))
    words = ["--sessions", "1", "--engine", "options", "--renew", "--seed", str(SEED)]
    assert command.main([*words, "--out", str(tmp_path)]) == 2
    assert said in capsys.readouterr().err


def test_a_resumed_campaign_of_another_seed_starts_anew(tmp_path: Path) -> None:
    runs.Rows(runs.Work(1, tmp_path), resume=False).close()
    row = {"unit": ["session", "core", 1, 0]}
    with (tmp_path / "rows.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n" + '{"unit": ["ses')  # cut by the interruption
    same = runs.Rows(runs.Work(1, tmp_path), resume=True)
    assert list(same.rows) == [("session", "core", 1, 0)]
    same.close()
    other = runs.Rows(runs.Work(2, tmp_path), resume=True)
    assert other.rows == {}
    assert other.refused
    other.close()


def test_a_deaf_core_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: with an overspeed rule that never acts, the campaign misses hazards."""
    from guard.core.interlocks import Acceleration, Overspeed, OverspeedExtreme

    for rule in (Overspeed, OverspeedExtreme, Acceleration):
        monkeypatch.setattr(rule, "judge", lambda self, s: 0)
    known = names("core")
    kinds = set()
    for turn in range(8):
        session = draw("core", SEED, known.index("step") + turn * len(known))
        kinds.add(judge(session, session.run()).kind)
    assert MISSED in kinds


def test_a_core_that_waits_too_long_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other twin: hands are judged 200 ms after their grace."""
    from guard.core.interlocks import RailsReleased

    judge_hands = RailsReleased.judge

    def slowly(self: Any, s: Any) -> int:
        code = judge_hands(self, s)
        self.patience = getattr(self, "patience", 0) + 1 if code else 0
        return code if self.patience > 20 else 0

    monkeypatch.setattr(RailsReleased, "judge", slowly)
    known = names("core")
    numbers = [known.index("let_go") + turn * len(known) for turn in range(3)]
    sessions = [draw("core", SEED, number) for number in numbers]
    assert {judge(session, session.run()).kind for session in sessions} == {LATE}


def test_a_session_that_breaks_down_is_a_failure_with_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from guard.core.supervisor import Supervisor

    def broken(self: Any, s: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Supervisor, "tick", broken)
    row = runs.do(("session", "core", SEED, 0), tmp_path)
    assert row["kind"] == NOT_REACHED
    assert "ZeroDivisionError" in row["why"]
    assert (tmp_path / f"core-{SEED}-0.json").exists()


def test_a_campaign_whose_firmware_changes_meanwhile_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    crcs = iter([1, 2])
    monkeypatch.setattr(runs, "fingerprint", lambda: next(crcs))
    words = ("--sessions", "2", "--engine", "core", "--seed", str(SEED))
    status, content = campaign(tmp_path, capsys, *words)
    assert status == 1
    assert content["mixed"]
    assert "MIXED" in content["line"]
