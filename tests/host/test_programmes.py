# SPDX-License-Identifier: MIT
"""Programmes: what studies did, never beyond a rule, and an honest count of done and missed."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from guard.core import faults as f
from tests.host.conftest import CommandLine
from tests.support import fake_board
from tests.support.fake_board import FakeBoard
from tests.support.written import Written
from treadguard import errors
from treadguard.errors import FileInvalid
from treadguard.programmes import plan, programme, reading

CHIP = "a1b2c3d4e5f6"
MONDAY = dt.date(2026, 3, 2)
OWN = """
schema = 1
id = "mine"
title = "My own"
weeks = 4
sessions_per_week = 2
minutes = 12
speed = "2 km/h"
progression_percent_per_week = 5
[source]
citation = "my physiotherapist"
reference = "said so"
population = "me"
setting = "at home"
reported = "12 minutes twice a week"
"""


def own(**changed: object) -> programme.Programme:
    return reading.parse(text_of(**changed), "own.toml")


def text_of(**changed: object) -> str:
    lines = OWN
    for key, value in changed.items():
        line = f"{key} = {json.dumps(value)}\n"
        kept = [row for row in lines.splitlines(True) if not row.startswith(f"{key} =")]
        lines = "".join(kept)
        lines = lines.replace("[source]", f"{line}[source]") if value is not None else lines
    return lines


# -- the library ------------------------------------------------------------------------


def test_the_protocols_are_those_of_their_sources():
    found = {one.id: one for one in reading.library()}
    dose = {
        name: (one.minutes, one.sessions_per_week, one.weeks, one.speed_mm_s)
        for name, one in found.items()
    }
    assert dose == {
        "alghadir-2019": (10, 3, 6, None),
        "beginner": (10, 3, 6, 447),
        "cha-2016": (20, 5, 4, 833),
        "cha-2016-three": (20, 3, 4, 833),
        "kachanathu-2014": (10, 3, 6, None),
        "terblanche-2005": (10, 3, 6, None),
    }
    assert found["cha-2016"].incline_percent == 10
    assert found["beginner"].progression_percent_per_week == 10


def test_every_programme_names_population_setting_and_source():
    for one in reading.library():
        for word in (one.source.citation, one.source.population, one.source.setting):
            assert len(word) > 3, one.id


def test_both_readings_of_cha_are_shown_and_point_at_each_other(treadguard: CommandLine):
    shown = treadguard("programme", "list").out
    assert "cha-2016:" in shown
    assert "cha-2016-three:" in shown
    assert "5 sessions a week of 20 minutes: that is cha-2016" in shown


def test_what_is_steeper_than_ten_percent_is_shown_and_never_offered(treadguard: CommandLine):
    assert (
        "NOT OFFERED its incline of 17.6 % is above the rule of 10 %"
        in treadguard("programme", "list").out
    )
    ran = treadguard("programme", "start", "kachanathu-2014")
    assert (ran.code, ran.out) == (errors.BAD_FILE, "")
    assert "shown and not offered" in ran.err
    assert "no programme was started" in treadguard("programme", "status").err


@given(some.integers(0, 400))
def test_an_incline_is_offered_exactly_up_to_the_rule(permille):
    one = own(incline_percent=permille / 10)
    assert bool(one.why_not_offered) == (permille > 100)


def test_ten_degrees_are_seventeen_point_six_percent():
    assert programme.percent_of_degrees(Fraction(10)) == Fraction(176, 10)


CLAIMS = (
    "heals",
    "cure",
    "treats",
    "relieves",
    "improves",
    "reduces pain",
    "strengthens",
    "effective",
)


def test_nothing_claims_a_benefit(treadguard: CommandLine):
    words = treadguard("programme", "list").out.lower()
    assert [claim for claim in CLAIMS if claim in words] == []
    assert "no programme promises a benefit" in words


# -- one's own --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"schema": 2}, "schema 2"),
        ({"weeks": 0}, "weeks = 0"),
        ({"weeks": True}, "weeks = True"),
        ({"minutes": 61}, "1 to 60"),
        ({"sessions_per_week": 8}, "1 to 7"),
        ({"speed": "3"}, "no unit"),
        ({"speed": "5 km/h"}, "out of range"),
        ({"progression_percent_per_week": 11}, "0 to 10"),
        ({"incline_percent": 41}, "0 to 40"),
        ({"incline_percent": 5, "incline_degrees": 3}, "not both"),
        ({"minutes_at_most": 5}, "less than minutes"),
        ({"speed_at_most": "1 km/h"}, "less than speed"),
        ({"id": "My Own"}, "lower-case"),
        ({"title": ""}, "title"),
        ({"colour": "red"}, "colour is unknown"),
        ({"minutes": None}, "minutes is missing"),
        ({"population": None}, "source.population is missing"),
    ],
    ids=str,
)
def test_a_programme_that_makes_no_sense_is_refused_with_the_reason(changed, word):
    with pytest.raises(FileInvalid) as caught:
        own(**changed)
    assert word in str(caught.value)
    assert str(caught.value).startswith("own.toml")


def test_every_problem_of_a_file_is_named_at_once(treadguard: CommandLine, tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(text_of(weeks=99, minutes=0, speed="fast"))
    ran = treadguard("programme", "check", path)
    assert (ran.code, ran.out) == (errors.BAD_FILE, "")
    for word in ("weeks", "minutes", "speed", str(path)):
        assert word in ran.err


def test_a_programme_of_ones_own_is_listed_and_started(treadguard: CommandLine, tmp_path: Path):
    folder = reading.own_folder()
    folder.mkdir()
    (folder / "mine.toml").write_text(OWN)
    assert "mine: My own" in treadguard("programme", "list").out
    assert treadguard("programme", "start", "mine").code == errors.OK
    (folder / "twin.toml").write_text(OWN.replace('"mine"', '"beginner"'))
    assert "'beginner' is taken" in treadguard("programme", "list").err


# -- the plan ---------------------------------------------------------------------------

walks = some.dictionaries(some.integers(0, 41), some.integers(0, 1200), max_size=42)


@given(walks, some.integers(-3, 50))
def test_every_planned_session_is_done_missed_due_or_ahead(days, today):
    one = own(weeks=6, sessions_per_week=3, minutes=10)
    walked = {MONDAY + dt.timedelta(days=day): seconds for day, seconds in days.items()}
    laid = plan.lay_out(one, MONDAY, MONDAY + dt.timedelta(days=today), walked)
    for week in laid.weeks:
        done = min(len(week.done), week.planned)
        ahead = week.begins > laid.today
        assert done + week.missed + week.due + ahead * (week.planned - done) == week.planned
        assert not (week.missed and week.ends >= laid.today)
        assert not (week.due and not week.begins <= laid.today <= week.ends)
    assert laid.done == sum(min(len(w.done), w.planned) for w in laid.weeks)


@given(walks, some.integers(1, 10), some.integers(140, 1118))
def test_speed_never_grows_faster_than_ten_percent_of_the_first_a_week(days, percent, first):
    one = own(weeks=6, progression_percent_per_week=percent, speed=f"{first} mm/s")
    walked = {MONDAY + dt.timedelta(days=day): seconds for day, seconds in days.items()}
    laid = plan.lay_out(one, MONDAY, MONDAY, walked)
    speeds = [week.speed_mm_s for week in laid.weeks]
    assert speeds[0] == first
    for before, after in itertools.pairwise(speeds):
        assert before <= after <= min(1118, before + first // 10 + 1)
    for before, after in itertools.pairwise(laid.weeks):
        if before.state != "done":
            assert after.speed_mm_s == before.speed_mm_s


@pytest.mark.parametrize(("seconds", "counts"), [(479, False), (480, True), (600, True)])
def test_a_session_counts_from_eighty_percent_of_its_minutes(seconds, counts):
    laid = plan.lay_out(own(minutes=10), MONDAY, MONDAY, {MONDAY: seconds})
    assert bool(laid.weeks[0].done) == counts
    assert bool(laid.weeks[0].partly) != counts


def test_the_next_session_is_not_on_a_day_that_has_one():
    laid = plan.lay_out(own(), MONDAY, MONDAY, {MONDAY: 720})
    following = laid.next_session()
    assert following is not None
    assert following[0] == MONDAY + dt.timedelta(days=1)
    done = {MONDAY + dt.timedelta(days=day): 720 for day in (0, 1)}
    laid = plan.lay_out(own(), MONDAY, MONDAY + dt.timedelta(days=1), done)
    following = laid.next_session()
    assert following is not None
    assert following[0] == MONDAY + dt.timedelta(days=7)
    over = plan.lay_out(own(), MONDAY, MONDAY + dt.timedelta(days=28), done)
    assert over.over
    assert over.next_session() is None


# -- on the command line ----------------------------------------------------------------


def pulled(tmp_path: Path, day: dt.date) -> Path:
    noon = int(dt.datetime.combine(day, dt.time(12)).astimezone().timestamp())
    journal = Written().power_on().clock(1_000, noon).walk(60_000, 1, f.BELT_STOPPED, seconds=600)
    return journal.into(tmp_path / CHIP)


def test_status_counts_what_was_pulled(treadguard: CommandLine, tmp_path: Path):
    today = dt.datetime.now().astimezone().date()
    begin = today - dt.timedelta(days=8)
    treadguard("logs", "import", pulled(tmp_path, begin))
    assert treadguard("programme", "start", "beginner", "--on", begin).code == errors.OK
    data = json.loads(treadguard("programme", "status", "--json").out)
    assert (data["done"], data["missed"], data["planned"]) == (1, 2, 18)
    assert data["weeks"][0]["done"] == [str(begin)]
    assert data["next"] == {
        "not_before": str(today), "week": 2, "minutes": 10, "speed_mm_s": 447,
    }  # fmt: skip
    assert "> week  2" in treadguard("programme", "status").out


def test_the_next_session_is_offered_as_a_change_that_start_confirms(
    treadguard: CommandLine, tmp_path: Path, board: FakeBoard, port: str
) -> None:
    assert treadguard("programme", "start", "beginner").code == errors.OK
    board.start = "nothing"
    ran = treadguard("programme", "offer", "--port", port, "--dry-run")
    assert ran.code == errors.OK
    assert board.values["backward_limit_mm_s"] == 833
    board.start = "hold"
    ran = treadguard("programme", "offer", "--port", port)
    assert ran.code == errors.OK, ran.err
    assert (board.values["backward_limit_mm_s"], board.values["session_limit_min"]) == (447, 10)
    assert "hold START" in ran.err


@pytest.mark.parametrize(("limit", "offered"), [(50, 100), (100, 100)])
def test_an_inclinometer_is_told_of_a_programme_that_it_would_stop(
    treadguard: CommandLine, board: FakeBoard, port: str, limit: int, offered: int
) -> None:
    assert treadguard("programme", "start", "cha-2016").code == errors.OK
    board.values["incline_limit_permille"] = limit
    assert treadguard("programme", "offer", "--port", port, "--yes").code == errors.OK
    assert board.values["incline_limit_permille"] == limit, "nothing there measures an incline"
    board.status = {"options": {"fitted": 8, "incline_permille": 0, "incline_raw_permille": 0}}
    assert treadguard("programme", "offer", "--port", port, "--yes").code == errors.OK
    assert board.values["incline_limit_permille"] == offered


def test_without_start_at_the_board_nothing_of_an_offer_is_taken(treadguard: CommandLine) -> None:
    board = FakeBoard(start="short")
    treadguard("programme", "start", "beginner")
    with fake_board.on_pty(board.feed) as port:
        ran = treadguard("programme", "offer", "--port", port)
    assert ran.code == errors.REFUSED
    assert board.values["backward_limit_mm_s"] == 833


def test_a_speed_is_given_only_where_the_programme_names_none(treadguard: CommandLine):
    ran = treadguard("programme", "start", "beginner", "--speed", "2 km/h")
    assert (ran.code, ran.out) == (errors.USAGE, "")
    ran = treadguard("programme", "start", "alghadir-2019", "--speed", "2 km/h", "--json")
    assert json.loads(ran.out)["next"]["speed_mm_s"] == 556


def test_a_started_programme_stays_as_it_was_on_that_day(treadguard: CommandLine, tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(OWN)
    treadguard("programme", "start", path)
    path.write_text(text_of(minutes=30))
    assert json.loads(treadguard("programme", "status", "--json").out)["next"]["minutes"] == 12
    assert treadguard("programme", "stop").code == errors.OK
    assert "no programme was started" in treadguard("programme", "stop").err
