# SPDX-License-Identifier: MIT
"""Each rule by itself, driven in its own unit: at the boundary it acts, one unit before not."""

from guard.core import faults as f
from guard.core import interlocks as i
from guard.core import states as st
from guard.core.parameters import Settings
from guard.core.rails import Rails
from guard.core.sample import Sample
from guard.core.speed import Speed
from tests.support.stream import MASK, PERIOD

ORIGINS = (0, 123456, PERIOD - 1, PERIOD - 150)


class Bench:
    """One rule with a healthy sample: belt at 800 mm/s, both hands on, relay closed."""

    def __init__(self, make, state=st.BACKWARD, now_ms=0, **values):
        self.settings = Settings()
        assert not self.settings.load(values)
        self.speed = Speed(self.settings)
        self.rails = Rails(self.settings)
        self.rule = make(self.settings, self.speed, self.rails)
        self.rule.reset()
        self.sample = s = Sample()
        s.now_ms = self.begin_ms = now_ms
        s.state = state
        s.session_mode = s.mode = st.MODE_FORWARD if state == st.FORWARD else st.MODE_BACKWARD
        s.limit_mm_s = 833
        s.entered_ms = now_ms
        s.estop_pressed = False
        s.feedback_closed = True
        s.hall_permille = 800
        s.channel = 2
        self.moving(800)
        self.hands(True, True)

    def moving(self, mm_s):
        self.speed.known = mm_s > 0
        self.speed.last_us = self.sample.now_us
        self.speed.dt_us = PERIOD // 2
        self.speed.v_mm_s = mm_s

    def hands(self, left, right):
        self.rails.left.contact = st.HELD if left else st.RELEASED
        self.rails.right.contact = st.HELD if right else st.RELEASED

    def at(self, ms):
        """Judge ms after the beginning."""
        self.sample.now_ms = (self.begin_ms + ms) & MASK
        return self.rule.judge(self.sample)

    def read(self):
        return self.rule.judge(self.sample)


def acts_first_at(make_bench, cause, mend, fault, first_ms):
    """Silent while healthy, silent to the last ms, and afresh after a break of one reading."""
    for origin in ORIGINS:
        bench = make_bench(origin)
        assert bench.at(0) == 0
        bench = make_bench(origin)
        cause(bench)
        assert bench.at(0) == 0
        assert bench.at(first_ms - 1) == 0
        assert bench.at(first_ms) == bench.at(first_ms + 1) == fault
        if mend:
            bench = make_bench(origin)
            cause(bench)
            assert bench.at(0) == 0
            mend(bench)
            assert bench.at(first_ms - 1) == 0
            cause(bench)
            assert bench.at(first_ms) == 0
            assert bench.at(first_ms * 2 - 1) == 0
            assert bench.at(first_ms * 2) == fault


def both_off(bench):
    bench.hands(False, False)


def both_on(bench):
    bench.hands(True, True)


def test_rails_released_acts_when_the_grace_is_exceeded():
    for grace_ms in (100, 101, 400, 600):
        for state in (st.WAIT_BELT, st.MOUNTING, st.BACKWARD):

            def make(origin, state=state, grace_ms=grace_ms):
                return Bench(i.RailsReleased, state, origin, rail_grace_ms=grace_ms)

            acts_first_at(make, both_off, both_on, f.RAILS_RELEASED, grace_ms + 1)


def test_one_hand_is_enough_for_rails_released():
    for left, right in ((True, False), (False, True)):
        bench = Bench(i.RailsReleased)
        bench.hands(left, right)
        assert bench.at(0) == bench.at(60000) == 0


def test_rails_released_means_nothing_in_forward_mode():
    bench = Bench(i.RailsReleased, st.FORWARD)
    both_off(bench)
    assert bench.at(0) == bench.at(60000) == 0


def test_one_bar_may_be_let_go_for_the_turn_in_mounting_only():
    for state, first_ms in ((st.MOUNTING, 3001), (st.BACKWARD, 401), (st.WAIT_BELT, 401)):

        def make(origin, state=state):
            return Bench(i.RailsReleased, state, origin, rails_fitted=1)

        acts_first_at(make, both_off, both_on, f.RAILS_RELEASED, first_ms)


