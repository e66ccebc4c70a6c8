# SPDX-License-Identifier: MIT
"""A year in a logbook, its report, and a browser to open it with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import CI
from tests.report import browser
from tests.report.browser import Browser
from tests.support.walked_year import Year
from treadguard.logbook import importing, query, store
from treadguard.programmes import enrolment, reading
from treadguard.report import collect, page

CHIP = "a1b2c3d4e5f6"
NOW = dt.datetime(2026, 11, 19, 12, 0).astimezone()


@pytest.fixture(scope="session")
def year_book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[store.Book]:
    """150 sessions, 5 trips, a programme that is followed."""
    folder = tmp_path_factory.mktemp("year") / CHIP
    folder.mkdir()
    for name, data in Year().files.items():
        (folder / name).write_bytes(data)
    with store.opened(folder.parent / "logbook.db", make=True) as book:
        importing.import_folder(book, folder, CHIP)
        begin = dt.date(2026, 10, 19)
        enrolment.start(book, reading.find("beginner"), begin, None, None)
        yield book


@pytest.fixture(scope="session")
def year_report(year_book: store.Book) -> str:
    """The page of that year."""
    found = collect.overview(year_book, query.Period(), None, NOW.date())
    return page.render(found, NOW)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A real browser, started once."""
    if browser.program() is None and CI:
        pytest.fail(browser.MISSING)
    if browser.program() is None:
        pytest.skip(browser.MISSING)
    with Browser(tmp_path_factory.mktemp("browser")) as opened:
        opened.window(1200, 900)
        yield opened


@pytest.fixture
def opened(chromium: Browser, year_report: str, tmp_path: Path) -> Browser:
    """The year, open in the browser at desktop size."""
    path = tmp_path / "report.html"
    path.write_text(year_report, encoding="utf-8")
    chromium.window(1200, 900)
    chromium.media()
    chromium.open(path)
    return chromium
