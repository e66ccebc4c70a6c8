# SPDX-License-Identifier: MIT
"""The inclinometer at its limits: one mg, one permille, one reading on either side."""

from guard.core import faults as f
from guard.core import sounds
from guard.core import states as st
from guard.core.events import INCLINE, EventRing
from guard.core.incline import Incline, InclineLost, TooSteep
from guard.core.parameters import Settings
from guard.core.sample import Sample
from guard.core.ticks import MASK
from tests.support.parts import Bag, Flags

EVERY_MS = 20
READINGS = 50
ORIGINS_MS = (7000, MASK - 900)


class Deck:
    """An inclinometer that is read as often as a test says."""

    def __init__(self, origin_ms=7000, mode=st.MODE_BACKWARD, state=st.BACKWARD, **values):
        self.settings = Settings()
        self.settings.incline_sensor = 2
        for name, value in values.items():
            setattr(self.settings, name, value)
        self.sup = Bag(state=state, session_mode=mode, events=EventRing())
        self.guard = Bag(supervisor=self.sup, settings=self.settings, speed=None, rails=None)
        self.incline = Incline(self.guard)
        self.steep, self.silent = self.incline.rules
        self.origin_ms = origin_ms
        self.ms = -EVERY_MS
        self.errors = 0
        self.turn = 0

    def tick(self, mg=None, after_ms=EVERY_MS):
        self.ms += after_ms
        s = Sample()
        s.now_ms = (self.origin_ms + self.ms) & MASK
        s.session_mode = self.sup.session_mode
        s.incline_errors = self.errors
        if mg:
            s.incline_fresh, s.incline_mg = True, list(mg)
        self.incline.tick(s)
        return s

    def read(self, mg, times=READINGS):
        """So many readings, a little noise across."""
        front, across, up = mg
        for _ in range(times):
            self.turn ^= 1
            self.tick((front, across + self.turn, up))
        return self

    @property
    def lost(self):
        return self.incline.lost

    def rests(self, ms):
        """No new reading for ms, in ticks of 10 ms."""
        for _ in range(ms // 10):
            self.tick(after_ms=10)
        return self


def level(**values):
    return Deck(**values).read((0, 0, 1000))


def test_nothing_is_known_before_a_second_of_readings():
    incline = Deck().incline
    assert (incline.known, incline.lost, incline.wrong_chip) == (False, False, False)
    assert (incline.raw_permille, incline.permille, incline.most_permille) == (0, 0, 0)
    assert [type(rule) for rule in incline.rules] == [TooSteep, InclineLost]
    assert incline.drone() == 0
    deck = Deck().read((200, 0, 1000), 49)
    assert not deck.incline.known
    assert not deck.incline.too_steep(0)
    assert not deck.lost
    deck.read((200, 0, 1000), 1)
    assert deck.incline.known
    assert deck.incline.permille == 200


def test_a_tick_without_a_new_reading_takes_none():
    deck = level()
    deck.rests(500)
    assert deck.incline.permille == 0
    deck.read((100, 0, 1000), 25)
    assert deck.incline.permille == 50


# The mean


def of_the_last(readings, axis):
    return sum([mg[axis] for mg in readings[-READINGS:]])


def test_the_sums_are_those_of_the_last_50_readings():
    deck = Deck()
    for gap in (False, True):
        if gap:
            deck.errors = 5
            deck.tick()
            deck.errors = 0
        readings = []
        shaken = []
        for n in range(130):
            mg = (n * 37 % 401 - 200 + n % 3 // 2 * 1100, n * 53 % 301 - 150, 900 + n * 29 % 203)
            jump = mg[0] - readings[-1][0] if readings else 0
            shaken.append(1 if abs(jump) >= 1000 else 0)
            readings.append(mg)
            deck.tick(mg)
            incline = deck.incline
            assert incline.sum_front == of_the_last(readings, 0), n
            assert incline.sum_across == of_the_last(readings, 1)
            assert incline.sum_up == of_the_last(readings, 2)
            assert incline.sum_shaken == sum(shaken[-READINGS:])
            assert incline.filled == min(n + 1, READINGS)
            assert incline.known == (n + 1 >= READINGS)


def permille_of(front, up=1000, zero=0):
    incline = Deck(incline_zero_permille=zero).read((front, 0, up)).incline
    assert incline.known
    return incline.raw_permille, incline.permille


def test_the_slope_is_front_over_up():
    for front, up, permille in (
        (100, 1000, 100), (-100, 1000, -100), (100, 800, 125), (1, 1000, 1), (0, 1000, 0),
    ):  # fmt: skip
        assert permille_of(front, up) == (permille, permille)


def test_a_slope_is_told_up_to_two_in_one():
    for front, raw in ((1199, 1998), (1200, 2000), (1202, 2000), (1500, 2000), (-1199, -1999),
                       (-1201, -2000), (-1500, -2000)):  # fmt: skip
        assert permille_of(front, 600) == (raw, raw), front


def test_the_zero_is_taken_off_as_an_angle():
    for front, zero, permille in (
        (50, 50, 0), (150, 50, 99), (-50, -50, 0), (0, 50, -50), (300, -300, 659),
        (-150, -50, -100),
    ):  # fmt: skip
        assert permille_of(front, zero=zero) == (front, permille), (front, zero)
    assert permille_of(1200, 600, 300) == (2000, 1062)


def test_the_steepest_of_the_session_is_kept_while_there_is_one():
    for state in range(len(st.STATE_NAMES)):
        deck = Deck(state=state).read((-80, 0, 1000))
        most = deck.incline.most_permille
        assert most == (80 if state >= st.WAIT_BELT else 0), state
        deck.read((60, 0, 1000))
        assert deck.incline.most_permille == most
    deck.read((90, 0, 1000))
    assert deck.incline.most_permille == 90
    deck.incline.closing()
    assert deck.incline.most_permille == 0


def test_the_opening_tells_the_slope_and_the_steepest():
    deck = Deck().read((90, 0, 1000)).read((-40, 0, 1000))
    deck.incline.opened(deck.tick())
    now_ms = (deck.origin_ms + deck.ms) & MASK
    assert deck.sup.events.take() == (now_ms, INCLINE, -40, 90, 0)


# Lost: silent


def test_five_readings_that_failed_are_a_lost_sensor():
    deck = level()
    for errors, lost in ((4, False), (5, True), (6, True)):
        deck.errors = errors
        deck.tick()
        assert deck.lost == lost
    deck.errors = 0
    deck.tick((0, 0, 1000))
    assert not deck.lost


def test_after_a_gap_nothing_is_known_until_a_second_was_read():
    for origin_ms, errors in ((7000, 5), (7000, 6), (MASK - 900, 5)):
        deck = Deck(origin_ms).read((200, 0, 1000))
        deck.errors = errors
        deck.tick()
        assert not deck.incline.known
        deck.errors = 0
        deck.read((10, 0, 1000), 49)
        assert not deck.incline.known
        assert not deck.lost
        deck.read((10, 0, 1000), 1)
        assert deck.incline.permille == 10


def test_readings_have_to_be_there_two_seconds_after_the_start():
    for origin_ms in (0, 1) + ORIGINS_MS:
        deck = Deck(origin_ms)
        deck.tick()
        deck.tick(after_ms=10)
        deck.tick(after_ms=1990)
        assert not deck.lost
        deck.tick(after_ms=1)
        assert deck.lost
        deck.tick(after_ms=10)
        assert deck.lost
        deck.read((0, 0, 1000), 49)
        assert deck.lost
        deck.read((0, 0, 1000), 1)
        assert not deck.lost


def test_and_two_seconds_after_a_gap():
    for origin_ms in ORIGINS_MS:
        deck = level(origin_ms=origin_ms).rests(3000)
        deck.errors = 5
        deck.tick()
        deck.errors = 0
        deck.tick(after_ms=2000)
        assert not deck.lost
        deck.tick(after_ms=1)
        assert deck.lost


def test_a_sensor_that_never_answered_is_late_from_its_first_tick_on():
    deck = Deck()
    deck.errors = 5
    deck.tick()
    assert deck.lost
    deck.tick(after_ms=1500)
    deck.errors = 0
    deck.tick(after_ms=500)
    assert not deck.lost
    deck.tick(after_ms=1)
    assert deck.lost


# Lost: frozen


def test_250_readings_that_repeat_the_one_before_are_frozen():
    for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1), (2, 1), (2, -1)):
        deck = Deck()
        mg = [10, 5, 1000]
        for _ in range(250):
            deck.tick(mg)
        assert not deck.lost
        deck.tick(mg)
        assert deck.lost
        deck.tick(mg)
        assert deck.lost
        mg[axis] += step
        deck.tick(mg)
        assert not deck.lost, "noise on one axis is a living sensor"
        for _ in range(249):
            deck.tick(mg)
        assert not deck.lost
        deck.tick(mg)
        assert deck.lost


