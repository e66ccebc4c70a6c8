# SPDX-License-Identifier: MIT
"""The estimator: lead, EXTREME, blanking, merged pairs, belt seen, silence, product bounds."""

import sys

from guard.core import faults as f
from guard.core.parameters import Settings
from guard.core.speed import Speed, speed_mm_s
from tests.support.stream import MASK, PERIOD

ORIGINS = (0, PERIOD - 500000)


class Belt:
    """A Speed that is handed edges by interval."""

    def __init__(self, d_um=100000, limit=833, backward=True, origin=1000, **values):
        values["distance_per_edge_um"] = d_um
        self.settings = Settings()
        assert not self.settings.load(values)
        self.speed = Speed(self.settings)
        self.speed.relay_closing()
        self.speed.set_limit(limit, backward)
        self.us = origin

    def edge(self, dt_us, n=1):
        """One pair dt_us after the one before, its tick at the same time."""
        self.us = (self.us + dt_us) & MASK
        completed = self.speed.edge(self.us, n, (self.us // 1000) & MASK)
        self.speed.tick(self.us)
        return completed

    def edges(self, *dts):
        for dt_us in dts:
            self.edge(dt_us)
        return self


def seen(d_um=100000, limit=833, **values):
    """A belt just seen: one interval exactly at v_ref, lead 0."""
    belt = Belt(d_um, limit, **values)
    belt.edges(0, belt.speed.due_us)
    assert belt.speed.seen
    assert belt.speed.lead_us == 0
    return belt


# Constants


def test_constants_of_the_study_at_833():
    speed = Belt(141000, 833).speed
    assert (speed.v_ref_mm_s, speed.due_us, speed.allow_us) == (916, 153930, 32751)


def test_v_ref_is_the_limit_plus_the_larger_of_margin_and_70():
    for limit, margin, v_ref in (
        (140, 100, 210), (699, 100, 769), (700, 100, 770), (710, 100, 781), (833, 150, 957),
        (833, 50, 903), (5556, 150, 6389),
    ):  # fmt: skip
        belt = Belt(limit=limit, backward=False, overspeed_margin_permille=margin)
        assert belt.speed.v_ref_mm_s == v_ref


def test_v_ref_is_capped_at_1230_in_backward_mode_only():
    assert Belt(limit=1118, overspeed_margin_permille=150).speed.v_ref_mm_s == 1230
    assert Belt(limit=1118, overspeed_margin_permille=100).speed.v_ref_mm_s == 1229
    belt = Belt(limit=1118, backward=False, overspeed_margin_permille=150)
    assert belt.speed.v_ref_mm_s == 1285


def test_extreme_is_half_again_the_limit_and_at_least_139_more():
    for limit, extreme in ((140, 279), (277, 416), (278, 417), (280, 420), (833, 1249)):
        assert Belt(250000, limit, backward=False).speed.fast_us == 250000000 // extreme


def test_blanking_is_a_fixed_time():
    belt = seen(70000)
    assert belt.speed.blanking_us == 10000
    belt.edges(200000, 100000, 50000)
    assert belt.speed.blanking_us == 10000


def test_standstill_times():
    for d_um, closed_ms, open_us in (
        (20000, 400, 1000000), (28000, 400, 1000000), (35000, 500, 1000000),
        (100000, 1428, 1000000), (141000, 2014, 1410000), (250000, 3571, 2500000),
    ):  # fmt: skip
        speed = Belt(d_um).speed
        assert speed.closed_still_us == closed_ms * 1000
        assert speed.open_still_us == open_us


def test_a_stop_is_two_and_a_half_times_the_measured_one_within_1500_and_3000():
    for measured, a_stop in ((0, 3000), (1, 1500), (600, 1500), (800, 2000), (1200, 3000),
                             (10000, 3000)):  # fmt: skip
        assert Belt(stop_a_max_mm_s2=measured).speed.a_stop_mm_s2 == a_stop


# Lead


def test_early_edges_add_up_and_late_ones_pay_back_to_zero():
    belt = seen()
    due = belt.speed.due_us
    belt.edge(due - 700)
    assert belt.speed.lead_us == 700
    belt.edge(due - 100)
    assert belt.speed.lead_us == 800
    belt.edge(due + 300)
    assert belt.speed.lead_us == 500
    belt.edge(due + 501)
    assert belt.speed.lead_us == 0, "no credit is banked"
    belt.edge(due - 1)
    assert belt.speed.lead_us == 1
    assert belt.speed.max_lead_us == 800


def test_lead_in_mm_is_travel_at_v_ref():
    belt = seen()
    belt.speed.lead_us = belt.speed.max_lead_us = belt.speed.allow_us
    assert belt.speed.lead_mm() in (29, 30)
    assert belt.speed.max_lead_mm() in (29, 30)


def test_the_first_edge_only_starts_an_interval():
    belt = Belt()
    assert not belt.edge(0)
    assert belt.speed.lead_us == 0
    assert not belt.speed.extreme
    assert belt.speed.v_mm_s == 0


def test_closing_the_relay_clears_lead_stamps_and_windows():
    belt = seen()
    belt.edges(20000, 20000, 20000, 500000, 100000)
    assert belt.speed.extreme
    speed = belt.speed
    speed.relay_closing()
    assert (speed.lead_us, speed.max_lead_us, speed.edges, speed.known) == (0, 0, 0, False)
    flags = (speed.seen, speed.extreme, speed.noise.noisy, speed.surge.tripped)
    assert not any(flags)
    assert (speed.dt_us, speed.dt_before_us, speed.v_mm_s) == (0, 0, 0)


def test_a_new_limit_keeps_the_leads_distance():
    belt = seen(limit=447)
    belt.speed.lead_us = 20000
    v_old = belt.speed.v_ref_mm_s
    belt.speed.set_limit(833, True)
    assert belt.speed.lead_us == 20000 * v_old // belt.speed.v_ref_mm_s
    belt.speed.set_limit(140, True)
    assert belt.speed.lead_us > 20000


def test_a_late_or_merged_handler_moves_no_edge():
    """Three edges as one pair weigh what three single ones weigh."""
    single, merged = seen(), seen()
    single.edges(80000, 80000, 80000)
    merged.edge(240000, 3)
    assert merged.speed.lead_us == single.speed.lead_us > 0
    assert merged.speed.v_mm_s == single.speed.v_mm_s
    assert merged.speed.edges == single.speed.edges


# EXTREME


def test_extreme_decides_on_one_interval_at_its_us():
    for n in (1, 2, 8):
        for origin in ORIGINS:
            fast = seen(origin=origin).speed.fast_us * n
            belt = seen(origin=origin)
            belt.edge(fast, n)
            assert not belt.speed.extreme
            belt = seen(origin=origin)
            belt.edge(fast - 1, n)
            assert belt.speed.extreme


def test_extreme_stands_until_the_relay_closes_again():
    belt = seen()
    belt.edges(30000, 200000, 200000)
    assert belt.speed.extreme
    belt.speed.relay_opened()
    assert belt.speed.extreme
    belt.speed.relay_closing()
    assert not belt.speed.extreme


# Blanking, merged pairs


def test_an_edge_inside_the_blanking_is_noise_and_moves_nothing():
    belt = seen(70000)
    before = (belt.speed.lead_us, belt.speed.edges, belt.speed.dt_us, belt.speed.last_us)
    assert not belt.edge(9999)
    assert before == (
        belt.speed.lead_us, belt.speed.edges, belt.speed.dt_us, belt.speed.last_us
    )  # fmt: skip
    assert belt.speed.noise.total == 1
    assert belt.edge(2)
    assert belt.speed.dt_us == 10001, "measured from the last accepted edge"
    assert belt.speed.noise.total == 1


def test_eight_metres_a_second_show_as_four():
    belt = seen(70000)
    for _ in range(6):
        belt.edge(8750)
    assert belt.speed.v_mm_s == 4000
    assert belt.speed.extreme


def test_one_missed_edge_hides_no_runaway():
    """The peer's flaw: blanking scaled by the last reading swallowed every second edge."""
    belt = seen(35000, 1118)
    belt.edge(2 * 35000 * 1000 // 1100)
    for _ in range(12):
        belt.edge(35000 * 1000 // 2300)
    assert belt.speed.extreme
    assert belt.speed.lead_us > belt.speed.allow_us


def test_a_merged_pair_too_close_is_as_many_edges_as_fit():
    blanking = 10000
    for n, dt_us, real in (
        (2, 2 * blanking + 1, 2), (2, 2 * blanking, 2), (2, 2 * blanking - 1, 1), (2, 5000, 1),
        (3, 25000, 2), (8, 79999, 7), (8, 9999, 1),
    ):  # fmt: skip
        belt = seen(70000)
        edges = belt.speed.edges
        assert belt.edge(dt_us, n)
        assert belt.speed.edges - edges == real, (n, dt_us)
        assert belt.speed.noise.total == n - real
        assert belt.speed.dt_us == dt_us // real


def test_more_than_eight_at_once_is_noise_at_once():
    belt = seen(70000)
    belt.edge(800000, 8)
    assert not belt.speed.noise.tripped()
    belt = seen(70000)
    belt.edge(900000, 9)
    assert belt.speed.noise.tripped()


def test_more_than_eight_at_once_is_noise_in_the_first_pair_too():
    belt = Belt(70000)
    belt.edge(0, 9)
    assert belt.speed.noise.overflow


# SENSOR_NOISE


def noise_after(belt, *steps):
    for dt_us in steps:
        belt.edge(dt_us)
    return belt.speed.noise.total


def test_an_interval_over_1_6_or_under_0_6_of_both_neighbours_is_noise():
    for middle, count in ((160000, 0), (160001, 1), (60000, 0), (59999, 1)):
        belt = seen(limit=5556, backward=False)
        assert noise_after(belt, 100000, 100000, 100000, middle, 100000, 100000) == count
    for before, middle, after in (
        (100000, 170000, 107000), (107000, 170000, 100000), (100000, 59000, 90000),
        (90000, 59000, 100000),
    ):  # fmt: skip
        belt = seen(limit=5556, backward=False)
        assert noise_after(belt, before, before, middle, after, after) == 0, middle


def test_the_first_two_intervals_have_no_neighbours():
    belt = Belt(limit=5556, backward=False)
    assert noise_after(belt, 0, 300000, 100000, 100000) == 0


def test_three_within_ten_seconds_or_four_turns():
    for gap_ms, edges, noisy in (
        (5000, 100, True),  # 10 000 ms from the first to the third
        (5001, 100, False),
        (60000, 8, True),  # 16 edges of 4 magnets
        (60000, 9, False),
    ):
        for origin in (0, PERIOD - 7000):
            noise = Belt(magnets_per_turn=4).speed.noise
            noise.add(origin & MASK, 1000)
            assert not noise.noisy
            noise.add((origin + gap_ms) & MASK, 1000 + edges)
            assert not noise.noisy
            noise.add((origin + 2 * gap_ms) & MASK, 1000 + 2 * edges)
            assert noise.noisy == noisy, (gap_ms, edges)


def test_of_many_it_is_always_the_last_three():
    noise = Belt(magnets_per_turn=1).speed.noise
    for n in range(20):
        noise.add(n * 6000, n * 100)
        assert not noise.noisy
    noise.add(19 * 6000 + 100, 2000)
    assert noise.noisy


def test_the_window_in_edges_follows_the_magnets():
    for magnets in (1, 3, 8):
        noise = Belt(magnets_per_turn=magnets).speed.noise
        assert noise.window_edges == 4 * magnets


def test_a_lost_magnet_is_named_after_three_turns():
    belt = seen(limit=833, magnets_per_turn=4)
    turns = 0
    while not belt.speed.noise.noisy:
        belt.edges(130000, 130000, 260000)
        turns += 1
        assert turns < 5
    assert turns in (3, 4)


def test_uneven_magnets_are_no_noise():
    belt = seen(limit=5556, backward=False, magnets_per_turn=4)
    for _ in range(50):
        belt.edges(140000, 100000, 140000, 100000)
    assert belt.speed.noise.total == 0


# Belt seen


def test_seen_at_the_first_interval_not_faster_than_v_ref():
    belt = Belt()
    due = belt.speed.due_us
    belt.edge(0)
    assert not belt.speed.seen
    belt.edge(due - 1)
    assert not belt.speed.seen, "a faster one goes into the lead"
    assert belt.speed.lead_us == 1
    belt.edge(due)
    assert belt.speed.seen


def test_not_seen_by_an_interval_inside_the_blanking():
    belt = Belt()
    belt.edges(0, belt.speed.blanking_us)
    assert not belt.speed.seen


def test_an_interval_as_long_as_the_standstill_time_starts_anew():
    for origin in ORIGINS:
        belt = Belt(origin=origin)
        still = belt.speed.closed_still_us
        belt.edge(0)
        belt.speed.tick((belt.us + still) & MASK)
        assert belt.speed.known
        belt.speed.tick((belt.us + still + 1) & MASK)
        assert not belt.speed.known
        belt.edge(still + 2)
        assert not belt.speed.seen
        belt.edge(still - 1)
        assert belt.speed.seen


def test_an_edge_between_two_ticks_does_not_make_a_standstill_an_interval():
    """The edge is handed over before the tick that would have seen the standstill."""
    belt = Belt()
    belt.edge(0)
    belt.speed.tick((belt.us + belt.speed.closed_still_us - 1000) & MASK)
    belt.edge(belt.speed.closed_still_us + 5000)
    assert not belt.speed.seen


# Silence


def silence_ms(belt):
    return belt.speed.silence_us() // 1000


def test_silence_is_two_and_a_half_intervals_within_400_ms_and_standstill():
    for d_um, dts, ms in (
        (35000, (50000, 50000), 400), (35000, (160000, 160000), 400),
        (35000, (164000, 164000), 410), (35000, (300000, 200000), 500),
        (141000, (200000, 200000), 500), (141000, (200000, 240000), 600),
        (141000, (240000, 200000), 600), (250000, (1000000, 1400000), 3500),
        (250000, (1000000, 1430000), 3571), (20000, (300000, 300000), 400),
    ):  # fmt: skip
        belt = seen(d_um)
        belt.edges(*dts)
        assert silence_ms(belt) == ms, (d_um, dts)


def test_silent_one_us_over_and_only_once_seen():
    for origin in ORIGINS:
        belt = seen(origin=origin)
        belt.edges(120000, 120000)
        us = belt.speed.silence_us()
        assert not belt.speed.silent((belt.us + us) & MASK)
        assert belt.speed.silent((belt.us + us + 1) & MASK)
    belt = Belt()
    belt.edge(0)
    assert not belt.speed.silent((belt.us + 10000000) & MASK)


def test_a_belt_that_was_seen_and_is_not_known_is_silent():
    belt = seen()
    belt.speed.forget()
    assert belt.speed.silent(belt.us)


def test_silence_is_a_stop_with_fewer_than_three_edges():
    belt = seen(70000)
    assert belt.speed.edges == 2
    assert belt.speed.silence_is_a_stop()
    belt.edge(70000000 // 800)
    assert not belt.speed.silence_is_a_stop()


def test_silence_is_a_stop_when_the_last_interval_was_1_15_of_the_one_before():
    for last, stop in ((114999, False), (115000, True)):
        belt = seen(70000, 1118)
        belt.edges(100000, 100000, last)
        belt.speed.a_stop_mm_s2 = 1500
        assert belt.speed.silence_is_a_stop() == stop


def test_silence_is_a_stop_when_a_hard_stop_fits_between_two_edges():
    for d_um, a_max, v, stop in (
        (70000, 0, 648, True), (70000, 0, 649, False), (70000, 1000, 591, True),
        (70000, 1000, 592, False), (250000, 0, 1224, True),
    ):  # fmt: skip
        belt = seen(d_um, 1118, stop_a_max_mm_s2=a_max)
        dt = d_um * 1000 // v
        belt.edges(dt, dt, dt, dt)
        assert belt.speed.silence_is_a_stop() == stop, v


def test_a_walkers_weight_stops_a_belt_harder_than_the_empty_stop_test_measured():
    """Measured 700 to 850 empty, 1300 with a walker; a step makes the last interval 10 % short."""
    d_um, coast = 152000, 1300
    fastest = 620  # coasts to a halt within one edge
    assert fastest * fastest < 2 * coast * d_um // 1000
    for measured in (700, 775, 850):
        belt = seen(d_um, 1118, stop_a_max_mm_s2=measured)
        dt = d_um * 1000 // fastest
        belt.edges(dt, dt, dt, dt * 9 // 10)
        assert belt.speed.silence_is_a_stop(), measured


# The bound between edges, and forgetting


def test_the_bound_is_the_last_interval_until_the_next_edge_is_late():
    belt = seen(70000)
    belt.edge(100000)
    speed = belt.speed
    assert speed.bound_mm_s(belt.us) == 700
    assert speed.bound_mm_s((belt.us + 100000) & MASK) == 700
    assert speed.bound_mm_s((belt.us + 140000) & MASK) == 500
    assert speed.bound_mm_s((belt.us + 700000) & MASK) == 100


def test_the_bound_of_a_first_edge_is_distance_by_elapsed():
    belt = Belt(70000)
    assert belt.speed.bound_mm_s(belt.us) == 0
    belt.edge(0)
    assert belt.speed.bound_mm_s(belt.us) == 20000
    assert belt.speed.bound_mm_s((belt.us + 100000) & MASK) == 700


def test_an_open_relay_forgets_the_belt_after_its_own_standstill():
    belt = seen(250000)
    belt.speed.relay_opened()
    belt.speed.tick((belt.us + 2500000) & MASK)
    assert belt.speed.known
    belt.speed.tick((belt.us + 2500001) & MASK)
    assert not belt.speed.known
    assert belt.speed.v_mm_s == 0
    belt.speed.tick(belt.us)


# ACCELERATION


def surge_of(v0, v1, d_um=30000, edges=10, magnets=1):
    """Two windows: `edges` edges at v0, then at v1, both over 300 ms."""
    belt = Belt(d_um, 5556, backward=False, magnets_per_turn=magnets)
    belt.edge(0)
    for v in (v0, v1):
        for _ in range(edges):
            belt.edge(d_um * 1000 // v)
    return belt.speed.surge


def test_acceleration_trips_over_1500_mm_s2_between_the_middles():
    assert not surge_of(600, 600).tripped
    # Six edges of 30 mm in 300 ms are 600 mm/s. Then eleven in 312.4 ms: 1056 mm/s, 306.2 ms
    # between the middles, 1490 mm/s2. In 311.3 ms: 1060 mm/s, 305.6 ms, 1505 mm/s2.
    for dt_us, tripped in ((28400, False), (28300, True)):
        for origin in ORIGINS:
            belt = Belt(30000, 5556, backward=False, magnets_per_turn=1, origin=origin)
            belt.edge(0)
            for _ in range(6):
                belt.edge(50000)
            for _ in range(10):
                belt.edge(dt_us)
            assert not belt.speed.surge.tripped
            belt.edge(dt_us)
            assert belt.speed.surge.tripped == tripped


def test_windows_last_300_ms_and_one_turn():
    for edges, magnets, dt_us, complete in (
        (1, 1, 299999, False), (1, 1, 300000, True), (3, 4, 100000, False), (4, 4, 100000, True),
        (3, 1, 100000, True), (3, 1, 99999, False),
    ):  # fmt: skip
        belt = Belt(30000, 5556, backward=False, magnets_per_turn=magnets)
        belt.edge(0)
        for _ in range(edges):
            belt.edge(dt_us)
        assert (belt.speed.surge.before_us > 0) == complete, (edges, magnets, dt_us)


def test_slowing_down_is_no_acceleration():
    assert not surge_of(3000, 600).tripped


def test_the_first_edge_after_a_silence_starts_the_windows_anew():
    belt = Belt(30000, 5556, backward=False)
    belt.edges(0, 100000, 100000)
    belt.speed.forget()
    belt.edges(2000000)
    assert (belt.speed.surge.edges, belt.speed.surge.us) == (0, 0)


# Every product fits the ESP32's 31-bit small ints


class Small(int):
    """An int that no sum or product may take beyond 2**30."""

    def __new__(cls, value):
        assert -PERIOD <= value < PERIOD, value
        return int.__new__(cls, value)

    def __add__(self, other):
        return Small(int(self) + int(other))

    def __sub__(self, other):
        return Small(int(self) - int(other))

    def __mul__(self, other):
        return Small(int(self) * int(other))

    def __floordiv__(self, other):
        return Small(int(self) // int(other))

    def __rfloordiv__(self, other):
        return Small(int(other) // int(self))

    def __rsub__(self, other):
        return Small(int(other) - int(self))

    def __and__(self, other):
        return Small(int(self) & int(other))

    __radd__ = __add__
    __rmul__ = __mul__


CORNERS = [
    (d_um, limit, margin, travel, magnets)
    for d_um in (20000, 100000, 260000)
    for limit in (140, 195, 1118, 5556)
    for margin in (50, 150)
    for travel in (15, 60)
    for magnets in (1, 8)
]


# CPython carries the class through every sum. On MicroPython the same calls run plain.
small = Small if sys.implementation.name == "cpython" else int


def watched(settings):
    for name, value in settings.as_dict().items():
        setattr(settings, name, small(value))


def test_every_product_stays_below_2_to_the_30_at_every_corner_of_the_ranges():
    for d_um, limit, margin, travel, magnets in CORNERS:
        belt = Belt(
            d_um, limit, limit <= 1118, overspeed_margin_permille=margin,
            overspeed_travel_mm=travel, magnets_per_turn=magnets,
        )  # fmt: skip
        speed = belt.speed
        watched(belt.settings)
        speed.configure()
        speed.relay_closing()
        speed.set_limit(small(limit), limit <= 1118)
        blanking, still = speed.blanking_us, speed.closed_still_us
        for n, dt_us in (
            (1, 0), (1, blanking + 1), (8, 8 * (blanking + 1)), (8, blanking), (1, still),
            (8, still), (1, speed.due_us), (1, speed.fast_us), (9, still), (40, still),
        ):  # fmt: skip
            belt.us = small(belt.us & MASK)
            belt.edge(small(dt_us), small(n))
            assert 0 <= speed.lead_us < PERIOD
            speed.bound_mm_s((belt.us + still) & MASK)
            speed.silence_us()
            speed.silence_is_a_stop()
            speed.lead_mm()
            speed.max_lead_mm()
        # What stands when the limit changes in a session: at most the allowance.
        for new_limit in (140, limit):
            speed.lead_us = small(speed.allow_us)
            speed.set_limit(small(new_limit), limit <= 1118)
            assert 0 < speed.lead_us < PERIOD


def test_a_belt_that_runs_on_with_the_relay_open_keeps_the_lead_small():
    """A minute at 6 m/s past a stop that did not happen, with the lowest limit."""
    belt = seen(100000, 140)
    belt.speed.relay_opened()
    for _ in range(60 * 60):
        belt.edge(100000 * 1000 // 6000)
    assert belt.speed.lead_us < PERIOD
    assert belt.speed.max_lead_us // 100 * belt.speed.v_ref_mm_s < PERIOD


def test_speed_of_no_time_at_all_is_the_highest():
    assert speed_mm_s(100000, 1, 999) == 20000
    assert speed_mm_s(20000, 1, 1000) == 20000
    assert speed_mm_s(100000, 1, 100000) == 1000
    assert speed_mm_s(100000, 8, 800000) == 1000


def test_the_names_of_silence_are_the_two_that_edges_may_correct():
    assert [c for c in range(f.CODES) if f.is_silence(c)] == [f.SENSOR_LOST, f.BELT_STOPPED]
