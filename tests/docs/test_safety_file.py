# SPDX-License-Identifier: MIT
"""The safety file names nothing that does not exist, and leaves out nothing that does.

Each check has a twin that plants a gap into the real file and sees it told, and nothing else.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from guard.core import faults, parameters
from tests.conftest import ROOT
from tests.docs import checks, figures, pages, safety
from tests.unit import test_parameters

FAULTS = tuple(row[1] for row in faults.TABLE)
PAGES = ("README.md", "hazards.md", "limits.md", "comparison.md", "traceability.md")


def ranged_parameters() -> set[str]:
    """What the range test of tests/unit/test_parameters.py is really run with."""
    test = test_parameters.test_the_bounds_are_taken_and_one_beyond_is_refused_with_the_range
    (mark,) = [m for m in test.pytestmark if m.name == "parametrize"]
    return {row[0] for row in mark.args[1]}


@pytest.fixture(scope="module")
def file() -> safety.File:
    return safety.load_file()


@pytest.fixture(scope="module")
def has() -> safety.Held:
    return safety.held(FAULTS, parameters.NAMES, ranged_parameters())


def with_row(file: safety.File, at: int, **changes) -> safety.File:
    """The file with one requirement changed."""
    rows = list(file.requirements)
    rows[at] = replace(rows[at], **changes)
    return replace(file, requirements=tuple(rows))


# What holds


def test_nothing_was_read_by_halves(file, has):
    assert len(file.requirements) >= 35
    assert len(has.tests) > 300
    assert len(has.code) > 300
    assert len(has.scenarios) > 40
    assert len(has.hazards) > 10
    assert len(has.campaign) > 10


def test_every_requirement_has_its_number_words_and_topic(file):
    assert checks.unnumbered(file) == []
    assert checks.untold(file) == []


def test_every_requirement_names_a_hazard_code_and_a_test(file):
    assert checks.unproven(file) == []


def test_every_test_that_is_named_exists(file, has):
    assert checks.missing_tests(file, has) == []


def test_all_code_that_is_named_exists(file, has):
    assert checks.missing_code(file, has) == []


def test_everything_else_that_is_named_exists(file, has):
    assert checks.missing_names(file, has) == []


def test_every_hazard_invariant_fault_and_parameter_is_answered(file, has):
    assert checks.unanswered(file, has) == []


def test_every_fault_has_a_scenario_or_a_reason(file, has):
    assert checks.without_scenario(file, has) == []
    assert checks.fault_not_shown(file, has) == []


def test_what_is_said_not_to_be_built_is_not_built(file, has):
    assert checks.built_after_all(file, has) == []


def test_every_parameter_has_a_range_test(has):
    assert checks.without_range_test(has) == []


def test_the_generated_pages_are_current(file, has):
    assert pages.drift(pages.pages(file, has, figures.kept())) == []


def test_every_make_target_that_a_page_names_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for name in PAGES:
        text = (safety.SAFETY / name).read_text(encoding="utf-8")
        for target in re.findall(r"`make ([a-z-]+)", text):
            assert target in targets, f"{name}: make {target}"


def links_of(text: str) -> list[str]:
    return [t for t in re.findall(r"\]\(([^)]+)\)", text) if "://" not in t]


def anchors_of(text: str) -> set[str]:
    """Anchors as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name):
    page = safety.SAFETY / name
    for target in links_of(page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.is_file(), f"{name}: {target}"
        if anchor:
            assert anchor in anchors_of(there.read_text(encoding="utf-8")), f"{name}: {target}"


def test_every_fault_and_requirement_that_prose_names_exists(file):
    known = {*FAULTS, *(r.id for r in file.requirements), *(h for r in file.requirements
             for h in r.hazards), *file.open_hazards}  # fmt: skip
    for name in ("README.md", "hazards.md", "limits.md", "comparison.md"):
        text = (safety.SAFETY / name).read_text(encoding="utf-8")
        for word in re.findall(r"\b(?:SR|H)-\d\d\b|\b[A-Z]+(?:_[A-Z]+)+\b", text):
            assert word in known, f"{name}: {word}"


# Twins: each check tells a planted gap


def test_a_requirement_taken_out_is_told(file):
    fewer = replace(file, requirements=file.requirements[:4] + file.requirements[5:])
    assert checks.unnumbered(fewer)[0] == "SR-06 stands where SR-05 is due"


def test_a_requirement_without_words_or_with_a_strange_topic_is_told(file):
    assert checks.untold(with_row(file, 0, text="")) == ["SR-01 has no text"]
    assert checks.untold(with_row(file, 0, topic="tea")) == ["SR-01: there is no topic tea"]


def test_a_topic_without_a_requirement_is_told(file):
    more = replace(file, topics=(*file.topics, "weather"))
    assert checks.untold(more) == ["no requirement about weather"]


@pytest.mark.parametrize("key", checks.MUST_HAVE)
def test_a_requirement_without_a_test_code_or_hazard_is_told(file, key):
    assert checks.unproven(with_row(file, 2, **{key: ()})) == [f"SR-03 names no {key}"]


def test_a_renamed_test_is_told(file, has):
    test = file.requirements[0].tests[0]
    gone = replace(has, tests=has.tests - {test})
    assert f"SR-01: there is no test {test}" in checks.missing_tests(file, gone)


def test_a_test_that_stands_in_for_a_scenario_must_exist(file, has):
    test = file.no_scenario["FLOW_BROKEN"]["tests"][1]
    gone = replace(has, tests=has.tests - {test})
    assert checks.missing_tests(file, gone) == [f"FLOW_BROKEN: there is no test {test}"]


def test_a_part_of_a_test_name_is_not_enough(file, has):
    half = file.requirements[0].tests[0][:-3]
    assert checks.missing_tests(with_row(file, 0, tests=(half,)), has)


def test_renamed_code_is_told(file, has):
    changed = with_row(file, 0, code=("guard/board/relay.py:Relay.pumps",))
    assert checks.missing_code(changed, has) == [
        "SR-01: there is no guard/board/relay.py:Relay.pumps"
    ]


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("scenarios", "a_walk_in_the_park"),
        ("faults", "BAD_LUCK"),
        ("parameters", "speed_of_light_m_s"),
        ("hazards", "H-99"),
        ("invariants", "I10"),
        ("figures", "campaign:meteorite"),
    ],
)
def test_a_name_that_does_not_exist_is_told(file, has, key, name):
    changed = with_row(file, 0, **{key: (*getattr(file.requirements[0], key), name)})
    assert checks.missing_names(changed, has) == [f"SR-01: {name} is not one of the {key}"]


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("hazards", "H-99"),
        ("faults", "BAD_LUCK"),
        ("parameters", "speed_of_light_m_s"),
    ],
)
def test_what_no_requirement_mentions_is_told(file, has, key, name):
    more = replace(has, **{key: (*getattr(has, key), name)})
    assert checks.unanswered(file, more) == [f"no requirement names {name}"]


