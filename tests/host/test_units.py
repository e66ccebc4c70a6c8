# SPDX-License-Identifier: MIT
"""Values as people type them: nothing is guessed, nothing is lost on the way."""

from __future__ import annotations

import contextlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard import firmware, units
from treadguard.errors import USAGE, ValueRefused

SPEED = firmware.parameters()["backward_limit_mm_s"]
SETTABLE = [p for p in firmware.parameters().values() if p.settable]
WITH_UNIT = [p for p in SETTABLE if p.unit]


@pytest.mark.parametrize(
    ("typed", "unit", "value"),
    [
        ("2.5 mph", "mm/s", 1118),
        ("3 km/h", "mm/s", 833),
        ("3km/h", "mm/s", 833),
        ("833 mm/s", "mm/s", 833),
        ("0.833 m/s", "mm/s", 833),
        ("400 ms", "ms", 400),
        ("0.4 s", "ms", 400),
        ("15 min", "min", 15),
        ("45 s", "s", 45),
        ("10 %", "permille", 100),
        ("10%", "permille", 100),
        ("30 mm", "mm", 30),
        ("141.5 mm", "um", 141500),
        ("2.91 m", "um", 2910000),
        ("0.5 mm/s", "mm/s", 1),
    ],
)
def test_what_people_type_becomes_the_parameters_unit(typed: str, unit: str, value: int) -> None:
    assert units.parse_quantity(typed, unit).value == value


def test_the_user_is_told_what_the_value_became() -> None:
    assert units.parse("2.5 mph", SPEED).became() == "2.5 mph = 1118 mm/s (rounded)"
    assert units.parse("0.5 m/s", SPEED).became() == "0.5 m/s = 500 mm/s"
    assert units.parse("500 mm/s", SPEED).became() == "500 mm/s"


@pytest.mark.parametrize("parameter", WITH_UNIT, ids=lambda p: p.name)
def test_a_bare_number_is_refused_with_units_and_range(parameter: firmware.Parameter) -> None:
    with pytest.raises(ValueRefused) as refused:
        units.parse(str(parameter.default), parameter)
    for unit in units.allowed_units(parameter.unit):
        assert unit in str(refused.value)
    assert units.range_text(parameter) in str(refused.value)
    assert refused.value.exit_code == USAGE


@pytest.mark.parametrize(
    "typed", ["3 kg", "3 ms", "3 mm", "fast", "", "3 km/h 4", "1e3 mm/s", "-"]
)
def test_a_wrong_unit_or_no_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueRefused, match="it takes 140 mm/s to 1118 mm/s"):
        units.parse(typed, SPEED)


@pytest.mark.parametrize("parameter", SETTABLE, ids=lambda p: p.name)
def test_range_ends_are_taken_and_one_beyond_is_not(parameter: firmware.Parameter) -> None:
    unit = f" {units.spelled(parameter.unit)}" if parameter.unit else ""
    for inside in (parameter.lowest, parameter.highest):
        assert units.parse(f"{inside}{unit}", parameter).value == inside
    for outside in (parameter.lowest - 1, parameter.highest + 1):
        with pytest.raises(ValueRefused, match=parameter.name):
            units.parse(f"{outside}{unit}", parameter)


@given(st.sampled_from(SETTABLE), st.data())
def test_formatting_and_reading_back_is_the_same_value(
    parameter: firmware.Parameter, data: st.DataObject
) -> None:
    value = data.draw(st.integers(parameter.lowest, parameter.highest))
    text = units.plain(value, parameter.unit)
    assert units.parse_quantity(text, parameter.unit).value == value
    assert units.human(value, parameter.unit).startswith(text)


@given(
    st.decimals(0, 20, places=3).map(lambda d: d.normalize()),
    st.sampled_from(sorted(units.FAMILIES["speed"])),
)
def test_rounding_is_to_nearest(number: object, unit: str) -> None:
    typed = units.parse_quantity(f"{number:f} {unit}", "mm/s")  # type: ignore[str-format]
    exact = Fraction(str(number)) * units.FAMILIES["speed"][unit]
    assert abs(exact - typed.value) <= Fraction(1, 2)
    assert typed.exact == (exact == typed.value)


@given(st.text(max_size=20))
def test_no_text_crashes_it(text: str) -> None:
    with contextlib.suppress(ValueRefused):
        units.parse(text, SPEED)


def test_a_count_takes_no_unit() -> None:
    rails = firmware.parameters()["rails_fitted"]
    assert units.parse("1", rails).value == 1
    for typed in ("1 mm", "1.5"):
        with pytest.raises(ValueRefused):
            units.parse(typed, rails)


def test_every_unit_of_the_table_is_known() -> None:
    assert all(units.family_of(units.spelled(p.unit)) for p in WITH_UNIT)
