# SPDX-License-Identifier: MIT
"""The page by itself: whole, offline, honest, and readable without its figures."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from html.parser import HTMLParser

import pytest

from guard.core import events as e
from guard.core import faults as f
from guard.core import states as st
from tests.report.conftest import CHIP, NOW
from tests.support.written import Written
from treadguard.errors import FileInvalid
from treadguard.logbook import importing, query, sentences, store
from treadguard.programmes import enrolment, reading
from treadguard.programmes.plan import lay_out
from treadguard.report import collect, html, page

SIX_MB = 6_000_000


class Tags(HTMLParser):
    """Every tag with its attributes, and the text outside of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text += data


def test_it_is_one_file_that_asks_nobody_for_anything(year_report):
    assert len(year_report.encode()) < SIX_MB
    for tag, attributes in Tags(year_report).tags:
        assert "src" not in attributes, tag
        assert tag not in ("link", "img", "iframe", "base", "object"), tag
    assert "default-src 'none'" in year_report
    assert re.findall(r"https?://(?!www\.w3\.org)\S+", year_report) == []
    assert "@import" not in year_report
    assert "fetch(" not in year_report


def test_its_tags_are_closed_in_order_and_ids_are_unique(year_report):
    found = Tags(year_report)
    assert found.open == []
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_without_javascript_every_session_and_trip_stands_in_the_text(year_book, year_report):
    text = Tags(year_report).text
    (_, story), = query.stories(year_book)  # fmt: skip
    for session in story.sessions:
        assert session.when.text() in text
    for trip in story.trips:
        assert sentences.end(trip) in text
    assert "nothing here is medical advice" in text
    assert "18 sessions done" in text


def test_a_programme_stands_beside_its_numbers_its_people_and_who_says_otherwise(year_book):
    found = collect.overview(year_book, query.Period(), None, NOW.date())
    cha = reading.find("cha-2016-three")
    found.plan = lay_out(cha, NOW.date(), NOW.date(), {}, None)
    text = " ".join(Tags(page.render(found, NOW)).text.split())
    source = cha.source
    for told in (cha.dose(), source.reference, source.population, source.setting, source.differs):
        assert told in text
    assert "says nothing certain about you" in text


def test_a_week_that_has_not_begun_is_planned_and_not_undone(year_report):
    assert "3 planned" in year_report
    assert "0 of 3 done<" not in year_report


def test_an_ordinary_end_is_not_shown_as_a_trip(year_book):
    (_, story), = query.stories(year_book)  # fmt: skip
    ordinary = next(s for s in story.sessions if s.stop and s.stop.fault_class == "stop")
    trip = next(s for s in story.sessions if s.stop and s.stop.fault_class == "trip")
    for session, classes in ((ordinary, ["ordinary"]), (trip, [None])):
        shown = page.render(collect.one_session(year_book, session.number, None), NOW)
        assert [a.get("class") for t, a in Tags(shown).tags if t == "article"] == classes


def test_every_figure_has_a_text_that_stands_for_it(year_report):
    figures = [a for tag, a in Tags(year_report).tags if tag == "figure"]
    assert len(figures) == 3 + 1 + 5
    for attributes in figures:
        assert len(attributes["data-label"] or "") > 25


def test_a_name_with_markup_in_it_stays_text(tmp_path):
    folder = Written().power_on().walk(60_000, 1, f.OVERSPEED).into(tmp_path / CHIP)
    with store.opened(tmp_path / "book.db", make=True) as book:
        importing.import_folder(book, folder, CHIP)
        book.rename(book.board(None), "</script><b onload=x>")
        found = collect.overview(book, query.Period(), None, NOW.date())
    text = page.render(found, NOW)
    assert "<b onload" not in text
    assert text.count("</script>") == 2


@pytest.mark.parametrize("fitted", [False, True])
def test_an_incline_is_shown_where_the_record_holds_one(tmp_path, fitted):
    journal = Written().power_on().put(1_000, e.ARM, st.MODE_BACKWARD, 1)
    journal.put(2_000, e.STATE, st.WAIT_BELT, st.ARMING).put(9_000, e.STOP, f.BELT_STOPPED, 800)
    if fitted:
        journal.put(9_000, e.INCLINE, 40, 52)
    folder = journal.into(tmp_path / CHIP)
    with store.opened(tmp_path / "book.db", make=True) as book:
        importing.import_folder(book, folder, CHIP)
        text = page.render(collect.one_session(book, 1, None), NOW)
    assert ("4.0 % at the end, steepest 5.2 %" in text) == fitted