def test_an_invariant_that_no_requirement_mentions_is_told(file, has):
    more = replace(file, invariants={**file.invariants, "I10": "It always sings."})
    assert checks.unanswered(more, has) == ["no requirement names I10"]


def test_an_excuse_that_is_not_needed_is_told(file, has):
    excused = replace(file, not_built={**file.not_built, "OVERSPEED": "too hard"})
    assert "OVERSPEED is excused and yet named" in checks.unanswered(excused, has)
    assert "OVERSPEED has a scenario: take its excuse out" in checks.without_scenario(excused, has)
    assert "OVERSPEED is used: take it out of not_built" in checks.built_after_all(excused, has)


def test_a_fault_without_a_scenario_is_told(file, has):
    shown = {name: found - {"ONE_HAND"} for name, found in has.scenarios.items()}
    without = replace(has, scenarios=shown)
    assert checks.without_scenario(file, without) == ["no scenario expects ONE_HAND"]
    assert checks.fault_not_shown(file, without) == [
        "SR-26: none of its scenarios expects ONE_HAND"
    ]


def test_a_fault_that_nothing_raises_is_told(file, has):
    idle = replace(has, raised=has.raised - {"ONE_HAND"})
    assert checks.built_after_all(file, idle) == ["nothing raises ONE_HAND: say so in not_built"]


