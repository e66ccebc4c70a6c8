# SPDX-License-Identifier: MIT
"""New names for what the firmware calls its own, so that they cost no RAM.

MicroPython keeps each name once, for ever: about 20 bytes of RAM, unless the interpreter itself
uses the name, for then it stands in flash. rom_names.txt lists names that the stock ESP32 image
and the unix port both have. One that the program mentions nowhere, with any meaning, can stand
for one of ours without ambiguity.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import itertools
import keyword
import string
from collections.abc import Iterable, Iterator
from pathlib import Path

from treadguard.board.program import BuildError, Program, bound_by

ROM_NAMES = Path(__file__).with_name("rom_names.txt")
VIRTUAL = Path(__file__).resolve().parent.parent / "virtual"
# Methods that bench and tests replace, and data they read: these keep their names. Other methods
# answer to their old names as well on the virtual board (virtual/built.py).
KEPT_OUTSIDE = (
    "_drive", "_judge", "_keep", "_on_edge", "_panel", "_read", "_record", "_talk",
    "edge", "errors", "guard", "internal_errors", "interval", "link", "poll", "sample", "step",
)  # fmt: skip
CORE = "guard.core"


def free_names(taken: Iterable[str]) -> Iterator[str]:
    """Names nobody uses yet: those in the interpreter's ROM, then aa, ab ..."""
    refused = set(taken) | set(keyword.kwlist) | set(dir(builtins))
    lines = ROM_NAMES.read_text(encoding="ascii").splitlines()
    rom = [line for line in lines if line and not line.startswith("#")]
    letters = string.ascii_lowercase
    pairs = ("".join(pair) for pair in itertools.product(letters, letters + string.digits))
    yield from (name for name in itertools.chain(rom, pairs) if name not in refused)
    raise BuildError("the build has run out of names")


def words(program: Program) -> set[str]:
    """Every name and every text that occurs in the firmware, whatever it means there."""
    found: set[str] = set()
    for module in program.modules.values():
        found |= _words_of(module.tree)
    return found


def _words_of(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        for field in ("id", "attr", "name", "arg", "asname"):
            word = getattr(node, field, None)
            if isinstance(word, str):
                found.add(word)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found


def attributes(program: Program) -> list[str]:
    """Methods and attributes that only the firmware's own spelling of them leads to.

    Left out is what others know, what occurs as a text (getattr), what checkpoints walk by name
    (the data of the core's objects), and whatever an object that is not ours could have.
    """
    found: set[str] = set()
    refused = {*KEPT_OUTSIDE, *_foreign()}
    for module in program.modules.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                refused.add(node.value)
            elif isinstance(node, ast.ClassDef):
                found |= {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
                refused |= {name for item in node.body for name in _class_data(item)}
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                (refused if module.name.startswith(CORE) else found).add(node.attr)
    return sorted(name for name in found - refused if not name.endswith("__"))


def _class_data(statement: ast.stmt) -> list[str]:
    return [] if isinstance(statement, ast.FunctionDef) else bound_by(statement)


def _foreign() -> set[str]:
    """Attributes that objects of Python, MicroPython and the chip have, and the fakes of both."""
    found = {name for made in vars(builtins).values() for name in dir(made)}
    for module in ("binascii", "gc", "io", "json", "os", "select", "struct", "sys", "time"):
        found |= set(dir(importlib.import_module(module)))
    for path in VIRTUAL.rglob("*.py"):
        if path.parent.name in ("fakes", "fakes_cpython", "adaptors"):
            found |= _words_of(ast.parse(path.read_text(encoding="utf-8")))
    return found | set(ROM_NAMES.read_text(encoding="ascii").splitlines())
