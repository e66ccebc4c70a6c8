# SPDX-License-Identifier: MIT
"""The controller and everything it needs as one module, without what nobody needs.

Stay modules of their own: what main.py needs before the controller (so that a damaged
controller still finds the failsafe), and the three that a virtual board replaces.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from treadguard.board.names import attributes, free_names, words
from treadguard.board.program import (
    PACKAGE,
    Defined,
    Foreign,
    Meaning,
    Module,
    Number,
    Program,
    Whole,
    bound_by,
)
from treadguard.board.rewrite import Naming, Rewriter

ENTRY = "guard.controller"
REPLACED = ("guard.board.clock", "guard.board.files", "guard.board.stdio")
SCRIPTS = ("boot", "main")


@dataclass
class Item:
    """One module-level statement, as it stands in the source."""

    module: Module
    statement: ast.stmt
    names: list[str]
    mentioned: list[Meaning]


class Bundle:
    """Which statements of the firmware go where, and what they are called there."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.keywords = {
            node.arg
            for module in program.modules.values()
            for node in ast.walk(module.tree)
            if isinstance(node, ast.keyword) and node.arg
        }
        self.words = words(program)
        self.attributes = dict(zip(attributes(program), free_names(self.words), strict=False))
        self.separate = self._find_separate()
        self.order = self._find_order()
        self.items = [item for name in self.order for item in self._items(name)]
        self.live = self._find_live()
        self.literals = self._find_literals()
        self.names = self._find_names()

    # What goes where

    def _find_separate(self) -> set[str]:
        found = {name for name in REPLACED if name in self.program.modules}
        waiting = [*SCRIPTS, *found]
        while waiting:
            needed = self._needed_by(waiting.pop())
            waiting += sorted(needed - found - {ENTRY})
            found |= needed - {ENTRY}
        return found

    def _needed_by(self, name: str) -> set[str]:
        """Modules of the firmware from which a module takes more than numbers."""
        if name not in self.program.modules:
            return set()
        everything = [m for item in self._items(name) for m in item.mentioned]
        found = {m.module for m in everything if isinstance(m, Defined | Whole)}
        return found - {name}

    def _find_order(self) -> list[str]:
        """Modules of the bundle, each after those it imports."""
        found: list[str] = []
        begun: set[str] = set()

        def visit(name: str) -> None:
            if name in begun or name not in self.program.modules or name in self.separate:
                return
            begun.add(name)
            for meaning in self.program.modules[name].imported.values():
                if isinstance(meaning, Defined | Whole):
                    visit(meaning.module)
            found.append(name)

        visit(ENTRY)
        return found

    def _items(self, name: str) -> list[Item]:
        """The statements of a module that run, without imports and numbers."""
        module = self.program.modules[name]
        separate = getattr(self, "separate", self.program.modules)
        items = []
        for statement in module.tree.body:
            if self._is_dropped(module, statement):
                continue
            rewriter = Rewriter(self.program, module, separate, lambda _: None, self.keywords)
            rewriter.visit(copy.deepcopy(statement))
            items.append(Item(module, statement, bound_by(statement), rewriter.mentioned))
        return items

    def _is_dropped(self, module: Module, statement: ast.stmt) -> bool:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            return True
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            return True
        names = bound_by(statement)
        meanings = [self.program.meaning(module.name, name) for name in names]
        return bool(names) and all(isinstance(m, Number) for m in meanings)

    def _find_live(self) -> set[Defined]:
        """What is reached from the controller's main and from what runs at import."""
        by_name: dict[Defined, list[Item]] = {}
        for item in self.items:
            for name in item.names:
                by_name.setdefault(Defined(item.module.name, name), []).append(item)
        waiting = [Defined(ENTRY, "main")]
        for item in self.items:
            if not isinstance(item.statement, ast.FunctionDef | ast.ClassDef | ast.Assign):
                waiting += [m for m in item.mentioned if isinstance(m, Defined)]
                waiting += [Defined(item.module.name, name) for name in item.names]
        live: set[Defined] = set()
        while waiting:
            wanted = waiting.pop()
            if wanted in live or wanted not in by_name:
                continue
            live.add(wanted)
            for item in by_name[wanted]:
                waiting += [m for m in item.mentioned if isinstance(m, Defined)]
        return live

    def is_live(self, item: Item) -> bool:
        """Whether the board needs a statement."""
        definitions = ast.FunctionDef | ast.ClassDef | ast.Assign
        if not isinstance(item.statement, definitions) or not item.names:
            return True
        return any(Defined(item.module.name, name) in self.live for name in item.names)

    # What it is called

    def _find_literals(self) -> dict[Defined, ast.expr]:
        """Texts and bytes with one name and one use: they stand where they are used."""
        uses = Counter(m for item in self.items if self.is_live(item) for m in item.mentioned)
        found: dict[Defined, ast.expr] = {}
        for item in self.items:
            statement = item.statement
            if not isinstance(statement, ast.Assign) or len(item.names) != 1:
                continue
            meaning = Defined(item.module.name, item.names[0])
            once = len(item.module.bound[meaning.name]) == 1 and uses[meaning] == 1
            value = statement.value
            if once and isinstance(value, ast.Constant) and isinstance(value.value, str | bytes):
                found[meaning] = value
        return found

    def _find_names(self) -> dict[Defined, str]:
        """Short names for what is live, long ones that nobody else has for the rest."""
        short = free_names(self.words)
        names: dict[Defined, str] = {}
        for item in self.items:
            for name in item.names:
                meaning = Defined(item.module.name, name)
                if meaning == Defined(ENTRY, "main"):
                    names[meaning] = name
                elif meaning in self.live:
                    names.setdefault(meaning, next(short))
                else:
                    names[meaning] = "{}__{}".format(meaning.module.replace(".", "_"), name)
        return names

    def naming(self, meaning: Meaning) -> ast.expr | None:
        """What stands in the build for a name of the source."""
        if not isinstance(meaning, Defined) or meaning not in self.names:
            return None
        if meaning in self.literals:
            return self.literals[meaning]
        return ast.Name(self.names[meaning], ast.Load())

    # The text

    def source(self) -> str:
        """The controller's module."""
        items = [item for item in self.items if self.is_live(item)]
        made, mentioned = self._rewritten(items, self.naming)
        return _text([*_imports(mentioned, self.names), *made])

    def rest(self) -> str:
        """What the board does without and tests ask for; runs after the controller's module."""
        made, mentioned = self._rewritten(
            [item for item in self.items if not self.is_live(item)], self.naming
        )
        return _text([*_imports(mentioned, self.names), *made])

    def _rewritten(
        self, items: list[Item], naming: Naming
    ) -> tuple[list[ast.stmt], list[Meaning]]:
        made: list[ast.stmt] = []
        mentioned: list[Meaning] = []
        for item in items:
            meanings = [Defined(item.module.name, name) for name in item.names]
            if any(meaning in self.literals for meaning in meanings):
                continue
            rewriter = Rewriter(
                self.program, item.module, self.separate, naming, self.keywords, self.attributes
            )
            made.append(rewriter.visit(copy.deepcopy(item.statement)))
            mentioned += rewriter.mentioned
        return made, mentioned

    def module_source(self, name: str) -> str:
        """A module that stays one, or a script: numbers in place, nothing renamed."""
        made, mentioned = self._rewritten(self._items(name), lambda _: None)
        imported = self.program.modules[name].imported.values()
        # Others may take what it imported; `const` has done its work.
        mentioned += [m for m in imported if isinstance(m, Foreign) and m.name != "const"]
        others = [m for m in mentioned if not isinstance(m, Defined) or m.module != name]
        return _text([*_imports(others, {}), *made])


def _imports(mentioned: Iterable[Meaning], names: dict[Defined, str]) -> list[ast.stmt]:
    """The imports that statements need, the foreign ones first."""
    plain: set[str] = set()
    parts: dict[str, set[str]] = {}
    for meaning in mentioned:
        if isinstance(meaning, Foreign) and meaning.name is None:
            plain.add(meaning.module)
        elif isinstance(meaning, Foreign):
            parts.setdefault(meaning.module, set()).add(meaning.name or "")
        elif isinstance(meaning, Whole):
            package, _, name = meaning.module.rpartition(".")
            parts.setdefault(package, set()).add(name)
        elif isinstance(meaning, Defined) and meaning not in names:
            parts.setdefault(meaning.module, set()).add(meaning.name)
    made: list[ast.stmt] = [ast.Import([ast.alias(name)]) for name in sorted(plain)]
    for module in sorted(parts, key=lambda name: (name.startswith(PACKAGE), name)):
        aliases = [ast.alias(name) for name in sorted(parts[module])]
        made.append(ast.ImportFrom(module, aliases, 0))
    return made


def _text(body: list[ast.stmt]) -> str:
    return ast.unparse(ast.fix_missing_locations(ast.Module(body, []))) + "\n"
