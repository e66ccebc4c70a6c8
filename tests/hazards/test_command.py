# SPDX-License-Identifier: MIT
"""`python -m tests.hazards`: interrupted it says so, keeps what is done, goes on with the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hazards import __main__ as command
from tests.hazards.outcome import Outcome
from tests.hazards.sweeps import Judged


def judged(*wrong: str) -> Iterator[Judged]:
    for text in wrong:
        yield "a job", text, Outcome(opened_ms=7.0)


def interrupted() -> Iterator[Judged]:
    yield "a job", "", Outcome(opened_ms=1.0)
    raise KeyboardInterrupt


def call(monkeypatch: pytest.MonkeyPatch, out: Path, *more: str) -> int:
    monkeypatch.setattr("sys.argv", ["hazards", "--json", str(out), *more])
    return command.main()


def test_an_interrupted_run_is_partial_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "hazards.json"
    runs = {"first": lambda: judged("", ""), "second": interrupted}
    monkeypatch.setattr(command, "RUNS", runs)
    assert call(monkeypatch, out) == 1
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["complete"] is False
    assert list(found["runs"]) == ["first"]
    assert capsys.readouterr().out.splitlines()[-1].startswith("PARTIAL: 1 of 2 runs, 2 jobs")
    runs.update(first=interrupted, second=lambda: judged("", "", ""))
    assert call(monkeypatch, out, "--resume") == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("2 of 2 runs, 5 jobs")
    assert json.loads(out.read_text(encoding="utf-8"))["complete"] is True


def test_what_was_judged_of_another_program_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "hazards.json"
    runs = {"first": lambda: judged(""), "second": interrupted}
    monkeypatch.setattr(command, "RUNS", runs)
    call(monkeypatch, out)
    monkeypatch.setattr(command.progress, "judged", lambda: "other")
    sweep = command.Sweep(["first", "second"], out, judged="other")
    sweep.resume()
    assert sweep.done == {}


def test_a_failure_is_told_and_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "RUNS", {"only": lambda: judged("", "too late")})
    assert call(monkeypatch, tmp_path / "h.json") == 1
    said = capsys.readouterr().out
    assert "a job: too late" in said
    assert said.splitlines()[-1].endswith("1 failures")


def test_a_run_that_does_not_exist_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        call(monkeypatch, tmp_path / "h.json", "hops")
    assert refused.value.code == 2
    assert "there is no run 'hops'" in capsys.readouterr().err
