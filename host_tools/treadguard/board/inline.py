# SPDX-License-Identifier: MIT
"""Private functions with one call in all the firmware go to where they are called.

Each function costs about 50 bytes of RAM besides what it does, and a call costs time. Only what
plainly means the same is moved: the caller stands in the same class or module, no argument is
evaluated more often or in another order, and the caller's frame stays small.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

from treadguard.board.callees import SCOPES, Callee, callees, mentions_of, places
from treadguard.board.names import KEPT_OUTSIDE
from treadguard.board.program import Program
from treadguard.board.scopes import local_names
from treadguard.board.tail import ends, given_to, in_tail_form


def inline(program: Program) -> list[str]:
    """Change the program's trees; the names of what was moved to its one caller."""
    moved: list[str] = []
    refused: set[str] = set(KEPT_OUTSIDE)
    while True:
        mentions = mentions_of(program)
        found = [c for c in callees(program) if c.node.name not in refused]
        once = [c for c in found if mentions[c.node.name] == 2]
        for callee in once:
            if _move(callee):
                moved.append(callee.node.name)
            refused.add(callee.node.name)
        if not once:
            return moved


def _move(callee: Callee) -> bool:
    for caller in _functions(callee):
        if caller is not callee.node and (
            _as_statement(caller, callee) or _in_an_expression(caller, callee)
        ):
            callee.siblings.remove(callee.node)
            if not callee.is_method:
                del callee.module.bound[callee.node.name]
            return True
    return False


def _functions(callee: Callee) -> Iterator[ast.FunctionDef]:
    """Who may call it: functions and methods of the module, or the methods beside it."""
    found = [callee.siblings]
    if not callee.is_method:
        found = [siblings for siblings, _ in places(callee.module)]
    yield from (n for place in found for n in place if isinstance(n, ast.FunctionDef))


# A call that is a statement, assigned or returned


def _as_statement(caller: ast.FunctionDef, callee: Callee) -> bool:
    for block in _blocks(caller.body):
        for i, statement in enumerate(block):
            made = _instead(statement, caller, callee)
            if made is not None:
                block[i : i + 1] = made
                return True
    return False


def _instead(
    statement: ast.stmt, caller: ast.FunctionDef, callee: Callee
) -> list[ast.stmt] | None:
    """What stands for the statement when the callee's body is part of it."""
    for holder, name, i in _first_evaluated(statement):
        value = getattr(holder, name)
        call = callee.called_by(value if i is None else value[i])
        if call is None:
            continue
        if holder is statement and not isinstance(statement, ast.If):
            return _in_place_of(statement, call, caller, callee)
        # A value that is used for more than one thing is kept in a local first.
        (kept,) = _fresh({"_"}, local_names(caller) | _words(caller)).values()
        first = ast.copy_location(ast.Assign([ast.Name(kept, ast.Store())], call), statement)
        made = _in_place_of(first, call, caller, callee)
        if made is None:
            return None
        if i is None:
            setattr(holder, name, ast.Name(kept, ast.Load()))
        else:
            value[i] = ast.Name(kept, ast.Load())
        return [*made, ast.fix_missing_locations(statement)]
    return None