def test_an_expectation_that_something_never_happens_shows_no_fault():
    scenario = {"expect": [{"never": "fault:ONE_HAND"}, {"fault": "ESTOP"}]}
    assert safety.faults_expected(scenario, FAULTS) == {"ESTOP"}


def test_a_blocker_in_a_line_of_the_link_is_shown_by_its_whole_name():
    line = {"link": '"blockers":["NOT_CALIBRATED"]'}
    assert safety.faults_expected({"expect": [line]}, FAULTS) == {"NOT_CALIBRATED"}
    assert safety.faults_expected({"expect": [{"link": "ESTOP"}]}, FAULTS) == set()


def test_a_parameter_without_a_range_test_is_told(has):
    more = replace(has, parameters=(*has.parameters, "new_limit_mm_s"))
    assert checks.without_range_test(more) == ["no range test covers new_limit_mm_s"]


def test_a_page_that_was_edited_by_hand_is_told(file, has):
    wanted = pages.pages(file, has, figures.kept())
    for path in wanted:
        edited = {**wanted, path: wanted[path] + "\nby hand\n"}
        assert pages.drift(edited) == [f"{path.name} is not current: run `python -m tests.docs`"]


def test_a_changed_requirement_makes_the_page_drift(file, has):
    changed = with_row(file, 7, text="Something else.")
    assert pages.drift(pages.pages(changed, has, figures.kept())) != []


def test_an_unknown_key_is_an_error():
    text = 'topics = []\n[invariants]\n[[requirement]]\nid = "SR-01"\ntest = ["x"]\n'
    with pytest.raises(ValueError, match="SR-01: unknown key test"):
        safety.load(text)


def test_only_test_functions_and_methods_are_tests():
    source = (
        "def test_a(): pass\ndef helper(): pass\n"
        "class TestB:\n    def test_c(self): pass\n    def other(self): pass\n"
    )
    assert safety.tests_in(source, "t.py") == {"t.py::test_a", "t.py::TestB::test_c"}


def test_code_is_functions_classes_methods_and_tables():
    source = "TABLE = ()\ndef f(): pass\nclass C:\n    def m(self): pass\n"
    assert safety.code_in(source, "x.py") == {
        "x.py", "x.py:TABLE", "x.py:f", "x.py:C", "x.py:C.m"
    }  # fmt: skip


# Figures


def test_a_figure_that_was_never_taken_is_not_run():
    assert pages.quoted({}, "explore") == "not run"
    assert pages.command({}, "explore") == ""


def test_a_run_that_build_does_not_hold_keeps_its_figures(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "kept", lambda: {"explore": "7 states", "campaign:fall": "old"})
    (tmp_path / "campaign.json").write_text('{"hazards": {"let_go": {"line": "3 of 3"}}}')
    taken = figures.take(tmp_path)
    assert taken["explore"] == "7 states"
    assert taken["campaign:let_go"] == "3 of 3"
    assert "campaign:fall" not in taken


def test_a_partial_run_says_so():
    assert figures.line_of({"partial": True, "line": "12 mutants"}) == "PARTIAL: 12 mutants"
    assert figures.line_of({"complete": False, "line": "12 mutants"}).startswith("PARTIAL")


def test_a_missed_promise_is_quoted_as_missed():
    promises = [
        {"claim": "a", "measured": "1", "met": True},
        {"claim": "b", "measured": "2", "met": False},
    ]
    data = {"parts": {"memory": {"skipped": None, "requirements": promises}}}
    assert figures.bench(data) == {"bench:memory": "1 of 2 promises met. a: 1; MISSED: b: 2"}
