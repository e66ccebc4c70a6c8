# SPDX-License-Identifier: MIT
"""The way out: T5, the contact, evidence of a stop that failed, the stop test, the right name."""

from guard.core import faults as f
from guard.core import states as st
from guard.core.events import RENAMED, STOP_TEST, STOPPED
from guard.core.parameters import Settings
from guard.core.speed import Speed
from guard.core.stopping import (
    Stop,
    halving_ms_for,
    is_stop_test,
    limit_ms_for,
    test_passes,
)
from tests.support.stream import MASK, PERIOD, bring, settle

passes = test_passes
del test_passes  # a function of the firmware, not a test


def ended_quietly(**values):
    """The tick in which silence ended a slow session: T5 begins."""
    world = bring(st.BACKWARD, 300)
    for name, value in values.items():
        setattr(world, name, value)
    world.belt(0)
    while world.allowed():
        world.tick()
    assert world.sup.fault == f.BELT_STOPPED
    return world


# T5 and the contact


def test_a_quiet_end_stops_pumping_first_and_measures_the_drop_out():
    world = ended_quietly(hold_up_ms=90)
    while world.contact:
        assert world.sup.relay_command == st.HOLD
        world.tick()
    assert world.sup.relay_command == st.OPEN
    settle(world)
    assert world.memory.drop_time_ms == 90
    assert world.events_of(STOPPED)[0][4] == 90
    assert world.sup.state == st.READY


def test_a_start_timeout_is_a_quiet_end_too():
    world = bring(st.WAIT_BELT, start_timeout_s=20)
    world.idle(19900)
    world.run_to(st.STOPPING)
    assert world.sup.relay_command == st.HOLD
    settle(world)
    assert world.memory.drop_time_ms == 90


def test_every_other_cause_drops_relay_en_at_once():
    for code, name, fault_class, _, _ in f.TABLE:
        if fault_class != f.BLOCK and name not in ("BELT_STOPPED", "START_TIMEOUT"):
            settings = Settings()
            stop = Stop(settings, Speed(settings))
            stop.begin(code, 0, 0)
            assert stop.phase == 1, name
            assert stop.tick(True, False, 10) in (0, f.STOP_FAILED)


def test_a_drop_out_under_50_ms_is_written_down_and_not_judged():
    world = ended_quietly(hold_up_ms=20)
    settle(world)
    assert world.sup.state == st.READY
    assert world.memory.drop_time_ms == 20


def test_a_drop_out_of_160_ms_is_good_and_a_longer_one_locks_out():
    for hold_up_ms, good in ((160, True), (170, False)):
        world = ended_quietly(hold_up_ms=hold_up_ms)
        world.run(200)
        assert (world.sup.state == st.LOCKOUT) != good, hold_up_ms
        if not good:
            assert world.sup.fault == f.RELAY_SLOW
            assert world.stored.latch_code == f.RELAY_SLOW


def test_t5_adds_at_most_160_ms():
    world = ended_quietly(hold_up_ms=10000)
    began_us = world.us
    while world.sup.relay_command == st.HOLD:
        world.tick()
    assert world.us - began_us <= 160000


def test_the_e_stop_ends_t5_at_once_and_measures_nothing():
    world = ended_quietly(hold_up_ms=10000)
    world.run(50)
    world.estop = True
    world.tick()
    assert world.sup.relay_command == st.OPEN
    world.hold_up_ms = 10
    settle(world)
    assert world.memory.drop_time_ms == 0
    assert world.memory.latch_code == 0


