# SPDX-License-Identifier: MIT
"""Each pass of the build on a few lines of its own."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from treadguard.board import shape
from treadguard.board.literals import may_be_repeated
from treadguard.board.phases import Running
from treadguard.board.program import Foreign, Number, Program, bound_by
from treadguard.board.rewrite import Rewriter

START = """
def main():
    made = Made()
    made.run()

class Made:
    def __init__(self):
        self.part = Part()
        self.begin()
        self.callback = self.on_edge
        later(self)
    def begin(self):
        self.part.open()
    def run(self):
        while self.step():
            getattr(self, "by_text")()
    def step(self):
        return Often().value
    def on_edge(self):
        self.part.count()
    def by_text(self):
        pass
    def asked(self):
        return table

class Part:
    def __init__(self):
        self.n = 0
    def open(self):
        pass
    def count(self):
        self.n += 1

class Often:
    def __init__(self):
        self.value = 0

def later(made):
    made.asked

table = {"x": helper}

def helper():
    pass
"""


def forgotten(source: str, *others: str) -> list[str]:
    return [str(f) for f in Running(source, "main", "Made", list(others)).forgotten()]


def test_only_what_nothing_mentions_any_more_is_forgotten() -> None:
    assert forgotten(START.replace("made.asked", "pass")) == [
        "Made.__init__", "Made.begin", "Made.asked", "Part.__init__", "Part.open", "later",
        "helper",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        (("made.run()", "made.run()\n    made.begin()"), {"Made.begin", "Part.open"}),
        (("self.n += 1", "Part()"), {"Part.__init__"}),
        (("made.asked", "made.asked()"), set()),
        (("def by_text(self):\n        pass", "def by_text(self):\n        later(self)"),
         {"later", "Made.asked", "helper"}),
    ],
)  # fmt: skip
def test_a_mention_anywhere_keeps_it(change: tuple[str, str], kept: set[str]) -> None:
    source = START.replace("made.asked", "pass")
    before, after = set(forgotten(source)), set(forgotten(START.replace(*change)))
    assert kept <= before
    assert not kept & after


def test_other_modules_count() -> None:
    source = START.replace("made.asked", "pass")
    assert "Made.asked" in forgotten(source)
    assert not {"Made.asked", "helper"} & set(forgotten(source, "def f(x):\n    x.asked()\n"))


def test_a_base_class_keeps_its_init_when_a_child_is_made() -> None:
    source = START.replace("class Often:", "class Often(Part):")
    assert "Part.__init__" not in forgotten(source)


OPTION = """
def fit(made):
    return Fitted(made)
class Fitted:
    def __init__(self, made):
        made.asked()
        self.value = Part()
"""


def test_what_only_a_part_of_the_start_asks_for_is_forgotten_with_it() -> None:
    source = START.replace("made.asked", "pass").replace(
        "later(self)", "later(self)\n        fit(self)"
    )
    running = Running(source, "main", "Made", [], [OPTION])
    names = {str(function) for function in running.forgotten()}
    assert "Made.asked" in names
    assert not {"fit", "Fitted.__init__"} & names  # another module's, see the next test
    loop = source.replace("made.run()", "made.run()\n    fit(made)")
    still = {str(f) for f in Running(loop, "main", "Made", [], [OPTION]).forgotten()}
    assert "Made.asked" not in still


def test_a_part_forgets_its_own() -> None:
    source = START.replace("later(self)", "later(self)\n        fit(self)")
    option = OPTION + "    def run(self):\n        pass\n"
    running = Running(source, "main", "Made", [], ["def other():\n    pass\n", option])
    assert [str(function) for function in running.forgotten(1)] == ["other"]
    assert [str(function) for function in running.forgotten(2)] == ["fit", "Fitted.__init__"]


def test_calling_the_base_class_keeps_no_other_init() -> None:
    source = START + "\nclass Idle:\n    def __init__(self):\n        pass\n"
    calls = source.replace("self.value = 0", "super().__init__()")
    assert "Idle.__init__" in forgotten(calls)
    assert "Idle.__init__" not in forgotten(source.replace("self.value = 0", "self.x.__init__()"))


# Shape


def run(body: list[ast.stmt]) -> dict[str, object]:
    made: dict[str, object] = {"__name__": "made"}
    text = ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))
    exec(text, made)
    return made


PARTS = """
class A:
    def f(self):
        return "A.f"
    def g(self):
        return self.h()
