# SPDX-License-Identifier: MIT
"""The second hall sensor at its limits: whose edges are missing, who measures the stop."""

from guard.core import faults as f
from guard.core import states as st
from guard.core.events import EventRing
from guard.core.guard import Guard
from guard.core.interlocks import DEFAULT_BUILD, Silence
from guard.core.memory import Memory
from guard.core.parameters import Settings
from guard.core.sample import HALL_DIAG, LEFT_RAIL, Sample
from guard.core.second_hall import (
    NEITHER,
    A,
    B,
    BeltReversed,
    ChannelsDisagree,
    HallBWiring,
    SecondHall,
    SensorNoiseB,
    SilenceOfEither,
)
from guard.core.ticks import MASK
from tests.support.parts import Bag, Flags

GOOD, CUT = 800, 1000


def hall_of(state=st.READY, **values):
    settings = Settings()
    settings.distance_per_edge_um = 70000
    settings.hall_mounting = 1
    for name, value in values.items():
        setattr(settings, name, value)
    hall = SecondHall(Guard(settings, Memory(), EventRing()))
    hall.sup.state = state
    return hall


def sample(ms=0, **values):
    s = Sample()
    s.now_ms = ms & MASK
    s.now_us = ms * 1000 & MASK
    for name, value in values.items():
        setattr(s, name, value)
    return s


def both_seen(hall):
    hall.a.seen = hall.b.seen = True
    return hall


def rule_of(hall, kind):
    found = [rule for rule in hall.sup.interlocks.rules + hall.rules if type(rule) is kind]
    assert len(found) == 1
    return found[0]


def test_nothing_is_known_before_the_first_edge():
    hall = hall_of()
    assert (hall.pushed, hall.swapped, hall.lost) == (False, False, NEITHER)
    assert (hall.since_a, hall.since_b, hall.drift, hall.to_forgive) == (0, 0, 0, 0)
    assert (NEITHER, A, B) == (0, 1, 2)
    assert not hall.wiring_bad()


def test_it_takes_the_place_of_the_silence_of_one():
    hall = hall_of()
    kinds = [type(rule) for rule in hall.sup.interlocks.rules]
    assert kinds == [SilenceOfEither if kind is Silence else kind for kind in DEFAULT_BUILD]
    assert rule_of(hall, SilenceOfEither).speed is hall.a
    assert [type(rule).__name__ for rule in hall.rules] == [
        "OverspeedExtreme", "Overspeed", "SensorNoiseB", "Acceleration", "HallBWiring",
        "ChannelsDisagree", "BeltReversed",
    ]  # fmt: skip
    assert all(rule.speed is hall.b for rule in hall.rules)
    assert rule_of(hall, ChannelsDisagree).settings is hall.settings


def test_only_a_quarter_mounting_shows_the_direction():
    for mounting, quadrature in ((0, False), (1, True), (2, False)):
        hall = hall_of(hall_mounting=mounting)
        assert hall.quadrature == quadrature
        hall.edge_a(1000000, 1)
        hall.edge(1025000, 1, 1)
        hall.edge_a(1100000, 1)
        hall.edge(1175000, 1, 1)
        assert hall.phase.forward_edges == quadrature
        hall.edge_a(1200000, 1)
        assert hall.phase.backward_edges == quadrature


def test_new_settings_reach_the_sensor_the_phase_and_the_drift():
    hall = hall_of()
    hall.settings.distance_per_edge_um = 50000
    hall.settings.magnets_per_turn = 4
    hall.configure()
    assert (hall.b.d_um, hall.phase.magnets, hall.turns_edges) == (50000, 4, 32)


def test_one_magnet_means_eight_edges_to_the_first_forgiveness():
    for magnets in (1, 2, 4):
        hall = hall_of(magnets_per_turn=magnets)
        assert hall.turns_edges == magnets * 8
        assert hall.phase.magnets == magnets


# Edges


