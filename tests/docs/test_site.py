# SPDX-License-Identifier: MIT
"""Links, the site's own rules, drawings and tones: each check sees what it is there for."""

from __future__ import annotations

import io
import re
import wave
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.board import panel
from tests.docs.safety import ROOT
from tests.docs.site import browser, build, built, hooks, links, sounds_page, timing, tone

PATTERNS = st.lists(st.integers(20, 2000), min_size=1, max_size=8)


def test_every_link_of_the_markdown_leads_somewhere():
    assert links.all_broken(links.markdown_files()) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[x](gone.md)", "gone.md does not exist"),
        ("[x](README.md#no-such-place)", "README.md#no-such-place names no heading of that page"),
        ("[x](../../outside.md)", "../../outside.md is outside the repository"),
        (
            "![](docs/architecture.svg)",
            "docs/architecture.svg has no words for those who cannot see",
        ),
        ("# A\n[x](#b)", "#b names no heading of that page"),
        ("[`code`](gone.py)", "gone.py does not exist"),
    ],
)
def test_a_link_that_leads_nowhere_is_told(text, reason):
    found = links.broken(ROOT / "page.md", text)
    assert len(found) == 1
    assert found[0].startswith(f"page.md: {reason}")


@pytest.mark.parametrize(
    "text",
    [
        "[x](README.md)", "# A b!\n[x](#a-b)", "[x](https://example.org/y)", "`[x](gone.md)`",
        "```\n[x](gone.md)\n```", "[x](docs)", '<a id="here"></a> [x](#here)',
    ],
)  # fmt: skip
def test_a_link_that_leads_somewhere_is_not(text):
    assert links.broken(ROOT / "page.md", text) == []


def test_headings_get_the_anchor_that_readers_know():
    assert links.slug("`treadguard config set`") == "treadguard-config-set"
    assert links.slug("3. Measure, with the plug in") == "3-measure-with-the-plug-in"
    assert links.slug("H-01 The [belt](x.md)") == "h-01-the-belt"


# The built site

GOOD = "<html lang='en'><title>t</title><h1 id='a'>A</h1><h2>B</h2>{}</html>"


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        (GOOD.format("<a href='gone.html'>x</a>"), "gone.html does not exist"),
        (GOOD.format("<a href='p.html#z'>x</a>"), "p.html#z names no place of that page"),
        (GOOD.format("<script src='https://e.org/x.js'></script>"), "fetches https://e.org/x.js"),
        (GOOD.format("<img src='p.html'>"), "the picture p.html has no words"),
        (GOOD.format("<h4>C</h4>"), "goes from heading 2 to heading 4"),
        (GOOD.format("<h1>C</h1>"), "has 2 main headings"),
        (GOOD.replace("lang='en'", ""), "names no language"),
        (GOOD.replace("<title>t</title>", ""), "has no title"),
    ],
)
def test_what_is_wrong_with_a_built_page_is_told(html, reason):
    found = built.gaps({"p.html": built.Page(html)}, {"p.html"})
    assert len(found) == 1
    assert reason in found[0]


def test_a_good_page_has_no_gap():
    html = GOOD.format("<a href='#a'>x</a><a href='sub/'>y</a><a href='https://e.org'>z</a>")
    assert built.gaps({"p.html": built.Page(html)}, {"p.html", "sub/index.html"}) == []


def rendered(markdown: str, source: str, files: tuple[str, ...]) -> str:
    page = SimpleNamespace(file=SimpleNamespace(src_uri=source))
    return hooks.on_page_markdown(markdown, page, [SimpleNamespace(src_uri=f) for f in files])


def test_a_link_out_of_docs_becomes_a_link_of_the_site():
    files = ("architecture.md", "CONTRIBUTING.md")
    link = rendered("[c](../CONTRIBUTING.md#commits)", "architecture.md", files)
    assert link == "[c](CONTRIBUTING.md#commits)"
    back = rendered("[a](docs/architecture.md)", "CONTRIBUTING.md", files)
    assert back == "[a](architecture.md)"


def test_a_link_to_a_file_that_is_not_on_the_site_becomes_its_text():
    text = rendered("[`pins`](../../firmware/boot.py) `[x](y)`", "reference/pins.md", ())
    assert text == "`pins` `[x](y)`"


def test_comments_before_the_heading_hide_no_title():
    assert rendered("<!-- a -->\n<!-- b -->\n# T\n<!-- c -->", "x.md", ()) == "# T\n<!-- c -->"


def test_a_link_to_nothing_is_left_for_mkdocs_to_tell():
    assert rendered("[x](gone.md)", "faq.md", ()) == "[x](gone.md)"


def test_pages_that_are_not_written_yet_leave_the_navigation():
    listed: set[str] = set()
    nav = ["a.md", {"B": "b.md"}, {"C": ["c.md", "d.md"]}]
    assert hooks._pruned(nav, {"a.md", "d.md"}, listed) == ["a.md", {"C": ["d.md"]}]
    assert listed == {"a.md", "d.md"}


