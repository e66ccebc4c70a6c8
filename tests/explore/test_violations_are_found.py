# SPDX-License-Identifier: MIT
"""The checker is checked: each planted violation is found, and named by the right claim."""

from __future__ import annotations

import pytest

from guard.core import states as st
from guard.core.after import AfterStates
from guard.core.before import BeforeStates
from guard.core.boot_cause import found_at_boot
from guard.core.gestures import Button
from guard.core.memory import MARK_NONE
from guard.core.proof import StaticProof
from guard.core.relay_test import PASSED, RelayTest
from guard.core.supervisor import Supervisor
from tests.explore import world as around
from tests.explore.driven import bring, everywhere
from tests.explore.replay import replay, write
from tests.explore.search import Result, Search


class Hunt(Search):
    """Ends with the first violation whose sentence holds the text."""

    chunk = 1

    def __init__(self, text: str, states: tuple[int, ...], most: int) -> None:
        super().__init__([bring(state) for state in states], combine=False, most=most)
        self.text = text

    def _take(self, found):
        super()._take(found)
        if any(self.text in text for text, _, _ in self.result.violations):
            self.result.partial = "found"


def assert_found(text: str, *states: int, most: int = 2000) -> Result:
    result = Hunt(text, states, most).run(0)
    assert result.partial == "found", (text, [said for said, _, _ in result.violations])
    return result


def wrap(monkeypatch, owner, name, make):
    """Replace a method by one that knows the real one."""
    monkeypatch.setattr(owner, name, make(getattr(owner, name)))


def test_closing_without_arming(monkeypatch):
    monkeypatch.setattr(BeforeStates, "_arm", lambda sup, s: sup._close(833, s))
    assert_found("I2: READY to WAIT_BELT", st.READY)


def test_closing_before_the_relay_was_tested(monkeypatch):
    def tick(test, feedback_closed, now_ms):
        test.result = PASSED
        return st.OPEN

    monkeypatch.setattr(RelayTest, "tick", tick)
    assert_found("I2: closed after step -1 of T1 to T3", st.ARMING)


def test_closing_without_a_durable_session_mark(monkeypatch):
    def make(real):
        def arm(sup, s):
            real(sup, s)
            sup.memory.mark = MARK_NONE

        return arm

    wrap(monkeypatch, BeforeStates, "_arm", make)
    assert_found("I2: closed without a durable session mark", st.ARMING)


def test_arming_from_a_press_that_is_not_fresh(monkeypatch):
    monkeypatch.setattr(Button, "discard", lambda button, now_ms: None)
    assert_found("I2: armed by a press", st.READY)


def test_arming_with_a_blocker(monkeypatch):
    def make(real):
        def judge(blockers, s, *rest):
            real(blockers, s, *rest)
            return s.mode != st.MODE_NONE

        return judge

    from guard.core.ready import Blockers

    wrap(monkeypatch, Blockers, "judge", make)
    assert_found("I2: armed with a blocker standing", st.READY)
    assert_found("I2: armed backward without fresh grips", st.READY)


def test_arming_within_the_restart_delay(monkeypatch):
    def make(real):
        def idle(sup, s):
            real(sup, s)
            sup.delaying = False

        return idle

    wrap(monkeypatch, BeforeStates, "_idle", make)
    assert_found("I2: armed within 3 s of an opening", st.STOPPING)


def test_driving_the_relay_in_a_state_where_it_is_open(monkeypatch):
    def make(real):
        def tripped(sup, s):
            real(sup, s)
            if sup.state == st.TRIPPED:
                sup.relay_command = st.A_EN

        return tripped

    wrap(monkeypatch, AfterStates, "_tripped", make)
    assert_found("I1: 4 is driven in TRIPPED", st.TRIPPED)


def test_relay_enable_that_changes_with_a_pump_pin(monkeypatch):
    from guard.core import relay_test

    steps = list(relay_test.STEPS)
    del steps[2]  # A_ONLY: EN and the pin then rise together
    monkeypatch.setattr(relay_test, "STEPS", tuple(steps))
    assert_found("I1: RELAY_EN changes with a pump pin", st.ARMING)


