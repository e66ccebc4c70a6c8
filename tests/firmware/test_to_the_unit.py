# SPDX-License-Identifier: MIT
"""The parts at their limits: one us, one permille, one edge on either side."""

from guard.core import faults as f
from guard.core import states as st
from guard.core.gestures import Button
from guard.core.noise import NoiseCount
from guard.core.parameters import Settings
from guard.core.rails import Rail, Rails, TouchBand
from guard.core.sample import LEFT_RAIL, Sample
from guard.core.speed import Speed, speed_mm_s
from guard.core.stopping import Stop
from guard.core.surge import Surge
from tests.support.stream import HELD_RAW, MASK, PERIOD, RELEASED_RAW, bring, settle, tripped

# Speed


def belt(d_um=70000, limit=833, **values):
    """A closed relay that knows one edge at 0 us."""
    settings = Settings()
    assert not settings.load(values)
    settings.distance_per_edge_um = d_um
    speed = Speed(settings)
    speed.relay_closing()
    speed.set_limit(limit, True)
    speed.edge(0, 1, 0)
    return speed


def test_speed_is_computed_from_1000_us_on():
    assert speed_mm_s(70000, 1, 999) == 20000
    assert speed_mm_s(70000, 1, 1000) == 70000


def test_before_the_first_session_the_forward_limit_stands():
    assert Speed(Settings()).v_ref_mm_s == 3333 + 333


def test_the_allowed_lead_is_the_travel_at_v_ref():
    for travel_mm in (15, 30, 60):
        speed = belt(overspeed_travel_mm=travel_mm)
        for limit in range(140, 5557, 7):
            speed.set_limit(limit, False)
            travel = travel_mm * 1000000
            assert speed.allow_us * speed.v_ref_mm_s <= travel
            assert (speed.allow_us + 1) * speed.v_ref_mm_s > travel


def test_11_seconds_ahead_are_as_many_mm_as_v_ref_says():
    speed = belt()
    speed.lead_us = speed.max_lead_us = 11000000
    assert speed.lead_mm() == speed.max_lead_mm() == 11 * speed.v_ref_mm_s


def test_an_edge_exactly_at_the_blanking_is_not_travel():
    speed = belt()
    assert speed.edge(speed.blanking_us, 1, 0) == 0
    assert speed.noise.total == 1
    speed = belt()
    assert speed.edge(speed.blanking_us + 1, 1, 0) == 1
    assert speed.noise.total == 0


def test_an_interval_as_long_as_the_standstill_time_is_still_one():
    speed = belt()
    assert speed.edge(speed.closed_still_us, 1, 0) == 1
    speed = belt()
    assert speed.edge(speed.closed_still_us + 1, 1, 0) == 0
    assert not speed.seen


def test_after_the_belt_was_seen_no_interval_is_a_standstill_but_all_are_travel():
    speed = belt()
    speed.edge(100000, 1, 0)
    assert speed.seen
    assert speed.edge(100000 + speed.closed_still_us + 1, 1, 0) == 1


def test_an_open_relay_knows_a_standstill_also_after_a_session():
    for gap_us, ended in ((1000000, 1), (1000001, 0)):
        speed = belt()
        speed.edge(100000, 1, 0)
        speed.relay_opened()
        assert speed.seen
        assert speed.edge(100000 + gap_us, 1, 0) == ended
    assert (speed.v_mm_s, speed.dt_us, speed.dt_before_us) == (0, 0, 0)


def test_the_first_edge_after_a_standstill_brings_back_no_old_speed():
    speed = belt(d_um=20000)
    speed.edge(20000, 1, 0)  # faster than v_ref: not seen
    assert speed.v_mm_s == 1000
    now_us = 20000 + speed.closed_still_us + 1
    speed.edge(now_us, 1, 0)
    assert speed.bound_mm_s(now_us + 100000) == 200


def test_a_standstill_has_no_neighbours():
    speed = belt(d_um=70000)
    now_us = 0
    for dt_us in (50000, 50000, 1100000, 200000, 100000):
        now_us += dt_us
        speed.edge(now_us, 1, 0)
    assert speed.noise.total == 0


def test_an_open_relay_forgets_the_belt_over_the_wrap():
    speed = belt()
    speed.relay_opened()
    speed.edge(PERIOD - 5000, 1, 0)
    speed.tick(995000)
    assert speed.known
    speed.tick(995001)
    assert not speed.known


