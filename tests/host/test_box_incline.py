# SPDX-License-Identifier: MIT
"""The incline of a black box: reckoned from its readings, equal to what the board reckoned."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.pulled import box_of, events_of, files_of
from treadguard.logbook import incline, plots
from treadguard.logbook.decode import Box

EVERYTHING = "every_option_together_walks_as_without"
TOO_STEEP = "deck_raised_over_ten_percent_stops_on_lis3dh"
UNPLUGGED = "inclinometer_that_is_unplugged_trips"


def journalled(name: str) -> dict[str, int]:
    """The board's own event, written as the relay was told to open."""
    (event,) = (e for e in events_of(files_of(name)) if e["kind"] == "incline")
    return event


def reckoned(box: Box) -> list[int | None]:
    """Up to and with the row of the opening."""
    return incline.of(box)[: plots.opened_index(box.rows) + 1]


@pytest.mark.parametrize("name", [EVERYTHING, TOO_STEEP])
def test_it_is_what_the_board_wrote_into_its_journal(name):
    event, found = journalled(name), reckoned(box_of(name))
    known = [permille for permille in found if permille is not None]
    assert found[-1] == event["incline_permille"]
    assert max(map(abs, known)) == event["most_permille"]
    assert known == found, "the readings before the first row make its mean"


def test_it_is_not_known_from_the_tick_on_in_which_the_inclinometer_fell_silent():
    box = box_of(UNPLUGGED)
    every = incline.of(box)
    silent = next(i for i, row in enumerate(box.rows) if row["incline_silent"])
    assert None not in every[:silent]
    assert set(every[silent:]) == {None}


def test_without_the_readings_before_the_first_row_the_first_second_is_not_known():
    box = box_of(EVERYTHING)
    bare = dataclasses.replace(box, fitted=dataclasses.replace(box.fitted, before=()))
    readings, permille = 0, incline.of(bare)
    for row, found in zip(bare.rows, permille, strict=True):
        readings += row["incline_up_mg"] is not None
        assert (found is None) == (readings < 50)


def test_a_crooked_mount_is_taken_off():
    box = box_of(EVERYTHING)
    assert box.in_force is not None
    crooked = dataclasses.replace(box, in_force={**box.in_force, "incline_zero_permille": 50})
    for straight, corrected in zip(incline.of(box), incline.of(crooked), strict=True):
        assert straight is not None
        assert corrected is not None
        assert 48 <= straight - corrected <= 52


def test_where_the_limits_cannot_be_read_nothing_is_guessed():
    unknown = dataclasses.replace(box_of(EVERYTHING), in_force=None)
    assert (incline.of(unknown), incline.limit_permille(unknown)) == ([], None)


def test_a_box_without_an_inclinometer_has_none():
    assert incline.of(box_of("cut_rail_lead_trips")) == []


def test_the_limit_is_that_of_walking_backward_only():
    box = box_of(EVERYTHING)
    assert incline.limit_permille(box) == 100
    forward = [{**row, "mode": "forward"} for row in box.rows]
    assert incline.limit_permille(dataclasses.replace(box, rows=forward)) is None
