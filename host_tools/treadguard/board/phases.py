# SPDX-License-Identifier: MIT
"""What only the start needs, so that it may be forgotten when the loop begins.

Found by name, on the safe side: a method stays if anything that may still run mentions its
name, as an attribute or a text, on whatever object. A class that may still be made keeps its
__init__, and other special methods always stay.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Function:
    """A function of the module, or a method."""

    owner: str
    node: ast.FunctionDef

    def __str__(self) -> str:
        return f"{self.owner}.{self.node.name}" if self.owner else self.node.name


@dataclass
class Words:
    """What code mentions: module-level names, and attributes or texts that could be some."""

    names: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)

    def add(self, nodes: Iterable[ast.AST]) -> bool:
        """Take in everything below the nodes; whether any of it was new."""
        before = len(self.names) + len(self.attributes)
        for node in nodes:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Name):
                    self.names.add(inner.id)
                elif isinstance(inner, ast.Attribute) and not _calls_its_base(inner):
                    self.attributes.add(inner.attr)
                elif isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                    self.attributes.add(inner.value)
        return len(self.names) + len(self.attributes) > before


class Running:
    """What may still run once `main` has made the object of class `made_at_start`.

    `parts` are texts of modules that the start may load and that run as this one does, `others`
    those of modules all of which may run at any time.
    """

    def __init__(
        self,
        source: str,
        main: str,
        made_at_start: str,
        others: list[str],
        parts: Iterable[str] = (),
    ) -> None:
        self.functions: list[Function] = []
        self.bases: dict[str, list[str]] = {}
        self.tables: dict[str, list[ast.AST]] = {}
        self.of: list[list[Function]] = []
        for text in (source, *parts):
            before = len(self.functions)
            for statement in ast.parse(text).body:
                self._learn(statement)
            self.of.append(self.functions[before:])
        self.words = Words()
        self.words.add(ast.parse(other) for other in others)
        self.reached: set[Function] = set()
        for function in self.functions:
            self.words.attributes |= _passed_on(function.node)
        start = next(f for f in self.functions if str(f) == main)
        self.reached.add(start)
        self.words.add([start.node])
        self.words.names.discard(made_at_start)
        while self._go_on():
            pass

    def forgotten(self, part: int = 0) -> list[Function]:
        """Everything that runs no more: of this module, or of a part, the first being 1."""
        return [function for function in self.of[part] if function not in self.reached]

    def _learn(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.FunctionDef):
            self.functions.append(Function("", statement))
        elif isinstance(statement, ast.ClassDef):
            methods = [item for item in statement.body if isinstance(item, ast.FunctionDef)]
            self.functions += [Function(statement.name, method) for method in methods]
            self.bases[statement.name] = [ast.unparse(base) for base in statement.bases]
            data = [item for item in statement.body if item not in methods]
            self.tables[statement.name] = [*statement.bases, *data]
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                self.tables.setdefault(ast.unparse(target), []).append(statement.value)

    def _go_on(self) -> bool:
        found = [f for f in self.functions if f not in self.reached and self._may_run(f)]
        self.reached |= set(found)
        new = self.words.add(_without_docstring(f.node) for f in found)
        for name in self.words.names & set(self.tables):
            new = self.words.add(self.tables[name]) or new
        return new or bool(found)

    def _may_run(self, function: Function) -> bool:
        name = function.node.name
        if not function.owner:
            return name in self.words.names
        if name == "__init__":
            made = self.words.names & set(self.bases)
            explicit = name in self.words.attributes
            return explicit or any(function.owner in self._family(one) for one in made)
        return name.startswith("__") or name in self.words.attributes

    def _family(self, name: str) -> set[str]:
        """A class and all it inherits from."""
        return {name}.union(*(self._family(base) for base in self.bases.get(name, [])))


def _calls_its_base(node: ast.Attribute) -> bool:
    """X.__init__ or super().__init__: it stays with every class that may be made anyway."""
    of_super = isinstance(node.value, ast.Call) and ast.unparse(node.value) == "super()"
    return node.attr == "__init__" and (of_super or isinstance(node.value, ast.Name))


def _passed_on(node: ast.FunctionDef) -> set[str]:
    """Attributes that are not called on the spot: callbacks, to be called at any time."""
    called = {id(inner.func) for inner in ast.walk(node) if isinstance(inner, ast.Call)}
    found = [inner for inner in ast.walk(node) if isinstance(inner, ast.Attribute)]
    return {inner.attr for inner in found if id(inner) not in called}


def _without_docstring(node: ast.FunctionDef) -> ast.AST:
    return ast.Module([*node.args.defaults, *node.decorator_list, *node.body], [])  # type: ignore[list-item]
