# SPDX-License-Identifier: MIT
"""Times to the ms, also when no tick falls on them, and two things in one tick."""

from guard.core import faults as f
from guard.core import sounds
from guard.core import states as st
from guard.core.sample import Sample
from tests.support.stream import (
    MASK,
    PERIOD,
    World,
    bring,
    copy_of,
    lock_out,
    prove,
    settle,
    tripped,
)


def ms_until(state, world, first_ms, tick_ms):
    """ms of the controller's clock from now to a state; from first_ms on in ticks of tick_ms."""
    began_ms = world.sample.now_ms
    world.idle(first_ms)
    world.period_us = tick_ms * 1000
    world.run_to(state)
    return (world.sample.now_ms - began_ms) & MASK


def decides_at(limit_ms, make, state):
    """A time is neither 1 ms short nor 1 ms long, and is not missed between two ticks."""
    for origin_ms in (0, PERIOD - 20000):
        first_ms = (limit_ms - 60) // 50 * 50
        assert ms_until(state, make(origin_ms), first_ms, 1) == limit_ms
        rest = (limit_ms - first_ms) // 7 * 7
        assert ms_until(state, make(origin_ms), first_ms, 7) == first_ms + rest + 7
        assert rest + first_ms != limit_ms, "a tick falls on the limit: that shows nothing"


def entered(state, origin_ms=0, **values):
    """In the tick a state began."""
    world = bring(st.READY, origin_ms=origin_ms, **values)
    world.press(100)
    world.run_to(st.WAIT_BELT)
    if state == st.WAIT_BELT:
        return world
    world.belt(800).run_to(st.MOUNTING)
    if state == st.MOUNTING:
        return world
    world.run(500)
    world.turn()
    return world.run_to(st.BACKWARD)


def test_waiting_for_the_belt_ends_in_its_very_ms():
    decides_at(20000, lambda o: entered(st.WAIT_BELT, o, start_timeout_s=20), st.STOPPING)


def test_mounting_ends_in_its_very_ms():
    decides_at(30000, lambda o: entered(st.MOUNTING, o, mount_timeout_s=30), st.STOPPING)


def test_a_session_ends_in_its_very_ms():
    decides_at(60000, lambda o: entered(st.BACKWARD, o, session_limit_min=1), st.STOPPING)


def test_the_turn_is_confirmed_although_no_tick_falls_on_its_end():
    for tick_ms in (1, 7):
        world = bring(st.MOUNTING, turn_confirm_ms=1000)
        world.turn()
        since_ms = world.sup.turned.since_ms
        world.period_us = tick_ms * 1000
        world.run_to(st.BACKWARD)
        assert 1000 <= world.sample.now_ms - since_ms < 1000 + tick_ms


def opened(origin_ms=0, **values):
    """In the tick a healthy session was ended by the laptop."""
    world = bring(st.BACKWARD, origin_ms=origin_ms)
    for name, value in values.items():
        setattr(world, name, value)
    world.host_stop = True
    return world.run_to(st.STOPPING)


def test_a_relay_that_stays_closed_is_welded_in_its_very_ms():
    decides_at(1000, lambda o: opened(o, welded=True), st.LOCKOUT)


def quiet_end(origin_ms=0, **values):
    """In the tick T5 began."""
    world = bring(st.BACKWARD, 300, origin_ms=origin_ms)
    for name, value in values.items():
        setattr(world, name, value)
    world.belt(0)
    return world.run_to(st.STOPPING)


def test_a_slow_drop_out_locks_out_in_its_very_ms():
    decides_at(160, lambda o: quiet_end(o, hold_up_ms=5000), st.LOCKOUT)


def test_a_relay_that_does_not_close_is_seen_in_its_very_ms():
    def make(origin_ms):
        world = entered(st.MOUNTING, origin_ms, relay_settle_ms=100)
        world.feedback = False
        return world.run(10)

    decides_at(100, make, st.STOPPING)


def test_the_cause_is_durable_after_200_ms_of_a_contact_that_stays_closed():
    for tick_ms, durable_ms in ((1, 200), (7, 203)):
        world = opened(welded=True)
        world.period_us = tick_ms * 1000
        began_us = world.us
        while world.stored.cause != f.HOST_STOP:
            world.tick()
        assert world.us - began_us == durable_ms * 1000


def test_nothing_is_stored_while_the_contact_may_still_be_closed():
    world = opened(release_ms=150)
    blobs = world.blobs
    while world.contact:
        assert world.blobs == blobs
        world.tick()
    world.tick()
    assert world.blobs == blobs + 1


def test_a_dead_sensor_is_waited_for_to_the_very_ms():
    def make(origin_ms):
        world = bring(st.BACKWARD, origin_ms=origin_ms)
        world.sensor = False
        return world.run_to(st.STOPPING)

    decides_at(4000, make, st.TRIPPED)


