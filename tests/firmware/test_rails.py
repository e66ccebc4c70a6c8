# SPDX-License-Identifier: MIT
"""Handrail contacts: bands, debounce, wiring faults, what proves a rail and what wears out."""

from guard.core.parameters import Settings
from guard.core.rails import ContactBand, Rails, TouchBand
from guard.core.sample import Sample
from guard.core.states import HELD, RELEASED, WIRING
from tests.support.stream import HELD_RAW, MASK, PERIOD, RELEASED_RAW

LEFT, RIGHT, HALL = 0, 1, 2


class Hands:
    """Rails fed with one channel per tick, 10 ms apart."""

    def __init__(self, now_ms=0, **values):
        self.settings = Settings()
        assert not self.settings.load(values)
        self.rails = Rails(self.settings)
        self.sample = Sample()
        self.sample.now_ms = now_ms

    def read(self, channel, raw):
        s = self.sample
        s.now_ms = (s.now_ms + 10) & MASK
        s.channel = channel
        s.left_raw = raw
        s.right_raw = raw
        self.rails.read(s)
        return s.left if channel == LEFT else s.right

    def reads(self, channel, *raws):
        for raw in raws:
            contact = self.read(channel, raw)
        return contact

    def both(self, *raws):
        for raw in raws:
            self.read(LEFT, raw)
            self.read(RIGHT, raw)
        return self

    def gripped(self):
        return self.both(RELEASED_RAW, HELD_RAW, HELD_RAW)

    def later(self, ms):
        self.sample.now_ms = (self.sample.now_ms + ms) & MASK
        self.rails.age(self.sample.now_ms)
        return self


def test_contact_bands_end_where_they_say():
    band = ContactBand()
    for raw, contact in (
        (0, WIRING), (159, WIRING), (160, HELD), (199, HELD), (340, HELD), (341, WIRING),
        (419, WIRING), (420, RELEASED), (500, RELEASED), (600, RELEASED), (601, WIRING),
        (1000, WIRING),
    ):  # fmt: skip
        assert band.classify(raw) == contact, raw


def test_a_grip_counts_at_the_second_reading_and_letting_go_at_the_first():
    for channel in (LEFT, RIGHT):
        hands = Hands()
        assert hands.read(channel, RELEASED_RAW) == RELEASED
        assert hands.read(channel, HELD_RAW) == RELEASED
        assert hands.read(channel, HELD_RAW) == HELD
        assert hands.read(channel, RELEASED_RAW) == RELEASED
        assert hands.read(channel, HELD_RAW) == RELEASED
        assert hands.read(channel, RELEASED_RAW) == RELEASED
        assert hands.reads(channel, HELD_RAW, HELD_RAW, HELD_RAW) == HELD


def test_the_first_reading_after_power_on_is_no_grip():
    for channel in (LEFT, RIGHT):
        hands = Hands()
        assert hands.read(channel, HELD_RAW) == RELEASED
        assert hands.read(channel, HELD_RAW) == HELD
        assert not hands.rails.proven()


def test_an_odd_value_is_no_hand_at_once_and_wiring_at_the_third():
    for odd in (0, 380, 700, 1000):
        for channel in (LEFT, RIGHT):
            hands = Hands()
            hands.reads(channel, RELEASED_RAW, HELD_RAW, HELD_RAW)
            assert hands.read(channel, odd) == RELEASED
            assert hands.read(channel, odd) == RELEASED
            assert not hands.rails.wiring_bad()
            assert hands.read(channel, odd) == WIRING
            assert hands.rails.wiring_bad()
            assert hands.read(channel, odd) == WIRING


def test_wiring_ends_with_a_good_reading():
    hands = Hands()
    hands.reads(LEFT, 0, 0, 0, 0)
    assert hands.read(LEFT, RELEASED_RAW) == RELEASED
    hands.reads(LEFT, 0, 0, 0)
    assert hands.read(LEFT, HELD_RAW) == WIRING
    assert hands.read(LEFT, 0) == WIRING, "one odd reading more is no cure"
    assert hands.reads(LEFT, HELD_RAW, HELD_RAW) == HELD