def test_the_bound_holds_over_the_wrap():
    speed = belt()
    speed.edge(PERIOD - 5000, 1, 0)
    speed.edge((95000) % PERIOD, 1, 0)
    assert speed.bound_mm_s(195000) == 700
    speed = belt()
    speed.forget()
    speed.edge(PERIOD - 5000, 1, 0)
    assert speed.bound_mm_s(95000) == 700


def test_silence_lasts_at_least_400_ms_to_the_us():
    speed = belt()
    for dt_us, silence_us in ((100000, 400000), (160000, 400000), (160002, 400005)):
        speed.dt_us = speed.dt_before_us = dt_us
        assert speed.silence_us() == silence_us


def test_a_belt_that_slows_by_any_amount_over_15_percent_was_stopping():
    speed = belt()
    speed.edges = 9
    for dt_us, stop in ((57499, False), (57500, True), (65000, True), (49000, False)):
        speed.dt_before_us, speed.dt_us = 50000, dt_us
        assert speed.silence_is_a_stop() == stop, dt_us


def test_a_hard_stop_that_just_fits_between_two_edges_is_a_stop():
    speed = belt(d_um=60000)
    speed.edges = 9
    for dt_us, stop in ((99000, False), (100000, True), (101000, True)):  # 600 mm/s
        speed.dt_before_us = speed.dt_us = dt_us
        assert speed.silence_is_a_stop() == stop, dt_us


# Noise


def test_three_are_noise_within_10_s_to_the_ms():
    for last_ms, noisy in ((10000, True), (10001, False)):
        noise = NoiseCount()
        noise.configure(1)
        for ms, edge in ((0, 100), (5000, 200), (last_ms, 300)):
            noise.add(ms, edge)
        assert noise.tripped() == noisy


def test_three_are_noise_within_four_turns_to_the_edge():
    for last_edge, noisy in ((103, True), (104, True), (105, False)):
        noise = NoiseCount()
        noise.configure(1)
        for ms, edge in ((0, 100), (20000, 102), (40000, last_edge)):
            noise.add(ms, edge)
        assert noise.tripped() == noisy


def test_1_6_and_0_6_of_both_neighbours_are_still_plausible():
    for before, middle, after, odd in (
        (1000, 1600, 1000, False), (1000, 1601, 1000, True), (1001, 1601, 1000, False),
        (1000, 1601, 1001, False), (1000, 600, 1000, False), (1000, 599, 1000, True),
        (998, 599, 1000, False), (1000, 599, 998, False),
        (1000, 1600, 999, False), (999, 1600, 1000, False),
        (1000, 600, 1001, False), (1001, 600, 1000, False),
    ):  # fmt: skip
        noise = NoiseCount()
        for dt_us in (before, middle, after):
            noise.interval(dt_us, 0, 0)
        assert noise.total == odd, (before, middle, after)


# Acceleration


def surges(before_mm_s, now_mm_s):
    """Two windows of 3 s at these speeds, d 3 mm: does ACCELERATION trip?"""
    surge = Surge()
    surge.configure(3000, 1)
    for mm_s in (before_mm_s, now_mm_s):
        surge.interval(mm_s, 3000000)
    return surge.tripped


def test_acceleration_trips_over_1500_mm_s2_to_the_mm_s():
    assert not surges(100, 4600)
    assert surges(100, 4601)


# The way out


def stop_of(cause=f.SENSOR_LOST, d_um=70000, dt_us=100000, v0=700):
    settings = Settings()
    settings.distance_per_edge_um = d_um
    speed = Speed(settings)
    speed.v_mm_s, speed.dt_us = v0, dt_us
    stop = Stop(settings, speed)
    stop.begin(cause, 0, 0)
    return stop


def test_a_silence_is_renamed_at_1_15_of_the_interval_before_it():
    for cause in (f.SENSOR_LOST, f.BELT_STOPPED):
        for dt_us, name in (
            (100000, f.SENSOR_NOISE), (114999, f.SENSOR_NOISE), (115000, f.BELT_STOPPED),
        ):  # fmt: skip
            stop = stop_of(cause)
            stop.interval(1, dt_us, 1000)
            assert stop.cause == name, dt_us
            stop = stop_of(cause)
            stop.interval(4, dt_us * 4, 1000)
            assert stop.cause == name, "a merged pair says the same"


