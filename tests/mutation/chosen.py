# SPDX-License-Identifier: MIT
"""Which mutants a run takes: all, or those of changed lines and a seeded sample of the rest."""

from __future__ import annotations

import random
import re
import subprocess
from pathlib import Path

from tests.mutation import CORE
from tests.mutation.mutants import Mutant

HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@")


class NoBase(Exception):
    """git cannot say what changed."""


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NoBase(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout


def last_state(root: Path) -> str:
    """What a change is measured against: the last tag, or the commit before."""
    try:
        return _git(root, "describe", "--tags", "--abbrev=0", "HEAD~1").strip()
    except NoBase:
        return "HEAD~1"


def changed_lines(root: Path, base: str) -> dict[str, set[int]]:
    """Per file of the core the lines that are new since the merge base, not committed ones too."""
    merge_base = _git(root, "merge-base", base, "HEAD").strip()
    diff = _git(root, "diff", "--unified=0", "--no-color", "--no-ext-diff", merge_base, "--", CORE)
    changed: dict[str, set[int]] = {}
    lines: set[int] = set()
    for text in diff.splitlines():
        if text.startswith("+++ "):
            lines = changed.setdefault(text.rsplit("/", 1)[-1], set())
        elif found := HUNK.match(text):
            first, count = int(found[1]), int(found[2] or 1)
            # Where only lines went away, what stands there now is what changed.
            lines.update(range(first, first + max(1, count)))
    for text in _git(root, "ls-files", "--others", "--exclude-standard", "--", CORE).splitlines():
        content = (root / text).read_bytes()
        changed[text.rsplit("/", 1)[-1]] = set(range(1, content.count(b"\n") + 2))
    return changed


def touches(mutant: Mutant, changed: dict[str, set[int]]) -> bool:
    lines = changed.get(mutant.file, ())
    return any(n in lines for n in range(mutant.first_line, mutant.last_line + 1))


def choose(
    every: list[Mutant], changed: dict[str, set[int]], most: int, sample: int, seed: int
) -> tuple[list[Mutant], str]:
    """Up to `most` mutants of changed lines and `sample` of the others, and words for that."""
    near = [mutant for mutant in every if touches(mutant, changed)]
    rest = [mutant for mutant in every if not touches(mutant, changed)]
    dice = random.Random(seed)
    some = dice.sample(near, min(most, len(near)))
    others = dice.sample(rest, min(sample, len(rest)))
    taken = {mutant.key for mutant in some + others}
    words = f"{len(some)} of {len(near)} on changed lines, a sample of {len(others)}, seed {seed}"
    return [mutant for mutant in every if mutant.key in taken], words
