# SPDX-License-Identifier: MIT
"""Start one process for one mutant and believe nothing it did not say."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.mutation.child import CRASHED, KILLED, SURVIVED, TIMEOUT
from tests.mutation.tree import Tree

NEST = Path(__file__).with_name("nest.py")
ERROR = "error"  # the harness: no verdict about the mutant at all
CPU_S = 30  # the whole suite takes about 5
TEST_S = 5  # one test at most 1
WALL_S = 240  # others use the processor too
MEMORY = 1 << 30
OUT_OF_CPU = -24  # SIGXCPU
FROM_OUTSIDE = (-1, -2, -15)  # SIGHUP, SIGINT, SIGTERM: somebody tidied up


@dataclass
class Outcome:
    verdict: str
    tests: int = 0
    file: str = ""  # of the test that failed
    test: str = ""
    error: str = ""

    def stored(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value}


class Nest:
    """The process that forks one child for each order."""

    def __init__(self, tree: Tree) -> None:
        files = [*tree.fast, *tree.slow]
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", str(NEST), str(tree.folder), *files],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,  # Ctrl-C ends the run, not a mutant
        )

    def ask(self, order: dict[str, Any]) -> dict[str, Any] | None:
        """Its answer; None when the nest itself is gone."""
        try:
            self.process.stdin.write(json.dumps(order) + "\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline() or "null")
        except (OSError, ValueError):
            return None

    def close(self) -> None:
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                stream.close()
        self.process.wait()


@dataclass(frozen=True)
class Runner:
    """Runs a broken file of one tree against tests of its suite; one nest for each thread."""

    tree: Tree
    cpu_s: int = CPU_S
    test_s: float = TEST_S
    wall_s: float = WALL_S
    nests: dict[int, Nest] = field(default_factory=dict)

    def run(
        self, file: str, text: str, tests: list[tuple[str, str]], function: str = ""
    ) -> Outcome:
        """function: the only one that differs; without it core and tests are loaded anew."""
        if not tests:
            return Outcome(ERROR, error="no test runs this statement")
        order = {
            "tree": str(self.tree.folder),
            "module": file.removesuffix(".py"),
            "function": function,
            "text": text,
            "tests": tests,
            "cpu_s": self.cpu_s,
            "test_s": self.test_s,
            "wall_s": self.wall_s,
            "memory": MEMORY,
        }
        own = threading.get_ident()
        if own not in self.nests:
            self.nests[own] = Nest(self.tree)
        answer = self.nests[own].ask(order)
        if answer is None:
            self.nests.pop(own).close()
            return Outcome(ERROR, error="the process that forks the children is gone")
        if answer["out"] is None:
            return Outcome(TIMEOUT, error=f"{self.wall_s} s by the clock")
        return read(answer["code"], answer["out"].encode())

    def close(self) -> None:
        while self.nests:
            self.nests.popitem()[1].close()


def read(code: int, out: bytes) -> Outcome:
    """What a child's end means. Only a named test that failed is a kill."""
    if code == OUT_OF_CPU:
        return Outcome(TIMEOUT, error="processor time used up")
    if code in FROM_OUTSIDE:
        return Outcome(ERROR, error=f"signal {-code} from outside")
    if code != 0:
        return Outcome(CRASHED, error=f"exit code {code}")
    try:
        said = json.loads(out)
        verdict, loaded, tests = said["verdict"], said["loaded"], said["tests"]
    except (ValueError, KeyError, TypeError):
        return Outcome(CRASHED, error=f"no verdict, {out[:80]!r}")
    error = str(said.get("error", ""))
    if verdict == CRASHED:
        return Outcome(CRASHED, tests, error=error)
    if loaded is not True:
        return Outcome(ERROR, tests, error="the broken file was never loaded")
    if not tests:
        return Outcome(ERROR, error="no test was run")
    if verdict == KILLED and said.get("test"):
        return Outcome(KILLED, tests, said["file"], said["test"], error)
    if verdict in (SURVIVED, TIMEOUT):
        return Outcome(verdict, tests, error=error)
    return Outcome(CRASHED, tests, error=f"verdict {verdict!r}")
