# SPDX-License-Identifier: MIT
"""What is broken inside an expression. Each operator: a node in, its edits out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.mutation.source import Edit, Source

Edits = Iterator[Edit]

# Per comparison: its boundary, its opposite, and what it degenerates to.
COMPARISONS = {
    ast.Lt: ("<", ("<=", ">=", "!=")),
    ast.LtE: ("<=", ("<", ">", "==")),
    ast.Gt: (">", (">=", "<=", "!=")),
    ast.GtE: (">=", (">", "<", "==")),
    ast.Eq: ("==", ("!=", "<=", ">=")),
    ast.NotEq: ("!=", ("==", "<", ">")),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: ("is not", ("is",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: ("not in", ("in",)),
}
# Within one level of precedence, so that the rest of the expression keeps its meaning.
ARITHMETIC = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "//"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "//"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
}


def comparison(node: ast.AST, source: Source) -> Edits:
    if not isinstance(node, ast.Compare):
        return
    operands = [node.left, *node.comparators]
    for at, op in enumerate(node.ops):
        old, others = COMPARISONS[type(op)]
        for new in others:
            yield source.between("comparison", operands[at], operands[at + 1], old, new)


def arithmetic(node: ast.AST, source: Source) -> Edits:
    if isinstance(node, ast.BinOp):
        old, new = ARITHMETIC[type(node.op)]
        yield source.between("arithmetic", node.left, node.right, old, new)
    elif isinstance(node, ast.AugAssign):
        old, new = ARITHMETIC[type(node.op)]
        yield source.between("arithmetic", node.target, node.value, f"{old}=", f"{new}=")


def mask(node: ast.AST, source: Source) -> Edits:
    """x & MASK without the mask: the wrap of a timer."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd):
        yield source.replace("mask", node, f"({source.text(node.left)})")


def boolean(node: ast.AST, source: Source) -> Edits:
    """and <-> or, and each operand left out."""
    if not isinstance(node, ast.BoolOp):
        return
    old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    yield source.joined("boolean", node, list(node.values), old, new)
    for left_out in node.values:
        rest = [f"({source.text(value)})" for value in node.values if value is not left_out]
        yield source.replace("operand", node, f" {old} ".join(rest))


def unary(node: ast.AST, source: Source) -> Edits:
    """-x, ~x and not x become x."""
    if isinstance(node, ast.UnaryOp):
        yield source.replace("unary", node, f"({source.text(node.operand)})")


def constant(node: ast.AST, source: Source) -> Edits:
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        yield source.replace("bool", node, str(not node.value))
    elif isinstance(node.value, int):
        yield source.replace("constant", node, str(node.value + 1))
        yield source.replace("constant", node, str(node.value - 1))


def extreme(node: ast.AST, source: Source) -> Edits:
    """min <-> max."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        other = {"min": "max", "max": "min"}.get(node.func.id)
        if other:
            yield source.replace("extreme", node.func, other)


def condition(node: ast.AST, source: Source) -> Edits:
    """A condition turned round, always true, never true."""
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        if not isinstance(node.test, ast.UnaryOp):  # `not x` becomes x already
            yield source.replace("condition", node.test, f"not ({source.text(node.test)})")
        yield source.replace("condition", node.test, "True")
        yield source.replace("condition", node.test, "False")


EXPRESSIONS = (comparison, arithmetic, mask, boolean, unary, constant, extreme, condition)
