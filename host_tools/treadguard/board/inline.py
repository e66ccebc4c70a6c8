# SPDX-License-Identifier: MIT
"""Private functions with one call in all the firmware go to where they are called.

Each function costs about 50 bytes of RAM besides what it does, and a call costs time. Only what
plainly means the same is moved: the caller stands in the same class or module, no argument is
evaluated more often or in another order, and the caller's frame stays small.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from treadguard.board.names import KEPT_OUTSIDE
from treadguard.board.program import Module, Program
from treadguard.board.rewrite import all_arguments, local_names
from treadguard.board.tail import ends, given_to, in_tail_form

# MicroPython takes frames of more than 11 words from the heap: locals and what is computed.
MOST_LOCALS = 6
_SCOPES = (
    ast.FunctionDef, ast.ClassDef, ast.Lambda,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip
_UNFIT = (*_SCOPES, ast.Yield, ast.YieldFrom, ast.ImportFrom, ast.Import, ast.Try, ast.With)


@dataclass
class Callee:
    """A private function, the module it is in, and the list it may be taken out of."""

    module: Module
    siblings: list[ast.stmt]
    node: ast.FunctionDef
    is_method: bool

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


def inline(program: Program) -> list[str]:
    """Change the program's trees; the names of what was moved to its one caller."""
    moved: list[str] = []
    refused: set[str] = set(KEPT_OUTSIDE)
    while True:
        mentions = _mentions(program)
        found = [c for c in _callees(program) if c.node.name not in refused]
        once = [c for c in found if mentions[c.node.name] == 2]
        for callee in once:
            if _move(callee):
                moved.append(callee.node.name)
            refused.add(callee.node.name)
        if not once:
            return moved


def _mentions(program: Program) -> Counter[str]:
    """How often each word occurs, as whatever: a definition and its one call make two."""
    found: Counter[str] = Counter()
    for module in program.modules.values():
        for node in ast.walk(module.tree):
            for field in ("id", "attr", "name", "arg", "asname", "value"):
                word = getattr(node, field, None)
                if isinstance(word, str):
                    found[word] += 1
    return found


def _callees(program: Program) -> Iterator[Callee]:
    for module in program.modules.values():
        for siblings, is_method in _places(module):
            for node in siblings:
                if isinstance(node, ast.FunctionDef) and _is_simple(node):
                    yield Callee(module, siblings, node, is_method)


def _places(module: Module) -> Iterator[tuple[list[ast.stmt], bool]]:
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


def _move(callee: Callee) -> bool:
    for caller in _functions(callee):
        if caller is not callee.node and (_as_statement(caller, callee) or _in_an_expression(
            caller, callee
        )):
            callee.siblings.remove(callee.node)
            if not callee.is_method:
                del callee.module.bound[callee.node.name]
            return True
    return False


def _functions(callee: Callee) -> Iterator[ast.FunctionDef]:
    """Who may call it: functions and methods of the module, or the methods beside it."""
    places = [callee.siblings]
    if not callee.is_method:
        places = [siblings for siblings, _ in _places(callee.module)]
    yield from (n for place in places for n in place if isinstance(n, ast.FunctionDef))


# A call that is a statement, assigned or returned


def _as_statement(caller: ast.FunctionDef, callee: Callee) -> bool:
    for block in _blocks(caller.body):
        for i, statement in enumerate(block):
            value = getattr(statement, "value", None)
            call = callee.called_by(value) if isinstance(value, ast.AST) else None
            if call is not None:
                made = _in_place_of(statement, call, caller, callee)
                if made is not None:
                    block[i : i + 1] = made
                return made is not None
    return False


def _blocks(body: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    yield body
    for statement in body:
        for name in ("body", "orelse", "finalbody"):
            if not isinstance(statement, _SCOPES):
                yield from _blocks(getattr(statement, name, []))
        for handler in getattr(statement, "handlers", []):
            yield from _blocks(handler.body)


def _in_place_of(
    statement: ast.stmt, call: ast.Call, caller: ast.FunctionDef, callee: Callee
) -> list[ast.stmt] | None:
    """What stands in the caller instead of the statement with the call."""
    body: list[ast.stmt] | None = callee.body
    assert body is not None
    stored = {n.id for s in body for n in ast.walk(s) if _is_stored(n)}
    passed = dict(zip(callee.parameters, call.args, strict=True))
    put = {p: a for p, a in passed.items() if p not in stored and _is_fixed(a)}
    if _means_otherwise(callee, caller):
        return None
    if isinstance(statement, ast.Return):
        body = body if ends(body) else [*body, ast.Return(None)]
    else:
        body = in_tail_form(body)
        if body is None or not (isinstance(statement, ast.Expr) or _is_target(statement)):
            return None
        body = given_to(body, getattr(statement, "targets", [None])[0])
    here = local_names(caller)
    fresh = _fresh((stored | set(passed)) - set(put), here | _words(caller) | _words(callee.node))
    # `self` is counted too, as MicroPython does.
    if len(here | set(fresh.values())) > max(MOST_LOCALS, len(here)):
        return None
    first: list[ast.stmt] = [
        ast.Assign([ast.Name(fresh[p], ast.Store())], a) for p, a in passed.items() if p in fresh
    ]
    changed = [_Put(put, fresh).visit(s) for s in body]
    return [ast.fix_missing_locations(ast.copy_location(s, statement)) for s in first + changed]


def _is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)


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
        if not isinstance(node, _SCOPES):
            yield node
            waiting += ast.iter_child_nodes(node)
