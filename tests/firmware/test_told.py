# SPDX-License-Identifier: MIT
"""What the box tells: every record of the journal with its numbers, every sound in its moment."""

from guard.core import events as e
from guard.core import faults as f
from guard.core import sounds
from guard.core import states as st
from tests.support.stream import MASK, World, bring, lock_out, prove, settle, tripped


def told(world, kind):
    """The numbers of the last record of a kind."""
    return world.events_of(kind)[-1][2:]


def heard(world):
    return [chirp for _, chirp in world.heard]


def quiet(world):
    """Forget what was heard so far."""
    world.heard = []
    return world


# The journal


def test_arming_is_recorded_with_mode_and_session_number():
    for mode in (st.MODE_FORWARD, st.MODE_BACKWARD):
        world = World()
        world.mode = mode
        world.memory.session = 41
        world.to_ready().press(100)
        assert told(world, e.ARM) == (mode, 42, 0)


def test_a_lockout_is_recorded_with_its_fault_and_the_speed():
    world = lock_out(bring(st.READY))
    assert told(world, e.LOCKED) == (f.RELAY_TEST_FAILED, 0, 0)


def test_a_reset_is_recorded_with_the_latch_it_cleared():
    world = tripped(bring(st.READY)).run(250)
    world.press(1000)
    assert told(world, e.RESET) == (f.LOOP_OVERRUN, 0, 0)
    assert world.sup.fault == 0
    assert world.stored.latch_code == 0, "durable at once"


def test_the_static_proof_is_recorded_with_the_lockout_it_ended():
    world = prove(lock_out(bring(st.READY)))
    world.run_to(st.READY)
    assert told(world, e.PROOF) == (f.RELAY_TEST_FAILED, 0, 0)
    assert world.sup.fault == 0
    assert world.memory.mark == 0


def test_the_sensor_proof_is_recorded_and_heard():
    world = bring(st.READY)
    world.memory.sensor_not_proven = 1
    quiet(world)
    for _ in range(3):
        world.run(500)
        world.edge(world.us)
    world.tick()
    assert told(world, e.PROOF) == (f.SENSOR_NOT_PROVEN, 0, 0)
    assert heard(world) == [sounds.CONFIRMED]


def test_a_corrected_name_is_recorded_with_both_names():
    world = bring(st.BACKWARD)
    world.sensor = False
    world.run_to(st.STOPPING)
    assert world.stops() == [f.SENSOR_LOST]
    world.obeys = False
    world.sensor = True
    world.run(300)
    world.obeys = True
    settle(world)
    new, old, rest = told(world, e.RENAMED)
    assert (old, rest) == (f.SENSOR_LOST, 0)
    assert new == world.memory.cause == world.sup.fault


def test_a_session_is_recorded_with_its_seconds_speed_and_lead():
    world = bring(st.BACKWARD, 820)
    began_us = world.us - 30000
    while world.us - began_us < 61000000:
        world.tick()
    seconds = (world.sample.now_ms - world.sup.entered_ms) // 1000
    world.host_stop = True
    settle(world.run(10))
    assert told(world, e.SESSION) == (seconds, 820, 0)
    assert seconds in (60, 61)


def walked(world, ms):
    """In the next tick the walker has walked backward for so long."""
    world.sup.entered_ms = (world.sample.now_ms + 10 - ms) & MASK
    return world


def test_whole_seconds_walked_backward_are_recorded_for_an_hour():
    for ms in (999, 1000, 998999, 999000, 1000000, 1001000, 3599999):
        world = walked(bring(st.BACKWARD, session_limit_min=60), ms)
        world.host_stop = True
        settle(world.run(10))
        assert told(world, e.SESSION)[0] == ms // 1000, ms


def test_a_session_that_never_saw_a_belt_has_no_speed_and_no_time():
    world = bring(st.BACKWARD, 800)
    world.host_stop = True
    settle(world.run(10))
    world.idle(4000)
    world.run(300)
    world.grip()
    world.press(100)
    world.run_to(st.WAIT_BELT).run(30)
    world.host_stop = True
    settle(world.run(10))
    assert told(world, e.SESSION) == (0, 0, 0)


def test_a_stop_nothing_proved_is_recorded_with_a_negative_time():
    for dead in (False, True):
        world = bring(st.BACKWARD)
        if dead:
            world.sensor = False
        else:
            world.host_stop = True
        world.run_to(st.STOPPING)
        settle(world)
        still_ms = told(world, e.STOPPED)[0]
        assert (still_ms < 0) == dead, still_ms
        assert abs(still_ms) >= 400


def test_the_drop_out_is_recorded_only_when_it_was_measured():
    world = bring(st.BACKWARD, 300)
    world.belt(0)
    settle(world.run_to(st.STOPPING))
    assert told(world, e.STOPPED)[2] == 90
    world.idle(4000)
    world.run(300)
    world.grip()
    world.press(100)
    world.run_to(st.WAIT_BELT).run(30)
    world.host_stop = True
    settle(world.run(10))
    assert told(world, e.STOPPED)[2] == -1
    assert world.memory.drop_time_ms == 90, "the last that was measured"


def test_a_drop_out_in_the_first_ms_is_measured():
    world = bring(st.BACKWARD, 300)
    world.belt(0)
    while world.allowed():
        world.tick()
    world.memory.drop_time_ms = 90
    world.sup.stop.began_ms = world.sample.now_ms + 10
    world.feedback = False
    settle(world.run(10))
    assert told(world, e.STOPPED)[2] == 0
    assert world.memory.drop_time_ms == 0