def _first_evaluated(statement: ast.stmt) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Where what a statement computes before all else stands, from the whole to its first part."""
    holder: ast.AST = statement
    name, i = "test" if isinstance(statement, ast.If) else "value", None
    if not isinstance(statement, ast.If | ast.Expr | ast.Return | ast.Assign):
        return
    while True:
        found = getattr(holder, name) if i is None else getattr(holder, name)[i]
        if found is None:
            return
        yield holder, name, i
        inside = {ast.BoolOp: "values", ast.Compare: "left", ast.UnaryOp: "operand",
                  ast.BinOp: "left", ast.IfExp: "test"}  # fmt: skip
        if type(found) not in inside:
            return
        holder, name = found, inside[type(found)]
        i = 0 if isinstance(found, ast.BoolOp) else None


def _blocks(body: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    yield body
    for statement in body:
        for name in ("body", "orelse", "finalbody"):
            if not isinstance(statement, SCOPES):
                yield from _blocks(getattr(statement, name, []))
        for handler in getattr(statement, "handlers", []):
            yield from _blocks(handler.body)


def _in_place_of(
    statement: ast.stmt, call: ast.Call, caller: ast.FunctionDef, callee: Callee
) -> list[ast.stmt] | None:
    """What stands in the caller instead of the statement with the call."""
    body: list[ast.stmt] | None = callee.body
    assert body is not None
    stored = _stored(body)
    passed = dict(zip(callee.parameters, call.args, strict=True))
    put = {p: a for p, a in passed.items() if p not in stored and _is_fixed(a)}
    if _means_otherwise(callee, caller):
        return None
    target = getattr(statement, "targets", [None])[0]
    returned = isinstance(statement, ast.Return)
    if returned:
        body = body if ends(body) else [*body, ast.Return(None)]
    else:
        body = in_tail_form(body)
        if body is None or not (isinstance(statement, ast.Expr) or _is_target(statement)):
            return None
    here = local_names(caller) | ({target.id} if isinstance(target, ast.Name) else set())
    fresh = _fresh((stored | set(passed)) - set(put), here | _words(caller) | _words(callee.node))
    if len(here | set(fresh.values())) > max(callee.most_locals, len(local_names(caller))):
        return None
    first: list[ast.stmt] = [
        ast.Assign([ast.Name(fresh[p], ast.Store())], a) for p, a in passed.items() if p in fresh
    ]
    # Renamed before the target is in it, which is a name of the caller.
    body = [_Put(put, fresh).visit(s) for s in body]
    made = first + (body if returned else given_to(body, target))
    return [ast.fix_missing_locations(ast.copy_location(s, statement)) for s in made]


def _stored(body: list[ast.stmt]) -> set[str]:
    """Names that get a value there."""
    nodes = [n for statement in body for n in ast.walk(statement)]
    names = [n for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)]
    handlers = [n.name for n in nodes if isinstance(n, ast.ExceptHandler) and n.name]
    return {*handlers, *(n.id for n in names)}


def _is_fixed(argument: ast.expr) -> bool:
    """It means the same wherever it stands in the callee, whose own names are made different."""
    return isinstance(argument, ast.Name | ast.Constant)


def _is_target(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return False
    return isinstance(statement.targets[0], ast.Name)


def _words(function: ast.FunctionDef) -> set[str]:
    return {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}


def _means_otherwise(callee: Callee, caller: ast.FunctionDef) -> bool:
    """A name of the module that the callee uses is a local of the caller."""
    own = local_names(callee.node)
    return bool((_words(callee.node) - own) & (local_names(caller) - {"self"}))


def _fresh(wanted: set[str], taken: set[str]) -> dict[str, str]:
    """Names for the callee's locals that nothing else has."""
    made: dict[str, str] = {}
    for name in sorted(wanted):
        new = name + "_"
        while new in taken or new in made.values():
            new += "_"
        made[name] = new
    return made


class _Put(ast.NodeTransformer):
    """Puts arguments in the place of parameters, and new names in that of locals."""

    def __init__(self, arguments: dict[str, ast.expr], names: dict[str, str]) -> None:
        self.arguments = arguments
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.arguments:
            return copy.deepcopy(self.arguments[node.id])
        return ast.Name(self.names.get(node.id, node.id), node.ctx)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        node.name = self.names.get(node.name, node.name) if node.name else None
        return self.generic_visit(node)


# A call inside an expression


def _in_an_expression(caller: ast.FunctionDef, callee: Callee) -> bool:
    body = callee.body
    only = body[0] if len(body) == 1 else None
    if not isinstance(only, ast.Return) or only.value is None:
        return False
    if _means_otherwise(callee, caller):
        return False
    for parent in _same_scope(caller):
        for name, value in ast.iter_fields(parent):
            for i, child in enumerate(value if isinstance(value, list) else [value]):
                call = callee.called_by(child) if isinstance(child, ast.AST) else None
                if call is None or not all(map(_is_fixed, call.args)):
                    continue
                put = dict(zip(callee.parameters, call.args, strict=True))
                made = ast.fix_missing_locations(_Put(put, {}).visit(only.value))
                if isinstance(value, list):
                    value[i] = made
                else:
                    setattr(parent, name, made)
                return True
    return False


def _same_scope(caller: ast.FunctionDef) -> Iterator[ast.AST]:
    waiting: list[ast.AST] = list(caller.body)
    while waiting:
        node = waiting.pop()
        if not isinstance(node, SCOPES):
            yield node
            waiting += ast.iter_child_nodes(node)
