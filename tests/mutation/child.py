# SPDX-License-Identifier: MIT
"""One mutant, one process: a fork of the nest breaks one file of the core and runs its tests.

The verdict is one line of JSON. Whatever else happens (another exit code, a signal, no line, two
lines) is a crash for the parent, never a kill: only a test that failed, by its name, is one.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import json
import os
import resource
import signal
import sys
import types

KILLED = "killed"
SURVIVED = "survived"
CRASHED = "crashed"
TIMEOUT = "timeout"
OWN = ("guard", "tests")


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

    def load_anew(self) -> None:
        """Core and tests from the start, so that what they compute while loading is broken too."""
        for name in [n for n in sys.modules if n.split(".")[0] in OWN]:
            del sys.modules[name]
        sys.meta_path.insert(0, self)
        __import__("tests.firmware.run")

    def exchange(self, function: str) -> None:
        """Give one function its broken code; what was loaded before it ran nothing of it."""
        alive = sys.modules[self.module]
        broken = types.ModuleType(self.module)
        exec(compile(self.text, self.path, "exec"), broken.__dict__)
        holder, other = alive, broken
        *classes, name = function.split(".")
        for part in classes:
            holder, other = vars(holder)[part], vars(other)[part]
        vars(holder)[name].__code__ = vars(other)[name].__code__
        self.loaded = True


class Suite:
    """The chosen tests in their order, each once; stops at the first that fails.

    One that does not end proves nothing yet: another may fail. The second such ends the suite.
    """

    def __init__(self, order: dict) -> None:
        self.order = order
        self.done = 0
        self.endless: list[str] = []
        self.files: dict[str, dict] = {}
        self.unloaded = ""

    def run(self) -> dict:
        for file, name in self.order["tests"]:
            test = self._tests(file).get(name)
            if test is None:
                continue  # a test made at run time: it counts as not passed
            if not self._passes(name, test):
                return {"verdict": KILLED, "file": file, "test": name, "error": self.error}
            if len(self.endless) > 1:
                break
        if self.endless:
            return {"verdict": TIMEOUT, "error": f"endless: {' '.join(self.endless)}"}
        if self.unloaded:
            return {"verdict": CRASHED, "error": self.unloaded}
        return {"verdict": SURVIVED}

    def _tests(self, file: str) -> dict:
        """The tests of a file by name; none when it does not load, which is no failed test."""
        if file not in self.files:
            try:
                self.files[file] = dict(sys.modules["tests.firmware.run"].tests_of(file))
            except Exception as error:
                self.files[file] = {}
                self.unloaded = f"{file} does not load: {type(error).__name__} {error}"[:200]
        return self.files[file]

    def _passes(self, name: str, test) -> bool:
        self.done += 1
        signal.setitimer(signal.ITIMER_VIRTUAL, self.order["test_s"])
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
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        return True


def too_long(*_) -> None:
    raise TooLong


def limit(cpu_s: int, memory: int) -> None:
    """The processor time and the memory one mutant may take."""
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 5))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def judge(order: dict) -> dict:
    module = f"guard.core.{order['module']}"
    broken = Broken(module, f"{order['tree']}/firmware/guard/core/{order['module']}.py",
                    order["text"])  # fmt: skip
    suite = Suite(order)
    try:
        if order["function"]:
            broken.exchange(order["function"])
        else:
            broken.load_anew()
        verdict = suite.run()
    except BaseException as error:  # the core or a test file does not load: that proves nothing
        verdict = {"verdict": CRASHED, "error": f"{type(error).__name__} {error}"[:200]}
    return {**verdict, "loaded": broken.loaded, "tests": suite.done}


def live(order: dict, answer: int) -> None:
    """All a fork does. What a test prints goes nowhere: it must not be taken for a verdict."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    signal.signal(signal.SIGVTALRM, too_long)
    limit(order["cpu_s"], order["memory"])
    os.write(answer, json.dumps(judge(order)).encode() + b"\n")