def test_a_silence_that_was_noise_proves_no_standstill():
    stop = stop_of(f.BELT_STOPPED)
    stop.interval(1, 100000, 1000)
    stop.tick(False, False, 10)
    assert stop.cause == f.SENSOR_NOISE
    assert not stop.over(True, 3990)
    assert stop.over(True, 4000)
    stop = stop_of(f.SENSOR_LOST)
    stop.interval(1, 200000, 1000)
    stop.tick(False, False, 10)
    assert stop.over(True, 3990), "a belt that slowed and stands was seen to stop"


def test_half_of_a_slow_speed_is_no_evidence_below_70_mm_s():
    for v, failed in ((60, 0), (70, 0), (71, f.STOP_FAILED)):
        stop = stop_of(f.HOST_STOP, v0=100, dt_us=700000)
        dt_us = (70000 * 1000 + v - 1) // v
        assert speed_mm_s(70000, 1, dt_us - dt_us % 10) >= v
        stop.interval(1, dt_us - dt_us % 10, 1501000)
        assert stop.tick(False, False, 4000) == failed, v


def test_the_measured_stop_is_at_most_10000_mm_s2():
    stop = stop_of(f.START_PRESSED, d_um=20000, v0=1118)
    assert stop.a_min_mm_s2() == 10000
    stop.speed.edges += 1
    assert stop.a_max_mm_s2() == 10000


def test_standstill_is_when_it_was_seen_not_when_it_was_believed():
    world = bring(st.BACKWARD)
    world.sensor = False
    world.run_to(st.STOPPING)
    began_ms = world.sup.stop.began_ms
    while world.guard.speed.known:
        world.tick()
    still_ms = world.sample.now_ms - began_ms
    settle(world)
    assert abs(world.sup.stop.still_ms - still_ms) <= 10
    assert still_ms < 2000 < world.sup.stop.limit_ms


def test_stopping_waits_for_the_contact_also_when_the_belt_never_moved():
    world = bring(st.WAIT_BELT)
    world.release_ms = 500
    world.host_stop = True
    world.run(490)
    assert world.contact
    assert world.sup.state == st.STOPPING
    settle(world)
    assert world.sup.state == st.READY


def test_stops_are_measured_one_by_one():
    world = bring(st.BACKWARD)
    world.host_stop = True
    settle(world.run(10))
    first_ms = world.sup.stop.still_ms
    world.idle(4000)
    world.run(300)
    world.grip()
    world.press(100)
    world.run_to(st.WAIT_BELT).run(30)
    world.host_stop = True
    settle(world.run(10))
    assert 0 < world.sup.stop.still_ms <= 30 < first_ms


def test_an_interval_over_the_wrap_is_measured_to_the_us():
    world = bring(st.FORWARD, 500)
    world.host_stop = True
    world.tick()
    world.sensor = False
    judged = []
    world.sup.stop.interval = lambda n, dt_us, start_us: judged.append(dt_us)
    for dt_us in (300001, 300002):
        world.guard.speed.last_us = PERIOD - 100000
        world.guard.edge(dt_us - 100000, 1, world.sample.now_ms)
        assert judged.pop() == dt_us


# What a session proved


def test_a_long_forward_session_proves_the_sensor_too():
    world = bring(st.FORWARD)
    world.memory.sensor_not_proven = 1
    world.run(10000)
    assert world.guard.speed.edges > 40
    world.host_stop = True
    settle(world.run(10))
    assert world.memory.sensor_not_proven == 0


def test_a_belt_turned_by_hand_without_any_session_proves_no_sensor():
    world = bring(st.READY)
    world.left = world.right = False
    world.memory.sensor_not_proven = 1
    for _ in range(30):
        world.run(300)
        world.edge(world.us)
    world.sup.limit_mm_s += 1  # a flipped bit: through STOPPING without a session
    settle(world.run(20))
    assert world.sup.fault == f.STATE_CORRUPT
    assert world.memory.sensor_not_proven == 1


def test_a_session_is_judged_once_whatever_happens_to_the_program_after_it():
    """Edges turned by hand after a FORWARD session are none of that session."""
    world = bring(st.FORWARD)
    world.sensor = False
    world.run_to(st.STOPPING)
    settle(world)
    assert (world.sup.fault, world.memory.sensor_not_proven) == (f.SENSOR_LOST, 1)
    for _ in range(30):
        world.run(50)
        world.edge(world.us)
    world.run(1500)
    world.sup.limit_mm_s += 1  # a flipped bit
    settle(world.run(20))
    assert world.count("STATE_CORRUPT") == 1
    assert world.memory.sensor_not_proven == 1