def test_a_latch_that_clears_by_itself(monkeypatch):
    def make(real):
        def tripped(sup, s):
            real(sup, s)
            if s.now_ms - sup.entered_ms > 4000:
                sup.memory.latch_code = 0

        return tripped

    wrap(monkeypatch, AfterStates, "_tripped", make)
    assert_found("I6: ", st.TRIPPED)


def test_a_latch_that_a_short_press_clears(monkeypatch):
    from guard.core import after

    monkeypatch.setattr(after, "RESET_MS", 100)
    assert_found("cleared without START held 1 s", st.TRIPPED)


def test_a_latch_that_is_not_kept_through_a_power_cut(monkeypatch):
    def make(real):
        def lock(sup, fault, s):
            real(sup, fault, s)
            sup.blob_wanted = False

        return lock

    wrap(monkeypatch, Supervisor, "_lock", make)
    assert_found("is not stored", st.ARMING, st.READY)


def test_a_boot_that_forgets_what_is_stored(monkeypatch):
    monkeypatch.setattr(around, "found_at_boot", lambda *_: 0)
    assert found_at_boot is not around.found_at_boot
    assert_found("I6: READY with the latch", st.TRIPPED)


def test_a_later_reason_that_replaces_the_first(monkeypatch):
    def latch(sup, fault):
        sup.memory.latch_code = fault
        sup.fault = fault

    monkeypatch.setattr(Supervisor, "_latch", latch)
    assert_found("becomes", st.TRIPPED, st.LOCKOUT)


def test_a_lockout_that_a_trip_turns_into_a_trip(monkeypatch):
    """What the core did before 173b047: a bit that flipped in LOCKOUT led into TRIPPED."""

    def make(real):
        def finish(sup, s):
            latched, sup.memory.latch_code = sup.memory.latch_code, 0
            real(sup, s)
            sup.memory.latch_code = latched

        return finish

    wrap(monkeypatch, AfterStates, "_finish_stop", make)
    assert_found("I6: TRIPPED with the latch", st.LOCKOUT)


def test_a_lockout_left_without_its_proof(monkeypatch):
    monkeypatch.setattr(StaticProof, "complete", lambda proof: True)
    assert_found("cleared without the static proof", st.LOCKOUT)


def test_a_closed_state_left_past_stopping(monkeypatch):
    def make(real):
        def open_(sup, fault, s):
            real(sup, fault, s)
            sup.events.happened.clear()
            sup.state = st.WAIT_BELT
            sup._enter(st.READY, s)

        return open_

    wrap(monkeypatch, Supervisor, "_open", make)
    assert_found("STOPPING: ", st.BACKWARD)


@pytest.mark.parametrize("state", [st.TRIPPED, st.LOCKOUT, st.STOPPING])
def test_a_trap(monkeypatch, state):
    if state == st.TRIPPED:
        monkeypatch.setattr(AfterStates, "_cause_gone", lambda sup: False)
    elif state == st.LOCKOUT:
        monkeypatch.setattr(AfterStates, "_provable", lambda sup, s: False)
    else:
        from guard.core.stopping import Stop

        monkeypatch.setattr(Stop, "over", lambda *_: False)
    assert_found(f"TRAP: {st.STATE_NAMES[state]}", state)


def test_the_core_as_it_is_breaks_nothing_on_the_way_into_any_state():
    for world in everywhere():
        assert world.broken == []
    result = Search(everywhere(), combine=False, most=300).run(0)
    assert result.violations == []
    assert result.partial == "bounded"


def test_a_counterexample_replays_and_no_longer_does_once_it_is_mended(monkeypatch, tmp_path):
    with monkeypatch.context() as patched:
        patched.setattr(BeforeStates, "_arm", lambda sup, s: sup._close(833, s))
        result = assert_found("I2: READY to WAIT_BELT", st.READY)
        paths = write(result, tmp_path)
        assert len(paths) == len(result.violations) > 0
        lines, broken = replay(paths[0], [bring(st.READY)])
        assert broken[0] == result.violations[0][0]
        assert any("VIOLATION" in line for line in lines)
    assert replay(paths[0], [bring(st.READY)])[1] == []
