# SPDX-License-Identifier: MIT
"""What a boot finds, what it does about it, and that stored state can only forbid."""

from guard.core import faults as f
from guard.core import states as st
from guard.core.boot_cause import found_at_boot, stop_unfinished
from guard.core.memory import MARK_CLOSED, MARK_NONE, MARK_OPEN, MARK_OPENED, Memory
from tests.support.stream import PERIOD, World, bring


def memory(**values):
    stored = Memory()
    stored.stop_test_due = 0
    for name, value in values.items():
        setattr(stored, name, value)
    return stored


def booted(watchdog=False, crashed=False, speed=0, **values):
    world = World(memory=memory(**values))
    world.obeys = speed == 0
    world.belt(speed)
    return world.power_on(watchdog, crashed)


FOUND = (
    (MARK_NONE, 0, False, False, 0),
    (MARK_CLOSED, f.OVERSPEED, False, False, 0),
    (MARK_CLOSED, f.OVERSPEED, True, True, 0),
    (MARK_NONE, 0, True, False, 0),
    (MARK_OPEN, 0, False, False, f.SESSION_CUT),
    (MARK_OPEN, 0, True, False, f.WATCHDOG_RESET),
    (MARK_OPEN, 0, False, True, f.CRASH),
    (MARK_OPEN, 0, True, True, f.WATCHDOG_RESET),
    (MARK_OPENED, f.HOST_STOP, False, False, f.HOST_STOP),
    (MARK_OPENED, f.OVERSPEED, True, False, f.OVERSPEED),
)


def test_what_is_found_follows_mark_reset_and_crumb():
    for mark, cause, watchdog, crashed, fault in FOUND:
        stored = memory(mark=mark, cause=cause)
        assert found_at_boot(stored, watchdog, crashed) == fault
        assert stop_unfinished(stored) == (mark in (MARK_OPEN, MARK_OPENED))


def test_a_stored_latch_outranks_every_mark():
    for mark, cause, watchdog, crashed, _ in FOUND:
        stored = memory(mark=mark, cause=cause, latch_code=f.STOP_FAILED)
        assert found_at_boot(stored, watchdog, crashed) == f.STOP_FAILED


def test_a_clean_boot_is_ready_after_its_second_of_silence():
    world = booted()
    while world.sup.state == st.SELF_TEST:
        assert world.sup.relay_command == st.OPEN
        world.tick()
    assert world.sup.state == st.READY
    assert world.us == 1000000
    assert world.sup.fault == 0
    assert world.memory.latch_code == 0


def test_a_coarse_sensor_is_waited_for_longer():
    world = World(distance_per_edge_um=250000).power_on()
    world.run(2490)
    assert world.sup.state == st.SELF_TEST
    world.run(10)
    assert world.sup.state == st.READY


def test_a_session_cut_short_latches_and_takes_the_hand_to_clear():
    for watchdog, crashed, fault in (
        (False, False, f.SESSION_CUT), (True, False, f.WATCHDOG_RESET), (False, True, f.CRASH),
    ):  # fmt: skip
        world = booted(watchdog, crashed, mark=MARK_OPEN)
        world.idle(2000)
        assert world.sup.state == st.TRIPPED
        assert world.sup.fault == world.stored.latch_code == fault
        assert world.stored.mark == MARK_NONE
        world = world.power_cycle().idle(30000)
        assert world.sup.state == st.TRIPPED, "power and time clear nothing"
        world.run(250).press(990)
        assert world.sup.state == st.TRIPPED
        world.run(250).press(1000)
        world.idle(2000)
        assert world.sup.state == st.READY
        assert world.power_cycle().idle(2000).sup.state == st.READY


def test_a_power_cut_in_each_closed_state_is_a_session_cut():
    for state in st.CLOSED_STATES:
        world = bring(state).power_cycle()
        world.brake_mm_s2 = 1500
        world.idle(5000)
        assert world.sup.state == st.TRIPPED
        assert world.sup.fault == f.SESSION_CUT


def test_a_power_cut_while_arming_latches_a_session_cut_too():
    world = bring(st.READY)
    world.press(100)
    world = world.run_to(st.ARMING).run(300).power_cycle().idle(2000)
    assert world.sup.fault == f.SESSION_CUT


def test_opened_and_not_still_is_the_stored_cause():
    for cause, state in ((f.HOST_STOP, st.READY), (f.OVERSPEED, st.TRIPPED)):
        world = booted(mark=MARK_OPENED, cause=cause)
        world.idle(2000)
        assert world.sup.state == state
        assert world.sup.fault == cause


