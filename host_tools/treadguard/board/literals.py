# SPDX-License-Identifier: MIT
"""Values that may stand in the code itself instead of behind a module-level name."""

from __future__ import annotations

import ast

INTERNED, SHORT, FEW, MANY = 10, 12, 3, 1000


def is_plain(value: ast.expr) -> bool:
    """Texts, bytes and tuples of constants: MicroPython keeps them with the code, made once."""
    if isinstance(value, ast.Tuple):
        inner = [item for item in value.elts if not isinstance(item, ast.Constant)]
        return bool(value.elts) and all(is_plain(item) for item in inner)
    return isinstance(value, ast.Constant) and isinstance(value.value, str | bytes)


def may_be_repeated(value: ast.expr) -> int:
    """How often a value may stand in the place of its name, which costs RAM too; 0 is never.

    MicroPython keeps texts of up to 10 characters only once, however often they occur.
    """
    if not is_plain(value):
        return 0
    if isinstance(value, ast.Constant):
        size = len(value.value) if isinstance(value.value, str | bytes) else 0
        interned = isinstance(value.value, str) and size <= INTERNED
        return MANY if interned else 2 if size <= SHORT else 1
    return 2 if isinstance(value, ast.Tuple) and len(value.elts) <= FEW else 1


def repeatable(value: ast.expr, uses: int) -> bool:
    """Plain values with few uses: they stand where they are used."""
    return 1 <= uses <= may_be_repeated(value)
