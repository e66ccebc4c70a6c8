# SPDX-License-Identifier: MIT
"""A private function with one call goes there when that means the same, and stays otherwise."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from treadguard.board.build import prepared
from treadguard.board.inline import inline
from treadguard.board.program import Program

CLASS = """
class Thing:
    def __init__(self):
        self.log = []
        self.value = 7

    def outer(self, a):
{outer}
    def {callee}
"""


def thing(folder: Path, text: str) -> tuple[list[str], Program]:
    (folder / "guard").mkdir()
    (folder / "guard" / "thing.py").write_text(text)
    program = Program(folder)
    return inline(program), program


def made(program: Program) -> dict[str, object]:
    tree = program.modules["guard.thing"].tree
    found: dict[str, object] = {}
    exec(compile(ast.unparse(tree), "thing", "exec"), found)
    return found


def ran(namespace: dict[str, object], a: int) -> tuple[object, list[object], object]:
    new = namespace["Thing"]()  # type: ignore[operator]
    try:
        result = new.outer(a)
    except ValueError as error:
        result = str(error)
    return result, new.log, new.value


def of(outer: str, callee: str) -> str:
    indented = "".join(f"        {line}\n" for line in outer.splitlines())
    return CLASS.format(outer=indented, callee=callee)


EARLY = """_inner(self, x):
        if x > 2:
            self.log.append("big")
            return 10
        if x < 0:
            raise ValueError("negative")
        self.log.append(x)
"""
CHANGES = """_inner(self, x):
        x += 1
        reason = x * 2
        self.log.append(reason)
        return reason - x
"""
HANDLED = """_inner(self, x):
        try:
            reason = 6 // x
        except ZeroDivisionError as error:
            self.log.append(type(error).__name__)
        else:
            self.log.append(reason)
"""
IN_A_LOOP = """_inner(self, x):
        for i in range(5):
            if i == x:
                return i
        return -1
"""
SHORT = """_inner(self, x):
        return self.value + x
"""
MOVED = {
    "a statement": ("self._inner(a)\nself.log.append(a)", EARLY),
    "a value": ("x = 1\ny = self._inner(a)\nself.log.append((x, y))\nreturn y", EARLY),
    "the value of its own argument": ("a = self._inner(a)\nreturn a", EARLY),
    "what is returned": ("return self._inner(a)", IN_A_LOOP),
    "returned without a value": ("return self._inner(a)", EARLY),
    "a local of the caller by the same name": ("reason = self._inner(a)\nreturn reason", CHANGES),
    "the argument stays": ("y = self._inner(a)\nreturn a, y", CHANGES),
    "an argument that is computed": ("y = self._inner(a * 2)\nreturn y", CHANGES),
    "an exception": ("self._inner(a)\nreturn a", HANDLED),
    "a condition": ("if self._inner(a):\n    return 1\nreturn 2", EARLY),
    "the first part of a condition": (
        "if a and 1:\n    return 0\nelif not self._inner(a) or a > 3:\n    return 1\nreturn 2",
        EARLY,
    ),
    "a short expression": ("while self._inner(a) < 12:\n    a += 1\nreturn a", SHORT),
}
STAYS = {
    "returns out of a loop": ("x = self._inner(a)\nreturn x", IN_A_LOOP),
    "not the first thing that is computed": ("return self.outer and 0 * self._inner(a)", EARLY),
    "asked again and again": ("while self._inner(a):\n    a -= 1", CHANGES),
    "passed on": ("f = self._inner\nreturn f(a)", SHORT),
    "called twice": ("return self._inner(a) + self._inner(1)", SHORT),
    "named in a text": ("x = self._inner(a)\nreturn getattr(self, '_inner')(1)", SHORT),
    "on another object": ("return Thing()._inner(a)", SHORT),
    "a frame that grows": ("b = c = d = e = f = g = a\nself._inner(a + 1)", CHANGES),
}


@pytest.mark.parametrize("what", MOVED)
def test_it_goes_there_and_means_the_same(tmp_path: Path, what: str) -> None:
    text = of(*MOVED[what])
    moved, program = thing(tmp_path, text)
    assert moved == ["_inner"]
    plain: dict[str, object] = {}
    exec(text, plain)
    for a in range(-2, 6):
        assert ran(made(program), a) == ran(plain, a)


@pytest.mark.parametrize("what", STAYS)
def test_it_stays_where_that_would_mean_something_else(tmp_path: Path, what: str) -> None:
    moved, program = thing(tmp_path, of(*STAYS[what]))
    assert moved == []
    assert "def _inner" in ast.unparse(program.modules["guard.thing"].tree)


def test_a_local_never_hides_a_name_of_the_module(tmp_path: Path) -> None:
    """The callee means the module's `limit`, its caller has one of its own."""
    text = "limit = [3]\ndef outer(a):\n    limit = a\n    x = _inner()\n    return limit, x\n"
    moved, program = thing(tmp_path, text + "def _inner():\n    return limit[0]\n")
    assert moved == []
    assert made(program)["outer"](8) == (8, 3)  # type: ignore[operator]


def test_much_of_the_firmware_is_moved() -> None:
    from tests.board.conftest import FIRMWARE

    before, after = Program(FIRMWARE), prepared(FIRMWARE)
    count = [
        sum(isinstance(n, ast.FunctionDef) for m in p.modules.values() for n in ast.walk(m.tree))
        for p in (before, after)
    ]
    assert count[0] - count[1] > 30
