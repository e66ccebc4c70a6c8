# SPDX-License-Identifier: MIT
"""Every mutant of the core: which file and function, what the line was and what it becomes."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tests.mutation import CORE
from tests.mutation.source import Edit, Source
from tests.mutation.statements import Lines, find

# The order in which they are run: what matters most to a walker first.
IMPORTANCE = (
    "supervisor", "before", "closed", "after", "interlocks", "stopping", "speed", "noise",
    "surge", "rails", "gestures", "relay_test", "ready", "proof", "ticks", "guard", "states",
    "boot_cause", "memory", "faults", "parameters", "sample", "events", "sounds",
)  # fmt: skip


class NoMutants(Exception):
    """There is nothing to break, or the broken file is the same program."""


@dataclass(frozen=True)
class Mutant:
    file: str
    function: str
    operator: str
    first_line: int
    last_line: int
    line: str  # stripped; several lines are joined
    becomes: str
    nth: int  # the same change again in the same function: 2, 3..
    edit: Edit
    statement: Lines

    @property
    def key(self) -> str:
        """Names this mutant as long as its file stays as it is."""
        return f"{self.file}:{self.edit.start}:{self.edit.end}:{self.edit.text}"

    @property
    def identity(self) -> tuple[str, str, str, str, int]:
        """Names it also when lines above move: what equivalent.toml says."""
        return self.file, self.function, self.line, self.becomes, self.nth

    def place(self) -> str:
        return f"{CORE}/{self.file}:{self.first_line}"

    def diff(self) -> str:
        nth = f", {self.nth}. of its kind" if self.nth > 1 else ""
        where = f"{self.place()} {self.function} ({self.operator}{nth})"
        return f"{where}\n    - {self.line}\n    + {self.becomes}"


def one_line(content: bytes) -> str:
    """Without comments and line breaks, so that the name of a mutant outlives both."""
    return " ".join(
        " ".join(line.split("  # ")[0] for line in content.decode().splitlines()).split()
    )


def mutants_of_file(file: str, content: bytes) -> list[Mutant]:
    source = Source(content)
    seen: Counter[tuple[str, str, str]] = Counter()
    found = []
    for function, statement, edit in find(source):
        start, end = source.lines(edit.start, edit.end)
        line = one_line(content[start:end])
        after = content[start : edit.start] + edit.text.encode() + content[edit.end : end]
        name = (function, line, one_line(after))
        seen[name] += 1
        first, last = source.line_of(edit.start), source.line_of(edit.end)
        found.append(Mutant(file, function, edit.operator, first, last, line, name[2],
                            seen[name], edit, statement))  # fmt: skip
    return found


def mutants_of(core: Path) -> list[Mutant]:
    """Every mutant of a folder, in order of importance. None at all is an error."""
    order = {f"{name}.py": at for at, name in enumerate(IMPORTANCE)}
    files = sorted(core.glob("*.py"), key=lambda p: (order.get(p.name, len(order)), p.name))
    found = [m for path in files for m in mutants_of_file(path.name, path.read_bytes())]
    if not found:
        raise NoMutants(f"no mutant in {core}: the operators or the path are wrong")
    return found


def dumped(content: bytes) -> str:
    return ast.dump(ast.parse(content))


dumped_core = lru_cache(maxsize=64)(dumped)


def broken(mutant: Mutant, content: bytes) -> bytes:
    """The file with the mutant in it; a text that is the same program is an error."""
    after = content[: mutant.edit.start] + mutant.edit.text.encode() + content[mutant.edit.end :]
    if dumped(after) == dumped_core(content):
        raise NoMutants(f"{mutant.diff()}\nis the same program")
    return after