# The sounds


def test_a_session_from_power_on_to_its_end_sounds_as_the_guide_says():
    world = World().to_ready()
    assert heard(world) == [sounds.READY_CHIRP]
    world.press(100)
    assert world.sup.drone == sounds.ARMING_TICK
    world.run_to(st.WAIT_BELT)
    assert world.sup.drone == sounds.SILENT
    world.belt(800).run_to(st.MOUNTING).run(500)
    world.turn()
    world.run_to(st.BACKWARD).run(30)
    world.host_stop = True
    settle(world.run(10))
    assert heard(world) == [
        sounds.READY_CHIRP, sounds.BELT_SEEN, sounds.BACKWARD_ON, sounds.STOPPED,
    ]  # fmt: skip


def test_no_drone_outlives_its_state():
    world = bring(st.BACKWARD)
    world.left = False
    world.run(1000)
    assert world.sup.drone == sounds.HAND_WARNING
    world.host_stop = True
    world.run(10)
    assert world.sup.state == st.STOPPING
    assert world.sup.drone == sounds.SILENT
    world = tripped(bring(st.READY)).run(250)
    assert world.sup.drone == sounds.TRIP_DRONE
    world.press(1000)
    assert world.sup.state == st.SELF_TEST
    assert world.sup.drone == sounds.SILENT


def test_ready_falls_silent_when_a_change_was_decided():
    world = bring(st.READY).run(250)
    world.sup.offer_change(world.sample.now_ms)
    world.run(300)
    assert world.sup.drone == sounds.CHANGE_PENDING_DRONE
    world.press(100)
    world.run(10)
    assert world.sup.drone == sounds.SILENT


def test_in_tripped_the_hold_and_its_answer_are_heard():
    world = quiet(tripped(bring(st.READY)).run(250))
    world.press(1100)
    assert heard(world) == [sounds.HOLD_REACHED, sounds.CONFIRMED]
    world = quiet(tripped(bring(st.READY)).run(250))
    world.press(100)
    world.run(2000)
    assert heard(world) == [sounds.REFUSED], "and no hold is heard that nobody holds"
    world.guard.rails.left.contact = st.WIRING
    world.memory.latch_code = f.RAIL_WIRING
    world.left = 1000
    for _ in range(2):
        quiet(world).run(250).press(1100)
        assert heard(world) == [sounds.HOLD_REACHED, sounds.REFUSED], "each hold anew"


def test_in_lockout_every_step_and_the_way_out_are_heard():
    world = prove(quiet(lock_out(bring(st.READY))), 5100)
    world.run_to(st.READY)
    world.run(10)
    assert sorted(heard(world)) == sorted(
        [sounds.PROOF_STEP] * 4 + [sounds.HOLD_REACHED, sounds.CONFIRMED]
    )
    assert heard(world)[-1] == sounds.CONFIRMED
    for hold_ms in (100, 5000):
        world = lock_out(bring(st.READY)).run(4000)
        quiet(world).press(hold_ms)
        assert heard(world)[-1] == sounds.REFUSED, hold_ms


def test_a_passed_stop_test_is_heard():
    world = World()
    world.memory.stop_test_due = 1
    world.mode = st.MODE_FORWARD
    world.to_moving(1000)
    world.run(2000)
    world.start = True
    world.run_to(st.STOPPING)
    world.start = False
    settle(quiet(world))
    world.run(10)
    assert heard(world)[-1] == sounds.CONFIRMED
    assert world.memory.stop_test_due == 0


def warned(due, left_ms):
    """Is time warned of with so much left, when `due` warnings have been given?"""
    world = bring(st.BACKWARD, session_limit_min=20)
    for before_ms in (60000, 30000, 10000)[:due]:
        walked(world, 1200000 - before_ms).run(10)
    quiet(walked(world, 1200000 - left_ms)).run(10)
    return heard(world) == [sounds.TIME_WARNING]


def test_the_time_warnings_are_in_their_very_ms_and_come_once():
    for due, at_ms in ((0, 60000), (1, 30000), (2, 10000)):
        assert not warned(due, at_ms + 1)
        assert warned(due, at_ms)
        assert warned(due, at_ms - 1)
        assert not warned(due + 1, at_ms - 1)


def test_each_session_warns_of_its_own_time():
    world = bring(st.BACKWARD, session_limit_min=1)
    for _ in range(2):
        settle(world.run_to(st.STOPPING, 62000))
        assert heard(world).count(sounds.TIME_WARNING) == 3
        quiet(world).idle(4000)
        world.run(300)
        world.grip()
        world.press(100)
        world.run_to(st.WAIT_BELT).run(30)
        world.belt(800).run_to(st.MOUNTING).run(500)
        world.turn()
        world.run_to(st.BACKWARD)


def test_the_speed_warning_begins_over_half_the_allowed_lead():
    world = bring(st.BACKWARD, overspeed_travel_mm=20)
    world.sensor = False  # no edge changes the lead
    speed = world.guard.speed
    half = speed.allow_us // 2
    assert half * 2 == speed.allow_us
    for lead_us, warns in ((0, False), (half, False), (half + 1, True), (half * 2, True)):
        speed.lead_us = lead_us
        world.tick()
        assert world.sup.drone == (sounds.SPEED_WARNING if warns else sounds.SILENT), lead_us