def test_a_chip_that_says_zero_from_the_start_is_frozen_at_its_250th():
    deck = Deck()
    for _ in range(249):
        deck.tick((0, 0, 0), after_ms=0)
    assert not deck.lost
    deck.tick((0, 0, 0), after_ms=0)
    assert deck.lost


def test_a_gap_thaws_what_was_frozen():
    deck = Deck()
    for _ in range(260):
        deck.tick((10, 5, 1000))
    deck.errors = 5
    deck.tick()
    deck.errors = 0
    deck.tick((11, 5, 1000))
    assert not deck.lost
    for _ in range(249):
        deck.tick((11, 5, 1000))
    assert not deck.lost
    deck.tick((11, 5, 1000))
    assert deck.lost


# Lost: shaken


def shaken(jump, readings):
    deck = level().read((0, 0, 1000), 1)
    front = 0
    for _ in range(readings):
        front = 0 if front else jump
        deck.tick((front, 0, 1000))
    return deck.lost


def test_more_than_15_jumps_of_1_g_in_a_second_are_no_deck():
    for jump in (1000, -1000, 1001):
        assert not shaken(jump, 15)
        assert shaken(jump, 16)
    for jump in (999, -999):
        assert not shaken(jump, 50)


def test_the_first_reading_is_no_jump():
    for front, jumps in ((1000, 0), (1500, 0)):
        deck = Deck()
        deck.tick((front, 0, 800))
        assert deck.incline.sum_shaken == jumps
        deck.tick((front - 1000, 0, 800))
        assert deck.incline.sum_shaken == 1


