# SPDX-License-Identifier: MIT
"""What the tables say of the options: off until fitted, and as tight as the rest."""

from guard.core import faults, incline, key_sense, parameters, second_stop
from guard.core.interlocks import HALL_READS
from guard.core.parameters import Settings, cross_check, in_quadrature

READING_MS = 20  # the accelerometer's
TICK_MS = 10


def settings(**values):
    found = Settings()
    assert found.load(values) == []
    return found


def ends(name):
    """The default, and the lowest and the highest value that are taken."""
    default = getattr(Settings(), name)
    _, _, _, lowest, highest, _ = parameters.row_of(name)
    for value, fits in (
        (lowest - 1, False), (lowest, True), (highest, True), (highest + 1, False),
    ):  # fmt: skip
        assert parameters.fits(name, value) == fits
        assert (settings().load({name: value}) == []) == fits
    return default, lowest, highest


def test_nothing_is_fitted_until_someone_says_so():
    assert Settings().fitted() == 0
    assert ends("hall_sensors") == (1, 1, 2)
    for flag in ("hall_mounting", "second_stop_fitted", "key_sense_fitted"):
        assert ends(flag) == (0, 0, 1), flag


def test_an_inclinometer_is_absent_fitted_or_zeroed_and_looks_one_of_four_ways():
    assert ends("incline_sensor") == (0, 0, 2)
    assert ends("incline_axis") == (0, 0, 3)


def test_a_crooked_mount_is_forgiven_up_to_30_percent():
    assert ends("incline_zero_permille") == (0, -300, 300)


def test_no_setting_passes_10_percent_of_incline():
    assert ends("incline_limit_permille") == (100, 0, 100)


def test_two_sensors_disagree_for_a_second_at_most():
    assert ends("discrepancy_ms") == (500, 100, 1000)


def test_each_option_has_a_bit_of_its_own():
    for values, bits in (
        ({"hall_sensors": 2}, 1),
        ({"second_stop_fitted": 1}, 2),
        ({"key_sense_fitted": 1}, 4),
        ({"incline_sensor": 1}, 8),
        ({"incline_sensor": 2}, 8),
        ({"hall_mounting": 1}, 16),
        ({"hall_sensors": 2, "hall_mounting": 1, "second_stop_fitted": 1,
          "key_sense_fitted": 1, "incline_sensor": 2}, 31),
    ):  # fmt: skip
        assert settings(**values).fitted() == bits, values


def test_what_needs_no_restart_is_no_option():
    for name in ("incline_axis", "incline_zero_permille", "incline_limit_permille"):
        assert settings(**{name: 1}).fitted() == 0, name
    assert settings(discrepancy_ms=1000).fitted() == 0


def test_two_magnets_need_two_sensors_in_quadrature():
    for sensors, mounting, allowed in ((1, 0, False), (2, 0, False), (1, 1, False), (2, 1, True)):
        values = Settings().as_dict()
        values.update(hall_sensors=sensors, hall_mounting=mounting)
        assert in_quadrature(values) == allowed
        assert cross_check(values) is None, "4 magnets"
        values["magnets_per_turn"] = 2
        refused = cross_check(values)
        assert (refused is None) == allowed, (sensors, mounting)
        assert allowed or refused[0] == "magnets_per_turn"


def test_the_fault_table_names_the_times_the_options_use():
    debounce_ms = {row[1]: row[4] for row in faults.TABLE}
    for name, ms in (
        ("CHANNELS_DISAGREE", Settings().discrepancy_ms),
        ("HALL_B_WIRING", HALL_READS * 30),
        ("SECOND_STOP_STUCK", second_stop.STUCK_MS),
        ("SECOND_STOP_FEEDBACK", second_stop.STUCK_MS),
        ("SECOND_STOP_OPEN", second_stop.OPEN_MS),
        ("KEY_LOOP_CLOSED", key_sense.CLOSED_MS),
        ("INCLINE_TOO_STEEP", incline.STEEP_TICKS * TICK_MS),
        ("INCLINE_LOST", incline.ERRORS * READING_MS),
    ):
        assert debounce_ms.pop(name) == ms, name
    for name in (
        "BELT_REVERSED MEMORY_DAMAGED HALLS_SWAPPED HALL_B_FITTED SECOND_STOP_FITTED "
        "KEY_SENSE_FITTED KEY_SENSE_LOST INCLINE_WRONG_CHIP INCLINE_NOT_ZEROED INCLINE_FITTED "
        "RESTART_NEEDED"
    ).split():
        assert debounce_ms[name] == 0, name
