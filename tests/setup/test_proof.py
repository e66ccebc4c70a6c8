# SPDX-License-Identifier: MIT
"""The proof on the real firmware: every month, and out of a lockout."""

from __future__ import annotations

import pytest

from treadguard.errors import BoardRefused, ExpectationFailed
from treadguard.setting_up import plan, proving, running, summary

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def test_the_monthly_proof_measures_the_stop_anew_and_is_dated(place):
    place.set_up()
    with place.visit() as visit:
        before = visit.values()
        assert summary.owing(visit.watch.ready()) == []
        found = proving.prove(visit)
        after, status = visit.values(), visit.watch.ready()
    assert [pair["console_mm_s"] for pair in found["speeds"]] == [278, 556]
    assert found["static"]["edges"] >= 4
    assert 300 < found["stop_test"]["still_ms"] < 4000
    assert found["warning"] is None
    assert status["proof"]["last_min"] > 0
    assert not status["stop_test_due"]
    assert status["calibration"] == "verified"
    assert abs(after["distance_per_edge_um"] - before["distance_per_edge_um"]) == 1
    same = {k: v for k, v in before.items() if k[:6] not in ("stop_a", "distan")}
    assert same == {k: after[k] for k in same}


def test_a_proof_given_up_half_way_leaves_backward_mode_refused(place):
    place.set_up()
    with place.visit(console_first="1.2 km/h") as visit:
        with pytest.raises(ExpectationFailed, match="differ by more than 5 %"):
            proving.prove(visit)
        place.people.wait("belt:still", 60_000)
        status = visit.watch.ready()
        assert status["stop_test_due"]
        assert "STOP_TEST_DUE" in summary.owing(status)
        assert place.people.truth()["relay"] == "open"


def test_the_proof_leads_out_of_a_lockout_and_owes_a_stop_test(place):
    place.set_up()
    with place.visit() as visit:
        lock_out(place, visit)
        with pytest.raises(BoardRefused, match="treadguard proof"):
            plan.walk(visit, [s for s in plan.STEPS if s.name == "limits"])
        found = proving.prove(visit)
        status = visit.watch.ready()
    assert found["was_locked_out"] == "RELAY_WELDED"
    assert status["latched"] is None
    assert not status["stop_test_due"]


def lock_out(place, visit):
    """The relay welds in a forward session and is mended afterwards."""
    running.start(visit, "console_first", "slow")
    place.people.do("relay weld on")
    place.people.do("start press 200")
    place.people.wait("state:LOCKOUT")
    place.people.do("relay weld off")
    place.people.do("console stop")
    place.people.wait("belt:still")
