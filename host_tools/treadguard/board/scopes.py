# SPDX-License-Identifier: MIT
"""Which names belong to a function, a class or a comprehension."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass
class Scope:
    """Names that belong to a function, class or comprehension."""

    names: set[str]
    is_class: bool = False
    renamed: dict[str, str] = field(default_factory=dict)


def all_arguments(arguments: ast.arguments) -> list[ast.arg]:
    """Positional parameters, *args and **kwargs."""
    more = [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return [*arguments.args, *more]


def local_names(node: ast.FunctionDef) -> set[str]:
    """Parameters and everything the function's own statements bind."""
    names = {argument.arg for argument in all_arguments(node.args)}
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, ast.FunctionDef | ast.ClassDef):
            names.add(inner.name)
            continue
        if isinstance(inner, ast.Lambda):
            continue
        if isinstance(inner, COMPREHENSIONS):
            continue  # its names are its own
        if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
            names.add(inner.id)
        if isinstance(inner, ast.ExceptHandler) and inner.name:
            names.add(inner.name)
        if isinstance(inner, ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in inner.names}
        waiting += ast.iter_child_nodes(inner)
    return names
