# SPDX-License-Identifier: MIT
"""Which mutants a run takes, what it keeps of them, and when it believes what it kept."""

from __future__ import annotations

import dataclasses
import random
import subprocess
from pathlib import Path

import pytest

from tests.mutation import CORE, ROOT, canaries, chosen, mutants, runs
from tests.mutation.__main__ import PARTIAL
from tests.mutation.child import KILLED, SURVIVED
from tests.mutation.outcomes import ERROR, Outcome, Runner
from tests.mutation.selection import Tests
from tests.mutation.small import Small
from tests.mutation.tree import Tree

SINCE = "    assert since(1, (1 << 30) - 1) == 2\n"


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return Small(tmp_path)


class Kills(Runner):
    def run(self, file: str, text: str, tests: Tests, function: str = "") -> Outcome:
        return Outcome(KILLED, 1, "test_fast", "test_since_wraps")


# Cut short, and gone on with


def test_a_run_out_of_time_says_partial_and_goes_on_where_it_was(
    small: Small, monkeypatch
) -> None:
    monkeypatch.setattr(canaries, "sing", lambda runner, selection, when: [])
    assert small.run("--jobs", "1", runner=Kills) == 0
    whole = small.figures()["mutants"]
    stored = small.out / "mutation" / "verdicts.jsonl"
    lines = stored.read_text().splitlines(keepends=True)
    stored.write_text("".join(lines[:5]) + lines[5][:20])  # killed while it wrote
    assert small.run("--resume", "--seconds", "0.000001", runner=Kills) == PARTIAL
    said = small.figures()
    assert (said["partial"], said["complete"]) == ("out of time", False)
    assert said["line"].startswith(f"5 of {whole} mutants")
    assert said["line"].endswith("PARTIAL (out of time)")
    assert small.run("--resume", runner=Kills) == 0
    assert small.figures()["fresh"] == whole - 5
    assert small.figures()["complete"]


def test_an_old_verdict_is_believed_only_while_core_suite_and_harness_stand(small: Small) -> None:
    def again() -> runs.Store:
        return runs.Store(small.out / "verdicts", Tree(small.out / "tree", small.root), True)

    store = runs.Store(small.out / "verdicts", Tree(small.out / "tree", small.root), False)
    survived, killed, lost = mutants.mutants_of(small.root / CORE)[:3]
    store.keep(survived, Outcome(SURVIVED, 3))
    store.keep(killed, Outcome(KILLED, 1, "test_fast", "test_since_wraps"))
    store.keep(lost, Outcome(ERROR))
    assert set(again().known) == {survived.key, killed.key}
    small.change("tests/firmware/test_slow.py", "== 5", "==  5")
    assert again().known == {}
    assert again().killers == {runs.name_of(killed): ("test_fast", "test_since_wraps")}, (
        "what killed is asked first, and then the verdict is a new one"
    )
    small.change("tests/firmware/test_slow.py", "==  5", "== 5")
    assert set(again().known) == {killed.key}
    small.change(f"{CORE}/ticks.py", "- then", "-  then")
    assert again().known == {}


def test_what_killed_before_is_asked_first_but_only_if_it_may_notice() -> None:
    tests = [("a", "quick"), ("a", "slow"), ("b", "killed")]
    assert runs.first_those([("b", "killed"), ("a", "gone")], tests) == [tests[2], *tests[:2]]
    assert runs.first_those([], tests) == tests


# What is broken


def test_every_operator_makes_another_program_that_compiles() -> None:
    every = mutants.mutants_of(ROOT / CORE)
    assert len({m.identity for m in every}) == len({m.key for m in every}) == len(every) > 4000
    for mutant in random.Random(1).sample(every, 60):
        content = (ROOT / CORE / mutant.file).read_bytes()
        compile(mutants.broken(mutant, content), mutant.file, "exec")
    operators = {mutant.operator for mutant in every}
    assert len(operators) == 14, operators
    assert {m.file for m in every} >= {f"{name}.py" for name in mutants.IMPORTANCE}


def test_a_mutant_that_is_the_same_program_is_refused() -> None:
    content = b"def f(a):\n    return a + 1\n"
    first = mutants.mutants_of_file("f.py", content)[0]
    same = dataclasses.replace(first.edit, start=0, end=len(content), text=content.decode())
    with pytest.raises(mutants.NoMutants, match="the same program"):
        mutants.broken(dataclasses.replace(first, edit=same), content)


def test_changed_lines_are_found_since_the_merge_base(small: Small) -> None:
    def git(*arguments: str) -> None:
        who = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"]
        subprocess.run(
            ["git", "-C", str(small.root), *who, *arguments], check=True, capture_output=True
        )

    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "a")
    small.change(f"{CORE}/interlocks.py", "> 9", "> 8")
    small.write(f"{CORE}/rails.py", "A = 1\n")
    small.write(f"{CORE}/fresh.py", "A = 1\n")
    found = chosen.changed_lines(small.root, "HEAD")
    assert found == {"interlocks.py": {6}, "rails.py": {1}, "fresh.py": {1, 2}}
    every = mutants.mutants_of(small.root / CORE)
    some, words = chosen.choose(every, found, 250, 2, 1)
    assert {m.first_line for m in some if m.file == "interlocks.py"} >= {6}
    assert "a sample of 2, seed 1" in words
    assert some == chosen.choose(every, found, 250, 2, 1)[0]
    assert len(chosen.choose(every, found, 3, 0, 1)[0]) == 3
