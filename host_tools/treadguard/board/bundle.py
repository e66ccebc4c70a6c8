# SPDX-License-Identifier: MIT
"""The modules of the build as text: what each statement is called there, and when it is needed."""

from __future__ import annotations

import ast
import copy
import itertools
from collections import Counter
from collections.abc import Iterable

from treadguard.board.literals import repeatable
from treadguard.board.names import attributes, free_names, words
from treadguard.board.parts import ENTRY, MAIN, REST, SCRIPTS, Item, Parts
from treadguard.board.phases import Function, Running
from treadguard.board.program import (
    BuildError,
    Defined,
    Foreign,
    Meaning,
    Number,
    Program,
    Whole,
)
from treadguard.board.rewrite import Naming, Rewriter
from treadguard.board.shape import merge_parts, names_in_order, without_labels
from treadguard.board.share import Families, Sharer, share
from treadguard.board.statements import imports, rest_name, text_of, top_names, without

MADE_AT_START = Defined(ENTRY, "Controller")
STARTED = "guard.started"
REQUESTS = "guard.link.requests"
PARAMETERS = 9
# Long texts are no names: a board without the options must not keep what theirs are called.
FORGET_OPTIONS = """
for package, name, names in %r:
    module = sys.modules.pop(package + "." + name, None)
    if module is not None:
        delattr(sys.modules[package], name)
        for name in names.split():
            package, _, name = name.rpartition(".")
            setattr(getattr(module, package) if package else module, name, None)
"""