def test_with_one_bar_the_right_input_is_no_hand():
    bench = Bench(i.RailsReleased, rails_fitted=1)
    bench.hands(False, True)
    bench.at(0)
    assert bench.at(401) == f.RAILS_RELEASED


def test_rails_count_from_min_of_150_and_half_the_limit():
    for make, fault in ((i.RailsReleased, f.RAILS_RELEASED), (i.OneHand, f.ONE_HAND)):
        for limit_mm_s, floor_mm_s in ((1118, 150), (833, 150), (300, 150), (298, 149), (140, 70)):
            for mm_s in (floor_mm_s - 1, floor_mm_s):
                bench = Bench(make)
                both_off(bench)
                bench.sample.limit_mm_s = limit_mm_s
                bench.moving(mm_s)
                bench.at(0)
                assert bench.at(10000) == (fault if mm_s == floor_mm_s else 0)


def test_a_halting_belt_forgives_the_time_so_far():
    for make, fault in ((i.RailsReleased, f.RAILS_RELEASED), (i.OneHand, f.ONE_HAND)):
        bench = Bench(make)
        both_off(bench)
        assert bench.at(0) == 0
        bench.moving(149)
        assert bench.at(399) == 0
        bench.moving(150)
        assert bench.at(3001) == 0
        assert bench.at(3001 + 3001) == fault


def test_one_hand_acts_when_the_grace_is_exceeded():
    for grace_ms in (500, 3000, 5000):
        for hands in ((True, False), (False, True)):

            def make(origin, grace_ms=grace_ms):
                return Bench(i.OneHand, st.BACKWARD, origin, one_hand_grace_ms=grace_ms)

            def cause(bench, hands=hands):
                bench.hands(hands[0], hands[1])

            acts_first_at(make, cause, both_on, f.ONE_HAND, grace_ms + 1)


def test_one_hand_warns_at_once_and_only_while_it_stands():
    bench = Bench(i.OneHand)
    bench.at(0)
    assert not bench.rule.warns()
    bench.hands(True, False)
    bench.at(10)
    assert bench.rule.warns()
    both_on(bench)
    bench.at(20)
    assert not bench.rule.warns()


def test_one_hand_applies_in_backward_with_two_rails_only():
    for state in (st.WAIT_BELT, st.FORWARD, st.MOUNTING):
        bench = Bench(i.OneHand, state)
        bench.hands(True, False)
        assert bench.at(0) == bench.at(60000) == 0
    bench = Bench(i.OneHand, rails_fitted=1)
    bench.hands(False, False)
    assert bench.at(0) == bench.at(60000) == 0


def feedback_open(bench):
    bench.sample.feedback_closed = False


def feedback_closed(bench):
    bench.sample.feedback_closed = True


def test_relay_not_closed_acts_at_relay_settle_ms():
    for settle_ms in (40, 50, 250):

        def make(origin, settle_ms=settle_ms):
            return Bench(i.RelayNotClosed, st.BACKWARD, origin, relay_settle_ms=settle_ms)

        acts_first_at(make, feedback_open, feedback_closed, f.RELAY_NOT_CLOSED, settle_ms)


def test_relay_not_closed_waits_while_the_e_stop_takes_the_coil_supply():
    bench = Bench(i.RelayNotClosed)
    feedback_open(bench)
    bench.at(0)
    bench.sample.estop_pressed = True
    assert bench.at(49) == bench.at(1000) == 0
    bench.sample.estop_pressed = False
    assert bench.at(1010) == 0
    assert bench.at(1059) == 0
    assert bench.at(1060) == f.RELAY_NOT_CLOSED