def test_a_drawing_of_a_sound_gets_a_player():
    html = hooks.on_page_content('<img alt="x" src="../reference/sounds/trip.svg">')
    assert 'src="../reference/sounds/trip.wav"' in html
    assert 'aria-label="Play the sound trip"' in html


def test_a_drawing_opens_when_tapped_and_a_timing_diagram_does_not():
    html = hooks.on_page_content('<img alt="x" src="exports/relay.svg">')
    assert html.startswith('<a href="exports/relay.svg"')
    assert "<a " not in hooks.on_page_content('<img alt="x" src="lights/ready.svg">')


# The browser's measurements


def test_a_page_wider_than_its_window_and_small_print_are_told():
    measured = [{"page": "a", "width": 390, "needs": 391, "px": 15.9}]
    assert browser.too_wide(measured) == ["a needs 391 px of 390"]
    assert browser.too_small(measured) == ["a: text of 15.9 px"]


def test_a_page_that_fits_is_not():
    measured = [{"page": "a", "width": 390, "needs": 390, "px": 16}]
    assert browser.too_wide(measured) == browser.too_small(measured) == []


@pytest.mark.parametrize(("ci", "faults"), [(True, [browser.MISSING]), (False, [])])
def test_a_missing_browser_is_told_and_fails_only_ci(ci, faults, monkeypatch, capsys):
    monkeypatch.setenv("TREADGUARD_CHROMIUM", "/no/such/browser")
    monkeypatch.setattr("tests.conftest.CI", ci)
    assert build._looked_at(None) == faults
    assert ("apt-get install chromium" in capsys.readouterr().out) != ci


def test_a_browser_that_measures_nothing_is_an_error(tmp_path):
    silent = browser.Browser("true", tmp_path, tmp_path)
    with pytest.raises(RuntimeError, match="measured 0 of 2 pages"):
        silent.widths(["a.html"])


# Drawings and tones


@given(PATTERNS, st.booleans())
def test_pulses_are_the_pattern(pattern, repeats):
    found = timing.pulses(pattern, repeats)
    assert all(start >= 0 and start + length <= timing.WINDOW_MS for start, length in found)
    if not repeats and sum(pattern) <= timing.WINDOW_MS:
        assert [length for _, length in found] == pattern[::2]
    ends = [start + length for start, length in found]
    assert all(end <= start for end, (start, _) in zip(ends, found[1:], strict=False))


# Text needs 4.5 to 1, graphics 3 to 1 (WCAG 2, AA).
GROUNDS = {"default": "#ffffff", "slate": "#1e2129"}  # the theme's own page colours


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_what_it_is_known_to_be():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_links_and_bars_of_the_site_can_be_read():
    css = (ROOT / "docs/theme/site.css").read_text(encoding="utf-8")
    light, dark = css.split('[data-md-color-scheme="slate"]', 1)
    for part, ground in ((light, GROUNDS["default"]), (dark, GROUNDS["slate"])):
        link = re.search(r"--md-typeset-a-color: (#\w{6})", part)
        assert link is not None
        assert contrast(link[1], ground) >= 4.5
    header = re.search(r"--md-primary-fg-color: (#\w{6})", light)
    assert header is not None
    assert contrast(header[1], "#ffffff") >= 4.5


def test_drawings_can_be_read_in_both_schemes():
    light, dark = timing.STYLE.split("@media", 1)
    for part in (light, dark):
        colour = dict(re.findall(r"(\.?\w+) \{ (?:fill|stroke): (#\w{6})", part))
        assert contrast(colour["text"], colour[".paper"]) >= 4.5
        assert contrast(colour[".on"], colour[".paper"]) >= 4.5
        assert contrast(colour[".line"], colour[".paper"]) >= 3


def test_a_steady_light_is_one_bar():
    assert timing.pulses((1000,), True) == [(0, timing.WINDOW_MS)]


@given(PATTERNS, st.booleans())
def test_a_tone_sounds_exactly_where_the_drawing_has_a_bar(pattern, repeats):
    with wave.open(io.BytesIO(tone.wav(pattern, repeats))) as file:
        samples = file.readframes(file.getnframes())
    sounding = sum(1 for sample in samples if sample != tone.SILENT)
    due = sum(length for _, length in timing.pulses(pattern, repeats)) * tone.RATE // 1000
    assert sounding == due
    assert len(samples) == timing.WINDOW_MS * tone.RATE // 1000


def test_every_sound_has_a_drawing_and_no_two_sound_alike():
    rows = sounds_page.sound_rows()
    assert len(rows) == len(panel.PATTERNS) - 1
    assert len({(tuple(pattern), on) for _, pattern, on in rows}) == len(rows)
