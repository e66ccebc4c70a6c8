# SPDX-License-Identifier: MIT
"""Which tests can notice a mutant: those that run the statement it is in.

A test that never reaches the broken statement behaves as if nothing were broken. A mutant outside
the functions, or in one that runs while core and tests are loaded, gets every test.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.mutation.mutants import Mutant
from tests.mutation.tree import NoTests, Tree

MEASURE = Path(__file__).with_name("measure.py")
Tests = list[tuple[str, str]]


def measure(tree: Tree, kept: Path) -> dict[str, Any]:
    """What measure.py says of this tree; kept as long as core and suite stay as they are."""
    try:
        found = json.loads(kept.read_text(encoding="utf-8"))
        if found["suite"] == tree.whole:
            return found
    except (OSError, ValueError, KeyError, TypeError):
        pass
    command = [sys.executable, "-B", str(MEASURE), str(tree.folder), *tree.fast, *tree.slow]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise NoTests(f"the suite does not run without a mutant: {last}")
    found = json.loads(done.stdout)
    if "fails" in found:
        raise NoTests(f"the suite fails without a mutant: {found['fails']}")
    if not found["tests"]:
        raise NoTests("no test was run")
    found["suite"] = tree.whole
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(found), encoding="utf-8")
    return found


def near(tree: Tree) -> dict[str, frozenset[str]]:
    """Per file of the core the test files that import it, or are named after it."""
    texts = {name: tree.text_of(name) for name in (*tree.fast, *tree.slow)}
    found = {}
    for file in tree.contents:
        module = file.removesuffix(".py")
        imports = re.compile(
            rf"guard\.core\.{module} |guard\.core import .*\b{module}\b|^    {module},$", re.M
        )
        found[file] = frozenset(n for n in texts if module in n or imports.search(texts[n]))
    return found


class Selection:
    """The tests of each mutant, the quick ones first."""

    def __init__(self, found: dict[str, Any], tree: Tree | None = None) -> None:
        tests = [(file, name) for file, name in found["tests"]]
        self.order = sorted(range(len(tests)), key=lambda at: found["seconds"][at])
        self.tests = tests
        self.every: Tests = [tests[at] for at in self.order]
        self.lines = {
            file: {int(line): (loading, int(bits, 16)) for line, (loading, bits) in lines.items()}
            for file, lines in found["lines"].items()
        }
        # They are asked first: only a matter of speed.
        self.near = near(tree) if tree else {}
        self.missing: dict[str, dict[str, list]] = found["missing"]
        self.statements, self.branches = found["of"]

    def of(self, file: str, lines: tuple[int, int] | None) -> tuple[bool, Tests]:
        """(may one function be exchanged, the tests) for a statement on these lines."""
        if lines is None:
            return False, self.every
        known = self.lines.get(file, {})
        run = [known[n] for n in range(lines[0], lines[1] + 1) if n in known]
        if any(loading for loading, _ in run):
            return False, self.every
        bits = 0
        for _, some in run:
            bits |= some
        return True, [self.tests[at] for at in self.order if bits >> at & 1]

    def of_mutant(self, mutant: Mutant) -> tuple[str, Tests]:
        """(the function to exchange, or "" to load everything anew; the tests)."""
        alone, tests = self.of(mutant.file, mutant.statement)
        near = self.near.get(mutant.file, frozenset())
        tests = sorted(tests, key=lambda test: test[0] not in near)
        return mutant.function if alone else "", tests

    def count(self, mutant: Mutant) -> int:
        return len(self.of_mutant(mutant)[1])

    def gaps(self) -> list[str]:
        """Lines and branches of the core that no test runs."""
        return [
            f"{file} is not covered: lines {gap['lines']}, branches {gap['branches']}"
            for file, gap in sorted(self.missing.items())
        ]