# Lost: no gravity


def odd_for(mg, ms, origin_ms=7000):
    """Is it lost ms after the first second of such readings?"""
    deck = Deck(origin_ms).read(mg)
    deck.tick(after_ms=ms)
    return deck.lost


def test_what_is_shorter_or_longer_than_gravity_is_lost_after_a_second():
    for origin_ms in ORIGINS_MS:
        for up in (849, 1151):
            assert not odd_for((0, 0, up), 999, origin_ms)
            assert odd_for((0, 0, up), 1000, origin_ms)
        for up in (850, 1000, 1149):
            assert not odd_for((0, 0, up), 5000, origin_ms)
    assert odd_for((0, 0, 849), 1001)


def test_the_length_is_met_to_the_mg():
    for mg, lost in (
        ((0, 0, 1150), False), ((0, 1, 1150), True), ((510, 0, 680), False), ((509, 0, 680), True),
        ((690, 0, 920), False), ((691, 0, 920), True), ((0, 510, 680), False),
        ((0, 509, 680), True), ((-510, 0, 680), False),
    ):  # fmt: skip
        deck = Deck()
        for n in range(READINGS):
            deck.tick((mg[0] + (n == 0), mg[1], mg[2]))
        deck.tick(after_ms=1000)
        assert deck.lost == lost, mg


def test_an_odd_length_in_between_is_waited_for_again():
    deck = Deck().read((0, 0, 800))
    deck.tick(after_ms=900)
    deck.read((0, 0, 1000), 40)
    assert not deck.lost
    deck.read((0, 0, 800), 40)
    assert not deck.lost
    deck.tick(after_ms=1000)
    assert deck.lost


def test_a_sensor_upside_down_or_on_its_side_is_lost_and_not_level():
    for mg, lost in (
        ((0, 0, -1000), True), ((1000, 0, 0), True), ((1000, 0, 1), True), ((0, 1000, 100), True),
        ((900, 0, 300), True), ((866, 0, 499), True), ((866, 0, 500), False),
    ):  # fmt: skip
        deck = level().read(mg)
        assert deck.incline.known != lost, mg
        deck.tick(after_ms=1000)
        assert deck.lost == lost, mg


# Too steep


def test_the_limit_is_met_to_the_permille_both_ways():
    for limit in (100, 50, 0):
        for slack in (0, 1, 3):
            deck = level(incline_limit_permille=limit)
            for permille, steep in (
                (limit + slack, False), (limit + slack + 1, True),
                (-limit - slack, False), (-limit - slack - 1, True),
            ):  # fmt: skip
                deck.incline.permille = permille
                assert deck.incline.too_steep(slack) == steep
            deck.incline.known = False
            assert not deck.incline.too_steep(slack), "what is not known is not steep but lost"


