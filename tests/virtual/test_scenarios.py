# SPDX-License-Identifier: MIT
"""The scenario library: each file's claim holds, on both interpreters, and every fault has one.

A run is a process of its own, as `treadguard simulate run` starts it. The long ones are marked
slow on MicroPython, where an hour of walking takes about a minute.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from guard.core import faults
from tests.support.runs import on_cpython
from treadguard import simulation

LIBRARY = simulation.library()
LONG_MS = 300000
# Nothing outside the program can make a step skip its token: tests/firmware/test_state_words.py.
INSIDE_ONLY = ("FLOW_BROKEN",)
SEEN = ("fault", "latched", "with_fault", "link")


def is_long(path: Path) -> bool:
    """Does anybody wait for five minutes or more in it?"""
    timeline = simulation.read(path)["timeline"]
    return any(max(e.get("delay_ms", 0), e.get("timeout_ms", 0)) >= LONG_MS for e in timeline)


def names(path: Path) -> str:
    return path.stem


@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", LIBRARY, ids=names)
def test_its_claim_holds(path: Path, shared: Path) -> None:
    assert on_cpython(path, shared).summary["failures"] == []


@pytest.mark.micropython
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "path",
    [pytest.param(p, marks=[pytest.mark.slow] if is_long(p) else []) for p in LIBRARY],
    ids=names,
)
def test_micropython_logs_the_same(
    path: Path, shared: Path, micropython_31_bit: list[str]
) -> None:
    command = [*micropython_31_bit, "-X", simulation.HEAP, str(simulation.RUNNER)]
    there = simulation.run(simulation.load(path), command)
    here = on_cpython(path, shared)
    for ours, theirs in zip(here.events, there.events, strict=False):
        assert ours == theirs
    assert (here.events, here.summary) == (there.events, there.summary)


def test_a_false_claim_fails() -> None:
    scenario = simulation.load(simulation.find("lets_go_of_both_rails"))
    scenario["expect"] = [
        {"opened_within_ms": 300, "hazard": "let_go"},
        {"never": "relay:open"},
        {"latched": "RAILS_RELEASED"},
        {"journal": "stop", "with_fault": "ONE_HAND"},
    ]
    run = simulation.run(scenario, simulation.interpreter_command(False))
    assert not run.passed
    assert len(run.summary["failures"]) == 4


def words(expectation: dict[str, Any]) -> set[str]:
    """Names of faults in what must be seen; a `never` shows nothing."""
    found = [str(expectation[key]) for key in SEEN if key in expectation]
    return set(re.findall(r"[A-Z][A-Z_]+", " ".join(found)))


def test_every_fault_has_a_scenario() -> None:
    expected: set[str] = set()
    for path in LIBRARY:
        for expectation in simulation.read(path)["expect"]:
            expected |= words(expectation)
    declared = {row[1] for row in faults.TABLE}
    assert declared - expected - set(INSIDE_ONLY) == set()


@pytest.mark.parametrize("path", LIBRARY, ids=names)
def test_its_name_is_its_file_and_its_claim_a_sentence(path: Path) -> None:
    scenario = simulation.read(path)
    assert scenario["name"] == path.stem
    assert scenario["about"].endswith(".")
    assert scenario["expect"]


def test_the_library_is_as_large_as_promised() -> None:
    assert len(LIBRARY) >= 45
