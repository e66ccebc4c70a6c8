# SPDX-License-Identifier: MIT
"""A loop that is slow in every tick, interrupts by the hundred, and a heap that is full."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.hazards import jobs, needs_fork, way
from tests.hazards.outcome import GONE_MS, JUDGED_MS
from tests.hazards.zygote import Zygote

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@needs_fork
@pytest.mark.parametrize("ticks", [2, 5])
def test_a_loop_that_stays_slow_never_closes_the_relay_again(ticks: int) -> None:
    with Zygote(way.scenario("WAIT_BELT", pump="longest")) as z:
        o = z.run(jobs.slow_reads, 150_000, ticks, 4000)
    assert o.opened_ms <= GONE_MS
    assert o.closed_again == 0


@needs_fork
@pytest.mark.parametrize("us", [100, 300, 1000])
@pytest.mark.parametrize("state", ["FORWARD", "BACKWARD"])
def test_reading_the_inputs_may_take_its_time(state: str, us: int) -> None:
    """A walk is not stopped by an edge that arrives between two lines of the program."""
    with Zygote(way.scenario(state)) as z:
        o = z.run(jobs.slow_reads, us, 100_000, 30_000)
    assert o.faults == []
    assert o.opened_ms is None


@needs_fork
@pytest.mark.parametrize("state", ["WAIT_BELT", "FORWARD", "BACKWARD"])
@pytest.mark.parametrize("gap_us", [100, 500, 2000])
def test_an_interrupt_storm_opens_the_relay(state: str, gap_us: int) -> None:
    with Zygote(way.scenario(state)) as z:
        o, _ = z.run(jobs.storm, 200, gap_us, 0, 4000)
    assert o.opened_ms is not None
    assert o.opened_ms <= 12 * gap_us / 1000 + 3 * JUDGED_MS
    assert o.latched in ("SENSOR_NOISE", "OVERSPEED_EXTREME")
    assert o.closed_again == 0
    assert o.violations == []


@needs_fork
@pytest.mark.parametrize("state", ["FORWARD", "BACKWARD"])
def test_a_full_interrupt_queue_hides_no_edges(state: str) -> None:
    """40 edges in 20 ms, of which the queue holds 8: the counter knows all of them."""
    with Zygote(way.scenario(state)) as z:
        o, dropped = z.run(jobs.storm, 40, 500, 21, 4000)
    assert dropped > 20
    assert o.opened_ms is not None
    assert o.opened_ms <= 21 + 3 * JUDGED_MS
    assert o.latched in ("SENSOR_NOISE", "OVERSPEED_EXTREME")


def on_micropython(command: list[str], hazard: str, at: str) -> dict[str, Any]:
    done = subprocess.run(
        [*command, "-X", "heapsize=4M", str(HERE / "full_heap.py"), str(ROOT), hazard, at],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.micropython
@pytest.mark.parametrize("hazard", ["let_go", "estop", "ctrl_c", "status", "runaway"])
def test_with_a_full_heap_the_guard_still_stops(
    micropython_31_bit: list[str], hazard: str
) -> None:
    """Not one byte can be allocated from here on, and the walk goes on. Then something happens.
    What needs memory after the stop may crash: the relay is open by then."""
    o = on_micropython(micropython_31_bit, hazard, "BACKWARD")
    if hazard == "status":
        assert o["opened_ms"] is None
        assert o["state"] == "BACKWARD"
        return
    assert 0 < o["opened_ms"] <= {"let_go": 450, "runaway": 300}.get(hazard, 50)
    assert o["closed_again"] == 0
    assert o["latched"] == "CRASH" or o["fault"] != ""
