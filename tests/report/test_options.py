# SPDX-License-Identifier: MIT
"""What the options of a board saw, on a stop's page: drawn and told where they are fitted."""

from __future__ import annotations

import base64
import dataclasses
import functools
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.report.browser import Browser
from tests.report.conftest import CHIP, NOW
from tests.report.test_in_browser import CONTRAST, ratio, read
from tests.report.test_page import Tags
from tests.support.pulled import box_of, files_of
from treadguard.logbook import decode, importing, incline, store
from treadguard.report import collect, fitted, page
from treadguard.report.collect import Report

EVERYTHING = "every_option_together_walks_as_without"
PLAIN = "cut_rail_lead_trips"
UNPLUGGED = "inclinometer_that_is_unplugged_trips"
B_CUT = "cut_lead_of_the_second_sensor_trips"
WELDED = "welded_pole_is_found_while_still"
WORDS = ("sensor B", "second stop", "stop 2", "key loop", "incline")
LANES = (
    "[...document.querySelectorAll('figure[data-trip] svg text.small')].map(t => t.textContent)"
)
ONLANES = "[...document.querySelectorAll('figure[data-trip] .onlane')].map(t => t.textContent)"


def reported(name: str) -> Report:
    """The page of the one session of a scenario."""
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / CHIP
        folder.mkdir()
        for file, data in files_of(name).items():
            (folder / file).write_bytes(data)
        with store.opened(Path(parent) / "logbook.db", make=True) as book:
            importing.import_folder(book, folder, CHIP)
            return collect.one_session(book, 1, None)


@functools.cache
def page_of(name: str) -> str:
    return page.render(reported(name), NOW)


def stop_text(name: str) -> str:
    """The stop's article as text, hard spaces as soft ones."""
    article = page_of(name).split("<article")[1].split("</article>")[0]
    return Tags(f"<article{article}</article>").text.replace("\xa0", " ")


def drawn(name: str) -> dict[str, Any]:
    """What the page's script gets of the stop."""
    (trip,) = page.data(reported(name))["trips"]
    return dict(trip)


# In words


def test_every_option_stands_in_the_text_below_the_figure():
    text = stop_text(EVERYTHING)
    box = box_of(EVERYTHING)
    at = next(i for i, row in enumerate(box.rows) if row["state"] == "STOPPING")
    a, b = (sum(row[key] for row in box.rows[:at]) for key in ("edges", "edges_b"))
    (event,) = (
        e for file, data in files_of(EVERYTHING).items() if file[0] == "j"
        for e in decode.journal(data) if e["kind"] == "incline"
    )  # fmt: skip
    for words in (
        f"sensor A {a}, sensor B {b}",
        f"{event['incline_permille'] / 10:.1f} % at the stop, limit 10.0 %",
        "dropped 0.11 s after the decision",
        "opened 0.09 s after the decision",
    ):
        assert words in text


def test_the_words_for_those_who_do_not_see_the_figure_say_the_same():
    (label,) = (a["data-label"] for t, a in Tags(page_of(EVERYTHING)).tags if "data-trip" in a)
    assert label is not None
    for words in ("sensor B", "Incline: 8.8 %", "Second stop: dropped", "Key loop: opened"):
        assert words in label
    assert drawn(EVERYTHING)["label"].endswith(label.removeprefix("Black box: "))


def test_each_unfamiliar_row_is_explained_below_the_figure():
    assert "both look at the same magnets" in stop_text(EVERYTHING)
    for word in ("stop 2:", "key loop:", "incline:"):
        assert word in stop_text(EVERYTHING)


def test_a_box_of_a_board_without_options_says_nothing_of_them():
    assert drawn(PLAIN)["options"] is None
    for word in WORDS:
        assert word not in stop_text(PLAIN), word
    assert "each edge the belt's sensor saw" in stop_text(PLAIN)


def test_only_what_was_fitted_is_shown():
    text = stop_text(WELDED)
    assert "key loop" in text
    for word in ("sensor B", "second stop", "incline"):
        assert word not in text, word
    has = drawn(WELDED)["options"]
    assert has["key_loop"]
    assert [key for key in ("hall_b", "second_stop", "incline") if has[key]] == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (WELDED, "stayed closed"),
        (
            "contactor_unplugged_while_walking_trips",
            "dropped by itself 0.50 s before the decision",
        ),
        (UNPLUGGED, "not known at the stop, limit 10.0 %"),
    ],
)
def test_a_contact_or_sensor_that_is_not_where_it_should_be_is_called_so(name, told):
    assert told in stop_text(name)


