# SPDX-License-Identifier: MIT
"""The guide says what the firmware does: each copy that drifts is told."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from guard.board import panel
from guard.core import faults, parameters, sounds, states
from guard.core.closed import ClosedStates
from tests.docs import safety
from tests.docs.site import (
    faults_page,
    pages,
    parameters_page,
    pins_page,
    records_page,
    sounds_page,
    transcripts,
    values,
    words,
)
from tests.docs.site.words import DOCS
from treadguard import firmware

BY_HAND = pages.by_hand()
COMMAND = re.compile(r"`treadguard ([a-z-]+(?: [a-z-]+)?)")


@pytest.fixture(scope="module")
def told():
    return words.load()


def test_every_page_is_what_the_firmware_says():
    assert pages.drift(pages.all_pages()) == []


def test_every_sound_light_pin_and_class_has_words(told):
    assert words.gaps(told, words.due()) == []


def test_a_name_without_words_and_words_without_a_name_are_told(told):
    wanted = {**words.due(), "pins": (*words.due()["pins"], "PUMP_C")}
    assert words.gaps(told, wanted) == ["words.toml: pins has no words for PUMP_C"]
    fewer = {**words.due(), "sounds": words.due()["sounds"][1:]}
    assert words.gaps(told, fewer) == ["words.toml: sounds names arming_tick, unknown"]


def test_every_fault_has_its_place_on_the_page(told):
    page = pages.generated()[pages.REFERENCE / "faults.md"]
    for row in faults.TABLE:
        text = firmware.fault_texts()[row[1]]
        assert f"### {row[1]}\n" in page
        assert text.what in page
        assert text.causes in page
        assert text.remedy in page


def test_what_is_not_built_is_said_not_to_be(told):
    not_built = safety.load_file().not_built
    page = faults_page.page(told, faults_page.texts(), {"ESTOP": "for this test"})
    assert page.count("The default build never raises it") == 1
    now = faults_page.page(told, faults_page.texts(), not_built)
    assert now.count("The default build never raises it") == len(not_built)


# One side changed only: each of these is a page that is not current.


def test_a_changed_fault_text_is_told(told):
    texts = dict(faults_page.texts())
    texts["ESTOP"] = replace(texts["ESTOP"], remedy="Do something else.")
    assert drift_of("faults.md", faults_page.page(told, texts, safety.load_file().not_built))


def test_a_changed_fault_table_is_told(told, monkeypatch):
    rows = [(c, n, k, how, ms + 10 if n == "ESTOP" else ms) for c, n, k, how, ms in faults.TABLE]
    monkeypatch.setattr(faults, "TABLE", tuple(rows))
    not_built = safety.load_file().not_built
    assert drift_of("faults.md", faults_page.page(told, faults_page.texts(), not_built))


def test_a_changed_parameter_is_told(monkeypatch):
    changed = firmware.parameters()
    one = replace(changed["session_limit_min"], default=16)
    monkeypatch.setattr(firmware, "parameters", lambda: {**changed, one.name: one})
    assert drift_of("parameters.md", parameters_page.page())
    assert "reference" not in "".join(pages.drift(pages.quoting()))
    assert any("before-you-walk.md" in gap for gap in pages.drift(pages.quoting()))


def test_a_changed_pin_is_told(told, monkeypatch):
    moved = {**words.pin_numbers(), "BUZZER": 14}
    monkeypatch.setattr(pins_page, "pin_numbers", lambda: moved)
    assert drift_of("pins.md", pins_page.page(told))


def test_a_changed_sound_is_told(told, monkeypatch):
    patterns = list(panel.PATTERNS)
    patterns[sounds.BELT_SEEN] = (80, 60, 300)
    monkeypatch.setattr(panel, "PATTERNS", tuple(patterns))
    assert drift_of("sounds.md", sounds_page.page(told))
    assert drift_of("sounds/belt_seen.svg", sounds_page.drawings(told)["sounds/belt_seen.svg"])


def test_a_changed_light_is_told(told, monkeypatch):
    monkeypatch.setattr(panel, "LIGHTS", ((10, 10), *panel.LIGHTS[1:]))
    assert drift_of("lights/self_test.svg", sounds_page.drawings(told)["lights/self_test.svg"])


def test_a_changed_record_layout_is_told(monkeypatch):
    monkeypatch.setattr(records_page.trace, "HEADER", "<4sBBHHII")
    assert drift_of("record-tables.md", records_page.page())


def test_a_page_that_nothing_writes_any_more_is_told():
    wanted = pages.generated()
    del wanted[pages.REFERENCE / "pins.md"]
    assert "pins.md: nothing writes it any more" in pages.drift(wanted)


def drift_of(name: str, text: str) -> list[str]:
    path = pages.REFERENCE / name
    assert path.read_text(encoding="utf-8") != text
    return pages.drift({**pages.generated(), path: text})


# Pages written by hand


@pytest.mark.parametrize("path", BY_HAND, ids=lambda path: path.stem)
def test_every_figure_of_a_page_has_a_name(path):
    assert values.unknown(path.read_text(encoding="utf-8"), values.values()) == []


def test_no_figure_begins_a_line():
    """Markdown would take the rest of the paragraph for HTML."""
    begun = [p.name for p in BY_HAND if re.search(r"(?m)^\s*<!-- =", p.read_text("utf-8"))]
    assert begun == []


def test_every_figure_is_quoted_somewhere():
    quoted = {m["name"] for p in BY_HAND for m in values.MARK.finditer(p.read_text("utf-8"))}
    quoted |= set(words.FIGURE.findall(words.WORDS.read_text("utf-8")))
    assert set(values.values()) - quoted == set()


def test_a_figure_with_an_unknown_name_is_told():
    text = "<!-- =belt wait -->1<!-- /= --> <!-- =belt weight -->2<!-- /= -->"
    assert values.unknown(text, values.values()) == ["belt weight"]
    with pytest.raises(KeyError):
        values.filled(text, values.values())


def test_every_command_that_a_page_names_exists():
    from tests.docs.site.commands import known

    there = known()
    for path in (*BY_HAND, words.WORDS):
        for match in COMMAND.finditer(path.read_text(encoding="utf-8")):
            name = match[1]
            assert name in there or name.split()[0] in there, f"{path.name}: treadguard {name}"


def test_every_name_in_capitals_is_a_name_of_the_firmware():
    known = {row[1] for row in faults.TABLE} | set(states.STATE_NAMES) | set(words.pin_numbers())
    for path in BY_HAND:
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"\b[A-Z]+(?:_[A-Z0-9]+)+\b", text)) - known == set(), path.name


def test_every_parameter_in_code_is_a_parameter():
    endings = ("_ms", "_mm_s", "_mm", "_um", "_permille", "_min", "_s", "_fitted", "_turn")
    # Fields of records and answers.
    told = {"still_ms", "drop_ms", "hall_permille", "hall_b_permille"}
    for path in BY_HAND:
        names = re.findall(r"`([a-z]+(?:_[a-z0-9]+)+)`", path.read_text(encoding="utf-8"))
        named = {name for name in names if name.endswith(endings)} - told
        assert named - set(parameters.NAMES) == set(), path.name


def test_the_guide_tells_when_the_time_warnings_come(told):
    walk = ClosedStates()
    walk.settings = parameters.Settings()
    walk.time_warnings = 0
    found = []
    for left_s in range(walk.settings.session_limit_min * 60, 0, -1):
        walk.chirp = sounds.SILENT
        walk.backward_ms = walk.settings.session_limit_min * 60000 - left_s * 1000
        walk._warn_of_time()
        if walk.chirp == sounds.TIME_WARNING:
            found.append(left_s)
    first, second, third = found
    assert f"{first}, {second} and {third} seconds" in told["sounds"]["time_warning"]["when"]


@pytest.mark.slow
def test_the_transcripts_are_what_the_tools_print():
    page = transcripts.PAGE.read_text(encoding="utf-8")
    assert transcripts.filled(page, transcripts.play()) == page


def test_every_transcript_is_filled():
    found = transcripts.BLOCK.findall(transcripts.PAGE.read_text(encoding="utf-8"))
    assert len(found) == 2
    assert all("$ treadguard" in text for _, text in found)


def test_every_page_is_in_the_navigation():
    nav = (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8")
    for path in (*BY_HAND, *pages.REFERENCE.glob("*.md")):
        assert path.relative_to(DOCS).as_posix() in nav


# The walker's pages: short sentences, few long words.


def sentences(text: str) -> list[list[str]]:
    plain = re.sub(r"<!--.*?-->|<[^>]*>|!\[[^\]]*\]\([^)]*\)|\]\([^)]*\)|[*`\[\]#]", "", text)
    parts = re.split(r"[.!?:](?=\s)|\n\s*\n|\n\s*(?:[-|]|\d+\.)|\|", plain)
    return [words for part in parts if (words := re.findall(r"[A-Za-z'-]+", part))]


def test_sentences_are_counted():
    assert [len(s) for s in sentences("# A b\n\nOne two. *Three* four five!\n- six\n")] == [
        2,
        2,
        3,
        1,
    ]


@pytest.mark.parametrize("path", sorted(DOCS.glob("guide/*.md")), ids=lambda path: path.stem)
def test_the_walker_reads_short_sentences(path):
    lengths = [len(words) for words in sentences(path.read_text(encoding="utf-8"))]
    assert max(lengths) <= 25
    assert sum(lengths) / len(lengths) <= 10
