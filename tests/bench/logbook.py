# SPDX-License-Identifier: MIT
"""A year in the logbook: how long it takes to import, to write as a report, and to draw."""

from __future__ import annotations

import datetime as dt
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import conftest  # noqa: F401 - puts the firmware on sys.path
from tests.bench.report import Options, Part, Requirement, Table, number, progress
from tests.report import browser
from tests.report.browser import Browser
from tests.support.walked_year import TRIPS, Year
from treadguard.logbook import importing, query, store
from treadguard.programmes import enrolment, reading
from treadguard.report import collect, page

CHIP = "a1b2c3d4e5f6"
NOW = dt.datetime(2026, 11, 19, 12, 0).astimezone()
DRAWINGS = 7
MOST_MS, MOST_BYTES = 2000, 6_000_000
PHONE, DESKTOP = (390, 844), (1200, 900)


def run(options: Options) -> Part:
    """The whole part; the browser's half is skipped, and said so, where there is none."""
    part = Part("logbook")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = _logbook(part, folder)
        _drawn(part, folder, text)
    return part


def _logbook(part: Part, folder: Path) -> str:
    records = folder / CHIP
    records.mkdir()
    year = Year()
    for name, data in year.files.items():
        (records / name).write_bytes(data)
    pulled = sum(map(len, year.files.values()))
    with store.opened(folder / "logbook.db", make=True) as book:
        first_ms, done = _timed(lambda: importing.import_folder(book, records, CHIP))
        again_ms, twice = _timed(lambda: importing.import_folder(book, records, CHIP))
        enrolment.start(book, reading.find("beginner"), dt.date(2026, 10, 19), None, None)
        report_ms, text = _timed(lambda: _report(book))
    size = (folder / "logbook.db").stat().st_size
    data = len(text.encode())
    part.numbers |= {
        "sessions": year.sessions, "trips": len(TRIPS), "pulled_bytes": pulled,
        "events": done.events, "import_ms": first_ms, "second_import_ms": again_ms,
        "second_import_new": twice.events + twice.files, "logbook_bytes": size,
        "report_ms": report_ms, "report_bytes": data,
    }  # fmt: skip
    part.tables.append(
        Table(
            f"A year: {year.sessions} sessions, {len(TRIPS)} trips",
            ("step", "time, ms", "bytes"),
            (
                ("records as pulled", "", str(pulled)),
                (
                    f"import of {done.events} events, {done.files} files",
                    number(first_ms),
                    str(size),
                ),
                ("import of the same again", number(again_ms), "0"),
                ("report written", number(report_ms), str(data)),
            ),
        )
    )
    part.requirements += [
        Requirement("the report of a year is below 6 MB", f"{data} bytes", data < MOST_BYTES),
        Requirement(
            "importing the same year again adds nothing",
            f"{twice.events} events, {twice.files} files",
            twice.events + twice.files == 0,
        ),
    ]
    return text


def _report(book: store.Book) -> str:
    return page.render(collect.overview(book, query.Period(), None, NOW.date()), NOW)


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = work()
    return (time.perf_counter() - began) * 1000, result


def _drawn(part: Part, folder: Path, text: str) -> None:
    if browser.program() is None:
        part.skipped = browser.MISSING
        return
    path = folder / "report.html"
    path.write_text(text, encoding="utf-8")
    rows = []
    worst_ms = 0.0
    with Browser(folder) as chromium:
        version = chromium.run("navigator.userAgent.match(/Chrom\\w*\\/[\\d.]+/)[0]")
        for name, (width, height) in (("desktop", DESKTOP), ("phone", PHONE)):
            chromium.window(width, height, mobile=name == "phone")
            times = []
            for turn in range(DRAWINGS):
                progress(f"drawing {name} {turn + 1} of {DRAWINGS}")
                chromium.open(path)
                times.append(float(chromium.run("document.documentElement.dataset.drawnMs")))
            worst_ms = max(worst_ms, *times)
            rows.append((name, number(statistics.median(times)), number(max(times))))
            part.numbers[f"drawn_{name}_ms"] = times
    part.numbers["browser"] = version
    part.tables.append(
        Table(
            "From opening the file to every figure drawn",
            ("screen", "median, ms", "slowest, ms"),
            rows,
            f"{version}, headless, {DRAWINGS} times each, the first with a cold browser.",
        )
    )
    part.requirements.append(
        Requirement("a year is drawn in less than 2 s", f"{worst_ms:.0f} ms", worst_ms < MOST_MS)
    )
