# SPDX-License-Identifier: MIT
"""What the program did last, told after a reset that kept power."""

from __future__ import annotations

from tests.conftest import ROOT
from tests.support.virtual_line import VirtualLine
from treadguard.link import last_run
from treadguard.link.client import Client
from treadguard.logbook import decode
from treadguard.virtual import actions


def test_after_a_watchdog_reset_link_and_journal_name_the_state_before():
    line = VirtualLine(ROOT / "firmware")
    line.wait(8_000_000)
    client = Client(line)
    client.attach()
    assert last_run.ask(client) is None  # power came back: nobody knows
    actions.do(line.world, "mode", {"to": "forward"})
    line.wait(4_000_000)
    actions.do(line.world, "start", {"what": "press", "ms": 200})
    line.wait(6_000_000)
    assert line.world.observer.state == "WAIT_BELT"
    actions.do(line.world, "inject", {"kind": "hang", "where": "read"})
    line.wait(15_000_000)
    told = Client(line)
    assert told.attach()["reset"] == "watchdog"
    found = last_run.ask(told)
    assert found is not None
    assert found.words() == "ended in WAIT_BELT"
    files = line.world.flash.files
    line.close()
    segments = [data for name, data in files.items() if name[0] == "j"]
    events = decode.merged(segments)
    found = [event for event in events if event.get("note") == "crumb"]
    assert [(event["state"], event["fault"]) for event in found] == [("WAIT_BELT", None)]
    assert "WATCHDOG_RESET" in [event.get("found") for event in events]
