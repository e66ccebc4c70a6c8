# SPDX-License-Identifier: MIT
"""What the options add to the tables of the core: numbers, names, a sample before any reading."""

from guard.core import events, incline, key_sense, phase, second_hall, second_stop, sounds
from guard.core import states as st
from guard.core.sample import Sample


def test_no_option_is_seen_before_its_first_reading():
    s = Sample()
    assert (s.hall_b_permille, s.count_ahead_b, s.incline_errors) == (0, 0, 0)
    assert (s.second_dropped, s.key_closed, s.incline_fresh) == (True, False, False)
    assert s.incline_mg is None


def test_events_and_sounds_of_the_options_keep_their_numbers():
    assert (events.SECOND_STOP, events.INCLINE) == (15, 16)
    assert events.KIND_NAMES[15:] == ("second_stop", "incline")
    assert sounds.INCLINE_WARNING == 17
    assert sounds.SOUND_NAMES[17:] == ("incline_warning",)


def test_the_relay_is_closed_in_four_states():
    assert [state for state in range(len(st.STATE_NAMES)) if st.is_closed(state)] == [3, 4, 5, 6]
    assert [st.is_closed(state) for state in (2, 3, 6, 7)] == [False, True, True, False]


def test_the_times_and_counts_of_the_options_are_the_designs():
    assert (key_sense.CLOSED_MS, key_sense.SEEN_READS) == (1000, 2)
    assert (second_stop.NO_SLOWER_MS, second_stop.FASTER_MS, second_stop.SURGE_MM_S) == (
        800, 150, 70,
    )  # fmt: skip
    assert (second_stop.RELAY_DROP_MS, second_stop.STUCK_MS, second_stop.OPEN_MS) == (
        60,
        1000,
        500,
    )
    assert second_stop.LATE_US == 25000
    assert (phase.FORWARD_LOW, phase.FORWARD_HIGH) == (180, 320)
    assert (phase.REVERSE_LOW, phase.REVERSE_HIGH, phase.REVERSED_EDGES) == (680, 820, 3)
    assert (second_hall.LOST_EDGES, second_hall.LOST_EDGES_AT_LEAST) == (4, 2)
    assert (second_hall.DRIFT, second_hall.FORGIVEN_TURNS) == (3, 8)
    assert (incline.READINGS, incline.STEEP_TICKS, incline.ERRORS, incline.FROZEN) == (
        50, 30, 5, 250,
    )  # fmt: skip
    assert (incline.WARNING_PERMILLE, incline.SLACK_PERMILLE) == (1, 3)
    assert (incline.GRAVITY_LOW, incline.GRAVITY_HIGH) == (850 * 850, 1150 * 1150)
    assert (incline.ODD_MS, incline.START_MS, incline.WARNED_TICKS) == (1000, 2000, 100)
    assert (incline.SHAKEN_MG, incline.SHAKEN_MOST, incline.UPRIGHT) == (1000, 15, 25000)