def test_times_of_a_state_end_it_exactly():
    for make, state, name, value, fault, first_ms in (
        (i.TimedOut, st.WAIT_BELT, "start_timeout_s", 20, f.START_TIMEOUT, 20000),
        (i.TimedOut, st.WAIT_BELT, "start_timeout_s", 90, f.START_TIMEOUT, 90000),
        (i.TimedOut, st.MOUNTING, "mount_timeout_s", 30, f.MOUNT_TIMEOUT, 30000),
        (i.TimedOut, st.MOUNTING, "mount_timeout_s", 180, f.MOUNT_TIMEOUT, 180000),
        (i.SessionTime, st.BACKWARD, "session_limit_min", 1, f.SESSION_TIME, 60000),
        (i.SessionTime, st.BACKWARD, "session_limit_min", 60, f.SESSION_TIME, 3600000),
    ):
        for origin in ORIGINS:
            bench = Bench(make, state, origin, **{name: value})
            assert bench.at(first_ms - 1) == 0
            assert bench.at(first_ms) == bench.at(first_ms + 1) == fault, "also a tick later"


def test_times_of_other_states_do_not_count():
    for state in (st.FORWARD, st.BACKWARD):
        assert Bench(i.TimedOut, state).at(10000000) == 0
    for state in (st.WAIT_BELT, st.FORWARD, st.MOUNTING):
        assert Bench(i.SessionTime, state).at(10000000) == 0


def acts_at_read(make, cause, mend, fault, reads):
    bench = Bench(make)
    assert bench.read() == 0
    cause(bench)
    for _ in range(reads - 1):
        assert bench.read() == 0
    mend(bench)
    assert bench.read() == 0
    cause(bench)
    for _ in range(reads - 1):
        assert bench.read() == 0
    assert bench.read() == fault
    assert bench.read() == bench.read() == fault, "and for as long as it stands"
    bench.rule.reset()
    for _ in range(reads - 1):
        assert bench.read() == 0


def sets(name, value):
    def cause(bench):
        setattr(bench.sample, name, value)

    return cause


def test_reads_in_a_row_are_counted():
    for make, name, good, bad, fault, reads in (
        (i.Estop, "estop_pressed", False, True, f.ESTOP, 2),
        (i.ModeChanged, "mode", st.MODE_BACKWARD, st.MODE_NONE, f.MODE_CHANGED, 3),
        (i.ModeChanged, "mode", st.MODE_BACKWARD, st.MODE_FORWARD, f.MODE_CHANGED, 3),
        (i.HallWiring, "hall_permille", 800, 1000, f.HALL_WIRING, 3),
        (i.SensorNoise, "count_ahead", 1, 2, f.SENSOR_NOISE, 3),
    ):
        acts_at_read(make, sets(name, bad), sets(name, good), fault, reads)


def test_every_other_mode_ends_a_session():
    for state, mode in ((st.FORWARD, st.MODE_FORWARD), (st.BACKWARD, st.MODE_BACKWARD)):
        for other in (st.MODE_NONE, st.MODE_FORWARD, st.MODE_BACKWARD):
            bench = Bench(i.ModeChanged, state)
            bench.sample.mode = other
            found = [bench.read() for _ in range(3)]
            assert found == [0, 0, f.MODE_CHANGED if other != mode else 0], (state, other)


def test_hall_wiring_counts_fresh_readings_only():
    bench = Bench(i.HallWiring)
    bench.sample.hall_permille = 0
    for channel in (2, 0, 1, 2, 0, 1):
        bench.sample.channel = channel
        assert bench.read() == 0
    bench.sample.channel = 2
    assert bench.read() == f.HALL_WIRING
    bench.sample.channel = 0
    assert bench.read() == f.HALL_WIRING
    bench.sample.channel = 2
    assert bench.read() == f.HALL_WIRING, "a fourth"
    for channel in (0, 1):
        bench.sample.channel = channel
        assert bench.read() == f.HALL_WIRING


def test_hall_bands_end_where_they_say():
    for permille, good in (
        (0, False), (119, False), (120, True), (270, True), (271, False), (719, False),
        (720, True), (900, True), (901, False), (1000, False),
    ):  # fmt: skip
        assert i.hall_band_good(permille) == good, permille


def test_overspeed_acts_one_us_over_the_allowance():
    bench = Bench(i.Overspeed)
    bench.speed.lead_us = bench.speed.allow_us
    assert bench.read() == 0
    bench.speed.lead_us += 1
    assert bench.read() == f.OVERSPEED