def test_each_sensors_edges_are_counted_since_the_others_last():
    hall = hall_of()
    hall.edge_a(1000000, 2)
    assert (hall.since_a, hall.since_b) == (0, 2)
    hall.edge_a(1100000, 1)
    assert (hall.since_a, hall.since_b) == (0, 3)
    hall.edge_a(1200000, 0)
    assert (hall.since_a, hall.since_b) == (0, 3)
    hall.edge(1225000, 1, 1)
    assert (hall.since_a, hall.since_b) == (1, 0)
    hall.edge(1425000, 2, 1)
    assert (hall.since_a, hall.since_b) == (3, 0)
    hall.edge_a(1500000, 0)
    assert (hall.since_a, hall.since_b) == (3, 0), "no edge of A"
    hall.edge_a(1600000, 1)
    assert (hall.since_a, hall.since_b) == (0, 1)


def test_an_edge_inside_the_blanking_is_no_edge():
    hall = both_seen(hall_of())
    hall.edge(1000000, 1, 1)
    hall.edge_a(1050000, 1)
    before = (hall.since_a, hall.since_b, hall.drift, hall.to_forgive)
    hall.edge(1000000 + 10000, 1, 1)
    assert (hall.since_a, hall.since_b, hall.drift, hall.to_forgive) == before
    assert before[1] == 1


def test_the_phase_gets_as_many_edges_as_were_taken():
    hall = hall_of()
    hall.edge_a(1000000, 1)
    hall.edge(1025000, 2, 1)
    hall.edge_a(1100000, 1)
    assert hall.phase.forward_edges == 0, "B's two in one"
    hall.edge(1125000, 1, 1)
    hall.edge_a(1200000, 1)
    assert hall.phase.forward_edges == 1
    hall.edge(1225000, 1, 1)
    hall.edge_a(1300000, 2)
    assert hall.phase.forward_edges == 1, "A's two in one"


# Who is told of an edge of B


def told(state, speed=None, gaps_us=(100000,)):
    """The hall after edges of B so far apart, and what its stop was told."""
    hall = hall_of(state)
    intervals = []
    stop = Bag(interval=lambda n, dt_us, start_us: intervals.append((n, dt_us, start_us)))
    stop.speed = hall.b if speed is None else hall.a
    hall.sup.stop = stop
    at_us = MASK - 50000
    hall.edge(at_us, 1, 0)
    for gap_us in gaps_us:
        at_us = (at_us + gap_us) & MASK
        hall.edge(at_us, 1, 0)
    return hall, intervals


def test_the_stop_is_told_the_intervals_of_the_sensor_that_measures_it():
    assert told(st.STOPPING)[1] == [(1, 100000, MASK - 50000)]
    assert told(st.STOPPING, "a")[1] == []
    for state in (st.BACKWARD, st.TRIPPED):
        assert told(state)[1] == []
    assert told(st.STOPPING, gaps_us=(100001,))[1] == [(1, 100001, MASK - 50000)]
    assert told(st.STOPPING, gaps_us=())[1] == [], "the first edge ends no interval"


def test_the_highest_speed_is_that_of_the_faster_sensor():
    for highest, after in ((0, 700), (699, 700), (700, 700), (800, 800)):
        hall = hall_of(st.BACKWARD)
        hall.sup.max_speed_mm_s = highest
        hall.edge(1000000, 1, 0)
        hall.edge(1100000, 1, 0)
        assert hall.b.v_mm_s == 700
        assert hall.sup.max_speed_mm_s == after


def push(hall, times_ms):
    for ms in times_ms:
        hall.tick(sample(ms))
        hall.edge(ms * 1000 & MASK, 1, ms & MASK)
    return hall


def test_three_pushes_prove_the_sensor_in_ready_and_in_lockout():
    for state in range(len(st.STATE_NAMES)):
        if state == st.STOPPING:
            continue
        hall = push(hall_of(state), (1000, 1400))
        assert not hall.pushed
        push(hall, (1800,))
        assert hall.pushed == (state in (st.READY, st.LOCKOUT)), state
        assert (hall.sup.max_speed_mm_s > 0) != hall.pushed, state


def test_pushes_of_one_period_ago_prove_nothing():
    hall = push(hall_of(), (1000, 1400))
    hall.tick(sample(1400 + 5001))
    hall.edge(1800000, 1, 1800)
    assert not hall.pushed