class B:
    def f(self):
        return "B.f"
    def h(self):
        return "B.h"
class Alone:
    def f(self):
        return "Alone"
class Whole(A, B):
    def h(self):
        return "Whole.h"
other = Alone
"""


def test_parts_become_the_class_with_the_same_order_of_precedence() -> None:
    made = run(shape.merge_parts(ast.parse(PARTS).body))
    whole = made["Whole"]()  # type: ignore[operator]
    assert (whole.f(), whole.g(), whole.h()) == ("A.f", "Whole.h", "Whole.h")
    assert {"A", "B"}.isdisjoint(made)
    assert "Alone" in made


def test_a_part_somebody_else_mentions_stays() -> None:
    body = shape.merge_parts(ast.parse(PARTS + "isinstance(0, A)\n").body)
    assert "A" in run(body)


def test_labels_and_order_change_nothing_that_is_read() -> None:
    body = shape.names_in_order(shape.without_labels(ast.parse(PARTS).body))
    assert run(body)["Whole"]().g() == "Whole.h"  # type: ignore[operator]


# Literals


@pytest.mark.parametrize(
    ("text", "times"),
    [("'j.tmp'", 1000), ("'manifest.txt'", 2), ("'a text of some length'", 1), ("b'x'", 2),
     ("('none', 'forward')", 2), ("((2, 150), (0, 20), (1, 2), (3, 4))", 1),
     ("12", 0), ("()", 0), ("[1]", 0), ("{1: 2}", 0), ("(f, 1)", 0), ("f()", 0)],
)  # fmt: skip
def test_only_constants_may_stand_for_their_name(text: str, times: int) -> None:
    assert may_be_repeated(ast.parse(text, mode="eval").body) == times


# Names and numbers

SOURCE = """
import sys
from micropython import const
A = const(3)
B = A << 2 | 1
C = -B
D = 2.5
E = 1
E = 2
def f(count, other=B):
    total = sum([A * i for i in range(count)])
    return total + other
class K:
    limit: int = B
    A = 9
    mine = A
    def g(self, a_long_name: int, by_name=0) -> int:
        return a_long_name + by_name + A + B
made = K().g(1, by_name=2)
"""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    (tmp_path / "guard").mkdir()
    (tmp_path / "guard" / "m.py").write_text(SOURCE)
    return Program(tmp_path)


def test_numbers_bound_once_are_known(program: Program) -> None:
    values = {name: program.meaning("guard.m", name) for name in "ABCDE"}
    assert [values[n] for n in "ABC"] == [Number(3), Number(13), Number(-13)]
    assert not any(isinstance(values[n], Number) for n in "DE")
    assert program.meaning("guard.m", "sys") == Foreign("sys", None)
    assert program.meaning("guard.m", "len") is None


def test_a_rewritten_module_does_the_same(program: Program) -> None:
    module = program.modules["guard.m"]
    module.tree.body = [
        s for s in module.tree.body if not bound_by(s) or bound_by(s)[0] not in "ABC"
    ]
    rewriter = Rewriter(program, module, (), lambda _: None, {"by_name"}, {}, ("p", "q"))
    text = ast.unparse(ast.fix_missing_locations(rewriter.visit(module.tree)))
    plain: dict[str, object] = {}
    exec(SOURCE.replace("from micropython import const", "const = int"), plain)
    rewritten: dict[str, object] = {}
    exec(text.replace("from micropython import const", "const = int"), rewritten)
    assert rewritten["made"] == plain["made"] == 1 + 2 + 3 + 13
    assert rewritten["f"](3) == plain["f"](3) == 9 + 13  # type: ignore[operator]
    assert rewritten["K"].mine == 9  # type: ignore[attr-defined]
    assert "def f(p, q=13)" in text
    assert "def g(self, p, by_name=0):" in text
    assert "a_long_name" not in text