def test_loop_overrun_acts_one_us_over_25_ms():
    bench = Bench(i.LoopOverrun)
    bench.sample.late_us = 25000
    assert bench.read() == 0
    bench.sample.late_us = 25001
    assert bench.read() == f.LOOP_OVERRUN


def test_a_silence_in_which_the_program_was_away_is_the_loops_fault():
    """Nobody listened: neither a stop nor a dead sensor may be made of it."""
    bench = Bench(i.Silence)
    bench.speed.seen = True
    bench.moving(800)
    bench.speed.dt_us = 87500
    bench.sample.now_us = 450000
    bench.sample.late_us = 25000
    assert bench.read() != 0
    bench.sample.late_us = 25001
    assert bench.read() == 0


def test_flags_of_the_estimator_become_their_faults():
    for make, owner, flag, fault in (
        (i.OverspeedExtreme, "speed", "extreme", f.OVERSPEED_EXTREME),
        (i.Acceleration, "surge", "tripped", f.ACCELERATION),
        (i.SensorNoise, "noise", "noisy", f.SENSOR_NOISE),
        (i.SensorNoise, "noise", "overflow", f.SENSOR_NOISE),
    ):
        bench = Bench(make)
        assert bench.read() == 0
        setattr(bench.speed if owner == "speed" else getattr(bench.speed, owner), flag, True)
        assert bench.read() == fault


def test_rail_wiring_is_judged_in_backward_mode_and_on_fitted_rails():
    bench = Bench(i.RailWiring)
    assert bench.read() == 0
    bench.rails.right.contact = st.WIRING
    assert bench.read() == f.RAIL_WIRING
    bench.settings.rails_fitted = 1
    assert bench.read() == 0
    bench.rails.left.contact = st.WIRING
    assert bench.read() == f.RAIL_WIRING
    bench.sample.session_mode = st.MODE_FORWARD
    assert bench.read() == 0


def test_every_request_stops_in_the_tick_it_comes():
    for name, fault in (
        ("start_pressed", f.START_PRESSED),
        ("ctrl_c", f.CTRL_C_STOP),
        ("host_stop", f.HOST_STOP),
    ):
        bench = Bench(i.Requests)
        assert bench.read() == 0
        setattr(bench.sample, name, True)
        assert bench.read() == fault


def test_a_rule_that_does_not_override_judge_says_nothing():
    assert Bench(i.Rule).read() == 0


def test_the_worst_of_several_is_named_whatever_their_order():
    bench = Bench(i.Rule)
    bench.sample.estop_pressed = bench.sample.host_stop = True
    for fitted in ((i.Requests, i.LoopOverrun), (i.LoopOverrun, i.Requests)):
        rules = i.Interlocks(bench.settings, bench.speed, bench.rails, fitted)
        assert rules.worst(bench.sample) == f.HOST_STOP
        bench.sample.late_us = 25001
        assert rules.worst(bench.sample) == f.LOOP_OVERRUN
        bench.sample.late_us = 0
        assert rules.one_hand is None


def test_timers_and_counters_belong_to_the_rules_that_use_them():
    """Two rules that share one would forgive each other; one nobody asks is memory lost."""
    waits = (i.RailsReleased, i.OneHand, i.RelayNotClosed)
    counts = (i.Estop, i.SensorNoise, i.HallWiring, i.ModeChanged)
    bench = Bench(i.Rule)
    rules = i.Interlocks(bench.settings, bench.speed, bench.rails).rules
    for rule, make in zip(rules, i.DEFAULT_BUILD):
        assert (rule.standing is not i.Rule.standing) == (make in waits), make
        assert (rule.reads is not i.Rule.reads) == (make in counts), make
    assert len({id(rule.standing) for rule in rules}) == len(waits) + 1
    assert len({id(rule.reads) for rule in rules}) == len(counts) + 1


def test_closing_the_relay_resets_every_rule():
    bench = Bench(i.Rule)
    rules = i.Interlocks(bench.settings, bench.speed, bench.rails)
    for rule in rules.rules:
        rule.standing.standing = True
        rule.reads.count = 9
    rules.reset()
    for rule in rules.rules:
        assert not rule.standing.standing
        assert rule.reads.count == 0
