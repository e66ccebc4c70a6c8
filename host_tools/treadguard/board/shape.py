# SPDX-License-Identifier: MIT
"""Last passes over a module's text: the same program in fewer bytes of RAM.

Each is small and stands alone: classes that are only a part of another become part of it, class
dictionaries lose the two entries nobody reads, and the names used most come first, because
bytecode spends one byte on a name among the first 128 of a module and two on every other.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Container

FIRST = 126  # two of the first 128 are the module's own


def merge_parts(body: list[ast.stmt], kept: Container[str] = ()) -> list[ast.stmt]:
    """Put classes whose only mention is in one other class's bases into that class.

    Those in `kept` stay as they are: another module asks for them.
    """
    classes = {node.name: node for node in body if isinstance(node, ast.ClassDef)}
    loads = Counter(n.id for node in body for n in ast.walk(node) if isinstance(n, ast.Name))
    merged: set[str] = set()
    for node in classes.values():
        parts = [base.id for base in node.bases if isinstance(base, ast.Name)]
        found = [classes[name] for name in parts if name in classes and loads[name] == 1]
        found = [part for part in found if part.name not in kept]
        if len(found) != len(node.bases) or any(part.bases for part in found):
            continue
        merged |= {part.name for part in found}
        node.bases = []
        for part in found:
            here = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
            methods = [item for item in part.body if isinstance(item, ast.FunctionDef)]
            if len(methods) < len([i for i in part.body if not isinstance(i, ast.Expr)]):
                raise ValueError(f"{part.name} holds more than methods")
            node.body += [method for method in methods if method.name not in here]
    return [n for n in body if not (isinstance(n, ast.ClassDef) and n.name in merged)]


def without_labels(body: list[ast.stmt]) -> list[ast.stmt]:
    """Classes forget the names they were written under, so that methods take the two places."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            node.body[:0] = ast.parse("del __module__, __qualname__").body
    return body


def names_in_order(body: list[ast.stmt]) -> list[ast.stmt]:
    """Mention the names used most first, in a loop that never runs and is not kept."""
    used: Counter[str] = Counter()
    for node in body:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Attribute):
                used[inner.attr] += 1
            elif isinstance(inner, ast.FunctionDef):
                used += _used_by(inner)
    first = sorted(used, key=lambda name: (-used[name], name))[:FIRST]
    mention = "for _ in ():\n" + "".join(f"    _.{name}\n" for name in first)
    return [*ast.parse(mention).body, *body]


def _used_by(function: ast.FunctionDef) -> Counter[str]:
    """The function's name, its parameters and the module-level names in it."""
    parameters = {argument.arg for argument in function.args.args}
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    local = parameters | {node.id for node in names if isinstance(node.ctx, ast.Store)}
    shared = [node.id for node in names if node.id not in local]
    return Counter([function.name, *parameters, *shared])
