# SPDX-License-Identifier: MIT
"""Values that are the same on every board are computed here instead of on the board.

A module-level name that is bound once, to a text, bytes, a number or a tuple of those, gets the
value as a literal. So does the hash of the interface, which needs tables that the board could
otherwise leave in flash.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator

from treadguard.board.names import VIRTUAL
from treadguard.board.program import BuildError, Defined, Module, Program, Whole

FOLDED_CALLS = (Defined("guard.link.describe", "interface_hash"),)
HARDWARE = "guard.board"
# argv: folders for sys.path, a "-", then module:expression pairs. Prints repr or an empty line.
COMPUTE = """
import importlib, sys
sys.dont_write_bytecode = True
at = sys.argv.index("-")
sys.path[:0] = sys.argv[1:at]
def plain(value):
    if type(value) is tuple:
        return all(plain(item) for item in value)
    return type(value) in (str, bytes, int)
for pair in sys.argv[at + 1:]:
    module, _, expression = pair.partition(":")
    value = eval(expression, vars(importlib.import_module(module)))
    print(repr(value) if plain(value) else "")
"""


def fold(program: Program) -> None:
    """Put the values into the program's trees."""
    places = [*_tables(program), *_calls(program)]
    pairs = [f"{module.name}:{ast.unparse(place)}" for module, place, _ in places]
    for (_, _, put), printed in zip(places, _compute(program, pairs), strict=True):
        if printed:
            put(ast.parse(printed, mode="eval").body)


def _tables(program: Program) -> Iterator[tuple[Module, ast.expr, _Put]]:
    for module in program.modules.values():
        if not module.name.startswith("guard") or _needs_hardware(program, module.name):
            continue
        for statement in module.tree.body:
            if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
                continue
            target = statement.targets[0]
            if isinstance(target, ast.Name) and len(module.bound[target.id]) == 1:
                if not isinstance(statement.value, ast.Constant):
                    yield module, target, _Put(statement, "value")


def _needs_hardware(program: Program, name: str) -> bool:
    """Whether a module imports, at some remove, the folder that only works on a board."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one.startswith(HARDWARE):
            return True
        if one in program.modules and one not in seen:
            seen.add(one)
            meanings = program.modules[one].imported.values()
            waiting += [m.module for m in meanings if isinstance(m, Defined | Whole)]
    return False


def _calls(program: Program) -> Iterator[tuple[Module, ast.expr, _Put]]:
    for module in program.modules.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                function = node.value.func
                if isinstance(function, ast.Name) and not node.value.args:
                    if module.imported.get(function.id) in FOLDED_CALLS:
                        yield module, node.value, _Put(node, "value")


class _Put:
    """Where a literal goes."""

    def __init__(self, node: ast.AST, field: str) -> None:
        self.node = node
        self.field = field

    def __call__(self, literal: ast.expr) -> None:
        setattr(self.node, self.field, literal)


def _compute(program: Program, pairs: list[str]) -> list[str]:
    folders = [str(program.folder), str(VIRTUAL / "fakes_cpython")]
    command = [sys.executable, "-c", COMPUTE, *folders, "-", *pairs]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise BuildError(f"the firmware's tables cannot be computed: {said[-1] if said else ''}")
    return done.stdout.splitlines()
