# SPDX-License-Identifier: MIT
"""The device's own tables, read from the firmware itself: the host keeps no second copy.

The firmware comes from the wheel (`treadguard/_firmware`) or from the checkout's `firmware/`.
Its modules are imported under their own names, because they import each other that way, and
are then taken out of sys.modules again: a virtual board in the same process must find a fresh
`guard`, and nobody must meet MicroPython's modules by accident.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from treadguard.errors import TreadguardError

NOT_SETTABLE_GROUP = "measured"

_PACKAGE = Path(__file__).resolve().parent
_PRIVATE = ("guard", "micropython")
_import_lock = threading.RLock()
_inside: list[bool] = []  # not empty within importable()


@dataclass(frozen=True)
class Parameter:
    """One row of the firmware's parameter table; value, default and range in `unit`."""

    name: str
    unit: str
    default: int
    lowest: int
    highest: int
    group: str

    @property
    def settable(self) -> bool:
        """False for what only the board itself measures."""
        return self.group != NOT_SETTABLE_GROUP

    def refusal(self, value: int) -> str | None:
        """Why the firmware would refuse `value`; None when it takes it."""
        reason: str | None = load("guard.core.parameters").check(self.name, value)
        return reason


@dataclass(frozen=True)
class FaultText:
    """What a person reads about one fault or blocker."""

    what: str
    causes: str
    remedy: str


def folder() -> Path:
    """The firmware folder this host tool belongs to."""
    for candidate in (_PACKAGE / "_firmware", _PACKAGE.parent.parent / "firmware"):
        if (candidate / "guard").is_dir():
            return candidate
    raise TreadguardError(
        "the firmware folder is missing from this installation: install treadguard again"
    )


@functools.cache
def load(name: str) -> ModuleType:
    """Import one firmware module, for example `guard.core.parameters`, for use on the host."""
    with _import_lock, importable():
        return importlib.import_module(name)


@functools.cache
def parameters() -> dict[str, Parameter]:
    """Every parameter in the firmware's order."""
    rows = load("guard.core.parameters").TABLE
    return {row[0]: Parameter(*row[:6]) for row in rows}


@functools.cache
def fault_names() -> dict[int, str]:
    """Fault code -> name, as in journals and black boxes."""
    return {row[0]: row[1] for row in load("guard.core.faults").TABLE}


@functools.cache
def state_names() -> tuple[str, ...]:
    """State number -> name."""
    return tuple(load("guard.core.states").STATE_NAMES)


@functools.cache
def fault_texts() -> dict[str, FaultText]:
    """Fault name -> its text; empty when this firmware came without texts."""
    rows = read_texts(folder() / "guard" / "texts" / "faults.txt", 4)
    return {name: FaultText(*cells) for name, *cells in rows}


@functools.cache
def parameter_texts() -> dict[str, str]:
    """Parameter name -> what it limits, for people."""
    return dict(read_texts(folder() / "guard" / "texts" / "parameters.txt", 2))


def read_texts(path: Path, cells: int) -> list[list[str]]:
    """Rows of a texts file: `NAME | cell | cell`, `#` begins a comment line."""
    if not path.is_file():
        return []
    lines = path.read_text(encoding="ascii").splitlines()
    rows = [line.split("|") for line in lines if line.strip() and not line.startswith("#")]
    return [[cell.strip() for cell in [*row, *[""] * cells][:cells]] for row in rows]


@contextmanager
def importable() -> Iterator[None]:
    """While inside, `import guard...` and `import micropython` find the firmware's modules."""
    with _import_lock:
        if _inside:
            yield
            return
        _inside.append(True)
        before = _enter()
        try:
            yield
        finally:
            _leave(*before)
            _inside.clear()


# Modules of earlier calls, so that two of ours share the constants they import.
_kept: dict[str, ModuleType] = {}


def _enter() -> tuple[dict[str, ModuleType], list[str], bool]:
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if _is_private(name)}
    path, no_bytecode = list(sys.path), sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # a __pycache__ would be deployed to the board
    sys.path.insert(0, str(folder()))
    sys.modules.update(_kept)
    sys.modules.setdefault("micropython", _micropython())
    return hidden, path, no_bytecode


def _leave(hidden: dict[str, ModuleType], path: list[str], no_bytecode: bool) -> None:
    _kept.update({n: sys.modules.pop(n) for n in list(sys.modules) if _is_private(n)})
    sys.modules.update(hidden)
    sys.path[:] = path
    sys.dont_write_bytecode = no_bytecode


def _is_private(name: str) -> bool:
    return name.partition(".")[0] in _PRIVATE


def _micropython() -> ModuleType:
    fake = _PACKAGE / "virtual" / "fakes_cpython" / "micropython.py"
    spec = importlib.util.spec_from_file_location("micropython", fake)
    if spec is None or spec.loader is None:
        raise TreadguardError(f"{fake} is missing: install treadguard again")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
