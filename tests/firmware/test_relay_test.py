# SPDX-License-Identifier: MIT
"""T1 to T3 obey invariant I1, find what they are for, and say so with a lockout."""

from guard.core import faults as f
from guard.core import relay_test as rt
from guard.core import states as st
from tests.support.stream import PERIOD, bring, lock_out, prove

# RELAY_EN, pin A, pin B; 2 = toggling.
LEVELS = {
    st.OPEN: (0, 0, 0),
    st.EN_ONLY: (1, 0, 0),
    st.A_ONLY: (0, 1, 0),
    st.A_EN: (1, 1, 0),
    st.B_ONLY: (0, 0, 1),
    st.B_EN: (1, 0, 1),
    st.TOGGLE_ONLY: (0, 2, 2),
    st.CLOSED: (1, 2, 2),
}


def commands(now_ms=0, period_ms=10):
    """[(command, ms it stood)] of a test nobody disturbs."""
    test = rt.RelayTest()
    test.begin(now_ms)
    seen = []
    ms = 0
    while test.result == rt.RUNNING:
        ms += period_ms
        assert ms < 10000, "it ends"
        command = test.tick(False, (now_ms + ms) & (PERIOD - 1))
        if seen and seen[-1][0] == command:
            seen[-1][1] += period_ms
        else:
            seen.append([command, period_ms])
    assert test.result == rt.PASSED
    return seen


def test_the_steps_are_t1_t2_a_t2_b_t3_and_take_their_time():
    for origin in (0, PERIOD - 500):
        steps = commands(origin)
        assert [s[0] for s in steps] == [row[0] for row in rt.STEPS] + [st.OPEN]
        for (command, ms), (_, least_ms) in zip(steps, rt.STEPS):
            assert ms >= least_ms - 10, command


def test_a_test_nobody_began_is_running_and_at_its_first_step():
    """Status tells the result of a board that never armed."""
    test = rt.RelayTest()
    assert test.result == rt.RUNNING
    assert test.tick(False, 149) == st.EN_ONLY
    assert test.tick(False, 150) == st.OPEN
    assert test.tick(False, 170) == st.A_ONLY


def test_relay_en_never_changes_together_with_a_pump_pin():
    for period_ms in (10, 20, 35):
        before = LEVELS[st.OPEN]
        for command, _ in commands(period_ms=period_ms):
            levels = LEVELS[command]
            changed_pins = levels[1:] != before[1:]
            assert not (levels[0] != before[0] and changed_pins), command
            before = levels


def test_the_pump_rests_300_ms_before_relay_en_goes_high():
    since_pump_ms = 3000  # the restart delay
    before = LEVELS[st.OPEN]
    for command, ms in commands():
        levels = LEVELS[command]
        if levels[0] and not before[0]:
            assert since_pump_ms >= 300, command
        since_pump_ms = ms if levels[1:] != before[1:] else since_pump_ms + ms
        before = levels


def test_t3_toggles_without_relay_en_and_is_last():
    steps = commands()
    toggling = [s[0] for s in steps if LEVELS[s[0]][1] == 2]
    assert toggling == [st.TOGGLE_ONLY]
    assert steps[-2][0] == st.TOGGLE_ONLY
    assert steps[-1][0] == st.OPEN


def test_closed_never_appears():
    assert st.CLOSED not in [s[0] for s in commands()]


def test_the_first_closed_opens_and_fails_in_every_step():
    for at_ms in range(0, 1200, 10):
        test = rt.RelayTest()
        test.begin(0)
        for ms in range(10, at_ms, 10):
            test.tick(False, ms)
        if test.result == rt.PASSED:
            break
        assert test.tick(True, at_ms) == st.OPEN
        assert test.result == rt.FAILED
        assert test.tick(False, at_ms + 10) == st.OPEN
        assert test.result == rt.FAILED


def test_arming_runs_the_whole_test_then_closes():
    world = bring(st.READY)
    world.press(100)
    world.run_to(st.ARMING)
    seen = []
    while world.sup.state == st.ARMING:
        if not seen or seen[-1] != world.sup.relay_command:
            seen.append(world.sup.relay_command)
        world.tick()
    assert world.sup.state == st.WAIT_BELT
    assert seen == [row[0] for row in rt.STEPS] + [st.OPEN]


def test_a_closed_contact_in_any_step_of_arming_is_a_lockout():
    for at_ms in range(0, 1150, 50):
        world = bring(st.READY)
        world.press(100)
        world.run_to(st.ARMING)
        world.run(at_ms)
        world.feedback = True
        world.tick()
        assert world.sup.state == st.LOCKOUT, at_ms
        assert world.sup.relay_command == st.OPEN
        assert world.sup.fault == f.RELAY_TEST_FAILED
        assert world.stored.latch_code == f.RELAY_TEST_FAILED
        assert world.stored.mark == 0
        assert world.count("RELAY_TEST_FAILED") == 1


def test_the_relay_closes_only_once_the_session_mark_is_written():
    world = bring(st.READY)
    world.press(100)
    world.run_to(st.ARMING)
    assert world.stored.mark == 1
    assert world.stored.session == world.memory.session == 1
    world.run(1100)
    world.sup.blob_wanted = True
    for _ in range(50):
        # A store that takes its time: nothing acknowledges the blob.
        sup, s = world.sup, world.sample
        s.now_ms += 10
        world.guard.tick(s)
        assert sup.state == st.ARMING
        assert sup.relay_command in (st.OPEN, st.TOGGLE_ONLY)
    world.us += 500000
    world.run(30)
    assert world.sup.state == st.WAIT_BELT


def test_a_store_that_fails_ends_arming():
    world = bring(st.READY)
    world.store_fails = True
    world.press(100)
    world.run(30)
    assert world.sup.state == st.READY
    assert "STORE_FAILED" in world.blockers()


def test_the_proof_runs_the_same_test_and_fails_the_same_way():
    world = lock_out(bring(st.READY))
    prove(world)
    assert world.sup.proof_running
    world.feedback = True
    world.tick()
    assert world.sup.state == st.LOCKOUT
    assert not world.sup.proof_running
    assert world.sup.relay_command == st.OPEN
    assert world.sup.fault == f.RELAY_TEST_FAILED


def test_an_arming_cut_short_lets_the_pump_run_empty_before_the_next():
    """I1: RELAY_EN rises no sooner than 300 ms after a pump pin moved, in the next arming too."""
    world = bring(st.READY)
    world.press(100)
    world.run_to(st.ARMING)
    while world.sup.relay_command != st.TOGGLE_ONLY:
        world.tick()
    world.run(100)
    world.start = True
    world.run(20)
    assert world.sup.state == st.READY
    world.start = False
    world.run(250)
    world.press(100)
    assert world.sup.state == st.READY
    assert "RESTART_DELAY" in world.sup.blockers.names()


def test_the_proof_that_ends_a_lockout_lets_the_pump_run_empty_too():
    """I1: its T3 has just toggled the pump when READY comes."""
    world = lock_out(bring(st.READY))
    prove(world)
    world.run_to(st.READY)
    world.run(20)
    assert "RESTART_DELAY" in world.sup.blockers.names()
