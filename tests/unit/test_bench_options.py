# SPDX-License-Identifier: MIT
"""The bench's part of the options: its trials are judged, and a miss is one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bench import options, options_tables
from tests.campaign.__main__ import prepare_path
from tests.campaign.hazards_options import OPTIONS

prepare_path()
SOON = {"failed": False, "bound_ms": 100.0, "fitted_ms": 50.0, "without_ms": None}
TRIAL = {**SOON, "carried_without_mm": 2000, "carried_mm": 10}


def numbers(**changed: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "cases": {case.hazard: [dict(TRIAL)] for case in options.CASES},
        "footfalls": {"hours": 2, "stops": 0},
        "rounds": {"default": 500.0, "options": 800.0},
    }
    return {**found, **changed}


def missed(found: dict[str, Any]) -> list[str]:
    return [r.claim for r in options_tables.requirements(found) if not r.met]


def test_each_case_is_an_option_of_the_campaign() -> None:
    assert {case.hazard for case in options.CASES} <= set(OPTIONS)
    assert {case.option for case in options.CASES} == set(options.SETTINGS)


@pytest.mark.parametrize("hazard", ["deck_raised", "reversed", "bypassed"])
def test_a_trial_is_in_time_with_the_option_and_never_without(hazard: str) -> None:
    case = next(case for case in options.CASES if case.hazard == hazard)
    trial = options.run_trial(case, 1)
    assert not trial.failed
    assert trial.fitted_ms is not None
    assert trial.bound_ms is not None
    assert 0 < trial.fitted_ms <= trial.bound_ms
    assert trial.without_ms is None


def test_nothing_missed_meets_every_promise() -> None:
    assert missed(numbers()) == []


def test_one_late_trial_one_false_stop_or_a_slow_tick_is_a_promise_missed() -> None:
    late = numbers()
    late["cases"]["deck_raised"][0]["failed"] = True
    assert missed(late) == ["every hazard of an option within its bound"]
    assert len(missed(numbers(footfalls={"hours": 2, "stops": 1}))) == 1
    assert len(missed(numbers(rounds={"default": 500.0, "options": 2600.0}))) == 1


def test_the_table_shows_what_never_came() -> None:
    text = "\n".join(options_tables.latency(options.CASES, numbers()["cases"]).lines())
    assert "never" in text
    assert "2.00" in text
