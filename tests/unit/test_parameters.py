# SPDX-License-Identifier: MIT
"""Every limit stands once, inside a range that nothing passes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core import parameters
from guard.core.parameters import NAMES, TABLE, Settings, check, cross_check, row_of

DEFAULTS = {row[0]: row[2] for row in TABLE}
ROWS = pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
SUFFIXES = {
    "mm/s": "_mm_s",
    "mm/s2": "_mm_s2",
    "mm": "_mm",
    "um": "_um",
    "ms": "_ms",
    "s": "_s",
    "min": "_min",
    "permille": "_permille",
}


def test_no_name_stands_twice():
    assert len(set(NAMES)) == len(NAMES)


@ROWS
def test_a_default_is_inside_its_range(row):
    name, _, default, lowest, highest, _ = row
    assert lowest <= default <= highest
    assert check(name, default) is None


@ROWS
def test_a_name_ends_in_its_unit(row):
    assert row[0].endswith(SUFFIXES.get(row[1], ""))
    assert row[1] in SUFFIXES or row[1] == ""


@ROWS
def test_the_bounds_are_taken_and_one_beyond_is_refused_with_the_range(row):
    name, unit, _, lowest, highest, _ = row
    assert check(name, lowest) is None
    assert check(name, highest) is None
    for value in (lowest - 1, highest + 1, -(2**40), 2**40):
        assert f"{lowest}..{highest}" in check(name, value)
        assert unit in check(name, value)


@ROWS
@given(value=st.one_of(st.none(), st.booleans(), st.floats(), st.text(), st.lists(st.integers())))
def test_what_is_no_whole_number_is_refused(row, value):
    assert check(row[0], value)


@ROWS
@given(value=st.integers())
def test_a_value_is_taken_exactly_when_it_is_in_range(row, value):
    assert (check(row[0], value) is None) == (row[3] <= value <= row[4])


def test_an_unknown_name_is_refused():
    assert check("speed_of_light_m_s", 1)
    assert row_of("speed_of_light_m_s") is None


def test_the_backward_ceiling_is_2_5_mph():
    assert row_of("backward_limit_mm_s")[4] == round(2.5 * 447.04)
    assert row_of("mount_limit_mm_s")[4] == round(2.5 * 447.04)


def test_the_defaults_fit_together():
    assert cross_check(DEFAULTS) is None


def test_two_magnets_are_refused():
    refused = cross_check({**DEFAULTS, "magnets_per_turn": 2})
    assert refused[0] == "magnets_per_turn"
    for magnets in (1, 3, 4, 8):
        assert cross_check({**DEFAULTS, "magnets_per_turn": magnets}) is None


@given(d_um=st.integers(20000, 260000), limit=st.integers(140, 1118))
def test_the_slowest_backward_belt_shows_three_edges_in_4_s(d_um, limit):
    refused = cross_check({**DEFAULTS, "distance_per_edge_um": d_um, "backward_limit_mm_s": limit})
    assert (refused is None) == (limit * 4 * 1000 >= 3 * d_um)
    if refused:
        assert refused[0] == "backward_limit_mm_s"
        assert "fit more magnets" in refused[1]


def test_250_mm_per_edge_needs_188_mm_s():
    coarse = {**DEFAULTS, "distance_per_edge_um": 250000}
    assert cross_check({**coarse, "backward_limit_mm_s": 187})
    assert cross_check({**coarse, "backward_limit_mm_s": 188}) is None


def test_a_sensor_too_coarse_is_told_to_fit_more_magnets():
    assert "more magnets" in check("distance_per_edge_um", 260001)
    assert "more magnets" not in check("distance_per_edge_um", 1)


# Settings


def test_new_settings_are_the_defaults():
    assert Settings().as_dict() == DEFAULTS


@given(st.dictionaries(st.sampled_from(NAMES), st.integers(-(2**33), 2**33)))
def test_no_value_outside_its_range_ever_takes_effect(values):
    settings = Settings()
    refused = settings.load(values)
    for name, _, default, lowest, highest, _ in TABLE:
        now = getattr(settings, name)
        assert lowest <= now <= highest
        assert now == (values[name] if name in values and name not in refused else default)
    assert all(name in values for name in refused)


def test_loading_nothing_changes_nothing():
    settings = Settings()
    settings.load({"rail_grace_ms": 222})
    settings.load({})
    assert settings.rail_grace_ms == 222


def test_names_of_another_version_are_left_out():
    settings = Settings()
    settings.load({"of_the_future_ms": 5})
    assert settings.as_dict() == DEFAULTS
    assert not hasattr(settings, "of_the_future_ms")


def test_a_copy_is_no_way_into_the_settings():
    settings = Settings()
    settings.as_dict()["backward_limit_mm_s"] = 5000
    assert settings.backward_limit_mm_s == parameters.row_of("backward_limit_mm_s")[2]
