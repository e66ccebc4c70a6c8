# SPDX-License-Identifier: MIT
"""Private functions of the firmware that may go to where they are called."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from treadguard.board.program import Module, Program
from treadguard.board.scopes import all_arguments

# MicroPython takes frames of more than 11 words from the heap: locals and what is computed.
MOST_LOCALS, MOST_OFF_THE_GUARD_PATH = 8, 14
OFF_THE_GUARD_PATH = ("guard.link.", "guard.recorder", "guard.changes", "guard.record.journal")
SCOPES = (
    ast.FunctionDef, ast.ClassDef, ast.Lambda,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip
_UNFIT = (*SCOPES, ast.Yield, ast.YieldFrom, ast.ImportFrom, ast.Import, ast.With)


@dataclass
class Callee:
    """A private function, the module it is in, and the list it may be taken out of."""

    module: Module
    siblings: list[ast.stmt]
    node: ast.FunctionDef
    is_method: bool

    @property
    def most_locals(self) -> int:
        """What its caller may have."""
        roomy = self.module.name.startswith(OFF_THE_GUARD_PATH)
        return MOST_OFF_THE_GUARD_PATH if roomy else MOST_LOCALS

    @property
    def parameters(self) -> list[str]:
        """What a call passes."""
        return [a.arg for a in self.node.args.args][1 if self.is_method else 0 :]

    @property
    def body(self) -> list[ast.stmt]:
        """What it does: a copy, without the docstring."""
        made = copy.deepcopy(self.node.body)
        first = made[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            made = made[1:]
        return made or [ast.Pass()]

    def called_by(self, node: ast.AST) -> ast.Call | None:
        """The node if it is a call of this."""
        if not isinstance(node, ast.Call) or node.keywords:
            return None
        of_self = (
            isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "self"
        )
        called = getattr(node.func, "attr" if self.is_method else "id", "")
        matches = called == self.node.name and (of_self or not self.is_method)
        return node if matches and len(node.args) == len(self.parameters) else None


def mentions_of(program: Program) -> Counter[str]:
    """How often each word occurs, as whatever: a definition and its one call make two."""
    found: Counter[str] = Counter()
    for module in program.modules.values():
        for node in ast.walk(module.tree):
            for field in ("id", "attr", "name", "arg", "asname", "value"):
                word = getattr(node, field, None)
                if isinstance(word, str):
                    found[word] += 1
    return found


def callees(program: Program) -> Iterator[Callee]:
    """Every private function that is simple enough."""
    for module in program.modules.values():
        for siblings, is_method in places(module):
            for node in siblings:
                if isinstance(node, ast.FunctionDef) and _is_simple(node):
                    yield Callee(module, siblings, node, is_method)


def places(module: Module) -> Iterator[tuple[list[ast.stmt], bool]]:
    """Lists with functions in them: the module's, and whether they are methods of a class."""
    yield module.tree.body, False
    for statement in module.tree.body:
        if isinstance(statement, ast.ClassDef):
            yield statement.body, True


def _is_simple(node: ast.FunctionDef) -> bool:
    private = node.name.startswith("_") and not node.name.startswith("__")
    plain = not (node.decorator_list or node.args.defaults or node.args.kwonlyargs)
    inner = [n for statement in node.body for n in ast.walk(statement)]
    fit = not any(isinstance(n, _UNFIT) for n in inner)
    return private and plain and fit and len(all_arguments(node.args)) == len(node.args.args)