class Bundle(Parts):
    """The texts of the build."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        taken = words(program)
        self.parameters = list(itertools.islice(free_names(taken), PARAMETERS))
        taken |= set(self.parameters)
        self.attributes = dict(zip(attributes(program), free_names(taken), strict=False))
        self.families = Families(program)
        self.sharer = Sharer(share(self.families, self.attributes))
        self.literals = self._find_literals()
        self.names = self._find_names(taken)
        self.mover = REQUESTS if REQUESTS in self.later else ""
        self.options = [name for name in self.later if name not in (REQUESTS, STARTED)]
        self.needed = self._find_needed()
        self.moved: set[Function] = set()
        if self.mover:
            self._move()

    # What it is called

    def _find_literals(self) -> dict[Defined, ast.expr]:
        kept = [item for item in self.items if self.part_of(item) != REST]
        uses = Counter(meaning for item in kept for meaning in item.mentioned)
        return {m: v for item in kept for m, v in item.plain_value() if repeatable(v, uses[m])}

    def _find_names(self, taken: set[str]) -> dict[Defined, str]:
        """Names without cost for what is needed, long ones that nobody else has for the rest."""
        free = free_names(taken)
        names: dict[Defined, str] = {}
        for meaning, part in self.part.items():
            if meaning in (MAIN, MADE_AT_START) or meaning.module in self.later:
                names[meaning] = meaning.name
            elif part == REST:
                names[meaning] = rest_name(meaning)
            elif meaning not in self.literals:
                names[meaning] = next(free)
        return names

    def naming(self, meaning: Meaning) -> ast.expr | None:
        """What stands in the build for a name of the source."""
        if not isinstance(meaning, Defined):
            return None
        if meaning in self.literals:
            return self.literals[meaning]
        return ast.Name(self.names[meaning], ast.Load()) if meaning in self.names else None

    def called(self, attribute: str) -> str:
        """What a method or attribute of the source is called in the build."""
        new = self.attributes.get(attribute, attribute)
        return self.sharer.shared.get(new, new)

    def _find_needed(self) -> set[str]:
        """What modules for what is fitted take from others, by its name in the build."""
        items = [item for item in self.items if self.part_of(item) in self.options]
        found = [m for item in items for m in item.mentioned if isinstance(m, Defined)]
        return {self.names[meaning] for meaning in found if meaning in self.names}

    # The texts

    def source(self, name: str) -> str:
        """A module of the build; REST is what tests ask for and the board does without."""
        if name == STARTED:
            return self._started()
        if name in SCRIPTS or (name in self.separate and name not in self.later):
            return text_of(self.sharer.all(ast.parse(self._kept_whole(name)).body))
        if name == REST:
            values = self.literals.items()
            kept = [ast.Assign([ast.Name(rest_name(m), ast.Store())], v) for m, v in values]
            return text_of(self.sharer.all([*self._body(REST), *kept]))
        body = self._body(name)
        if name == ENTRY:
            body = self._checked(without(body, self.moved))
        elif name == self.mover:
            body += self._moved_here()
        return text_of(names_in_order(without_labels(self.sharer.all(body))))

    def _body(self, name: str) -> list[ast.stmt]:
        items = [item for item in self.items if self.part_of(item) == name]
        made, mentioned = self._rewritten(items, self.naming)
        asked = sorted(self.asked.get(name, ()))
        numbers = [(word, self.program.meaning(name, word)) for word in asked]
        kept: list[ast.stmt] = [
            ast.Assign([ast.Name(word, ast.Store())], ast.Constant(meaning.value))
            for word, meaning in numbers
            if isinstance(meaning, Number)
        ]
        return merge_parts([*self._imports(mentioned, name), *kept, *made], self.needed)

    def _kept_whole(self, name: str) -> str:
        made, mentioned = self._rewritten(self.items_of(name), lambda _: None)
        if name in SCRIPTS:
            needed = [m for m in mentioned if isinstance(m, Defined | Whole) and m.module != name]
            if needed:
                raise BuildError(f"{name}.py must need nothing but numbers of the firmware")
            return text_of(made)
        # Others may take what it imported; `const` has done its work.
        imported = self.program.modules[name].imported.values()
        mentioned += [m for m in imported if isinstance(m, Foreign) and m.name != "const"]
        return text_of([*self._imports(mentioned, name), *made])

    def _checked(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Nothing in the controller's module may ask for what is loaded later."""
        nodes = [n for node in body for n in ast.walk(node)]
        mentioned = {node.id for node in nodes if isinstance(node, ast.Name)}
        local = {a.name for n in nodes if isinstance(n, ast.ImportFrom) for a in n.names}
        top = {a.name for n in body if isinstance(n, ast.ImportFrom) for a in n.names}
        for meaning, name in self.names.items():
            if name in mentioned - (local - top) and self.part[meaning] in self.later:
                raise BuildError(f"the controller needs {meaning.module}.{meaning.name}")
        return body

    # What runs when

    def _running(self, others: Iterable[str], *, from_start: bool = False) -> Running:
        """What may run after the start, or from it on, these other modules taken into account."""
        always = sorted(self.separate - set(self.later))
        texts = [self._kept_whole(name) for name in always]
        texts += [text_of(self._body(name)) for name in others]
        parts = [text_of(self._body(name)) for name in self.options]
        made = "" if from_start else self.names[MADE_AT_START]
        return Running(text_of(self._body(ENTRY)), MAIN.name, made, texts, parts)

    def _find_moved(self) -> set[Function]:
        """What nothing mentions but the module that is loaded later."""
        never = self._running([], from_start=True).forgotten()
        with_it = set(map(str, self._running([self.mover]).forgotten()))
        return {function for function in never if str(function) not in with_it}

    def _move(self) -> None:
        """Functions go by their part, methods one by one."""
        found = self._find_moved()
        functions = {str(function) for function in found if not function.owner}
        for meaning, name in self.names.items():
            if name in functions and self.part[meaning] == ENTRY:
                self.part[meaning] = self.mover
        self.moved = {function for function in found if function.owner}
        while self._follow():
            pass

    def _follow(self) -> bool:
        """Tables follow when nothing that stays mentions them; whether one did."""
        bodies = [without(self._body(ENTRY), self.moved), *map(self._body, self.options)]
        nodes = [n for body in bodies for s in body for n in ast.walk(s)]
        loaded = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        tables = [m for i in self.items if isinstance(i.statement, ast.Assign) for m in i.meanings]
        here = [m for m in tables if self.part[m] == ENTRY and m not in self.literals]
        idle = [meaning for meaning in here if self.names[meaning] not in loaded]
        self.part.update(dict.fromkeys(idle, self.mover))
        return bool(idle)

    def _moved_here(self) -> list[ast.stmt]:
        """Those methods as functions, and lines that give them to their classes."""
        top = {n: ENTRY for item in self._body(ENTRY) for n in top_names(item)}
        made: list[ast.stmt] = []
        needed: set[str] = set()
        for function in sorted(self.moved, key=str):
            name = "_"
            method = copy.deepcopy(function.node)
            method.name = name
            made += [method, *ast.parse(f"{function.owner}.{function.node.name} = {name}").body]
            mentioned = {n.id for n in ast.walk(method) if isinstance(n, ast.Name)}
            needed |= {function.owner} | (mentioned & set(top))
        aliases = [ast.alias(name) for name in sorted(needed)]
        return [ast.ImportFrom(ENTRY, aliases, 0), *made]

    def _started(self) -> str:
        """Forgets what only the start needed. `del` would keep what it deletes from a class."""
        running = self._running([self.mover] if self.mover else [])
        lines = [f"controller.{name} = None" for name in self._called(running.forgotten())]
        options = [
            (*option.rpartition(".")[::2], " ".join(self._called(running.forgotten(part))))
            for part, option in enumerate(self.options, 1)
        ]
        lines += [FORGET_OPTIONS % options] if options else []
        return "\n".join(["import sys", "from guard import controller", *lines, ""])

    def _called(self, functions: Iterable[Function]) -> list[str]:
        """What those functions are called in the build."""
        body = ast.parse("\n".join(map(str, functions))).body
        return [ast.unparse(one) for one in self.sharer.all(body)]

    def _rewritten(
        self, items: list[Item], naming: Naming
    ) -> tuple[list[ast.stmt], list[Meaning]]:
        made: list[ast.stmt] = []
        mentioned: list[Meaning] = []
        for item in items:
            if any(meaning in self.literals for meaning in item.meanings):
                continue
            rewriter = Rewriter(
                self.program, item.module, self.separate, naming, self.keywords,
                self.attributes, self.parameters,
            )  # fmt: skip
            made.append(rewriter.visit(item.copied()))
            mentioned += rewriter.mentioned
        return made, mentioned

    def _imports(self, mentioned: Iterable[Meaning], here: str) -> list[ast.stmt]:
        """The imports that a module's statements need."""
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
            elif isinstance(meaning, Defined) and meaning not in self.literals:
                name = self.names.get(meaning, meaning.name)
                parts.setdefault(self.part.get(meaning, meaning.module), set()).add(name)
        parts.pop(here, None)
        if here == ENTRY:  # what asks for it there is moved, see _checked
            for name in self.later:
                parts.pop(name, None)
        return imports(plain, parts)
