# SPDX-License-Identifier: MIT
"""The gate cannot fail open. Each way in which one did, elsewhere or in thought, is planted here.

Most tests run the whole command on a small core, with the real child processes and canaries.
"""

from __future__ import annotations

import dataclasses
import signal
from pathlib import Path

import pytest

from tests.mutation import CORE, ROOT, canaries, equivalents, gate, mutants, outcomes
from tests.mutation.__main__ import FAILED, OUT_OF_ORDER
from tests.mutation.child import CRASHED, KILLED, SURVIVED, TIMEOUT
from tests.mutation.outcomes import ERROR, Outcome, Runner
from tests.mutation.selection import Selection, Tests, measure
from tests.mutation.small import FAST, INTERLOCKS, Small

SINCE = "    assert since(1, (1 << 30) - 1) == 2\n"
KILL = b'{"verdict": "killed", "loaded": true, "tests": 1, "file": "a", "test": "b"}'
RAW = """
from guard.core.interlocks import late
from guard.core.rails import held

def test_slow():
    assert late(1000, 4) == 5
    for raw in ({},):
        held(raw)
"""
UNMASKED = """
[[equivalent]]
file = "ticks.py"
function = "since"
line = "return (now - then) & 0x3FFFFFFF"
becomes = "return (now - then)"
reason = "planted in a test of the gate"
"""


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return Small(tmp_path)


class Fake(Runner):
    """What every mutant does is up to the test."""

    outcome: Outcome

    def run(self, file: str, text: str, tests: Tests, function: str = "") -> Outcome:
        return self.outcome


def always(outcome: Outcome) -> type[Fake]:
    return type("Always", (Fake,), {"outcome": outcome})