def test_a_stored_lockout_is_a_lockout_in_the_first_tick():
    for fault in (f.STOP_FAILED, f.RELAY_WELDED, f.RELAY_SLOW, f.RELAY_TEST_FAILED,
                  f.UNEXPECTED_MOTION):  # fmt: skip
        world = booted(latch_code=fault)
        world.tick()
        assert world.sup.state == st.LOCKOUT
        assert world.sup.fault == fault
        assert world.stored.counters[fault] == 0, "not counted a second time"


def test_a_code_of_another_version_is_no_permission():
    """Stored state can only forbid: a latch this firmware does not know is still a latch."""
    world = booted(latch_code=200)
    world.idle(2000)
    assert world.sup.state in (st.TRIPPED, st.LOCKOUT)


def test_counting_a_code_of_another_version_does_not_raise():
    """The controller counts what a boot finds; a crash there repeats at every boot."""
    stored = memory(latch_code=200)
    stored.count(found_at_boot(stored, False, False))


def test_a_belt_still_moving_at_the_limit_after_an_unfinished_stop_is_stop_failed():
    for mark, locks in ((MARK_OPEN, True), (MARK_OPENED, True), (MARK_CLOSED, False)):
        world = booted(mark=mark, cause=f.HOST_STOP, speed=250)
        world.run(4000)
        assert world.sup.state == st.SELF_TEST
        world.run(10)
        assert (world.sup.state == st.LOCKOUT) == locks
        if locks:
            assert world.sup.fault == f.STOP_FAILED
            assert world.stored.latch_code == f.STOP_FAILED


def test_still_moving_means_over_70_mm_s():
    for mm_s, locks in ((70, False), (72, True)):
        world = World(memory=memory(mark=MARK_OPENED), distance_per_edge_um=20000)
        world.obeys = False
        world.belt(mm_s).power_on()
        world.run(8000)
        assert (world.sup.state == st.LOCKOUT) == locks, mm_s
        assert world.sup.state != st.READY


def test_the_limit_after_boot_is_the_measured_one():
    world = booted(mark=MARK_OPENED, cause=f.HOST_STOP, speed=250)
    world.settings.stop_a_min_mm_s2 = 335
    world.run(5000)
    assert world.sup.state == st.SELF_TEST
    world.run(10)
    assert world.sup.state == st.LOCKOUT


def test_a_coasting_belt_is_waited_for():
    world = booted(mark=MARK_OPEN)
    world.belt(800)
    world.brake_mm_s2 = 400
    world.idle(1500)
    assert world.sup.state == st.SELF_TEST
    world.run_to(st.TRIPPED)
    assert world.sup.fault == f.SESSION_CUT


def test_motion_for_30_s_in_self_test_is_unexpected_on_a_calibrated_board():
    for calibration, mm_s, locks in ((2, 310, True), (1, 310, True), (0, 310, False),
                                     (2, 290, False)):  # fmt: skip
        world = World(calibration=calibration)
        world.obeys = False
        world.belt(mm_s).power_on()
        world.run(30500)
        assert (world.sup.state == st.LOCKOUT) == locks, (calibration, mm_s)
        if locks:
            assert world.sup.fault == f.UNEXPECTED_MOTION


def test_29_s_of_motion_in_self_test_are_not():
    world = World()
    world.obeys = False
    world.belt(400).power_on()
    world.run(29900)
    world.belt(0)
    world.run(3000)
    assert world.sup.state == st.READY


def test_feedback_closed_at_boot_is_welded_unless_something_explains_it():
    for estop, fresh, locks in ((False, False, True), (True, False, False), (False, True, False)):
        world = World(fresh=fresh)
        world.estop = estop
        world.feedback = True
        world.power_on().idle(2000)
        assert (world.sup.state == st.LOCKOUT) == locks
        if locks:
            assert world.sup.fault == f.RELAY_WELDED
        else:
            assert "RELAY_FEEDBACK" in world.blockers()
            assert world.memory.latch_code == 0


def test_self_test_survives_both_wraps():
    for origin in (PERIOD - 500, PERIOD - 1000, PERIOD - 1):
        world = World(origin_ms=origin, origin_us=origin).power_on()
        world.run(990)
        assert world.sup.state == st.SELF_TEST
        world.run(10)
        assert world.sup.state == st.READY
