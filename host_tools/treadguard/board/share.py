# SPDX-License-Identifier: MIT
"""Methods and attributes of classes that have nothing to do with each other share a name.

The fewer names a module has, the smaller are its table of names and its bytecode, which spends
one byte on a name among the first 128 and two on every other. A name is looked up in the object
it is asked of, so two names may become one if no object has both.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Mapping

from treadguard.board.program import Defined, Program


class Families:
    """Classes with all they inherit from and all that inherit from them, and who has what."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._parent: dict[Defined, Defined] = {}
        self._holders: dict[str, set[Defined]] = {}
        self.anyone: set[str] = set()
        self.methods: set[str] = set()
        self.uses: Counter[str] = Counter()
        for name, module in program.modules.items():
            for node in ast.walk(module.tree):
                if isinstance(node, ast.ClassDef):
                    self._learn(Defined(name, node.name), node)
                elif isinstance(node, ast.Attribute):
                    self._learn_use(node)

    def family(self, one: Defined) -> Defined:
        """A class that stands for all its relatives."""
        while one in self._parent:
            one = self._parent[one]
        return one

    def having(self, name: str) -> set[Defined]:
        """The families in which some class has it."""
        return {self.family(one) for one in self._holders.get(name, ())}

    def _learn(self, one: Defined, node: ast.ClassDef) -> None:
        for base in node.bases:
            meaning = self.program.meaning(one.module, getattr(base, "id", ""))
            if isinstance(meaning, Defined) and self.family(meaning) != self.family(one):
                self._parent[self.family(one)] = self.family(meaning)
        for inner in ast.walk(node):
            if isinstance(inner, ast.FunctionDef):
                self._holders.setdefault(inner.name, set()).add(one)
                self.methods.add(inner.name)
            elif isinstance(inner, ast.Attribute) and _is_of_self(inner):
                self._holders.setdefault(inner.attr, set()).add(one)

    def _learn_use(self, node: ast.Attribute) -> None:
        self.uses[node.attr] += 1
        if not isinstance(node.ctx, ast.Load) and not _is_of_self(node):
            self.anyone.add(node.attr)


def _is_of_self(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def share(families: Families, attributes: Mapping[str, str]) -> dict[str, str]:
    """The attributes' names in the build -> fewer of them."""
    free = list(attributes.values())
    taken: list[set[Defined]] = []
    shared: dict[str, str] = {}
    for old in sorted(attributes, key=lambda name: (-families.uses[name], name)):
        having = families.having(old)
        alone = old in families.anyone or not having
        fitting = (i for i, others in enumerate(taken) if others and not others & having)
        i = len(taken) if alone else next(fitting, len(taken))
        if i == len(taken):
            taken.append(set())
        if not alone:
            taken[i] |= having
        shared[attributes[old]] = free[i]
    return shared


class Sharer(ast.NodeTransformer):
    """Gives methods and attributes the names they share."""

    def __init__(self, shared: Mapping[str, str]) -> None:
        self.shared = shared

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        node.attr = self.shared.get(node.attr, node.attr)
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        for item in node.body:
            if isinstance(item, ast.FunctionDef):
                item.name = self.shared.get(item.name, item.name)
        return self.generic_visit(node)

    def all(self, body: Iterable[ast.stmt]) -> list[ast.stmt]:
        """These statements, changed."""
        return [self.visit(statement) for statement in body]