@pytest.fixture
def well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Canaries as they must be, for a runner that would surprise them."""
    monkeypatch.setattr(canaries, "sing", lambda runner, selection, when: [])


# A run that is as it should be


def test_a_good_suite_passes_and_its_figures_add_up(small: Small, capsys) -> None:
    assert small.run() == 0
    said = small.figures()
    assert (said["complete"], said["partial"], said["score"]) == (True, "", 100)
    assert said["mutants"] == said["killed"] == said["mutants_of_core"] > 15
    assert said["line"] in capsys.readouterr().out


def test_a_missing_test_shows_the_line_that_may_be_broken(small: Small, capsys) -> None:
    small.change("tests/firmware/test_fast.py", SINCE, "")
    small.change("tests/firmware/test_fast.py", "    assert late(2, (1 << 30) - 9) == 5\n", "")
    assert small.run("--file", "ticks.py") == FAILED
    told = capsys.readouterr().out
    assert f"SURVIVED {CORE}/ticks.py:3 since (mask)\n    - return (now" in told
    assert "at least 95 % is asked" in told
    assert [row["line"] for row in small.figures()["survivors"]] == [3]
    # Listed with a reason it counts no more; with the test back, the list is wrong.
    small.listed.write_text(UNMASKED)
    assert small.run("--file", "ticks.py") == 0
    assert small.figures()["equivalent"] == 1
    small.write("tests/firmware/test_fast.py", FAST)
    assert small.run("--file", "ticks.py") == FAILED
    assert "listed as equivalent, but test_fast::" in capsys.readouterr().out


# What a child's end means


@pytest.mark.parametrize(
    ("code", "out", "verdict"),
    [
        (0, KILL, KILLED),
        (1, KILL, CRASHED),
        (0, KILL.replace(b'"test": "b"', b'"test": ""'), CRASHED),
        (0, KILL.replace(b'"tests": 1', b'"tests": 0'), ERROR),
        (0, KILL.replace(b"true", b"false"), ERROR),
        (0, b'{"verdict": "survived", "loaded": true, "tests": 0}', ERROR),
        (0, b'{"verdict": "survived", "loaded": true, "tests": 9}\n{}', CRASHED),
        (0, b'{"verdict": "well", "loaded": true, "tests": 9}', CRASHED),
        (0, b"", CRASHED),
        (0, b"[]", CRASHED),
        (-signal.SIGSEGV, b"", CRASHED),
        (-signal.SIGKILL, b"", CRASHED),
        (-24, b"", TIMEOUT),
        (-signal.SIGTERM, b"", ERROR),
    ],
)  # fmt: skip
def test_only_a_named_test_that_failed_is_a_kill(code: int, out: bytes, verdict: str) -> None:
    assert outcomes.read(code, out).verdict == verdict


def test_crash_endless_loop_and_a_core_that_does_not_load_are_no_kills(small: Small) -> None:
    runner = Runner(outcomes.Tree(small.out / "tree", small.root), cpu_s=1, test_s=0.1)
    every = [("test_fast", "test_late_after_9_ms"), ("test_slow", "test_slow")]
    for broken, verdict in (
        ("import os\n\ndef late(now, then):\n    os.abort()\n", CRASHED),
        ("def late(now, then):\n    raise SystemExit(0)\n", CRASHED),
        ("def late(now, then):\n    raise MemoryError\n", CRASHED),
        ("import os\n\ndef late(now, then):\n    os._exit(0)\n", CRASHED),
        ("1 // 0\n", CRASHED),
        ("def late(now, then):\n    while True:\n        pass\n", TIMEOUT),
        ("def late(now, then):\n    while now < 99:\n        pass\n    return 1\n", KILLED),
        ("def late(now, then):\n    return sum(iter(int, 1))\n", TIMEOUT),
        ("def late(now, then):\n    return 1\n", KILLED),
        (INTERLOCKS, SURVIVED),
    ):
        assert runner.run("interlocks.py", broken, every).verdict == verdict, broken
    by_the_clock = dataclasses.replace(runner, wall_s=0)
    assert by_the_clock.run("interlocks.py", INTERLOCKS, every).verdict == TIMEOUT
    assert runner.run("interlocks.py", INTERLOCKS, []).verdict == ERROR, "no test was chosen"
    runner.close()


def test_a_mutant_leaves_nothing_to_the_next(small: Small) -> None:
    runner = Runner(outcomes.Tree(small.out / "tree", small.root))
    tests = [("test_fast", "test_late_after_9_ms")]
    selfish = INTERLOCKS.replace("worst = 5", "import builtins; builtins.len = None; worst = 6")
    for function in ("", "Interlocks.worst"):
        for text, verdict in ((selfish, KILLED), (INTERLOCKS, SURVIVED)) * 2:
            assert runner.run("interlocks.py", text, tests, function).verdict == verdict
    runner.close()


def test_a_dead_nest_is_no_verdict_and_the_next_order_gets_a_new_one(small: Small) -> None:
    runner = Runner(outcomes.Tree(small.out / "tree", small.root))
    tests = [("test_fast", "test_late_after_9_ms")]
    assert runner.run("interlocks.py", INTERLOCKS, tests).verdict == SURVIVED
    next(iter(runner.nests.values())).process.kill()
    assert runner.run("interlocks.py", INTERLOCKS, tests).verdict == ERROR
    assert runner.run("interlocks.py", INTERLOCKS, tests).verdict == SURVIVED
    runner.close()


@pytest.mark.parametrize(
    ("outcome", "result"),
    [
        (Outcome(CRASHED, error="signal 11"), FAILED),
        (Outcome(TIMEOUT), FAILED),
        (Outcome(ERROR, error="no test was run"), FAILED),
        (Outcome(SURVIVED, 1), FAILED),  # fewer tests than were chosen
        (Outcome(KILLED, 1, "test_fast", "test_since_wraps"), 0),
    ],
)
def test_what_is_not_a_kill_counts_against_the_core(small, well, outcome, result, capsys) -> None:
    assert small.run(runner=always(outcome)) == result
    said = small.figures()
    assert said["killed"] == (0 if result else said["mutants"])
    assert result == 0 or "score 0.00 %" in capsys.readouterr().out


def test_a_harness_that_breaks_down_is_no_verdict(small: Small, well, capsys) -> None:
    class Breaks(Fake):
        @property
        def outcome(self) -> Outcome:
            raise OSError("no more processes")

    assert small.run(runner=Breaks) == FAILED
    assert "no verdict: OSError no more processes" in capsys.readouterr().out
    assert small.figures()["errors"] == small.figures()["mutants"]


# Canaries


def test_a_suite_that_notices_nothing_is_seen_by_the_canary_that_must_die(small, capsys) -> None:
    small.write("tests/firmware/test_fast.py", "def test_nothing():\n    pass\n")
    small.write(
        "tests/firmware/test_slow.py", "import guard.core.interlocks\nimport guard.core.ticks\n"
    )
    assert small.run() == OUT_OF_ORDER
    told = capsys.readouterr().out
    assert "'no interlock ever acts' must be killed: survived" in told
    assert "must be killed: error  no test runs this statement" in told
    assert not small.has_figures()


def test_a_suite_that_fails_by_itself_says_nothing_of_any_mutant(small, capsys) -> None:
    small.write("tests/firmware/test_slow.py", "def test_slow():\n    assert False\n")
    assert small.run() == OUT_OF_ORDER
    assert "fails without a mutant: test_slow::test_slow: Assert" in capsys.readouterr().out
    assert not small.has_figures()


def test_a_canary_that_cannot_be_planted_is_an_error(small: Small, capsys) -> None:
    small.change(f"{CORE}/ticks.py", "0x3FFFFFFF", "1073741823")
    assert small.run() == OUT_OF_ORDER
    assert "has no single line" in capsys.readouterr().out


def test_canaries_are_asked_again_after_the_last_mutant(small, monkeypatch, capsys) -> None:
    when = []

    def sing(runner: Runner, selection: Selection, moment: str) -> list[str]:
        when.append(moment)
        return ["died"] if len(when) > 1 else []

    monkeypatch.setattr(canaries, "sing", sing)
    assert small.run(runner=always(Outcome(KILLED, 1, "a", "b"))) == OUT_OF_ORDER
    assert when == ["before the run", "after the run"]
    assert not small.has_figures()


def test_the_canaries_fit_the_core() -> None:
    for canary in (canaries.MUST_DIE, canaries.MUST_LIVE):
        assert (ROOT / CORE / canary.file).read_text().count(canary.line) == 1


# Nothing selected


def test_no_suite_no_test_no_mutant_and_no_choice_are_errors(small: Small, capsys) -> None:
    assert small.run("--file", "nothing.py") == OUT_OF_ORDER
    assert small.run("--changed", "HEAD") == OUT_OF_ORDER, "not a repository"
    fast = "tests/firmware/__init__.py"
    for text in ("", "FAST = ()\n", 'FAST = ("test_gone",)\n'):
        small.write(fast, text)
        assert small.run() == OUT_OF_ORDER, text
    small.write(fast, 'FAST = ("test_fast",)\n')
    small.write("tests/firmware/test_fast.py", "import guard.core.interlocks, guard.core.ticks\n")
    small.write("tests/firmware/test_slow.py", "")
    assert small.run() == OUT_OF_ORDER
    assert "no test" in capsys.readouterr().out
    small.write(f"{CORE}/ticks.py", "")
    small.write(f"{CORE}/interlocks.py", "")
    assert small.run() == OUT_OF_ORDER
    assert "no mutant in" in capsys.readouterr().out
    assert not small.has_figures()


def test_a_gate_that_judged_nothing_fails() -> None:
    every = mutants.mutants_of_file("ticks.py", b"def since(a, b):\n    return a - b\n")
    assert gate.judge(every, every, {}, [], lambda mutant: 3, []).failures == [
        "no mutant was judged: nothing is shown"
    ]


# What no test runs


def test_a_line_or_a_branch_of_the_core_that_no_test_runs_fails(small, well, capsys) -> None:
    small.write(
        f"{CORE}/rails.py", "def held(raw):\n    if raw:\n        return 1\n    return 0\n"
    )
    kills = always(Outcome(KILLED, 1, "test_fast", "test_since_wraps"))
    small.write("tests/firmware/test_slow.py", RAW.format("True"))
    assert small.run(runner=kills) == FAILED
    assert "rails.py is not covered: lines [4], branches [[2, 4]]" in capsys.readouterr().out
    small.write("tests/firmware/test_slow.py", RAW.format("True, False"))
    assert small.run(runner=kills) == 0


def test_only_tests_that_run_the_broken_statement_are_chosen(small: Small) -> None:
    tree = outcomes.Tree(small.out / "tree", small.root)
    selection = Selection(measure(tree, small.out / "lines.json"))
    chosen = {
        mutant.line: [name for _, name in selection.of_mutant(mutant)[1]]
        for mutant in mutants.mutants_of(tree.core)
    }
    late = {"test_late_after_9_ms", "test_slow"}
    assert set(chosen["worst = 5"]) == set(chosen["return worst"]) == late
    assert set(chosen["return (now - then) & 0x3FFFFFFF"]) == {*late, "test_since_wraps"}
    assert chosen["return 0"] == ["test_late_after_9_ms"]


def test_what_runs_while_loading_gets_every_test_and_is_loaded_anew(small: Small) -> None:
    small.change(f"{CORE}/interlocks.py", "class Inter", "NEVER = since(0, 0)\n\nclass Inter")
    tree = outcomes.Tree(small.out / "tree", small.root)
    selection = Selection(measure(tree, small.out / "lines.json"))
    for mutant in mutants.mutants_of(tree.core):
        function, tests = selection.of_mutant(mutant)
        loading = mutant.function not in ("late", "Interlocks.worst")
        assert (function == "") == loading
        assert len(tests) == (3 if loading else 1 if mutant.line == "return 0" else 2)


# The list of equivalents


def test_a_list_that_rots_is_an_error(small: Small, well, capsys) -> None:
    small.listed.write_text(UNMASKED.replace("now", "later"))
    kills = always(Outcome(KILLED, 1, "test_fast", "test_since_wraps"))
    assert small.run(runner=kills) == FAILED
    assert "matches no mutant any more: ticks.py since" in capsys.readouterr().out
    for bad in (
        UNMASKED + UNMASKED,
        UNMASKED.replace("planted in a test of the gate", "equal"),
        UNMASKED.replace("becomes", "turns_into"),
        "[[equivalent]]",
        "equivalent",
    ):
        small.listed.write_text(bad)
        assert small.run(runner=kills) == OUT_OF_ORDER, bad
    small.listed.unlink()
    assert small.run(runner=kills) == OUT_OF_ORDER


def test_every_listed_equivalent_is_a_mutant_of_the_core_as_it_is() -> None:
    entries, wrong = equivalents.load(equivalents.LIST)
    assert wrong + equivalents.stale(entries, mutants.mutants_of(ROOT / CORE)) == []
