# SPDX-License-Identifier: MIT
"""Start one process for one mutant and believe nothing it did not say."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.mutation.child import CRASHED, KILLED, SURVIVED, TIMEOUT
from tests.mutation.tree import Tree

CHILD = Path(__file__).with_name("child.py")
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


@dataclass(frozen=True)
class Runner:
    """Runs a broken file of one tree against its suite."""

    tree: Tree
    child: Path = CHILD
    cpu_s: int = CPU_S
    test_s: float = TEST_S
    wall_s: float = WALL_S

    def run(self, file: str, text: str, first: list[tuple[str, str]]) -> Outcome:
        order = {
            "tree": str(self.tree.folder),
            "module": file.removesuffix(".py"),
            "text": text,
            "first": first,
            "files": [*self.tree.fast, *self.tree.slow],
            "cpu_s": self.cpu_s,
            "test_s": self.test_s,
            "memory": MEMORY,
        }
        command = [sys.executable, "-I", "-S", "-B", str(self.child)]
        try:
            done = subprocess.run(
                command,
                input=json.dumps(order).encode(),
                capture_output=True,
                timeout=self.wall_s,
                check=False,
                start_new_session=True,  # Ctrl-C ends the run, not a mutant
            )
        except subprocess.TimeoutExpired:
            return Outcome(TIMEOUT, error=f"{self.wall_s} s by the clock")
        return read(done.returncode, done.stdout, done.stderr)


def read(code: int, out: bytes, err: bytes) -> Outcome:
    """What a child's end means. Only a named test that failed is a kill."""
    if code == OUT_OF_CPU:
        return Outcome(TIMEOUT, error="processor time used up")
    if code in FROM_OUTSIDE:
        return Outcome(ERROR, error=f"signal {-code} from outside")
    last = (err.decode(errors="replace").strip().splitlines() or [""])[-1]
    if code != 0:
        return Outcome(CRASHED, error=f"exit code {code} {last}".strip())
    try:
        said = json.loads(out)
        verdict, loaded, tests = said["verdict"], said["loaded"], said["tests"]
    except (ValueError, KeyError, TypeError):
        return Outcome(CRASHED, error=f"no verdict, {out[:80]!r} {last}".strip())
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