def test_t5_survives_the_wrap_of_ticks_ms():
    us = ended_quietly().us
    world = bring(st.BACKWARD, 300, origin_ms=PERIOD - us // 1000 - 40)
    world.belt(0)
    settle(world.run_to(st.STOPPING))
    assert world.memory.drop_time_ms == 90
    assert world.sup.state == st.READY


def test_feedback_still_closed_after_a_second_is_welded():
    for origin in (0, PERIOD - 9000):
        world = bring(st.BACKWARD, origin_ms=origin)
        world.welded = True
        world.host_stop = True
        world.tick()
        opened_us = world.us
        while world.sup.state == st.STOPPING:
            world.tick()
        assert world.sup.state == st.LOCKOUT
        assert world.sup.fault == f.RELAY_WELDED
        assert world.us - opened_us == 1000000
        assert world.stored.latch_code == f.RELAY_WELDED


def test_a_contact_that_opens_late_but_within_a_second_is_good():
    world = bring(st.BACKWARD)
    world.release_ms = 990
    world.host_stop = True
    settle(world.run(10))
    assert world.sup.state == st.READY


def test_the_cause_is_durable_when_the_contact_opens_or_after_200_ms():
    for release_ms, durable_ms in ((10, 20), (150, 160), (500, 200)):
        world = bring(st.BACKWARD)
        world.release_ms = release_ms
        world.host_stop = True
        world.tick()
        began_us = world.us
        while world.stored.cause != f.HOST_STOP:
            assert world.stored.mark == 1
            world.tick()
        assert world.us - began_us <= durable_ms * 1000, release_ms
        assert world.stored.mark == 2, "opened, not still"


def test_nothing_is_written_during_t5():
    world = ended_quietly(hold_up_ms=150)
    blobs = world.blobs
    while world.sup.relay_command == st.HOLD:
        assert world.blobs == blobs
        world.tick()
    world.run(20)
    assert world.stored.cause == f.BELT_STOPPED


def test_stopping_ends_when_still_open_and_saved():
    world = bring(st.BACKWARD, 500, distance_per_edge_um=20000)
    world.host_stop = True
    world.obeys = False
    world.belt(60)  # creeps: neither still nor evidence of a stop that failed
    world.run(20000)
    assert world.sup.state == st.STOPPING
    world.belt(0)
    world.run(2000)
    assert world.sup.state == st.READY
    assert world.stored.mark == 3, "closed: still and saved"


def test_the_mark_is_closed_only_when_the_stop_is_written():
    """A power cut before that must still be told the cause."""
    world = bring(st.BACKWARD)
    world.host_stop = True
    world.run_to(st.STOPPING)
    world.sup.blockers.saving = True
    world.run_to(st.READY)
    world.run(1000)
    assert world.stored.mark == 2
    assert world.stored.cause == f.HOST_STOP
    world.sup.blockers.saving = False
    world.run(20)
    assert world.stored.mark == 3


def test_the_mark_is_closed_in_each_state_a_stop_ends_in():
    for cause, value, state in (
        ("host_stop", True, st.READY),
        ("late_us", 25001, st.TRIPPED),
        ("welded", True, st.LOCKOUT),
    ):
        world = bring(st.BACKWARD)
        setattr(world, cause, value)
        world.host_stop = True
        world.run(10)
        world.late_us = 0
        settle(world).belt(0)
        world.run(2000)
        assert world.sup.state == state
        assert world.stored.mark == 3, cause


def test_what_is_written_once_is_not_written_again():
    """Flash wears out."""
    world = bring(st.BACKWARD)
    world.host_stop = True
    settle(world.run(10))
    world.run(50)
    assert world.stored.mark == 3
    blobs = world.blobs
    world.run(1000)
    assert world.sup.state == st.READY
    assert world.blobs == blobs


def test_a_start_does_not_call_an_old_stop_written():
    """SELF_TEST still has to see whether its belt stands."""
    world = bring(st.BACKWARD)
    world.host_stop = True
    world.run_to(st.STOPPING)
    world.run(300)
    world = world.power_cycle()
    world.run(500)
    assert world.sup.state == st.SELF_TEST
    assert world.memory.mark == 2


def test_a_store_that_fails_keeps_nobody_in_stopping():
    world = bring(st.BACKWARD)
    world.store_fails = True
    world.host_stop = True
    settle(world.run(10))
    world.run(10)
    assert world.sup.state == st.READY
    assert "STORE_FAILED" in world.blockers()


# Deadlines


def test_deadlines_before_the_first_stop_test():
    assert (limit_ms_for(0, 0), halving_ms_for(0, 0)) == (4000, 1500)
    assert (limit_ms_for(0, 1118), halving_ms_for(0, 1118)) == (4000, 1500)
    assert limit_ms_for(0, 2236) == 8000
    assert halving_ms_for(0, 2236) == 3000


def test_deadlines_from_the_measured_stop():
    for a_min, limit, halving in (
        (10000, 2000, 1000), (839, 2000, 1000), (838, 2001, 1000), (559, 3000, 1500),
        (400, 4192, 2096), (335, 5005, 2500), (140, 11978, 2500), (139, 12000, 2500),
        (1, 12000, 2500),
    ):  # fmt: skip
        for v0 in (0, 500, 1118):
            assert limit_ms_for(a_min, v0) == limit, a_min
            assert halving_ms_for(a_min, v0) == halving, a_min
        assert limit_ms_for(a_min, 3354) == limit * 3, "scaled beyond the clamp"
        assert halving_ms_for(a_min, 3354) == halving * 3


# STOP_FAILED: evidence


class Judge:
    """A Stop begun at v0 that is handed intervals."""

    def __init__(self, v0=800, cause=f.HOST_STOP, a_min=0, now_us=0):
        self.settings = Settings()
        assert not self.settings.load({"stop_a_min_mm_s2": a_min, "distance_per_edge_um": 70000})
        self.speed = Speed(self.settings)
        self.speed.v_mm_s = v0
        self.speed.dt_us = 70000 * 1000 // v0
        self.now_us = now_us
        self.stop = Stop(self.settings, self.speed)
        self.stop.begin(cause, now_us, 0)

    def failed_by(self, v, began_ms, n=1):
        """Does an interval at v that began so long after the decision lock out?"""
        self.stop.failed = False
        start_us = (self.now_us + began_ms * 1000) & MASK
        self.stop.interval(n, n * 70000 * 1000 // v, start_us)
        return self.stop.tick(False, False, 10) == f.STOP_FAILED


def test_halving_asks_for_over_half_of_v0_from_an_interval_that_began_after_it():
    for origin in (0, PERIOD - 1000000):
        judge = Judge(800, now_us=origin)
        assert not judge.failed_by(800, 1499)
        assert not judge.failed_by(800, 1500)
        assert judge.failed_by(800, 1501)
        assert not judge.failed_by(400, 1501)
        assert judge.failed_by(402, 1501)
        assert judge.failed_by(402, 1501, 4), "a merged pair is the same evidence"


def test_the_limit_asks_for_over_70_mm_s():
    judge = Judge(800)
    for v, began_ms, failed in (
        (390, 4000, False), (390, 4001, True), (71, 4001, True), (70, 4001, False),
        (69, 60000, False),
    ):  # fmt: skip
        assert judge.failed_by(v, began_ms) == failed, (v, began_ms)


def test_both_deadlines_scale_with_v0_above_1118():
    judge = Judge(3354)
    assert not judge.failed_by(3354, 4500)
    assert judge.failed_by(3354, 4501)
    assert not judge.failed_by(1600, 12000)
    assert judge.failed_by(1600, 12001)


def test_an_interval_that_began_before_the_decision_is_no_evidence():
    # The longest interval under way with the relay closed: d 260 mm at 70 mm/s.
    for origin in (5000000, 0):
        judge = Judge(800, now_us=origin)
        for began_ms in (-3714, -1, 0):
            assert not judge.failed_by(5000, began_ms)


def test_a_belt_that_creeps_on_for_ten_minutes_and_then_runs_is_evidence():
    judge = Judge(800)
    assert judge.failed_by(800, 530000)
    assert judge.failed_by(800, 600000)


def test_a_merged_pair_too_close_is_not_evidence_of_a_speed_nobody_had():
    """Eight counts in 220 ms are five edges (37.1 ms blanking) and three bounces."""
    world = bring(st.FORWARD, 500, distance_per_edge_um=260000)
    world.host_stop = True
    world.sensor = False
    world.run(1800)
    world.edge(world.us)
    judged = []
    world.sup.stop.interval = lambda n, dt_us, start_us: judged.append(n)
    world.edge(world.us + 220000, 8)
    assert judged == [5]


def test_counts_without_number_stay_small_integers():
    """n > 8 is noise at once; it must not go into the arithmetic of the stop."""
    world = bring(st.FORWARD, 500)
    world.host_stop = True
    world.tick()
    judged = []
    stop = world.sup.stop
    stop.interval = lambda n, dt_us, start_us: judged.append(n)
    world.edge(world.us + 500000, 20000)
    assert judged
    assert max(judged) <= 8


def test_a_belt_that_runs_on_locks_out_with_evidence_and_not_before():
    world = bring(st.BACKWARD)
    world.obeys = False
    world.host_stop = True
    world.tick()
    began_us = world.us
    while world.sup.state == st.STOPPING:
        world.tick()
    assert world.sup.fault == f.STOP_FAILED
    assert 1500000 < world.us - began_us <= 1500000 + 2 * 87500 + 10000
    assert world.stored.latch_code == f.STOP_FAILED, "durable, belt moving or not"


def test_a_healthy_stop_from_any_speed_is_no_failure():
    for state, speed in ((st.FORWARD, 3000), (st.FORWARD, 150), (st.BACKWARD, 800)):
        for brake in (900, 3000):
            world = bring(state, speed)
            world.brake_mm_s2 = brake
            world.host_stop = True
            settle(world.run(10))
            assert world.sup.state == st.READY, (speed, brake)


def test_a_slow_belt_with_a_coarse_sensor_is_no_failure():
    world = bring(st.FORWARD, 250, distance_per_edge_um=250000)
    world.brake_mm_s2 = 150
    world.host_stop = True
    settle(world.run(10))
    assert world.sup.state == st.READY


# A dead sensor proves no stop


def test_with_a_dead_sensor_the_whole_limit_is_waited_for():
    world = bring(st.BACKWARD)
    world.sensor = False
    while world.allowed():
        world.tick()
    assert world.sup.fault == f.SENSOR_LOST
    began_us = world.us
    assert not world.sup.stop.proven
    while world.sup.state == st.STOPPING:
        world.tick()
    assert world.us - began_us == 4000000
    assert world.sup.state == st.TRIPPED
    assert world.memory.sensor_not_proven == 1


def test_with_a_live_sensor_standstill_is_enough():
    world = bring(st.BACKWARD)
    world.host_stop = True
    world.tick()
    began_us = world.us
    settle(world)
    assert world.sup.stop.proven
    assert world.us - began_us < 2000000
    assert world.events_of(STOPPED)[0][2] == (world.us - began_us) // 1000


def test_the_first_edge_after_a_standstill_is_no_evidence():
    world = bring(st.BACKWARD)
    world.sensor = False
    while world.allowed():
        world.tick()
    world.run(1500)
    assert not world.guard.speed.known
    world.edge(world.us)
    world.run(50)
    assert world.sup.state == st.STOPPING
    assert world.sup.stop.cause == f.SENSOR_LOST


# The stop test


def due(speed, brake=1500, **more):
    """A FORWARD session with the stop test due, on its way at a speed."""
    world = bring(st.READY)
    world.memory.stop_test_due = 1
    for name, value in more.items():
        setattr(world.memory, name, value)
    world.mode = st.MODE_FORWARD
    world.brake_mm_s2 = brake
    world.run(20).press(100)
    world.run_to(st.WAIT_BELT)
    world.belt(speed)
    return world.run(3000)


def stopped_by_start(world):
    world.start = True
    world.run(200)
    world.start = False
    return settle(world)


def test_a_start_press_at_400_to_1118_is_the_stop_test():
    for speed, counts in ((398, False), (401, True), (1118, True)):
        world = stopped_by_start(due(speed))
        assert world.sup.state == st.READY
        assert world.memory.stop_test_due == (0 if counts else 1), speed
        assert len(world.events_of(STOP_TEST)) == (1 if counts else 0)
        assert world.sup.settings_measured == counts
    assert [is_stop_test(v) for v in (399, 400, 1118, 1119)] == [False, True, True, False]


def test_any_other_ending_leaves_it_due():
    for name in ("host_stop", "ctrl_c", "estop"):
        world = due(600)
        setattr(world, name, True)
        settle(world.run(20))
        assert world.memory.stop_test_due == 1, name
        assert world.settings.stop_a_min_mm_s2 == 0


def test_without_one_due_nothing_is_measured():
    world = bring(st.FORWARD, 600)
    stopped_by_start(world)
    assert world.settings.stop_a_min_mm_s2 == 0
    assert not world.sup.settings_measured


def test_a_backward_session_is_no_stop_test():
    world = bring(st.BACKWARD, 600)
    world.memory.stop_test_due = 1
    stopped_by_start(world)
    assert world.memory.stop_test_due == 1


def test_the_weakest_and_strongest_stop_come_from_the_edges_after_opening():
    world = stopped_by_start(due(600))
    n = world.events_of(STOPPED)[0][3]
    v0 = world.events_of(STOP_TEST)[0][4]
    assert v0 in (599, 600)
    assert n >= 1
    assert world.settings.stop_a_min_mm_s2 == v0 * v0 * 1000 // (2 * (n + 1) * 70000)
    assert world.settings.stop_a_max_mm_s2 == v0 * v0 * 1000 // (2 * n * 70000)


def test_the_strongest_stop_is_kept_and_unknown_without_an_edge():
    settings = Settings()
    settings.load({"distance_per_edge_um": 70000})
    speed = Speed(settings)
    stop = Stop(settings, speed)
    speed.v_mm_s = 700
    stop.begin(f.START_PRESSED, 0, 0)
    assert stop.a_max_mm_s2() == 0
    assert stop.a_min_mm_s2() == 3500
    speed.edges += 2
    assert (stop.a_min_mm_s2(), stop.a_max_mm_s2()) == (1166, 1750)
    world = due(600)
    world.settings.stop_a_max_mm_s2 = 5000
    stopped_by_start(world)
    assert world.settings.stop_a_max_mm_s2 == 5000


def test_a_stop_too_weak_fails_the_test_and_locks_out():
    assert [passes(a) for a in (0, 139, 140, 5000)] == [False, False, True, True]
    for brake, good in ((135, False), (160, True)):
        world = due(600, brake=brake)
        world.settings.stop_a_min_mm_s2 = 139  # the longest deadlines: the test itself judges
        stopped_by_start(world)
        assert world.events_of(STOP_TEST)
        assert (world.sup.state == st.LOCKOUT) != good
        assert world.memory.stop_test_due == (0 if good else 1)
        assert world.sup.fault == (f.START_PRESSED if good else f.STOP_FAILED)


def test_a_measured_stop_stays_inside_its_hard_range():
    """I7: what a stop test stores must load again. d 20 mm, hard stop: 31 000 mm/s2 by formula."""
    world = bring(st.READY, distance_per_edge_um=20000)
    world.memory.stop_test_due = 1
    world.mode = st.MODE_FORWARD
    world.run(20).press(100)
    world.run_to(st.WAIT_BELT)
    world.belt(1000).run(1000)
    world.start = True
    world.run(20)
    world.belt(0)
    settle(world)
    assert world.events_of(STOP_TEST)
    assert Settings().load(world.settings.as_dict()) == []


# The name


def test_later_slower_edges_say_the_belt_was_stopping():
    world = bring(st.BACKWARD)
    world.sensor = False
    while world.allowed():
        world.tick()
    assert world.sup.fault == f.SENSOR_LOST
    assert world.memory.latch_code == f.SENSOR_LOST
    began_us = world.us
    world.sensor = True
    world.run_to_edge()
    settle(world)
    assert world.us - began_us < 3000000, "the sensor is trusted again"
    assert world.sup.state == st.READY
    assert world.sup.fault == f.BELT_STOPPED
    assert world.memory.latch_code == 0
    assert world.stored.latch_code == 0
    assert world.stored.cause == f.BELT_STOPPED
    assert world.events_of(RENAMED)[0][2:4] == (f.BELT_STOPPED, f.SENSOR_LOST)
    assert world.memory.sensor_not_proven == 0


def test_later_edges_as_fast_as_before_say_the_sensor_is_noisy():
    for speed, first_name in ((800, f.SENSOR_LOST), (300, f.BELT_STOPPED)):
        world = bring(st.BACKWARD, speed)
        world.obeys = False
        world.sensor = False
        while world.allowed():
            world.tick()
        assert world.sup.fault == first_name
        world.sensor = True
        world.belt(speed + 10)
        world.run_to_edge()
        world.run_to_edge()
        world.belt(0)
        settle(world)
        assert world.sup.state == st.TRIPPED
        assert world.sup.fault == f.SENSOR_NOISE
        assert world.stored.latch_code == f.SENSOR_NOISE
        assert world.memory.sensor_not_proven == 1
        assert world.events_of(RENAMED)[0][2:4] == (f.SENSOR_NOISE, first_name)


def test_a_corrected_name_is_counted():
    """What has happened ever is counted by its right name (DESIGN 7)."""
    world = bring(st.BACKWARD, 300)
    world.obeys = False
    world.sensor = False
    while world.allowed():
        world.tick()
    world.sensor = True
    world.belt(310)
    world.run_to_edge()
    world.run_to_edge()
    world.belt(0)
    settle(world)
    assert world.stops() == [f.BELT_STOPPED]
    assert world.sup.fault == f.SENSOR_NOISE
    assert world.count("SENSOR_NOISE") == 1


def test_no_later_edge_leaves_the_name():
    for speed, fault in ((300, f.BELT_STOPPED), (800, f.SENSOR_LOST)):
        world = bring(st.BACKWARD, speed)
        world.sensor = False
        settle(world.run_to(st.STOPPING))
        assert world.sup.fault == fault
        assert world.events_of(RENAMED) == []


def test_edges_after_a_stop_that_was_no_silence_rename_nothing():
    world = bring(st.BACKWARD)
    world.host_stop = True
    settle(world.run(10))
    assert world.events_of(RENAMED) == []
    assert world.events_of(STOPPED)[0][3] >= 1
