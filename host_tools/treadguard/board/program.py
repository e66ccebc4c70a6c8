# SPDX-License-Identifier: MIT
"""The firmware as one program: its modules, and what each module-level name in them stands for.

Only what the firmware's own style allows is understood: absolute imports at module level, no
`global`, no star imports. Anything else is a BuildError, never a guess.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from treadguard import chips
from treadguard.errors import TreadguardError

PACKAGE = "guard"
BOARD = "guard.board"


class BuildError(TreadguardError):
    """The firmware holds something the build does not understand."""


@dataclass(frozen=True)
class Number:
    """A whole number that never changes: it can stand where its name stands."""

    value: int


@dataclass(frozen=True)
class Defined:
    """A function, class or object that a module of the firmware makes."""

    module: str
    name: str


@dataclass(frozen=True)
class Whole:
    """A module of the firmware, as a namespace."""

    module: str


@dataclass(frozen=True)
class Foreign:
    """Something of MicroPython: `import module`, or `from module import name`."""

    module: str
    name: str | None


Meaning = Number | Defined | Whole | Foreign

_BINARY: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
}


@dataclass
class Module:
    """One file of the firmware."""

    name: str
    path: Path
    tree: ast.Module
    imported: dict[str, Meaning] = field(default_factory=dict)
    bound: dict[str, list[ast.stmt]] = field(default_factory=dict)

    def learn(self, known: set[str]) -> None:
        """Find every name that module-level statements bind."""
        for statement in statements(self.tree.body):
            if isinstance(statement, ast.Import | ast.ImportFrom):
                self._learn_import(statement, known)
            for name in bound_by(statement):
                self.bound.setdefault(name, []).append(statement)

    def _learn_import(self, statement: ast.Import | ast.ImportFrom, known: set[str]) -> None:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                if alias.name.split(".")[0] == PACKAGE or "." in alias.name or alias.asname:
                    raise self.error(statement, f"import {alias.name} in this form")
                self.imported[alias.name] = Foreign(alias.name, None)
            return
        source = statement.module or ""
        if statement.level:
            raise self.error(statement, "a relative import")
        for alias in statement.names:
            inside = f"{source}.{alias.name}"
            meaning: Meaning = Foreign(source, alias.name)
            if source.split(".")[0] == PACKAGE:
                meaning = Whole(inside) if inside in known else Defined(source, alias.name)
            elif alias.asname:
                raise self.error(statement, "a foreign name under another name")
            self.imported[alias.asname or alias.name] = meaning

    def loaded_later(self, known: Container[str]) -> dict[str, set[str]]:
        """Modules of the firmware that functions import when they run, and what of them."""
        found: dict[str, set[str]] = {}
        at_load = [id(statement) for statement in statements(self.tree.body)]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module and id(node) not in at_load:
                for alias in node.names:
                    inside = f"{node.module}.{alias.name}"
                    name = inside if inside in known else node.module
                    found.setdefault(name, set()).update({alias.name} - {name.split(".")[-1]})
        return {name: asked for name, asked in found.items() if name in known}

    def error(self, node: ast.stmt | ast.expr, what: str) -> BuildError:
        """A BuildError that names the place."""
        return BuildError(f"{self.path}:{node.lineno}: the build does not understand {what}")


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run with the module: those of try, if and for blocks too."""
    for statement in body:
        yield statement
        for block in ("body", "orelse", "finalbody"):
            if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
                yield from statements(getattr(statement, block, []))
        for handler in getattr(statement, "handlers", []):
            yield from statements(handler.body)


def bound_by(statement: ast.stmt) -> list[str]:
    """Names a statement itself gives a value to, imports aside."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AugAssign | ast.AnnAssign | ast.For):
        targets = [statement.target]
    names = [node for target in targets for node in ast.walk(target)]
    return [n.id for n in names if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


def of_chip(paths: dict[str, Path], chip: str) -> dict[str, Path]:
    """Without other chips' folders; a module of this chip's takes the place of its namesake."""
    found: dict[str, Path] = {}
    own: dict[str, Path] = {}
    for name, path in paths.items():
        folder = next((c for c in chips.NAMES if f"{name}.".startswith(f"{BOARD}.{c}.")), None)
        if folder is None:
            found[name] = path
        elif folder == chip:
            own[name] = path
    for name, path in own.items():
        namesake = f"{BOARD}.{name.rpartition('.')[2]}"
        found[namesake if namesake in paths and name != f"{BOARD}.{chip}" else name] = path
    if chip != chips.ESP32.name and not own:
        raise BuildError(f"the firmware holds nothing for {chip}: guard/board/{chip} is missing")
    return found


def _name_chip(package: Module | None, chip: str) -> None:
    """The version says which chip it was built for."""
    for statement in package.tree.body if package else ():
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            statement.value.value = chips.version_on(str(statement.value.value), chip)


class Program:
    """All modules of a firmware folder that a board with this chip gets."""

    def __init__(self, folder: Path, chip: str = chips.ESP32.name) -> None:
        self.folder = folder
        self.modules: dict[str, Module] = {}
        paths = {}
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            paths[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
        for name, path in of_chip(paths, chip).items():
            tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
            self.modules[name] = Module(name, path, tree)
        _name_chip(self.modules.get(PACKAGE), chip)
        for module in self.modules.values():
            module.learn(set(self.modules))

    def meaning(self, module: str, name: str) -> Meaning | None:
        """What a module-level name stands for; None for a builtin."""
        here = self.modules[module]
        if name in here.bound:
            if name in here.imported:
                raise here.error(here.bound[name][0], f"{name}, imported and then bound again")
            value = self._number(here, name)
            return Number(value) if value is not None else Defined(module, name)
        found = here.imported.get(name)
        if not isinstance(found, Defined):
            return found
        member = self.member(found.module, found.name, here)
        if isinstance(member, Foreign):
            raise BuildError(f"{here.path}: {name} comes from {found.module}, which imports it")
        return member

    def member(self, module: str, name: str, asker: Module) -> Meaning:
        """What `module.name` stands for."""
        found = self.meaning(module, name) if module in self.modules else None
        if found is None:
            raise BuildError(f"{asker.path}: there is no {name} in {module}")
        return found

    def _number(self, module: Module, name: str) -> int | None:
        """The value of a name bound exactly once, to a whole number."""
        statements_ = module.bound[name]
        if len(statements_) != 1 or not isinstance(statements_[0], ast.Assign):
            return None
        return self._value(module, statements_[0].value)

    def _value(self, module: Module, node: ast.expr) -> int | None:
        if isinstance(node, ast.Constant):
            return node.value if type(node.value) is int else None
        if isinstance(node, ast.Call):
            return self._value(module, node.args[0]) if _is_const(node) else None
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self._value(module, node.operand)
            return None if inner is None else -inner
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            left, right = self._value(module, node.left), self._value(module, node.right)
            if left is None or right is None:
                return None
            return _BINARY[type(node.op)](left, right)
        found: Meaning | None = None
        if isinstance(node, ast.Name):
            found = self.meaning(module.name, node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            base = self.meaning(module.name, node.value.id)
            if isinstance(base, Whole):
                found = self.member(base.module, node.attr, module)
        return found.value if isinstance(found, Number) else None


def _is_const(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "const" and len(node.args) == 1