# Drift


def drifted(hall, edges_a, edges_b):
    for _ in range(edges_a):
        hall._drifts(1)
    for _ in range(edges_b):
        hall._drifts(-1)
    return hall.drift


def test_the_drift_counts_a_up_and_b_down_once_both_have_seen_the_belt():
    hall = hall_of(st.BACKWARD, magnets_per_turn=4)
    hall.closing()
    for a, b in ((False, False), (True, False), (False, True)):
        hall.a.seen, hall.b.seen = a, b
        hall.drift, hall.to_forgive = 2, 5
        hall.edge_a(1000000, 1)
        assert (hall.drift, hall.to_forgive) == (0, 32)
    both_seen(hall)
    hall.edge_a(1100000, 2)
    assert (hall.drift, hall.to_forgive) == (2, 31)
    hall.b.last_us, hall.b.known = 1000000, True
    hall.edge(1300000, 3, 1)
    assert (hall.drift, hall.to_forgive) == (-1, 30)


def test_one_edge_is_forgiven_after_eight_turns_of_both():
    for start, after in ((3, 2), (-3, -2), (1, 0), (0, 0), (-1, 0)):
        hall = both_seen(hall_of(magnets_per_turn=1))
        hall.drift, hall.to_forgive = start, 8
        for n in (1, -1, 1, -1, 1, -1, 1):
            hall._drifts(n)
        assert hall.drift == start + 1, "seven of eight"
        hall._drifts(-1)
        assert (hall.drift, hall.to_forgive) == (after, 16)


# Swapped leads