def test_counts_stay_small_however_long_a_hand_or_a_fault_stands():
    """A number that grows for months needs memory one day."""
    hands = Hands()
    hands.reads(LEFT, RELEASED_RAW, HELD_RAW, HELD_RAW, HELD_RAW, HELD_RAW)
    assert hands.rails.left.held_reads == 2
    hands.reads(LEFT, 0, 0, 0, 0, 0)
    assert hands.rails.left.bad_reads == 3


def test_holding_on_is_no_new_grip():
    hands = Hands().gripped()
    hands.later(119000)
    hands.both(HELD_RAW, HELD_RAW, HELD_RAW)
    hands.later(2000)
    assert not hands.rails.proven()
    hands.rails.belt_seen()
    hands.both(HELD_RAW, HELD_RAW, HELD_RAW)
    assert not hands.rails.regripped()


def test_two_odd_readings_and_a_good_one_are_no_wiring_fault():
    hands = Hands()
    assert hands.reads(LEFT, 0, 0, RELEASED_RAW, 0, 0, RELEASED_RAW) == RELEASED


def test_the_hall_channel_and_the_other_rail_change_nothing():
    hands = Hands().gripped()
    hands.read(HALL, RELEASED_RAW)
    assert (hands.sample.left, hands.sample.right) == (HELD, HELD)
    hands.read(LEFT, RELEASED_RAW)
    assert (hands.sample.left, hands.sample.right) == (RELEASED, HELD)


def test_hands_are_counted():
    hands = Hands()
    assert hands.rails.hands() == 0
    hands.reads(LEFT, RELEASED_RAW, HELD_RAW, HELD_RAW)
    assert (hands.rails.hands(), hands.rails.all_held()) == (1, False)
    hands.reads(RIGHT, RELEASED_RAW, HELD_RAW, HELD_RAW)
    assert (hands.rails.hands(), hands.rails.all_held()) == (2, True)


def test_proven_needs_each_rail_released_then_gripped():
    hands = Hands()
    hands.both(HELD_RAW, HELD_RAW, HELD_RAW)
    assert not hands.rails.proven(), "held from the start: taped"
    hands.reads(LEFT, RELEASED_RAW, HELD_RAW, HELD_RAW)
    assert not hands.rails.proven()
    hands.reads(RIGHT, RELEASED_RAW, HELD_RAW)
    assert not hands.rails.proven()
    hands.read(RIGHT, HELD_RAW)
    assert hands.rails.proven()
    hands.reads(RIGHT, RELEASED_RAW)
    assert hands.rails.proven(), "a hand may go to START"


def test_an_odd_reading_is_not_a_release_that_proves_a_rail():
    """A taped or wet rail cannot arm: it has to be seen released, and odd is not released."""
    hands = Hands()
    hands.both(HELD_RAW, HELD_RAW, 380, HELD_RAW, HELD_RAW)
    assert not hands.rails.proven()


def test_an_opened_relay_asks_for_both_rails_again():
    hands = Hands().gripped()
    hands.rails.relay_opened()
    assert not hands.rails.proven()
    hands.both(HELD_RAW)
    assert not hands.rails.proven()
    hands.gripped()
    assert hands.rails.proven()


def test_a_rail_released_as_the_relay_opens_has_been_seen_released():
    hands = Hands().both(RELEASED_RAW)
    hands.rails.relay_opened()
    hands.both(HELD_RAW, HELD_RAW)
    assert hands.rails.proven()


def test_a_grip_proves_for_120_s():
    for origin in (0, PERIOD - 60000):
        hands = Hands(origin).gripped()
        hands.later(119990)
        assert hands.rails.proven()
        hands.later(10)
        assert hands.rails.left.grip_fresh is False
        assert not hands.rails.proven()
        hands.gripped()
        assert hands.rails.proven()


def test_each_rail_ages_by_its_own_last_grip():
    hands = Hands().gripped()
    hands.later(60000)
    hands.reads(LEFT, RELEASED_RAW, HELD_RAW, HELD_RAW)
    hands.later(60100)
    assert hands.rails.left.grip_fresh
    assert not hands.rails.right.grip_fresh
    assert not hands.rails.proven()


def test_regripped_asks_each_rail_since_the_belt_was_seen():
    hands = Hands().gripped()
    hands.rails.belt_seen()
    assert not hands.rails.regripped()
    hands.reads(LEFT, RELEASED_RAW, HELD_RAW, HELD_RAW)
    assert not hands.rails.regripped()
    hands.reads(RIGHT, RELEASED_RAW, HELD_RAW, HELD_RAW)
    assert hands.rails.regripped()
    hands.rails.belt_seen()
    assert not hands.rails.regripped()