def test_a_contact_is_called_odd_no_sooner_than_the_board_judges_it():
    box = box_of(WELDED)
    at = next(i for i, row in enumerate(box.rows) if row["relay_feedback"] == "open")
    late = [{**row, "key_loop": "open"} for row in box.rows[at + 99 :]]
    seen = fitted.of(dataclasses.replace(box, rows=[*box.rows[: at + 99], *late]))
    assert seen is not None
    assert seen.key_loop is not None
    assert fitted.ODDLY_CLOSED not in seen.key_loop
    assert ("key loop", "opened 1.00 s after the decision") in seen.facts()


def test_a_contactor_that_stays_closed_after_the_stop_is_called_so():
    box = box_of(EVERYTHING)
    rows = [{**row, "second_stop": "closed"} for row in box.rows]
    seen = fitted.of(dataclasses.replace(box, rows=rows))
    assert seen is not None
    assert ("second stop", "stayed closed") in seen.facts()


# What was not stored is not shown as nothing


def test_the_options_of_a_torn_box_are_left_out_and_not_drawn_as_silence():
    (data,) = (data for file, data in files_of(EVERYTHING).items() if file[0] == "b")
    torn = decode.blackbox(data[: len(data) * 3 // 4])
    assert not torn.intact
    seen = fitted.of(torn)
    assert seen is not None
    assert (seen.edges_b, seen.inclines) == (None, None)
    assert seen.second_stop
    assert [term for term, _ in seen.facts()] == ["second stop", "key loop"]


def test_what_the_script_gets_is_what_the_box_holds():
    box = box_of(EVERYTHING)
    records = list(
        fitted.TICK.iter_unpack(base64.b64decode(drawn(EVERYTHING)["options"]["ticks"]))
    )
    assert [bool(flags & 1) for flags, _ in records] == [bool(row["edges_b"]) for row in box.rows]
    assert [permille for _, permille in records] == incline.of(box)
    closed = [flags >> fitted.KEY_SHIFT & 3 == fitted.CLOSED for flags, _ in records]
    assert closed == [row["key_loop"] == "closed" for row in box.rows]


def test_a_box_is_read_once_for_its_page(monkeypatch):
    reads: list[str] = []
    for module, name in ((decode, "blackbox"), (incline, "of")):
        real = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda *a, real=real, name=name: (reads.append(name), real(*a))[1]
        )
    page.render(reported(EVERYTHING), NOW)
    assert sorted(reads) == ["blackbox", "of"]


# In a browser


def opened(chromium: Browser, name: str, folder: Path, width: int = 1200) -> Browser:
    path = folder / "stop.html"
    path.write_text(page_of(name), encoding="utf-8")
    chromium.window(width, 900, mobile=width < 600)
    chromium.media()
    chromium.open(path)
    assert chromium.complaints() == []
    return chromium


def test_every_option_has_its_row(chromium, tmp_path):
    browser = opened(chromium, EVERYTHING, tmp_path)
    rows = ["sensor A", "sensor B", "left hand", "right hand", "relay", "key loop", "stop 2"]
    assert browser.run(LANES) == rows
    assert {"closed", "open", "dropped"} <= set(browser.run(ONLANES))
    assert "limit 10.0 %" in browser.run("document.querySelector('[data-trip] svg').textContent")


def test_a_board_without_options_has_no_such_row(chromium, tmp_path):
    browser = opened(chromium, PLAIN, tmp_path)
    assert browser.run(LANES) == ["left hand", "right hand", "relay"]
    assert "incline" not in browser.run("document.querySelector('[data-trip] svg').textContent")
    assert browser.run("document.querySelectorAll('[data-trip] line.edge').length") > 50


def test_each_edge_of_both_sensors_is_a_tick_and_shows_who_saw_it(chromium, tmp_path):
    browser = opened(chromium, EVERYTHING, tmp_path)
    browser.click("[data-trip] [data-zoom=all]")
    rows = box_of(EVERYTHING).rows
    edges = sum(bool(row["edges"]) for row in rows) + sum(bool(row["edges_b"]) for row in rows)
    assert browser.run("document.querySelectorAll('[data-trip] line.edge').length") == edges
    ticks = "[...document.querySelectorAll('[data-trip] line.edge')]"
    assert browser.run(f"new Set({ticks}.map(tick => tick.y1.baseVal.value)).size") == 2


def test_pointing_reads_the_options_too(chromium, tmp_path):
    browser = opened(chromium, EVERYTHING, tmp_path)
    x, y = browser.centre_of("[data-trip] .canvas")
    browser.mouse("mouseMoved", x - 200, y)
    told = read(browser, "figure[data-trip='0']")
    for words in ("key loop closed", "second stop closed", "incline "):
        assert words in told
    assert told.endswith(" %")


def test_where_the_incline_is_not_known_there_is_no_line(chromium, tmp_path):
    browser = opened(chromium, UNPLUGGED, tmp_path)
    assert "not known" in browser.run(ONLANES)
    lines = "[...document.querySelectorAll('[data-trip] path.speed')].map(p => p.getBBox())"
    ends = browser.run(f"{lines}.map(b => b.x + b.width)")
    opening = browser.run("+document.querySelector('[data-trip] .mark.bad').getAttribute('x1')")
    assert ends[0] > opening + 50
    assert ends[1] <= opening


def test_a_cut_lead_stands_in_the_row_of_its_sensor(chromium, tmp_path):
    assert "wire fault" in opened(chromium, B_CUT, tmp_path).run(ONLANES)


def test_a_box_that_begins_with_a_running_belt_does_not_begin_at_standstill(chromium, tmp_path):
    browser = opened(chromium, EVERYTHING, tmp_path)
    browser.run("document.querySelector('[data-trip] .canvas').focus()")
    path = "document.querySelector('[data-trip] path.speed')"
    lowest = browser.run(
        f"(() => {{ const p = {path}, n = p.getTotalLength(); let low = 0;"
        " for (let at = 0; at < n / 5; at += 1) low = Math.max(low, p.getPointAtLength(at).y);"
        " return low; })()"
    )
    floor = browser.run(f"{path}.getBBox().y + {path}.getBBox().height")
    assert lowest < floor - 80


@pytest.mark.parametrize("name", [EVERYTHING, B_CUT, UNPLUGGED, WELDED])
def test_its_words_can_be_read(chromium, tmp_path, name):
    browser = opened(chromium, name, tmp_path)
    pairs = (
        "[...document.querySelectorAll('.onlane')].map(t =>"
        " [getComputedStyle(t).fill, getComputedStyle(t.previousElementSibling).fill])"
    )
    for scheme in ("light", "dark"):
        browser.media(scheme=scheme)
        assert browser.run(CONTRAST) == []
        for ink, bar in browser.run(pairs):
            assert ratio(ink, bar) >= 4.5, (scheme, ink, bar)


@pytest.mark.parametrize("width", [320, 390, 1200])
def test_it_fits_the_screen_and_no_name_of_a_row_is_cut(chromium, tmp_path, width):
    browser = opened(chromium, EVERYTHING, tmp_path, width)
    assert browser.run("document.documentElement.scrollWidth") <= width
    left = "Math.min(...[...document.querySelectorAll('svg text')].map(t => t.getBBox().x))"
    assert browser.run(left) >= 0
    below = (
        "Math.max(...[...document.querySelectorAll('[data-trip] svg > *:not(defs)')]"
        ".map(e => e.getBBox().y + e.getBBox().height))"
        " <= document.querySelector('[data-trip] svg').viewBox.baseVal.height"
    )
    assert browser.run(below)


def test_it_prints_with_its_explanations(chromium, tmp_path):
    browser = opened(chromium, EVERYTHING, tmp_path)
    browser.media("print", "dark")
    legend = "document.querySelector('[data-trip] .legend')"
    assert browser.run(f"{legend}.getClientRects().length") == 1
    assert browser.run(f"getComputedStyle({legend}).color") == "rgb(68, 68, 68)"
    browser.media()
    assert browser.pdf().startswith(b"%PDF-")
