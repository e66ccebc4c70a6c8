# SPDX-License-Identifier: MIT
"""Sessions, trips and what one can ask of them on the command line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from guard.core import events as e
from guard.core import faults as f
from guard.core import states as st
from tests.host.conftest import CommandLine
from tests.support.walked_year import Year
from tests.support.written import Written
from treadguard import errors, firmware
from treadguard.logbook import sentences, timeline
from treadguard.logbook.sessions import TRIPS, Stop, Story, class_of
from treadguard.logbook.store import Frame
from treadguard.logbook.telling import tell

CHIP = "a1b2c3d4e5f6"
NOON = 1_770_000_000


def story(journal: Written) -> Story:
    pulled_ms = (NOON + 10**6) * 1000
    return tell("board", timeline.events([Frame(data, pulled_ms) for data in journal.frames]))


def test_a_session_knows_its_length_its_end_and_its_stop_distance():
    journal = Written().power_on().clock(1_000, NOON)
    journal.put(2_000, e.CONFIG, 15, 100_000, 70_000, b"distance_per_edge_um")
    (session,) = story(journal.walk(60_000, 5, f.BELT_STOPPED, seconds=300)).sessions
    assert (session.number, session.closed, session.reached) == (5, True, "BACKWARD")
    assert (session.length_ms, session.backward_s, session.max_lead_mm) == (319_000, 300, 7)
    stop = session.stop
    assert stop is not None
    assert (stop.cause, stop.fault_class, stop.still_ms) == ("BELT_STOPPED", "stop", 1_500)
    assert stop.travel_mm == (350, 420)


def test_a_session_with_an_inclinometer_knows_its_incline():
    journal = Written().power_on().walk(60_000, 1, f.BELT_STOPPED)
    (bare,) = story(journal).sessions
    assert (bare.incline_permille, bare.most_incline_permille) == (None, None)
    journal = Written().power_on().put(1_000, e.ARM, st.MODE_BACKWARD, 1)
    journal.put(2_000, e.STATE, st.WAIT_BELT, st.ARMING).put(9_000, e.INCLINE, -12, 47)
    (session,) = story(journal).sessions
    assert (session.incline_permille, session.most_incline_permille) == (-12, 47)


def test_a_second_stop_that_had_to_drop_is_told_with_its_stop():
    journal = Written().power_on().put(1_000, e.ARM, st.MODE_BACKWARD, 1)
    journal.put(2_000, e.STATE, st.WAIT_BELT, st.ARMING).put(9_000, e.STOP, f.OVERSPEED, 900, 31)
    bare = sentences.end(story(journal).trips[0])
    journal.put(9_810, e.SECOND_STOP, f.OVERSPEED, 1_400, 810)
    (stop,) = story(journal).trips
    assert stop.contactor_ms == 810
    assert sentences.end(stop) == (
        f"{bare} The second stop cut the treadmill's supply 0.8 s after the relay."
    )


def test_limit_and_travel_are_those_of_the_day_not_of_today():
    journal = Written().power_on().walk(60_000, 1, f.BELT_STOPPED)
    journal.put(900_000, e.CONFIG, 0, 700, 833, b"backward_limit_mm_s")
    journal.walk(1_000_000, 2, f.BELT_STOPPED)
    assert [session.limit_mm_s for session in story(journal).sessions] == [700, 833]


def test_a_session_whose_self_test_failed_never_closed():
    journal = Written().power_on().put(1_000, e.ARM, st.MODE_BACKWARD, 1)
    journal.put(2_000, e.LOCKED, f.RELAY_TEST_FAILED)
    told = story(journal)
    assert [session.closed for session in told.sessions] == [False]
    assert [stop.cause for stop in told.trips] == ["RELAY_TEST_FAILED"]


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_session_with_a_damaged_event_is_still_a_session(lost):
    journal = Written().walk(60_000, 1, f.BELT_STOPPED)
    del journal.frames[lost]
    (session,) = story(journal).sessions
    assert session.closed
    assert session.stop is not None
    assert session.backward_s == 600


def test_a_power_cut_in_a_session_is_one_trip_of_that_session():
    journal = Written().power_on().put(1_000, e.ARM, st.MODE_BACKWARD, 7)
    journal.put(2_000, e.STATE, st.WAIT_BELT, st.ARMING).power_on(f.SESSION_CUT)
    journal.power_on(f.SESSION_CUT)
    told = story(journal)
    assert [(stop.cause, stop.session, stop.v_mm_s) for stop in told.trips] == [
        ("SESSION_CUT", 7, None)
    ]
    assert told.sessions[0].stop is told.trips[0]


def test_a_trip_told_again_at_every_boot_until_its_reset_is_one_trip():
    journal = Written().power_on().walk(1_000, 1, f.OVERSPEED).power_on(f.OVERSPEED)
    journal.power_on(f.OVERSPEED).put(5_000, e.RESET, f.OVERSPEED)
    journal.walk(10_000, 2, f.OVERSPEED)
    told = story(journal)
    assert [stop.session for stop in told.trips] == [1, 2]
    assert [stop.cleared is not None for stop in told.trips] == [True, False]


def test_a_corrected_name_takes_a_trip_back_and_keeps_what_it_was_called():
    journal = Written().power_on().walk(1_000, 1, f.SENSOR_LOST)
    journal.put(700_000, e.RENAMED, f.BELT_STOPPED, f.SENSOR_LOST)
    told = story(journal)
    assert told.trips == []
    stop = told.sessions[0].stop
    assert stop is not None
    assert (stop.cause, stop.first_named) == ("BELT_STOPPED", "SENSOR_LOST")


def test_a_lockout_that_follows_its_trip_is_told_once():
    journal = Written().power_on().walk(1_000, 1, f.STOP_FAILED)
    journal.put(700_000, e.LOCKED, f.STOP_FAILED, 500).put(900_000, e.PROOF, f.STOP_FAILED)
    told = story(journal)
    assert [stop.cause for stop in told.trips] == ["STOP_FAILED"]
    assert told.trips[0].cleared is not None


def test_standstill_that_was_not_proven_has_no_distance():
    journal = Written().power_on().walk(1_000, 1, f.SENSOR_LOST)
    journal.frames.pop()
    journal.seq -= 1
    journal.put(700_000, e.STOPPED, -3_900, 0, -1)
    (stop,) = story(journal).trips
    assert (stop.still_ms, stop.travel_mm) == (None, None)
    assert "could not be proven" in sentences.end(stop)


def test_every_fault_that_opens_the_relay_is_told_in_a_sentence_of_its_own():
    opens = [
        row[1] for row in firmware.load("guard.core.faults").TABLE if class_of(row[1]) != "block"
    ]
    assert set(opens) <= set(sentences.WHY)
    assert set(sentences.WHY) <= set(firmware.fault_names().values())
    when = timeline.When(NOON * 1000, None, NOON * 1000)
    for name in opens:
        full = Stop(1, name, name, when, 1, v_mm_s=812, lead_mm=31, limit_mm_s=833)
        bare = Stop(1, name, name, when, None)
        for said in (sentences.why(full), sentences.why(bare)):
            assert said.endswith(".")
            assert "{" not in said
            assert "None" not in said


def test_a_fault_of_another_version_is_taken_for_the_worst():
    assert class_of("FAULT_77") in TRIPS
    stop = Stop(1, "FAULT_77", "FAULT_77", timeline.When(0, None, 0), None)
    assert "FAULT_77" in sentences.why(stop)


# -- on the command line ----------------------------------------------------------------


@pytest.fixture(scope="module")
def year() -> dict[str, bytes]:
    return Year(sessions=24).files


@pytest.fixture
def book(treadguard: CommandLine, tmp_path: Path, year: dict[str, bytes]) -> Path:
    folder = tmp_path / CHIP
    folder.mkdir()
    for name, data in year.items():
        (folder / name).write_bytes(data)
    assert treadguard("logs", "import", folder).code == errors.OK
    return folder


def rows(treadguard: CommandLine, *words: str) -> list[dict[str, object]]:
    ran = treadguard(*words, "--json")
    assert ran.code == errors.OK, ran.err
    document = json.loads(ran.out)
    assert document["schema"] == f"treadguard.{words[0]}/1"
    found: list[dict[str, object]] = document[words[0]]
    return found


def test_sessions_are_filtered_by_time_cause_and_number(treadguard, book):
    assert len(rows(treadguard, "sessions")) == 24
    assert [r["session"] for r in rows(treadguard, "sessions", "--last", "2")] == [23, 24]
    (tripped,) = rows(treadguard, "sessions", "--cause", "overspeed")
    assert tripped["session"] == 21
    assert rows(treadguard, "sessions", "--since", "2030-01-01") == []
    of_week = rows(treadguard, "sessions", "--since", "2025-11-17", "--until", "2025-11-23")
    assert [r["session"] for r in of_week] == [1, 2, 3]


def test_trips_say_what_happened_in_two_sentences(treadguard, book):
    (trip,) = rows(treadguard, "trips")
    assert trip["fault"] == "OVERSPEED"
    assert len(trip["what_happened"]) == 2
    shown = treadguard("trips").out
    for sentence in trip["what_happened"]:
        assert sentence in shown


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (["sessions", "--since", "soon"], errors.USAGE, "is no date"),
        (["sessions", "--since", "2026-02-01", "--until", "2026-01-01"], errors.USAGE, "exchange"),
        (["trips", "--cause", "overspead"], errors.USAGE, "did you mean OVERSPEED"),
        (["sessions", "--board", "attic"], errors.BAD_FILE, "no board 'attic'"),
        (["logs", "export", "blackbox"], errors.USAGE, "--session N"),
        (["logs", "export", "trace", "--session", "99"], errors.BAD_FILE, "no session 99"),
        (
            ["logs", "export", "blackbox", "--session", "2"],
            errors.BAD_FILE,
            "no readable black box",
        ),
        (["report", "--trip", "7"], errors.BAD_FILE, "no trip 7"),
        (["report", "--session", "1", "--trip", "2"], errors.USAGE, "not both"),
        (["report", "--session", "1", "--since", "1 week"], errors.USAGE, "leave them out"),
        (["logs", "name", CHIP, ""], errors.USAGE, "1 to 40"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_bad_requests_get_one_sentence(treadguard, book, words, code, part):
    ran = treadguard(*words)
    assert (ran.code, ran.out) == (code, "")
    assert part in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("what", ["sessions", "trips", "events"])
def test_csv_and_json_lines_hold_the_same(treadguard, book, tmp_path, what):
    lines = treadguard("logs", "export", what, "--as", "jsonl").out.splitlines()
    target = tmp_path / "out.csv"
    assert treadguard("logs", "export", what, "-o", target).code == errors.OK
    table = list(csv.DictReader(io.StringIO(target.read_text())))
    assert len(table) == len(lines) > 0
    for line, cells in zip(map(json.loads, lines), table, strict=True):
        for key, value in line.items():
            if not isinstance(value, dict):
                assert cells[key] == ("" if value is None else str(value))


def test_every_exported_quantity_carries_its_unit(treadguard, book):
    """A number without a unit in its name is a count, a number of something, or a flag."""
    plain = {"board", "session", "trip", "mode", "reached", "ended_by", "class", "fault", "at",
             "not_before", "not_after", "first_named", "cleared", "cleared_at", "edges", "several",
             "counter_ahead", "left", "right", "estop", "start", "state", "relay_feedback", "late",
             "hall_bad", "n"}  # fmt: skip
    units = ("_mm_s", "_mm", "_ms", "_us", "_s", "_permille")
    for what in (
        ["sessions"],
        ["trips"],
        ["blackbox", "--session", "21"],
        ["trace", "--session", "3"],
    ):
        head = treadguard("logs", "export", *what).out.splitlines()[0].split(",")
        assert [
            h for h in head if h not in plain and not h.endswith(units) and h not in ("ms", "s")
        ] == []


def test_the_events_of_one_session_are_shown_from_its_start_to_the_next(treadguard, book):
    ran = treadguard("logs", "show", "--session", "21", "--json")
    kinds = [json.loads(line)["kind"] for line in ran.out.splitlines()]
    assert kinds[0] == "arm"
    assert kinds[-2:] == ["boot", "clock"]
    assert "reset" in kinds