def test_only_a_press_of_start_ends_a_stop_test():
    for name, value in (("host_stop", True), ("late_us", 25001)):
        world = bring(st.FORWARD, 800)
        world.memory.stop_test_due = 1
        setattr(world, name, value)
        world.run(10)
        world.late_us = 0
        settle(world)
        assert world.memory.stop_test_due == 1, name


# Why a trip stays


def reset_works(world):
    world.run(300)
    world.press(1100)
    return world.sup.state == st.SELF_TEST


def test_a_cut_rail_keeps_its_own_trip_and_no_other():
    world = bring(st.BACKWARD)
    world.left = 1000
    world.run_to(st.STOPPING)
    settle(world)
    assert world.sup.fault == f.RAIL_WIRING
    assert not reset_works(world)
    world.left = False
    assert reset_works(world)
    for name, value in (("late_us", 25001), ("speed", 1400)):  # codes on either side of it
        world = bring(st.BACKWARD)
        setattr(world, name, value)
        world.run_to(st.STOPPING)
        world.late_us = 0
        world.left = 1000
        settle(world)
        assert world.sup.state == st.TRIPPED
        assert reset_works(world), name


def test_a_cut_hall_lead_keeps_the_trips_of_the_sensor_and_no_other():
    for sensor in (True, False):
        world = bring(st.BACKWARD)
        if sensor:
            world.sensor = False
        else:
            world.late_us = 25001
        world.run_to(st.STOPPING)
        world.late_us = 0
        world.hall_permille = 1000
        settle(world)
        assert reset_works(world) != sensor
    world = bring(st.BACKWARD)
    world.hall_permille = 1000
    world.run_to(st.STOPPING)
    settle(world)
    assert world.sup.fault == f.HALL_WIRING
    assert not reset_works(world)
    world.hall_permille = 800
    assert reset_works(world), "the lead is read in TRIPPED too"


def test_maintenance_is_not_asked_for_in_maintenance():
    world = tripped(bring(st.READY)).run(250)
    world.estop = True
    world.run(20)
    assert world.sup.may_maintain(world.sample)
    world.sup.maintenance_asked = True
    world.run(20)
    assert world.sup.state == st.MAINTENANCE
    assert not world.sup.may_maintain(world.sample)


# Hands


def rail_held(at_ms=0):
    rail = Rails(Settings()).left
    rail.read(RELEASED_RAW, at_ms)
    rail.read(HELD_RAW, at_ms)
    rail.read(HELD_RAW, at_ms)
    assert rail.grip_fresh
    return rail


def test_a_grip_is_good_for_120_s_to_the_ms():
    for ms, fresh in ((120000, True), (120001, False)):
        rail = rail_held()
        rail.age(ms)
        assert rail.grip_fresh == fresh


def test_an_odd_reading_makes_no_old_grip_young():
    rail = rail_held()
    rail.read(1000, 100000)
    assert rail.contact != st.HELD
    rail.read(HELD_RAW, 100000)
    rail.read(HELD_RAW, 100000)
    assert rail.contact == st.HELD
    rail.age(120001)
    assert not rail.grip_fresh


def test_a_grip_after_the_session_is_as_old_as_it_is():
    rail = rail_held()
    rail.relay_opened()
    for raw in (RELEASED_RAW, HELD_RAW, HELD_RAW):
        rail.read(raw, 1000)
    rail.age(100000)
    rail.age(121001)
    assert not rail.grip_fresh


def cut_after_release():
    """A lead that was cut while the rail was free."""
    rail = Rails(Settings()).left
    for raw in (RELEASED_RAW, 1000, 1000, 1000):
        rail.read(raw, 0)
    assert rail.contact == st.WIRING
    return rail


def test_a_cut_lead_is_no_release_since_the_relay_opened_or_the_belt_was_seen():
    for free_since in ("relay_opened", "belt_seen"):
        for released, fresh in ((False, False), (True, True)):
            rail = cut_after_release()
            getattr(rail, free_since)()
            for raw in (RELEASED_RAW,) * released + (HELD_RAW, HELD_RAW):
                rail.read(raw, 100)
            assert rail.contact == st.HELD
            told = rail.grip_fresh if free_since == "relay_opened" else rail.regripped
            assert told == fresh


def test_a_cut_lead_is_no_hand_and_no_tape():
    rails = Rails(Settings())
    for rail in (rails.left, rails.right):
        for raw in (RELEASED_RAW, HELD_RAW, HELD_RAW):
            rail.read(raw, 0)
    assert rails.hands() == 2
    for rail, hands in ((rails.left, 1), (rails.right, 0)):
        for _ in range(3):
            rail.read(1000, 100)
        assert rails.hands() == hands
        rail.age(1300000)
        assert not rail.held_too_long


