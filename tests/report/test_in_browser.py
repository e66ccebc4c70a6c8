# SPDX-License-Identifier: MIT
"""The report in a real browser: drawn, offline, and usable by mouse, key, finger and eye."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.report.browser import Browser
from tests.report.conftest import NOW
from treadguard.logbook import query, store
from treadguard.report import collect, page

SESSION, TRIP = "figure.session", "figure[data-trip='0']"
# Relative luminance and contrast as the accessibility guidelines define them.
CONTRAST = """
(() => {
  const rgb = (text) => { const n = text.match(/[\\d.]+/g).map(Number);
    return [n[0], n[1], n[2], n.length > 3 ? n[3] * 255 : 255]; };
  const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => { v /= 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05); };
  const behind = (e) => { for (; e; e = e.parentElement) {
    const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c; }
    return [255, 255, 255, 255]; };
  const poor = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !e.getClientRects().length) continue;
    if (e.closest('script,style,:disabled,.onlane')) continue;
    const paint = e.closest('svg') ? getComputedStyle(e).fill : getComputedStyle(e).color;
    const found = ratio(rgb(paint), behind(e));
    const words = walk.currentNode.data.trim().slice(0, 30);
    const name = e.className.baseVal ?? e.className;
    if (found < 4.5) poor.push(`${found.toFixed(2)} ${name} ${words}`);
  }
  return [...new Set(poor)].slice(0, 20);
})()
"""


def ratio(one: str, other: str) -> float:
    """Contrast of two opaque `rgb(r, g, b)`."""

    def light(colour: str) -> float:
        parts = [int(part) / 255 for part in colour[4:-1].split(",")]
        r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def read(browser: Browser, figure: str) -> str:
    return str(
        browser.run(f"document.querySelector({figure!r}).querySelector('.read').textContent")
    )


def how_many(browser: Browser, selector: str, condition: str) -> int:
    """Elements `e` for which the condition holds."""
    found = f"[...document.querySelectorAll({selector!r})].filter(e => {condition}).length"
    return int(browser.run(found))


def shown(browser: Browser, figure: str) -> list[str]:
    """The times written under a figure."""
    texts = f"document.querySelectorAll({figure + ' svg text.soft.mid'!r})"
    return list(browser.run(f"[...{texts}].map(t => t.textContent)"))


def test_it_draws_without_a_complaint_and_asks_no_address_but_its_own(opened):
    assert opened.complaints() == []
    assert [address[:8] for address in opened.addresses()] == ["file:///"]
    paths = (
        "document.querySelectorAll('figure svg path, figure svg rect, figure svg circle').length"
    )
    assert opened.run(paths) > 200
    assert opened.run("[...document.querySelectorAll('figure .canvas')].every(c => c.innerHTML)")


def test_pointing_reads_the_figure(opened):
    x, y = opened.centre_of(f"{TRIP} .canvas")
    opened.mouse("mouseMoved", x, y)
    text = read(opened, TRIP)
    for word in ("at most", "km/h", "limit 3.0 km/h", "left held", "right held", "relay"):
        assert word in text


def test_dragging_zooms_and_a_double_click_shows_everything(opened):
    before = shown(opened, SESSION)
    x, y = opened.centre_of(f"{SESSION} .canvas")
    opened.mouse("mouseMoved", x - 100, y)
    opened.mouse("mousePressed", x - 100, y, 1)
    opened.mouse("mouseMoved", x + 50, y, 1)
    opened.mouse("mouseReleased", x + 50, y, 1)
    zoomed = shown(opened, SESSION)
    assert zoomed != before
    assert opened.run(f'!document.querySelector("{SESSION} [data-zoom=all]").disabled')
    opened.click(f"{SESSION} [data-zoom=all]")
    assert shown(opened, SESSION) == before


def test_keys_read_and_zoom_too(opened):
    opened.run(f'document.querySelector("{SESSION} .canvas").focus()')
    opened.key("ArrowRight")
    first = read(opened, SESSION)
    opened.key("ArrowRight")
    assert read(opened, SESSION) != first
    before = shown(opened, SESSION)
    opened.key("+")
    assert shown(opened, SESSION) != before
    opened.key("Escape")
    assert shown(opened, SESSION) == before


def test_mph_changes_every_speed_and_nothing_else(opened):
    speeds = "[...document.querySelectorAll('[data-mm-s]')].map(s => s.textContent)"
    before, text = opened.run(speeds), opened.run("document.querySelector('#all').textContent")
    opened.click("[data-unit='mph']")
    after = opened.run(speeds)
    assert all(one.endswith(" km/h") for one in before)
    assert all(one.endswith(" mph") for one in after)
    values = opened.run("[...document.querySelectorAll('[data-mm-s]')].map(s => +s.dataset.mmS)")
    assert after == [f"{int(v * 3600 / 1609344 * 10 + 0.5) / 10:.1f} mph" for v in values]
    assert "mph" in opened.run(f"document.querySelector('{SESSION} svg').textContent")
    assert opened.run("document.querySelector('#all').textContent") == text
    opened.click("[data-unit='km/h']")
    assert opened.run(speeds) == before


def test_a_row_of_the_table_shows_its_session(opened):
    opened.click("tr[data-session='20'] button")
    chosen = opened.run("document.querySelector('#viewer .chosen').textContent")
    row = opened.run("document.querySelector(\"tr[data-session='20'] button\").textContent")
    assert row in chosen
    assert "overspeed" in opened.run("document.querySelector('#viewer .facts').textContent")
    assert "overspeed" in opened.run(f"document.querySelector('{SESSION} svg').textContent")
    opened.click("[data-step='-1']")
    assert "Session 20," in opened.run("document.querySelector('#viewer .chosen').textContent")


@pytest.mark.parametrize("width", [320, 390, 768, 1200])
def test_nothing_is_wider_than_the_screen(opened, width):
    opened.window(width, 800, mobile=width < 600)
    opened.ask("Page.reload")
    path = opened.run("location.pathname")
    opened.open(Path(path))
    assert opened.run("document.documentElement.scrollWidth") <= width
    beyond = "e.getClientRects().length && e.getBoundingClientRect().right > innerWidth + 1"
    assert how_many(opened, "section, figure, svg, .tiles li", beyond) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_enough_contrast(opened, scheme):
    opened.media(scheme=scheme)
    assert opened.run(CONTRAST) == []
    grey = {"light": "#999", "dark": "#555"}[scheme]
    opened.run(f"document.querySelector('footer').style.color = '{grey}'")
    assert len(opened.run(CONTRAST)) == 1
    paper = opened.run("getComputedStyle(document.body).backgroundColor")
    darkness = sum(int(part) for part in paper[4:-1].split(","))
    assert (darkness < 150) == (scheme == "dark")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_on_a_lane_can_be_read(opened, scheme):
    opened.media(scheme=scheme)
    words = opened.run(
        "[...new Set([...document.querySelectorAll('.onlane')].map(t => t.textContent))]"
    )
    assert {"held", "closed", "open", "backward", "wire fault"} <= set(words)
    pairs = (
        "[...document.querySelectorAll('.onlane')].map(t =>"
        " [getComputedStyle(t).fill, getComputedStyle(t.previousElementSibling).fill])"
    )
    for ink, bar in opened.run(pairs):
        assert ratio(ink, bar) >= 4.5, (ink, bar)


def test_the_limit_is_written_beside_every_line_and_not_upon_one(opened):
    upon = (
        "(() => { const t = document.querySelector('figure.session .limittext').getBBox();"
        " const line = document.querySelector('figure.session path.speed');"
        " for (let at = 0; at < line.getTotalLength(); at += 1) {"
        " const p = line.getPointAtLength(at);"
        " if (p.x > t.x && p.x < t.x + t.width && p.y > t.y && p.y < t.y + t.height - 3)"
        " return true; } return false; })()"
    )
    assert opened.run(upon) is False
    figure = "document.querySelector('figure.session')"
    opened.run(
        f"{figure}.querySelector('.limittext').setAttribute('y',"
        f" {figure}.querySelector('path.speed').getBBox().y + 4)"
    )
    assert opened.run(upon) is True


def test_what_is_drawn_without_a_name_is_explained_below(opened):
    legends = opened.run("[...document.querySelectorAll('.legend')].map(e => e.textContent)")
    assert "a week with a trip" in legends[0]
    assert "what the programme asks for" in legends[0]
    assert sum("each edge the belt's sensor saw" in text for text in legends) == 5
    marks = opened.run(
        "[...document.querySelectorAll('figure[data-trip] .marktext')].map(t => t.textContent)"
    )
    assert marks.count("relay opens") == 5
    assert marks.count("stands still") == 4  # one standstill was not proven


def test_buttons_are_named_and_large_enough_for_a_finger(opened):
    opened.window(390, 800, mobile=True)
    assert how_many(opened, "button", "!(e.textContent.trim() || e.ariaLabel)") == 0
    assert how_many(opened, "button:not(td button)", "e.getBoundingClientRect().height < 32") == 0
    tree = opened.ask("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in tree if not node.get("ignored")]
    assert roles.count("image") == 9
    unnamed_images = [n for n in tree if n["role"]["value"] == "image" and not n["name"]["value"]]
    assert unnamed_images == []


def test_it_prints_on_white_without_buttons(opened):
    opened.media("print", "dark")
    assert opened.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert how_many(opened, ".bar-of-buttons", "e.getClientRects().length") == 0
    opened.media()
    widths = "[...document.querySelectorAll('figure svg')].map(s => s.viewBox.baseVal.width)"
    opened.run(f"addEventListener('beforeprint', () => {{ window.printedWidths = {widths}; }})")
    printed = opened.pdf()
    assert set(opened.run("printedWidths")) == {330, 680}
    columns = "[...document.querySelectorAll('figure .canvas')].map(c => c.clientWidth)"
    assert opened.run(widths) == opened.run(columns)
    assert printed.startswith(b"%PDF-")
    assert printed.count(b"/Type /Page\n") >= 5


@pytest.mark.parametrize("kind", ["session", "trip"])
def test_one_session_and_one_trip_are_drawn_alone(
    chromium: Browser, year_book: store.Book, tmp_path: Path, kind: str
) -> None:
    (_, story), = query.stories(year_book)  # fmt: skip
    trip = story.trips[2]
    assert trip.session is not None
    found = (
        collect.one_session(year_book, trip.session, None)
        if kind == "session"
        else collect.one_trip(year_book, trip.seq, None)
    )
    path = tmp_path / "one.html"
    path.write_text(page.render(found, NOW), encoding="utf-8")
    chromium.window(1200, 900)
    chromium.media()
    chromium.open(path)
    assert chromium.complaints() == []
    assert chromium.run("document.querySelectorAll('figure svg').length") == 2
    assert "overspeed" in chromium.run("document.querySelector('article h2').textContent")