def test_the_rail_that_was_not_regripped_is_missing_whichever_it_is():
    for first, second in ((LEFT, RIGHT), (RIGHT, LEFT)):
        hands = Hands().gripped()
        for _ in range(2):
            hands.rails.belt_seen()
            hands.reads(first, RELEASED_RAW, HELD_RAW, HELD_RAW)
            assert not hands.rails.regripped()
            hands.reads(second, RELEASED_RAW, HELD_RAW, HELD_RAW)
            assert hands.rails.regripped()


def test_a_rail_released_as_the_belt_is_seen_needs_only_the_grip():
    hands = Hands().gripped()
    hands.read(LEFT, RELEASED_RAW)
    hands.rails.belt_seen()
    hands.reads(LEFT, HELD_RAW, HELD_RAW)
    assert hands.rails.left.regripped
    assert not hands.rails.right.regripped


def test_a_rail_held_20_minutes_is_unhealthy_until_let_go():
    for channel in (LEFT, RIGHT):
        hands = Hands()
        hands.reads(channel, RELEASED_RAW, HELD_RAW, HELD_RAW)
        hands.later(1199999)
        assert not hands.rails.unhealthy()
        hands.later(1)
        assert hands.rails.unhealthy()
        hands.later(1)
        assert hands.rails.unhealthy()
        hands.read(channel, RELEASED_RAW)
        assert not hands.rails.unhealthy()


def test_hands_of_a_long_session_are_not_unhealthy_when_it_ends():
    """RAIL_UNHEALTHY is 20 minutes held in READY, not 25 minutes of walking with both hands on."""
    hands = Hands().gripped()
    hands.sample.now_ms += 25 * 60000  # relay closed: nothing ages
    hands.rails.relay_opened()
    hands.later(10)
    assert not hands.rails.unhealthy()


def test_one_bar_is_the_left_input_and_the_right_one_is_nothing():
    hands = Hands(rails_fitted=1)
    hands.reads(LEFT, RELEASED_RAW, HELD_RAW, HELD_RAW)
    hands.reads(RIGHT, 0, 0, 0)
    rails = hands.rails
    assert (rails.hands(), rails.all_held(), rails.proven()) == (1, True, True)
    assert not rails.wiring_bad()
    rails.belt_seen()
    hands.reads(LEFT, RELEASED_RAW, HELD_RAW, HELD_RAW)
    assert rails.regripped()
    rails.right.held_too_long = True
    assert not rails.unhealthy()
    hands.reads(LEFT, 0, 0, 0)
    assert rails.wiring_bad()


# Touch pads: the count falls on touch.


def test_a_touch_is_a_count_below_the_threshold_of_the_baseline():
    band = TouchBand(700)
    assert band.classify(1000) == RELEASED
    assert band.classify(700) == RELEASED
    band = TouchBand(700)
    band.classify(1000)
    assert band.classify(699) == HELD


def test_a_silent_pad_or_an_error_is_a_wiring_fault():
    band = TouchBand(700)
    band.classify(1000)
    assert band.classify(0) == WIRING
    assert band.classify(-1) == WIRING
    assert band.baseline == 1000


def test_the_baseline_is_frozen_while_held_and_follows_drift_while_released():
    band = TouchBand(700)
    band.classify(10000)
    for _ in range(30000):  # 15 minutes of fresh counts
        assert band.classify(5000) == HELD
    assert band.baseline == 10000
    for _ in range(400):
        assert band.classify(9000) == RELEASED
    assert 9000 <= band.baseline < 9064
    band.classify(12000)
    assert band.baseline == 12000


def test_the_kind_of_rail_comes_from_the_settings():
    hands = Hands(rail_kind=1, touch_threshold_permille=500)
    assert hands.reads(LEFT, 1000, 499, 499) == HELD
    hands.settings.rail_kind = 0
    hands.rails.configure()
    assert hands.reads(LEFT, RELEASED_RAW) == RELEASED
    assert hands.reads(LEFT, HELD_RAW, HELD_RAW) == HELD
