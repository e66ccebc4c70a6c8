# SPDX-License-Identifier: MIT
"""What the link allocates on MicroPython, 31-bit small ints: little, and never while receiving."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

SCRIPT = Path(__file__).with_name("link_on_micropython.py")
REQUEST_BYTES = 2048
# With the relay open: building and hashing a whole configuration, listing a whole store.
LARGER = {"config.set": 5120, "config.defaults": 5120, "log.list": 4096}

pytestmark = pytest.mark.micropython


@pytest.fixture(scope="module")
def costs(micropython_31_bit):
    # The heap is larger than the board's: sources are compiled here, with the tests' own.
    command = [word.replace("heapsize=128K", "heapsize=512K") for word in micropython_31_bit]
    run = subprocess.run(
        [*command, str(SCRIPT), str(ROOT)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    *rows, last = [json.loads(text) for text in run.stdout.splitlines()]
    assert last == {"failures": 0}
    return {row["name"]: row for row in rows}


def test_an_idle_tick_allocates_nothing(costs):
    assert costs["idle"]["total"] == 0


def test_no_tick_of_any_request_allocates_more_than_its_share(costs):
    assert len(costs) > 20
    for name, row in costs.items():
        assert row["tick"] <= LARGER.get(name, REQUEST_BYTES), row


def test_with_the_relay_closed_a_whole_request_stays_below_2_kb(costs):
    for name, row in costs.items():
        if name.startswith("closed"):
            assert row["total"] <= REQUEST_BYTES, row