def test_the_e_stop_in_t5_starts_the_time_of_a_welded_contact():
    world = quiet_end(hold_up_ms=100000)
    world.run(100)
    world.estop = True
    world.tick()
    world.estop = False
    world.welded = True
    assert ms_until(st.LOCKOUT, world, 900, 1) == 1000
    assert world.sup.fault == f.RELAY_WELDED


def test_a_contact_that_opens_with_the_e_stop_measures_nothing():
    world = quiet_end(hold_up_ms=100000)
    world.run(50)
    world.estop = True
    world.feedback = False
    settle(world)
    assert world.memory.drop_time_ms == 0


def test_self_test_waits_for_silence_to_the_very_ms():
    for d_um, still_ms in ((70000, 1000), (250000, 2500)):
        for tick_ms in (1, 7):
            world = World(distance_per_edge_um=d_um).power_on()
            world.period_us = tick_ms * 1000
            world.run_to(st.READY)
            assert still_ms <= world.us // 1000 < still_ms + tick_ms


def test_motion_in_self_test_locks_out_in_its_very_ms():
    for tick_ms in (1, 7):
        world = World().power_on()
        world.obeys = False
        world.belt(400).run(29000)
        since_ms = world.sup.motion.standing.since_ms
        world.period_us = tick_ms * 1000
        world.run_to(st.LOCKOUT)
        assert 30000 <= world.sample.now_ms - since_ms < 30000 + tick_ms
        assert world.sup.fault == f.UNEXPECTED_MOTION


def test_motion_in_ready_and_tripped_locks_out_in_its_very_ms():
    for make in (lambda: bring(st.READY), lambda: tripped(bring(st.READY))):
        for tick_ms in (1, 7):
            world = make().run(2000)
            world.obeys = False
            world.belt(400).run(1500)
            since_ms = world.sup.motion.standing.since_ms
            world.period_us = tick_ms * 1000
            world.run_to(st.LOCKOUT)
            assert 2000 <= world.sample.now_ms - since_ms < 2000 + tick_ms


def test_a_belt_that_creeps_after_a_reset_is_not_the_evidence_of_a_failed_stop():
    world = bring(st.BACKWARD, distance_per_edge_um=20000)
    world.host_stop = True
    world.obeys = False
    world = world.run(60).power_cycle()
    world.obeys = False
    world.belt(65).run(8000)
    assert world.sup.state == st.SELF_TEST
    world.belt(0)
    world.run_to(st.READY)


# Two things in one tick


def ticks_to(state, make):
    """Ticks until a state, in a world of its own."""
    world = make()
    ticks = 0
    while world.sup.state != state:
        world.tick()
        ticks += 1
    return ticks


def with_a_stop_in_the_tick_of(state, make):
    """The laptop's stop comes in the very tick that would have led to a state."""
    ticks = ticks_to(state, make)
    world = make()
    for _ in range(ticks - 1):
        world.tick()
    assert world.sup.state != state
    world.host_stop = True
    world.tick()
    assert world.sup.state == st.STOPPING, world
    assert world.sup.relay_command == st.OPEN
    assert world.heard[-1][1] == sounds.STOPPED
    settle(world)
    assert world.sup.state == st.READY


def test_a_stop_in_the_tick_the_belt_is_seen_is_a_stop():
    for mode in (st.MODE_FORWARD, st.MODE_BACKWARD):

        def make(mode=mode):
            world = World()
            world.mode = mode
            return world.to_wait_belt().belt(500)

        with_a_stop_in_the_tick_of(st.FORWARD if mode == st.MODE_FORWARD else st.MOUNTING, make)


def test_a_stop_in_the_tick_the_turn_is_confirmed_is_a_stop():
    def make():
        world = bring(st.MOUNTING, turn_confirm_ms=1000)
        world.turn()
        return world

    with_a_stop_in_the_tick_of(st.BACKWARD, make)


def test_a_stop_in_the_tick_of_a_time_warning_sounds_as_a_stop():
    world = bring(st.BACKWARD, session_limit_min=20)
    world.sup.entered_ms = (world.sample.now_ms + 10 - 1140000) & MASK
    world.host_stop = True
    world.tick()
    assert world.heard[-1][1] == sounds.STOPPED


def test_the_tick_that_locks_out_gives_no_press_a_meaning():
    for make in (lambda: bring(st.READY), lambda: tripped(bring(st.READY))):

        def moving(make=make):
            world = make().run(2000)
            world.obeys = False
            return world.belt(400)

        ticks = ticks_to(st.LOCKOUT, moving)
        world = moving()
        for _ in range(ticks - 121):
            world.tick()
        world.start = True
        for _ in range(120):
            world.tick()
        assert world.sup.state != st.LOCKOUT
        world.heard = []
        world.start = False
        world.tick()
        assert world.sup.state == st.LOCKOUT
        assert world.heard == []


def test_a_lockout_falls_silent_before_its_drone_also_with_a_change_waiting():
    world = bring(st.READY).run(2000)
    world.obeys = False
    world.belt(400)
    world.sup.offer_change(world.sample.now_ms)
    world.run_to(st.LOCKOUT)
    assert world.sup.drone == sounds.SILENT
    world.tick()
    assert world.sup.drone == sounds.LOCKOUT_DRONE


