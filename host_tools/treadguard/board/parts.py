# SPDX-License-Identifier: MIT
"""Which statement of the firmware goes into which module of the build.

The controller and everything it needs become one module. Stay modules of their own: what main.py
needs before the controller (so that a damaged controller still finds the failsafe), the ones
that a virtual board replaces, and those that a function imports when it runs. The latter take
along what only they need.
"""

from __future__ import annotations

import ast
import pickle
from dataclasses import dataclass

from treadguard.board.program import (
    BuildError,
    Defined,
    Meaning,
    Module,
    Number,
    Program,
    Whole,
    bound_by,
)
from treadguard.board.rewrite import Rewriter

ENTRY = "guard.controller"
MAIN = Defined(ENTRY, "main")
MAIN_SCRIPT = "main"
SCRIPTS = ("boot", MAIN_SCRIPT)
REPLACED = (
    "guard.board.clock", "guard.board.files", "guard.board.stdio", "guard.board.esp32s3.console",
)  # fmt: skip
REST = "="


@dataclass
class Item:
    """One module-level statement, as it stands in the source."""

    module: Module
    statement: ast.stmt
    meanings: list[Defined]
    mentioned: list[Meaning]
    pickled: bytes

    def copied(self) -> ast.stmt:
        """The statement, to be changed. (copy.deepcopy is much slower.)"""
        made: ast.stmt = pickle.loads(self.pickled)
        return made

    def plain_value(self) -> list[tuple[Defined, ast.expr]]:
        """What it gives its one name, if nothing else does."""
        if not isinstance(self.statement, ast.Assign) or len(self.meanings) != 1:
            return []
        (meaning,) = self.meanings
        once = len(self.module.bound[meaning.name]) == 1
        return [(meaning, self.statement.value)] if once else []

    @property
    def is_definition(self) -> bool:
        """Whether it only gives something a name; other statements do something."""
        kinds = ast.FunctionDef | ast.ClassDef | ast.Assign
        return isinstance(self.statement, kinds) and bool(self.meanings)


class Parts:
    """The modules of the build and the statements in them."""

    def __init__(self, program: Program) -> None:
        self.program = program
        trees = [module.tree for module in program.modules.values()]
        nodes = [node for tree in trees for node in ast.walk(tree)]
        self.keywords = {n.arg for n in nodes if isinstance(n, ast.keyword) and n.arg}
        self.asked: dict[str, set[str]] = {}
        for module in program.modules.values():
            for name, words in module.loaded_later(program.modules).items():
                self.asked.setdefault(name, set()).update(words)
        self.later = sorted(self.asked)
        self.separate = self._find_separate()
        self.items = [item for name in self._order() for item in self.items_of(name)]
        self.part = self._find_parts()

    def _find_separate(self) -> set[str]:
        found = {*REPLACED, *self.later} & set(self.program.modules)
        waiting = [*SCRIPTS, *(found - set(self.later))]
        while waiting:
            name = waiting.pop()
            items = self.items_of(name) if name in self.program.modules else []
            meanings = [m for item in items for m in item.mentioned]
            if name == MAIN_SCRIPT and items:  # it imports some modules for what those do
                meanings += self.program.modules[name].imported.values()
            needed = {m.module for m in meanings if isinstance(m, Defined | Whole)}
            new = (needed & set(self.program.modules)) - found - {ENTRY, name}
            waiting += sorted(new)
            found |= new
        return found

    def _order(self) -> list[str]:
        """Modules that are taken apart, each after those it imports."""
        found: list[str] = []
        begun: set[str] = self.separate - set(self.later)

        def visit(name: str) -> None:
            if name in begun or name not in self.program.modules:
                return
            begun.add(name)
            for meaning in self.program.modules[name].imported.values():
                if isinstance(meaning, Defined | Whole):
                    visit(meaning.module)
            found.append(name)

        for name in (ENTRY, *self.later):
            visit(name)
        return found

    def items_of(self, name: str) -> list[Item]:
        """The statements of a module that run, without imports and numbers."""
        module = self.program.modules[name]
        separate = getattr(self, "separate", self.program.modules)
        items = []
        for statement in module.tree.body:
            if self._is_dropped(module, statement):
                continue
            rewriter = Rewriter(self.program, module, separate, lambda _: None, self.keywords)
            pickled = pickle.dumps(statement)
            rewriter.visit(pickle.loads(pickled))
            meanings = [Defined(name, word) for word in bound_by(statement)]
            items.append(Item(module, statement, meanings, rewriter.mentioned, pickled))
        return items

    def _is_dropped(self, module: Module, statement: ast.stmt) -> bool:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            return True
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            return True
        bound = [self.program.meaning(module.name, name) for name in bound_by(statement)]
        return bool(bound) and all(isinstance(meaning, Number) for meaning in bound)

    def _find_parts(self) -> dict[Defined, str]:
        """Each definition's module in the build: the controller, a later one, or the rest."""
        acting = [item for item in self.items if not item.is_definition]
        if any(item.module.name in self.later for item in acting):
            raise BuildError("a module that is loaded later may only define")
        controller = self._reach([MAIN, *(m for item in acting for m in _defined(item))])
        later: dict[str, set[Defined]] = {}
        for name in self.later:
            own = [m for item in self.items if item.module.name == name for m in item.meanings]
            later[name] = self._reach(own) - controller
        part: dict[Defined, str] = {}
        for meaning in (m for item in self.items for m in item.meanings):
            takers = [name for name in self.later if meaning in later[name]]
            if meaning not in controller and meaning.module in self.later:
                part[meaning] = meaning.module
                continue
            shared = meaning in controller or len(takers) > 1
            part[meaning] = ENTRY if shared else takers[0] if takers else REST
        return part

    def _reach(self, roots: list[Defined]) -> set[Defined]:
        by_meaning: dict[Defined, list[Item]] = {}
        for item in self.items:
            for meaning in item.meanings:
                by_meaning.setdefault(meaning, []).append(item)
        reached: set[Defined] = set()
        waiting = list(roots)
        while waiting:
            wanted = waiting.pop()
            if wanted not in reached and wanted in by_meaning:
                reached.add(wanted)
                waiting += [m for item in by_meaning[wanted] for m in _defined(item)]
        return reached

    def part_of(self, item: Item) -> str:
        """The module of the build that a statement goes to."""
        return self.part[item.meanings[0]] if item.is_definition else ENTRY


def _defined(item: Item) -> list[Defined]:
    """What a statement mentions and defines."""
    return [*item.meanings, *(m for m in item.mentioned if isinstance(m, Defined))]