def test_a_clock_that_was_never_set_is_said_and_not_guessed(tmp_path):
    journal = Written().power_on().walk(60_000, 1, f.BELT_STOPPED)
    folder = journal.walk(900_000, 2, f.BELT_STOPPED).into(tmp_path / CHIP)
    with store.opened(tmp_path / "book.db", make=True) as book:
        importing.import_folder(book, folder, CHIP)
        found = collect.overview(book, query.Period(), None, NOW.date())
    assert (found.weeks, found.undated) == ([], 2)
    assert "clock never set" in page.render(found, NOW)


def test_sessions_that_no_programme_can_count_are_told_beside_it(tmp_path):
    folder = Written().power_on().walk(60_000, 1, f.BELT_STOPPED).into(tmp_path / CHIP)
    with store.opened(tmp_path / "book.db", make=True) as book:
        importing.import_folder(book, folder, CHIP)
        enrolment.start(book, reading.find("beginner"), NOW.date(), None, None)
        found = collect.overview(book, query.Period(), None, NOW.date())
    assert "1 session of unknown day could not be counted" in page.render(found, NOW)


def test_a_programme_of_one_board_is_not_shown_with_another(tmp_path):
    with store.opened(tmp_path / "book.db", make=True) as book:
        for chip in (CHIP, "0badc0ffee00"):
            journal = Written().power_on().walk(60_000, 1, f.BELT_STOPPED)
            importing.import_folder(book, journal.into(tmp_path / chip), chip)
        one = book.board(CHIP)
        enrolment.start(book, reading.find("beginner"), NOW.date(), None, one)
        plans = {
            chip: collect.overview(book, query.Period(), chip, NOW.date()).plan is not None
            for chip in (CHIP, "0badc0ffee00", None)
        }
    assert plans == {CHIP: True, "0badc0ffee00": False, None: True}


def test_damage_and_records_of_a_newer_board_are_named(tmp_path):
    from guard.record.frames import TRACE_HEADER, block

    journal = Written().power_on().clock(1, 1_770_000_000).walk(60_000, 1, f.BELT_STOPPED)
    journal.frames[3] = b"\x00" * 40
    folder = journal.into(tmp_path / CHIP)
    newer = block(TRACE_HEADER, 0, b"TGTR" + bytes([9]) + bytes(40))
    (folder / "t00000001.bin").write_bytes(newer)
    with store.opened(tmp_path / "book.db", make=True) as book:
        importing.import_folder(book, folder, CHIP)
        found = collect.overview(book, query.Period(), None, NOW.date())
    text = Tags(page.render(found, NOW)).text
    assert "40 bytes of the journal" in text
    assert "1 of the events of a1b2c3d4e5f6 missing" in text
    assert "Not readable by this version, but kept: t00000001.bin" in text
    assert "no trace of this session" in text


def test_an_empty_time_is_refused(year_book):
    never = query.period("2001-01-01", "2001-01-02")
    with pytest.raises(FileInvalid, match="no session in this time"):
        collect.overview(year_book, never, None, NOW.date())


def test_weeks_begin_on_monday_and_leave_none_out(year_book):
    weeks = collect.overview(year_book, query.Period(), None, NOW.date()).weeks
    assert {week.monday.weekday() for week in weeks} == {0}
    steps = {b.monday - a.monday for a, b in itertools.pairwise(weeks)}
    assert steps == {dt.timedelta(days=7)}
    assert sum(week.sessions for week in weeks) == 150
    assert sum(week.trips for week in weeks) == 5


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0 min"), (53, "53 s"), (60, "1 min"), (3540, "59 min"), (94200, "26 h 10 min")],
)
def test_a_time_walked_is_told_in_the_unit_that_fits(seconds, told):
    assert html.hours(seconds) == told
