# SPDX-License-Identifier: MIT
"""Small questions about module-level statements of the build, and their text."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from treadguard.board.phases import Function
from treadguard.board.program import PACKAGE, Defined, bound_by


def rest_name(meaning: Defined) -> str:
    """What is called so in the rest, for whoever asks from outside."""
    return "{}__{}".format(meaning.module.replace(".", "_"), meaning.name)


def top_names(statement: ast.stmt) -> list[str]:
    """Names a module-level statement binds, imports included."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in statement.names]
    return bound_by(statement)


def imports(whole: Iterable[str], parts: Mapping[str, Iterable[str]]) -> list[ast.stmt]:
    """Import statements for whole modules and for names from others, the foreign ones first."""
    made: list[ast.stmt] = [ast.Import([ast.alias(name)]) for name in sorted(whole)]
    for module in sorted(parts, key=lambda name: (name.startswith(PACKAGE), name)):
        aliases = [ast.alias(name) for name in sorted(parts[module])]
        made.append(ast.ImportFrom(module, aliases, 0))
    return made


def without(body: list[ast.stmt], moved: set[Function]) -> list[ast.stmt]:
    """The statements without methods that go elsewhere."""
    gone = {str(function) for function in moved}
    for node in body:
        if isinstance(node, ast.ClassDef):
            kept = [i for i in node.body if f"{node.name}.{getattr(i, 'name', '')}" not in gone]
            node.body = kept or [ast.Pass()]
    return body


def text_of(body: list[ast.stmt]) -> str:
    """What MicroPython compiles."""
    return ast.unparse(ast.fix_missing_locations(ast.Module(body, []))) + "\n"