def test_a_grip_grows_old_in_ready():
    world = bring(st.READY)
    world.idle(118000)
    assert world.blockers() == []
    world.idle(3000)
    assert world.blockers() == ["RAILS_NOT_PROVEN"]


def test_hands_held_on_for_20_min_after_the_opening_look_like_tape():
    world = bring(st.BACKWARD, 300)
    world.brake_mm_s2 = 200
    world.host_stop = True
    world.tick()
    opened_us = world.us
    settle(world)
    assert world.sup.state == st.READY
    assert world.us - opened_us > 1500000
    world.idle(1199000 - (world.us - opened_us) // 1000)
    assert "RAIL_UNHEALTHY" not in world.blockers()
    world.idle(2000)
    assert "RAIL_UNHEALTHY" in world.blockers()


def test_a_released_pad_follows_drift_by_a_64th():
    band = TouchBand(700)
    assert band.classify(6400) == st.RELEASED
    assert band.classify(5760) == st.RELEASED
    assert band.baseline == 6390


def test_the_pad_threshold_is_met_to_the_count():
    for raw, contact in ((6999, st.HELD), (7000, st.RELEASED)):
        band = TouchBand(700)
        band.classify(10000)
        assert band.classify(raw) == contact
    assert band.classify(1) == st.HELD, "a count is a count"
    assert band.classify(0) == st.WIRING


def test_a_rail_reads_only_its_own_channel():
    rails = Rails(Settings())
    s = Sample()
    s.channel = LEFT_RAIL
    s.left_raw, s.right_raw = HELD_RAW, RELEASED_RAW
    for _ in range(3):
        rails.read(s)
    assert (s.left, s.right) == (st.HELD, st.RELEASED)
    assert isinstance(rails.left, Rail)


# START


def pressed(button, from_ms, for_ms):
    """The length of a press as the button tells it; -1 when it does not count."""
    for ms in (from_ms - 1, from_ms):
        button.read(True, ms & MASK)
    button.read(False, (from_ms + for_ms) & MASK)
    return button.released_ms


def test_a_press_counts_after_200_ms_of_nothing_to_the_ms():
    for origin_ms in (0, 7000, PERIOD - 100, PERIOD - 350):
        for up_ms, counted in ((199, -1), (200, 101)):
            button = Button()
            button.read(False, origin_ms)
            button.read(False, (origin_ms + up_ms) & MASK)
            assert pressed(button, origin_ms + 300, 101) == counted
            button.read(False, (origin_ms + 401 + up_ms) & MASK)
            assert pressed(button, origin_ms + 700, 101) == counted, "after a press too"


def test_one_odd_reading_at_boot_is_no_press_and_nothing_breaks():
    for up_ms, counted in ((199, -1), (200, 100)):
        button = Button()
        button.read(True, 0)
        button.read(False, 10)
        button.read(False, up_ms)
        assert not button.stuck
        assert pressed(button, 300, 100) == counted


def test_a_button_is_stuck_after_10_s_over_the_wrap():
    for origin_ms in (300, PERIOD - 5000):
        button = Button()
        button.read(False, origin_ms)
        button.read(False, (origin_ms + 200) & MASK)
        for ms in (201, 202, 10202):
            button.read(True, (origin_ms + ms) & MASK)
        assert not button.stuck
        button.read(True, (origin_ms + 10203) & MASK)
        assert button.stuck
        button.read(False, (origin_ms + 10300) & MASK)
        assert button.released_ms == -1


# Proofs


def test_pushes_in_self_test_prove_no_sensor():
    world = bring(st.READY)
    world.memory.sensor_not_proven = 1
    world = world.power_cycle()
    world.stored.sensor_not_proven = world.memory.sensor_not_proven = 1
    for _ in range(5):
        world.run(300)
        world.edge(world.us)
    assert world.sup.state == st.SELF_TEST
    assert world.memory.sensor_not_proven == 1


def test_two_pushes_of_twelve_days_ago_prove_nothing():
    world = bring(st.READY)
    world.memory.sensor_not_proven = 1
    for _ in range(2):
        world.run(300)
        world.edge(world.us)
    world.run(6000)
    world.origin_ms -= 5700  # one period of ticks_ms later
    world.tick()
    world.edge(world.us)
    assert world.memory.sensor_not_proven == 1