def turn(hall, offset_us, edges, from_us):
    """A turns on by hand, B behind it."""
    for at in range(edges):
        hall.edge_a(from_us + at * 100000, 1)
        hall.edge(from_us + at * 100000 + offset_us, 1, from_us // 1000 + at * 100)
    hall.edge_a(from_us + edges * 100000, 1)


def test_three_edges_by_hand_tell_whether_the_leads_are_swapped():
    hall = hall_of()
    turn(hall, 75000, 2, 1000000)
    assert not hall.swapped
    hall.phase.restart()
    turn(hall, 75000, 3, 2000000)
    assert hall.swapped
    hall.phase.restart()
    turn(hall, 25000, 2, 3000000)
    assert hall.swapped
    hall.phase.restart()
    turn(hall, 25000, 3, 4000000)
    assert not hall.swapped


def test_the_edge_that_decides_may_be_of_either_sensor():
    for last, swapped in ((0, False), (1, True)):
        hall = hall_of()
        hall.phase.edge_a(1000000, 1)
        hall.phase.edge_a(1100000, 1)
        hall.phase.reverse_run = 2
        hall.b.known, hall.b.last_us = True, 900000
        if last:
            hall.edge(1075000, 1, 1)
        assert hall.swapped == swapped


def test_a_belt_that_goes_forward_is_not_swapped_whatever_it_did_before():
    hall = hall_of()
    for forward, backward, swapped in ((3, 3, False), (2, 3, True), (4, 0, False), (2, 2, False)):
        hall.swapped = False
        hall.phase.forward_run, hall.phase.reverse_run = forward, backward
        hall._look_for_swap()
        assert hall.swapped == swapped
    for run, swapped in ((2, True), (3, False), (4, False)):
        hall.swapped = True
        hall.phase.forward_run = hall.phase.reverse_run = run
        hall._look_for_swap()
        assert hall.swapped == swapped


def test_swapped_leads_are_looked_for_in_ready_only():
    for state in range(len(st.STATE_NAMES)):
        hall = hall_of(state)
        turn(hall, 75000, 3, 1000000)
        assert hall.swapped == (state == st.READY), state


# Ticks


def test_b_is_forgotten_when_it_stands():
    hall = hall_of()
    hall.b.relay_opened()
    hall.edge(1000000, 1, 0)
    hall.tick(sample(1500))
    assert hall.b.known
    hall.tick(sample(2500))
    assert not hall.b.known


def test_a_belt_that_stands_makes_both_counts_and_the_phase_start_anew():
    for a, b, closed, anew, counted in (
        (False, False, False, True, False), (False, False, True, True, True),
        (True, False, False, False, True), (False, True, False, False, True),
        (True, True, False, False, True),
    ):  # fmt: skip
        hall = hall_of()
        hall.a.known, hall.b.known, hall.a.closed = a, b, closed
        hall.b.last_us = 1000000
        hall.since_a, hall.since_b = 2, 1
        hall.phase.odd = 1
        hall.tick(sample(1000))
        assert (hall.phase.odd == 0) == anew
        assert (hall.since_a, hall.since_b) == ((2, 1) if counted else (0, 0))


def test_the_lead_of_b_is_read_on_its_own_channel_three_times():
    hall = hall_of()
    for _ in range(5):
        hall.tick(sample(channel=LEFT_RAIL, hall_b_permille=CUT))
    for bad in (False, False, True, True):
        hall.tick(sample(channel=HALL_DIAG, hall_b_permille=CUT))
        assert hall.wiring_bad() == bad
    hall.tick(sample(channel=HALL_DIAG, hall_b_permille=GOOD))
    assert not hall.wiring_bad()


def test_closing_starts_everything_anew():
    hall = both_seen(hall_of(st.ARMING, magnets_per_turn=2))
    hall.b.edges, hall.b.closed = 9, False
    hall.phase.forward_edges = 4
    hall.since_a = hall.since_b = hall.drift = 3
    hall.lost = B
    hall.to_forgive = 1
    hall.sup.stop.speed = hall.b
    hall.closing()
    assert (hall.b.edges, hall.b.closed, hall.phase.forward_edges) == (0, True, 0)
    assert (hall.since_a, hall.since_b, hall.drift, hall.to_forgive) == (0, 0, 0, 16)
    assert hall.lost == NEITHER
    assert hall.sup.stop.speed is hall.a


# The opening


def opened(fault=f.HOST_STOP, lost=NEITHER, known="ab", noisy=""):
    """The hall after the opening; its stop says who measures and how sure that is."""
    hall = hall_of(st.BACKWARD)
    hall.lost = lost
    hall.a.known, hall.b.known = "a" in known, "b" in known
    hall.a.noise.noisy, hall.b.noise.noisy = "a" in noisy, "b" in noisy
    hall.sup.stop.speed = hall.a
    hall.sup.stop.proven = False
    begun = []
    hall.sup.stop.begin = lambda *args: begun.append(args)
    hall.opened(fault, sample(1234))
    stop = hall.sup.stop
    assert stop.proven == stop.certain
    by_b = stop.speed is hall.b
    assert begun == ([(fault, 1234000, 1234)] if by_b else [])
    if not stop.proven:
        assert not by_b
        return "unsure"
    return "b" if by_b else "a"


def test_the_sensor_that_is_in_no_doubt_measures_the_stop():
    for doubt_a, doubt_b in (
        ({"lost": A}, {"lost": B}),
        ({"fault": f.HALL_WIRING}, {"fault": f.HALL_B_WIRING}),
        ({"noisy": "a"}, {"noisy": "b"}),
    ):
        assert opened(**doubt_a) == "b"
        assert opened(**doubt_b) == "a"
        assert opened(known="b", **doubt_a) == "b"
        assert opened(known="a", **doubt_b) == "a"


def test_a_stop_stays_unsure_when_nobody_is_or_both_are_in_doubt():
    assert opened() == "unsure"
    assert opened(noisy="ab") == "unsure"
    assert opened(lost=A, noisy="b") == "unsure"
    assert opened(f.HALL_B_WIRING, lost=A) == "unsure"


def test_a_sensor_that_stands_proves_nothing():
    assert opened(lost=A, known="a") == "unsure"
    assert opened(lost=B, known="b") == "unsure"
    assert opened(lost=A, known="") == "unsure"
    assert opened(lost=B, known="") == "unsure"


def test_only_the_two_faults_of_a_lead_throw_doubt_on_it():
    for row in f.TABLE:
        doubt = {"HALL_WIRING": "b", "HALL_B_WIRING": "a"}.get(row[1], "unsure")
        assert opened(row[0]) == doubt, row[1]


def test_the_opening_ends_the_session_of_b():
    hall = hall_of(st.BACKWARD)
    hall.closing()
    hall.pushed = True
    hall.opened(f.HOST_STOP, sample())
    assert (hall.b.closed, hall.pushed) == (False, False)


def test_a_belt_that_was_only_ever_reversed_means_swapped_leads():
    for row in f.TABLE:
        for forward in (0, 1):
            hall = hall_of(st.BACKWARD)
            hall.phase.forward_edges = forward
            hall.opened(row[0], sample())
            assert hall.swapped == (row[1] == "BELT_REVERSED" and not forward), row[1]


# What it says of itself


def test_it_has_seen_the_belt_when_it_runs_forward():
    for mounting, seen, forward, says in (
        (0, True, 0, True), (0, False, 5, False), (1, True, 0, False), (1, True, 1, True),
        (1, False, 1, False),
    ):  # fmt: skip
        hall = hall_of(hall_mounting=mounting)
        hall.b.seen = seen
        hall.phase.forward_edges = forward
        assert hall.seen() == says


def test_its_two_blockers_are_told_apart():
    for wiring, swapped in ((False, False), (True, False), (False, True), (True, True)):
        hall = hall_of()
        hall.band.count = 3 if wiring else 2
        hall.swapped = swapped
        flags = Flags()
        assert hall.judge(flags) == wiring + swapped
        assert flags.told == [(f.HALL_B_WIRING, wiring), (f.HALLS_SWAPPED, swapped)]


def test_a_cut_lead_of_b_keeps_the_faults_of_a_sensor_and_a_moving_belt_keeps_all():
    for code, known, bad, gone in (
        (f.SENSOR_LOST, False, False, True), (f.SENSOR_LOST, False, True, False),
        (f.OVERSPEED, False, True, True), (f.OVERSPEED, True, False, False),
        (f.SENSOR_LOST, True, False, False),
    ):  # fmt: skip
        hall = hall_of()
        hall.b.known = known
        hall.band.count = 3 if bad else 0
        assert hall.cause_gone(code) == gone


def missed(count, ms=0, known=True, sensor="a", origin_us=0):
    """Which sensor is missing, after so many of the other's edges and so long a silence."""
    hall = hall_of(st.BACKWARD, discrepancy_ms=300)
    speed = hall.a if sensor == "a" else hall.b
    setattr(hall, "since_" + sensor, count)
    speed.known, speed.last_us = known, origin_us
    us = int(ms * 1000)
    found = hall.missing((origin_us + us) & MASK)
    assert found == hall.lost
    assert hall.missing((origin_us + us) & MASK) == found
    return {NEITHER: "", A: "a", B: "b"}[found]


def test_a_sensor_is_missing_after_four_edges_of_the_other_or_two_and_the_time():
    for sensor in "ab":
        for origin_us in (0, MASK - 1000):
            assert missed(4, 0, sensor=sensor, origin_us=origin_us) == sensor
            assert missed(3, 0, sensor=sensor, origin_us=origin_us) == ""
            assert missed(2, 300, sensor=sensor, origin_us=origin_us) == ""
            assert missed(2, 300.001, sensor=sensor, origin_us=origin_us) == sensor
            assert missed(3, 301, sensor=sensor, origin_us=origin_us) == sensor
            assert missed(1, 5000, sensor=sensor, origin_us=origin_us) == ""
        assert missed(5, sensor=sensor) == sensor
        assert missed(4, known=False, sensor=sensor) == sensor
        assert missed(3, 5000, known=False, sensor=sensor) == "", "it was never there"


def test_a_sensor_once_lost_stays_lost_in_this_session():
    hall = hall_of(st.BACKWARD)
    hall.since_b = 4
    assert hall.missing(0) == B
    hall.since_b = 0
    assert hall.missing(0) == B


# The rules


def silent_rule(a_silent, b_silent, a_stop=False, b_stop=False, late_us=0, since_a=0):
    hall = hall_of(st.BACKWARD)
    hall.since_a = since_a
    for speed, silent, stop in ((hall.a, a_silent, a_stop), (hall.b, b_silent, b_stop)):
        speed.silent = lambda now_us, silent=silent: silent
        speed.silence_is_a_stop = lambda stop=stop: stop
    return rule_of(hall, SilenceOfEither).judge(sample(late_us=late_us))


def test_silence_of_either_is_named_after_the_better_explanation():
    for a, b in ((True, False), (False, True), (True, True)):
        assert silent_rule(a, b) == f.SENSOR_LOST
        for stops in ((True, False), (False, True), (True, True)):
            assert silent_rule(a, b, *stops) == f.BELT_STOPPED
        assert silent_rule(a, b, True, late_us=25000) == f.BELT_STOPPED
        assert silent_rule(a, b, True, late_us=25001) == 0
    assert silent_rule(False, False, True, True) == 0


def test_a_lost_sensor_is_named_before_any_silence():
    assert silent_rule(False, False, since_a=4) == f.SENSOR_LOST
    assert silent_rule(True, True, True, True, since_a=4) == f.SENSOR_LOST
    assert silent_rule(False, False, since_a=4, late_us=25001) == 0


def test_the_counter_of_b_ahead_in_three_ticks_is_noise():
    hall = hall_of(st.BACKWARD)
    rule = rule_of(hall, SensorNoiseB)
    for ahead, found in (
        (2, 0), (2, 0), (1, 0), (2, 0), (2, 0), (2, f.SENSOR_NOISE), (3, f.SENSOR_NOISE),
        (0, 0),
    ):  # fmt: skip
        assert rule.judge(sample(count_ahead_b=ahead)) == found
    hall.a.noise.noisy = True
    assert rule.judge(sample()) == 0, "A's noise has its own rule"
    hall.b.noise.noisy = True
    assert rule.judge(sample()) == f.SENSOR_NOISE


def test_a_cut_lead_of_b_opens():
    hall = hall_of(st.BACKWARD)
    rule = rule_of(hall, HallBWiring)
    for count, found in ((2, 0), (3, f.HALL_B_WIRING)):
        hall.band.count = count
        assert rule.judge(sample()) == found


def disagree(drift, ms, origin_ms=0):
    hall = hall_of(st.BACKWARD, discrepancy_ms=300)
    hall.drift = drift
    rule = rule_of(hall, ChannelsDisagree)
    rule.judge(sample(origin_ms))
    return rule.judge(sample(origin_ms + ms))


def test_counts_three_apart_for_the_time_disagree():
    for origin_ms in (0, MASK - 100):
        for drift in (3, -3, 4, -4):
            assert disagree(drift, 299, origin_ms) == 0
            assert disagree(drift, 300, origin_ms) == f.CHANNELS_DISAGREE
        for drift in (2, -2, 0):
            assert disagree(drift, 5000, origin_ms) == 0
    assert disagree(3, 301) == f.CHANNELS_DISAGREE


def test_each_disagreement_has_its_own_clock():
    hall = hall_of(st.BACKWARD, discrepancy_ms=300)
    hall.drift = 3
    rule_of(hall, ChannelsDisagree).judge(sample())
    other = ChannelsDisagree(hall, hall.b, None)
    assert other.judge(sample(2000)) == 0


def test_a_phase_out_of_order_disagrees_at_once_where_there_is_one():
    for mounting in (0, 1):
        for odd, found in ((2, 0), (3, f.CHANNELS_DISAGREE)):
            hall = hall_of(st.BACKWARD, hall_mounting=mounting, magnets_per_turn=1)
            hall.phase.odd = odd
            assert rule_of(hall, ChannelsDisagree).judge(sample()) == (found if mounting else 0)


def test_a_reversed_belt_opens_at_the_third_edge():
    hall = hall_of(st.BACKWARD)
    rule = rule_of(hall, BeltReversed)
    for run, found in ((2, 0), (3, f.BELT_REVERSED)):
        hall.phase.reverse_run = run
        assert rule.judge(sample()) == found
