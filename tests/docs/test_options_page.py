# SPDX-License-Identifier: MIT
"""docs/safety/options.md says what the stories show, and what the bill of materials costs."""

from __future__ import annotations

import pytest

from guard.core import parameters
from tests.docs import options
from treadguard import simulation


@pytest.fixture(scope="module")
def text() -> str:
    return options.PAGE.read_text(encoding="utf-8")


def fitted(name):
    return simulation.load(simulation.find(name))


@pytest.mark.slow
def test_the_page_is_what_the_stories_show(text):
    assert options.page() == text, "run: python -m tests.docs.options"


def test_every_option_has_its_cost_and_a_fault_that_it_finds():
    assert {story.option for story in options.STORIES} == set(options.OPTIONS)
    assert all(parts and usd for parts, usd in options.costs().values())


def test_a_story_without_its_option_keeps_nothing_of_it():
    assert set(options.SETTINGS) <= set(parameters.NAMES)
    for story in options.STORIES:
        scenario = fitted(story.scenario)
        assert scenario["fitted"]
        bare = options.plain(scenario)
        assert "fitted" not in bare
        assert not set(options.SETTINGS) & set(bare["board"]["config"])
        assert bare["timeline"] == scenario["timeline"]


def test_every_row_of_the_second_table_names_what_the_box_says():
    for _, what, name in options.OWN:
        assert options.own_fault(name), what


@pytest.mark.slow
def test_the_option_never_finds_later_than_the_bare_box():
    for story in options.STORIES:
        without, with_it = (first_fault_ms(story, run) for run in options.runs(story))
        assert with_it is not None, story.fault
        assert without is None or with_it <= without, story.fault


def first_fault_ms(story, run):
    start = options.began_ms(story, run.events)
    return next(
        (
            ms - start
            for ms, kind, what in run.events
            if ms >= start and kind == "fault" and what != "START_PRESSED"
        ),
        None,
    )
