# SPDX-License-Identifier: MIT
"""One mutant, one process: load the core with one file broken, run the suite, say how it went.

Started by path as `python -I -S -B child.py`, with an order in JSON on stdin; the verdict is one
line of JSON on stdout. Whatever else happens (another exit code, a signal, no line, two lines)
is a crash for the parent, never a kill: only a test that failed, by its name, is one.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import json
import os
import signal
import sys

KILLED = "killed"
SURVIVED = "survived"
CRASHED = "crashed"
TIMEOUT = "timeout"


class TooLong(BaseException):
    """A test does not end. No test and no mutant catches this."""


class Broken(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from the broken text, and notes that it did."""

    def __init__(self, module: str, path: str, text: str) -> None:
        self.module = module
        self.path = path
        self.text = text
        self.loaded = False

    def find_spec(self, name, path=None, target=None):
        if name != self.module:
            return None
        return importlib.util.spec_from_loader(name, self, origin=self.path)

    def exec_module(self, module) -> None:
        self.loaded = True
        exec(compile(self.text, self.path, "exec"), module.__dict__)


class Suite:
    """The tests of the tree in their order, each once; stops at the first that fails.

    One that does not end proves nothing yet: another may fail. The second such ends the suite.
    """

    def __init__(self, order: dict) -> None:
        self.order = order
        self.done: set[tuple[str, str]] = set()
        self.endless: list[str] = []

    def run(self) -> dict:
        import tests.firmware.run as runner

        for file, name, test in self._tests(runner):
            if (file, name) not in self.done and not self._passes(file, name, test):
                return {"verdict": KILLED, "file": file, "test": name, "error": self.error}
            if len(self.endless) > 1:
                break
        if self.endless:
            return {"verdict": TIMEOUT, "error": f"endless: {' '.join(self.endless)}"}
        return {"verdict": SURVIVED}

    def _tests(self, runner):
        """The most promising first, then file by file; a file is loaded when its turn comes."""
        for file, name in self.order["first"]:
            test = dict(runner.tests_of(file)).get(name)
            if test:
                yield file, name, test
        for file in self.order["files"]:
            for name, test in runner.tests_of(file):
                yield file, name, test

    def _passes(self, file: str, name: str, test) -> bool:
        self.done.add((file, name))
        clock(self.order["test_s"])
        try:
            test()
        except MemoryError:
            raise
        except TooLong:
            self.endless.append(name)
        except Exception as error:
            self.error = f"{type(error).__name__} {error}"[:200]
            return False
        finally:
            clock(0)
        return True


def clock(cpu_s: float) -> None:
    """End what runs now after so much processor time; 0 lets it run."""
    if hasattr(signal, "setitimer"):  # not on Windows
        signal.setitimer(signal.ITIMER_VIRTUAL, cpu_s)


def too_long(*_) -> None:
    raise TooLong


def limit(cpu_s: int, memory: int) -> None:
    """The processor time and the memory one mutant may take."""
    try:
        import resource
    except ImportError:  # not on Windows; the parent's wall clock is left
        return
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 5))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def judge(order: dict) -> dict:
    tree = order["tree"]
    module = f"guard.core.{order['module']}"
    path = f"{tree}/firmware/guard/core/{order['module']}.py"
    broken = Broken(module, path, order["text"])
    sys.meta_path.insert(0, broken)
    sys.path.insert(0, tree)
    sys.argv = [f"{tree}/tests/firmware/run.py"]
    suite = Suite(order)
    try:
        verdict = suite.run()
    except BaseException as error:  # the core or a test file does not load: that proves nothing
        verdict = {"verdict": CRASHED, "error": f"{type(error).__name__} {error}"[:200]}
    return {**verdict, "loaded": broken.loaded, "tests": len(suite.done)}


def main() -> None:
    order = json.loads(sys.stdin.buffer.read())
    limit(order["cpu_s"], order["memory"])
    if hasattr(signal, "SIGVTALRM"):
        signal.signal(signal.SIGVTALRM, too_long)
    # What a test prints must not be taken for a verdict.
    answer = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    verdict = judge(order)
    sys.stdout.flush()
    os.write(answer, json.dumps(verdict).encode() + b"\n")


if __name__ == "__main__":
    main()