def test_the_sample_tells_state_limit_and_time_of_its_own_tick():
    for make in (lambda: bring(st.BACKWARD), lambda: bring(st.FORWARD), opened):
        world = make()
        s, sup = world.sample, world.sup
        assert (s.state, s.limit_mm_s, s.entered_ms) == (sup.state, sup.limit_mm_s, sup.entered_ms)
    world = bring(st.MOUNTING, turn_confirm_ms=1000, mount_limit_mm_s=820)
    world.turn()
    world.run_to(st.BACKWARD)
    s = world.sample
    assert (s.state, s.limit_mm_s, s.entered_ms) == (st.BACKWARD, 833, s.now_ms)


def test_what_state_it_is_the_guard_knows_not_the_sample():
    world = bring(st.BACKWARD)
    fresh = Sample()
    fresh.now_ms, fresh.channel = world.sample.now_ms, world.sample.channel
    fresh.hall_permille = world.sample.hall_permille
    world.sample = fresh
    world.tick()
    known = (world.sup.state, world.sup.session_mode, world.sup.limit_mm_s, world.sup.entered_ms)
    assert (fresh.state, fresh.session_mode, fresh.limit_mm_s, fresh.entered_ms) == known
    assert fresh.state == st.BACKWARD


# Mode


def test_a_mode_moved_to_backward_ends_a_forward_start_and_a_forward_session():
    world = World()
    world.mode = st.MODE_FORWARD
    world.to_ready().grip()
    world.press(100)
    world.run(200)
    world.mode = st.MODE_BACKWARD
    world.run(20)
    assert world.sup.state == st.READY
    world = bring(st.FORWARD)
    world.mode = st.MODE_BACKWARD
    world.run(30)
    assert world.stops() == [f.MODE_CHANGED]


# One session leaves nothing to the next


def again(world):
    """Into the next session, as far as WAIT_BELT."""
    settle(world)
    world.idle(4000)
    world.run(300)
    world.grip()
    world.press(100)
    return world.run_to(st.WAIT_BELT).run(30)


def test_a_stop_that_failed_does_not_fail_the_next():
    world = bring(st.BACKWARD)
    world.obeys = False
    world.host_stop = True
    world.run_to(st.LOCKOUT)
    assert world.sup.fault == f.STOP_FAILED
    world.obeys = True
    world.idle(5000)
    prove(world, 5100)
    world.run_to(st.READY)
    world.memory.stop_test_due = 0
    again(world)
    world.host_stop = True
    settle(world.run(10))
    assert world.sup.state == st.READY


def test_a_lockout_that_was_proven_and_a_trip_that_was_reset_leave_no_fault():
    world = prove(lock_out(bring(st.READY)), 5100)
    world.run_to(st.READY)
    world.memory.stop_test_due = 0
    world.idle(4000)
    world.run(300)
    world.grip()
    for _ in range(2):
        tripped(world).run(250)
        world.press(1100)
        world.run_to(st.READY)
        assert world.sup.fault == 0
        world.idle(4000)
        world.run(300)
        world.grip()


def test_a_proof_that_is_cut_short_rests_the_pump_and_does_nothing_else_in_its_tick():
    for name, value in (("estop", True), ("start", True)):
        world = prove(lock_out(bring(st.READY)), 5100)
        assert world.sup.proof_running
        world.run(300)
        commands = []
        setattr(world, name, value)
        world.sup.maintenance_asked = True
        while world.sup.proof_running:
            world.tick()
            commands.append(world.sup.relay_command)
        assert commands[-1] == st.OPEN
        assert world.sup.state == st.LOCKOUT
        assert world.sup.delaying, "its charge must be gone before RELAY_EN rises again"


def test_two_guards_in_one_process_share_nothing():
    for name, value, state, fault in (
        ("estop", True, st.BACKWARD, f.ESTOP),
        ("left", False, st.BACKWARD, f.ONE_HAND),
        ("feedback", False, st.BACKWARD, f.RELAY_NOT_CLOSED),
        ("count_ahead", 2, st.BACKWARD, f.SENSOR_NOISE),
        ("hall_permille", 1000, st.BACKWARD, f.HALL_WIRING),
        ("mode", st.MODE_NONE, st.BACKWARD, f.MODE_CHANGED),
        ("both", False, st.BACKWARD, f.RAILS_RELEASED),
    ):
        ill, well = bring(state), bring(state)
        if name == "both":
            ill.left = ill.right = value
        else:
            setattr(ill, name, value)
        for _ in range(400):
            ill.tick()
            well.tick()
        assert ill.stops() == [fault], name
        assert well.allowed(), name


def test_a_lockout_proven_leaves_no_mark_of_the_session_it_ended():
    world = opened(welded=True)
    world.run_to(st.LOCKOUT)
    assert world.memory.mark == 2
    world.welded = False
    prove(world.idle(4000), 5100)
    world.run_to(st.READY)
    world.run(20)
    assert copy_of(world.stored).mark == 0