def test_thirty_steep_ticks_more_than_others_open():
    deck = level()
    rule = deck.steep
    s = deck.tick()
    for permille, ticks, found in (
        (103, 9, 0), (104, 29, 0), (103, 4, 0), (104, 4, 0), (104, 1, f.INCLINE_TOO_STEEP),
        (104, 1, f.INCLINE_TOO_STEEP), (103, 1, f.INCLINE_TOO_STEEP), (103, 1, 0),
    ):  # fmt: skip
        deck.incline.permille = permille
        for _ in range(ticks):
            code = rule.judge(s)
        assert code == found, (permille, ticks)


def test_only_walking_backward_is_stopped_for_the_deck():
    for mode in (st.MODE_NONE, st.MODE_FORWARD, st.MODE_BACKWARD):
        deck = level(mode=mode)
        deck.incline.permille = 104
        s = deck.tick()
        deck.incline.lost = True
        backward = mode == st.MODE_BACKWARD
        for _ in range(30):
            code = deck.steep.judge(s)
        assert code == (f.INCLINE_TOO_STEEP if backward else 0)
        assert deck.silent.judge(s) == (f.INCLINE_LOST if backward else 0)
        deck.incline.lost = False
        assert deck.silent.judge(s) == 0


def test_each_steep_rule_counts_for_itself():
    deck = level()
    deck.incline.permille = 104
    s = deck.tick()
    for _ in range(29):
        deck.steep.judge(s)
    other = TooSteep(deck.incline, deck.guard)
    assert other.judge(s) == 0


# Blockers


def blockers_of(deck, backward=True):
    flags = Flags()
    count = deck.incline.judge(flags, backward)
    assert len(flags.told) == 4
    standing = flags.standing()
    assert count == len(standing)
    return sorted([f.name(code) for code in standing])


def test_each_reason_of_the_deck_blocks_backward():
    for wrong, lost, sensor, permille, names in (
        (False, False, 2, 103, []),
        (False, False, 2, 104, ["INCLINE_TOO_STEEP"]),
        (False, False, 2, -104, ["INCLINE_TOO_STEEP"]),
        (False, False, 1, 104, ["INCLINE_NOT_ZEROED"]),
        (False, True, 2, 0, ["INCLINE_LOST"]),
        (True, True, 2, 0, ["INCLINE_WRONG_CHIP"]),
        (True, False, 2, 0, ["INCLINE_WRONG_CHIP"]),
        (True, False, 1, 0, ["INCLINE_NOT_ZEROED", "INCLINE_WRONG_CHIP"]),
        (False, True, 2, 104, ["INCLINE_LOST", "INCLINE_TOO_STEEP"]),
        (False, True, 1, 0, ["INCLINE_LOST", "INCLINE_NOT_ZEROED"]),
    ):
        deck = level(incline_sensor=sensor)
        deck.incline.wrong_chip, deck.incline.lost = wrong, lost
        deck.incline.permille = permille
        assert blockers_of(deck) == names
        assert blockers_of(deck, backward=False) == []


def test_a_lost_sensor_keeps_its_own_trip_and_no_other():
    incline = level().incline
    for lost in (False, True):
        incline.lost = lost
        for row in f.TABLE:
            assert incline.cause_gone(row[0]) == (not lost or row[1] != "INCLINE_LOST"), row[1]


# The warning


def test_it_warns_from_the_second_permille_beyond_the_limit_on():
    for mode in (st.MODE_NONE, st.MODE_FORWARD, st.MODE_BACKWARD):
        for permille, warns in ((101, False), (102, True), (-102, True)):
            deck = level(mode=mode)
            deck.incline.permille = permille
            heard = sounds.INCLINE_WARNING if warns and mode == st.MODE_BACKWARD else 0
            assert deck.incline.drone() == heard


def test_a_warning_lasts_a_second_and_ends():
    incline = level().incline
    incline.permille = 102
    incline.drone()
    incline.drone()
    incline.permille = 100
    for _ in range(99):
        assert incline.drone() == sounds.INCLINE_WARNING
    for _ in range(3):
        assert incline.drone() == 0
    incline.permille = 102
    assert incline.drone() == sounds.INCLINE_WARNING
    incline.permille = 100
    incline.closing()
    assert incline.drone() == 0, "a new session begins quiet"
