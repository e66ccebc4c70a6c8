# SPDX-License-Identifier: MIT
"""Function bodies whose every `return` is the last thing that happens on its way."""

from __future__ import annotations

import ast


def ends(body: list[ast.stmt]) -> bool:
    """Whether the end of the body is never reached; False when it is not plain to see."""
    last = body[-1]
    if isinstance(last, ast.If):
        return bool(last.orelse) and ends(last.body) and ends(last.orelse)
    return isinstance(last, ast.Return | ast.Raise)


def in_tail_form(body: list[ast.stmt]) -> list[ast.stmt] | None:
    """The same with what follows an `if` that returns in its `else`; None where that fails."""
    made: list[ast.stmt] = []
    for i, statement in enumerate(body):
        rest = body[i + 1 :]
        if isinstance(statement, ast.Return):
            return [*made, statement]
        if not _returns(statement):
            made.append(statement)
            continue
        if not isinstance(statement, ast.If):
            return None
        if rest and not ends(statement.body):
            return None
        inner = in_tail_form(statement.body)
        other = in_tail_form([*statement.orelse, *rest])
        if inner is None or other is None:
            return None
        return [*made, ast.If(statement.test, inner, other)]
    return made


def _returns(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Return) for node in ast.walk(statement))


def given_to(body: list[ast.stmt], target: ast.expr | None) -> list[ast.stmt]:
    """A body in tail form that gives the target what it would return; None: to nobody."""
    if not body:
        return [] if target is None else [_set(target, ast.Constant(None))]
    last = body[-1]
    if isinstance(last, ast.Return):
        if target is not None:
            made: list[ast.stmt] = [_set(target, last.value or ast.Constant(None))]
        else:
            made = [] if last.value is None else [ast.Expr(last.value)]
        return [*body[:-1], *made]
    if isinstance(last, ast.If) and (_returns(last) or target is not None):
        inner = given_to(last.body, target) or [ast.Pass()]
        return [*body[:-1], ast.If(last.test, inner, given_to(last.orelse, target))]
    return (
        body
        if target is None or isinstance(last, ast.Raise)
        else [
            *body,
            _set(target, ast.Constant(None)),
        ]
    )


def _set(target: ast.expr, value: ast.expr) -> ast.Assign:
    return ast.Assign([target], value)
