# SPDX-License-Identifier: MIT
"""Pulling records from the whole firmware in virtual time, with the client people use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support import year
from tests.support.virtual_line import VirtualLine
from treadguard.errors import BoardRefused
from treadguard.link import pull
from treadguard.link.client import Client
from treadguard.virtual import actions

RECORDS = year.files()
SOME = {name: RECORDS[name] for name in ("j00000001.bin", "b00000001.bin", "t00000001.bin")}
TICK_BYTES = 100


@pytest.fixture
def line() -> Iterator[VirtualLine]:
    """A board in READY that has recorded something."""
    made = VirtualLine(ROOT / "firmware", dict(SOME))
    made.wait(8_000_000)
    yield made
    made.close()


def attached(line: VirtualLine) -> Client:
    client = Client(line)
    client.attach()
    return client


def test_a_pull_fills_the_line_and_no_tick_is_late(line: VirtualLine, tmp_path: Path) -> None:
    client = attached(line)
    listing = pull.listing(client)
    wire, ticks, line.latest_us = line.wire_bytes, line.ticks, 0
    done = pull.pull(client, listing, tmp_path, "board")
    share = (line.wire_bytes - wire) / ((line.ticks - ticks) * TICK_BYTES)
    assert done.transferred_bytes > 30_000
    assert share >= 0.85
    assert line.latest_us == 0
    on_board = line.world.flash.files
    assert all(path.read_bytes() == on_board[path.name] for path in tmp_path.glob("*.bin"))


def test_a_second_pull_finds_nothing_new(line: VirtualLine, tmp_path: Path) -> None:
    client = attached(line)
    pull.pull(client, pull.listing(client), tmp_path, "board")
    again = pull.pull(client, pull.listing(client), tmp_path, "board")
    assert (again.new, again.transferred_bytes) == ([], 0)


def test_nothing_is_pulled_while_the_relay_is_closed(line: VirtualLine, tmp_path: Path) -> None:
    client = attached(line)
    listing = pull.listing(client)
    for name, values in (("mode", {"to": "forward"}), ("start", {"what": "press", "ms": 200})):
        actions.do(line.world, name, values)
        line.wait(4_000_000)
    assert client.request("status")["relay"] == "closed"
    with pytest.raises(BoardRefused, match="after the session"):
        pull.pull(client, listing, tmp_path, "board")
    assert not list(tmp_path.glob("*.bin"))
