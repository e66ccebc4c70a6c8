# SPDX-License-Identifier: MIT
"""equivalent.toml: mutants that no test can tell from the core, each with the reason.

A list like this is where a gate rots, so every entry names its mutants one by one (`becomes` is
one text or several, for the same reason), one that is a mutant no more is an error, and so is one
that a test kills after all.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.mutation.child import KILLED
from tests.mutation.mutants import Mutant
from tests.mutation.outcomes import Outcome

LIST = Path(__file__).with_name("equivalent.toml")
WORDS: dict[str, Any] = {
    "file": str, "function": str, "line": str, "becomes": str | list, "nth": int, "reason": str,
}  # fmt: skip
SHORTEST_REASON = 12


@dataclass(frozen=True)
class Entry:
    file: str
    function: str
    line: str
    becomes: str
    reason: str
    nth: int = 1

    @property
    def identity(self) -> tuple[str, str, str, str, int]:
        return self.file, self.function, self.line, self.becomes, self.nth

    def __str__(self) -> str:
        return f"{self.file} {self.function}: {self.line} -> {self.becomes}"


def load(path: Path) -> tuple[list[Entry], list[str]]:
    """The entries, and what is wrong with the file."""
    wrong: list[str] = []
    entries: list[Entry] = []
    if not path.is_file():
        return [], [f"{path.name} is missing"]
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("equivalent", [])
    except tomllib.TOMLDecodeError as error:
        return [], [f"{path.name}: {error}"]
    seen = set()
    for at, row in enumerate(rows, 1):
        bad = [k for k, v in row.items() if not isinstance(v, WORDS.get(k, type(None)))]
        missing = [word for word in WORDS if word not in row and word != "nth"]
        if bad or missing or len(row["reason"].strip()) < SHORTEST_REASON:
            wrong.append(f"{path.name} entry {at}: wrong {bad}, missing {missing}, or no reason")
            continue
        texts = row["becomes"]
        for becomes in [texts] if isinstance(texts, str) else texts:
            entry = Entry(**{**row, "becomes": becomes})
            if entry.identity in seen:
                wrong.append(f"{path.name} lists twice: {entry}")
            seen.add(entry.identity)
            entries.append(entry)
    return entries, wrong


def stale(entries: list[Entry], mutants: list[Mutant]) -> list[str]:
    """Entries that match no mutant of the core as it is: mend or remove them."""
    known = {mutant.identity for mutant in mutants}
    return [f"matches no mutant any more: {e}" for e in entries if e.identity not in known]


def killed(entries: list[Entry], mutants: list[Mutant], outcomes: dict[str, Outcome]) -> list[str]:
    """Entries whose mutant is not equivalent: a test tells them apart."""
    listed = {entry.identity for entry in entries}
    return [
        f"listed as equivalent, but {o.file}::{o.test} kills it: {m.diff()}"
        for m in mutants
        if m.identity in listed and (o := outcomes.get(m.key)) and o.verdict == KILLED
    ]
