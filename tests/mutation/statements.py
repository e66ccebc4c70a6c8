# SPDX-License-Identifier: MIT
"""What is broken in a statement or a table. Each operator: a node in, its edits out."""

from __future__ import annotations

import ast

from tests.mutation.operators import EXPRESSIONS, Edits
from tests.mutation.source import Edit, Source

DELETED = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Raise)
BOOLEAN = (ast.Compare, ast.BoolOp)
NO_TEXT = (ast.Constant, ast.IfExp)  # broken by other operators
ROWS_AT_LEAST = 3

Lines = tuple[int, int] | None  # of the statement; None outside of functions
Found = tuple[str, Lines, Edit]


def deletion(node: ast.AST, source: Source) -> Edits:
    """A statement of a function left out."""
    called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    nothing = isinstance(node, ast.Return) and node.value is None
    if isinstance(node, DELETED) or called or nothing:
        yield source.replace("deletion", node, "pass")


def returned(node: ast.AST, source: Source) -> Edits:
    """Another value returned."""
    if not isinstance(node, ast.Return) or node.value is None:
        return
    value = node.value
    if isinstance(value, BOOLEAN):
        yield source.replace("return", value, f"not ({source.text(value)})")
    if isinstance(value, BOOLEAN) or not isinstance(value, (*NO_TEXT, ast.UnaryOp)):
        yield source.replace("return", value, "0")
        yield source.replace("return", value, "1")


def loop(node: ast.AST, source: Source) -> Edits:
    """A loop that never runs."""
    if isinstance(node, ast.For):
        yield source.replace("loop", node.iter, "()")


def row(node: ast.AST, source: Source) -> Edits:
    """A row left out of a table: an interlock, a fault, a step of a test."""
    if not isinstance(node, ast.Tuple | ast.List) or len(node.elts) < ROWS_AT_LEAST:
        return
    for kind in (ast.Name, ast.Attribute, ast.Tuple):
        if all(isinstance(element, kind) for element in node.elts):
            break
    else:
        return
    for at, element in enumerate(node.elts):
        if at + 1 < len(node.elts):
            yield Edit("row", source.start(element), source.start(node.elts[at + 1]), "")
        else:
            yield Edit("row", source.end(node.elts[at - 1]), source.end(element), "")


IN_FUNCTIONS = (*EXPRESSIONS, deletion, returned, loop, row)
IN_MODULES = (*EXPRESSIONS, row)  # a constant left out is only a program that does not load


class Finder(ast.NodeVisitor):
    """Walks a file; every edit with the function it is in."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.names: list[str] = []
        self.depth = 0
        self.lines: Lines = None
        self.found: list[Found] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.names.append(node.name)
        self.generic_visit(node)
        self.names.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.names.append(node.name)
        for part in node.args.defaults:
            self.visit(part)
        self.depth += 1
        for part in node.body:
            self.visit(part)
        self.depth -= 1
        self.names.pop()

    def generic_visit(self, node: ast.AST) -> None:
        outer = self.lines
        if isinstance(node, ast.stmt) and self.depth:
            self.lines = header(node)
        function = ".".join(self.names) or "<module>"
        for operator in IN_FUNCTIONS if self.depth else IN_MODULES:
            self.found += [(function, self.lines, edit) for edit in operator(node, self.source)]
        super().generic_visit(node)
        self.lines = outer


def header(node: ast.stmt) -> tuple[int, int]:
    """Lines of a statement without those of its body."""
    body = getattr(node, "body", None)
    last = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno
    return node.lineno, last or node.lineno


def find(source: Source) -> list[Found]:
    """(function, statement's lines, edit) of all that can be broken, each text once, in order."""
    finder = Finder(source)
    finder.visit(source.tree)
    once = {(e.start, e.end, e.text): (name, at, e) for name, at, e in reversed(finder.found)}
    return sorted(once.values(), key=lambda one: (one[2].start, one[2].end, one[2].text))
