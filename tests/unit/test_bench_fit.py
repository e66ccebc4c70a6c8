# SPDX-License-Identifier: MIT
"""The bench's verdict on size, start and longest tick: missed when it must be."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bench import fit
from tests.bench.device import FailedError
from tests.bench.report import Part

RUN = {
    "ticks": 100,
    "collecting": 1,
    "longest_in_ticks": 15.0,
    "start_in_ticks": 900.0,
    "ready_virtual_ms": 1600,
}


def part(size: int = 100_000, status: float = 2200, longest: float = 2500, **run: Any) -> Part:
    rounds = {"tick": 500.0, "status": status, "longest": longest}
    return fit.part({"main.py": size}, {**RUN, **run}, rounds, "")


def missed(found: Part) -> list[str]:
    return [one.claim.split(" ")[0] for one in found.requirements if not one.met]


def test_what_fits_is_met_in_every_promise():
    found = part()
    assert missed(found) == []
    assert len(found.requirements) == 3
    assert found.numbers["ready_ms"] == 1600 + 900 * 500 // fit.ROUNDS_PER_MS


@pytest.mark.parametrize(
    ("changed", "promise"),
    [
        ({"size": 1_020_000}, "two"),
        ({"size": 0}, "two"),
        ({"ready_virtual_ms": 4200}, "from"),
        ({"longest": 2501}, "the"),
        ({"status": 0}, "the"),
    ],
)
def test_what_does_not_fit_is_missed(changed: dict[str, Any], promise: str):
    assert missed(part(**changed)) == [promise]


def test_without_valgrind_it_says_so_and_promises_no_tick():
    found = fit.part({"main.py": 1000}, RUN, {}, "no valgrind")
    assert found.skipped == "no valgrind"
    assert "waits alone" in found.requirements[1].measured
    assert len(found.requirements) == 2


def run_of(*ticks: int, ready_ms: int = 1600) -> dict[str, Any]:
    return {"ticks": ticks, "ready_ms": ready_ms, "faults": [], "start_us": 40000}


def test_each_tick_takes_the_least_of_all_runs_and_collections_are_left_out():
    found = fit.measured([run_of(40, 90, 0, 40), run_of(50, 80, 0, 40)])
    assert found["longest_in_ticks"] == 2
    assert (found["ticks"], found["collecting"]) == (4, 1)
    assert found["start_in_ticks"] == 1000


@pytest.mark.parametrize("other", [run_of(40, 0), run_of(40, 50, ready_ms=1700)])
def test_runs_that_differ_are_no_measurement(other: dict[str, Any]):
    with pytest.raises(FailedError, match="two runs"):
        fit.measured([run_of(40, 50), other])
