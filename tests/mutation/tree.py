# SPDX-License-Identifier: MIT
"""A copy of core and suite as they are when a run begins: nobody's editing changes a verdict."""

from __future__ import annotations

import ast
import compileall
import hashlib
import py_compile
import re
import shutil
from pathlib import Path

from tests.mutation import CORE, ROOT

SUITE = "tests/firmware"
PARTS = (
    "firmware/guard/__init__.py",
    CORE,
    "tests/__init__.py",
    SUITE,
    "tests/support/__init__.py",
    "host_tools/treadguard/virtual/fakes_cpython",
)
HERE = Path(__file__).parent
HARNESS = (
    "child.py", "nest.py", "measure.py", "selection.py", "source.py", "operators.py",
    "statements.py", "mutants.py",
)  # fmt: skip


class NoTests(Exception):
    """There is no suite, so nothing it does not notice means anything."""


SUPPORT = re.compile(r"^(?:from|import) tests\.support\.(\w+)", re.MULTILINE)


def parts_of(root: Path) -> list[str]:
    """What core and suite need: the support a test imports, and what that imports."""
    found: list[str] = []
    todo = [*files_of(root, SUITE), root / "tests/support/stream.py"]
    for path in todo:
        for name in SUPPORT.findall(path.read_text(encoding="utf-8")):
            part = f"tests/support/{name}.py"
            if part not in found:
                found.append(part)
                todo.append(root / part)
    return [*PARTS, *sorted({*found, "tests/support/stream.py"})]


def files_of(root: Path, part: str) -> list[Path]:
    path = root / part
    return sorted(path.glob("*.py")) if path.is_dir() else [path]


def digest(*texts: bytes) -> str:
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:16]


class Tree:
    """The copy in `folder`, and the fingerprint that says whether an old verdict still holds."""

    def __init__(self, folder: Path, root: Path = ROOT) -> None:
        self.folder = folder = folder.resolve()
        shutil.rmtree(folder, ignore_errors=True)
        self.parts = parts_of(root)
        for part in self.parts:
            for path in files_of(root, part):
                copy = folder / path.relative_to(root)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
        self.fast, self.slow = self._suite()
        self.contents = {p.name: p.read_bytes() for p in files_of(folder, CORE)}
        self.whole = self._whole()  # of core, suite and harness: what a verdict rests on
        # The tree never changes, so nothing has to look whether a .pyc is still right.
        unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
        compileall.compile_dir(folder, quiet=2, invalidation_mode=unchecked)

    @property
    def core(self) -> Path:
        return self.folder / CORE

    def _test(self, name: str) -> Path:
        return self.folder / SUITE / f"{name}.py"

    def text_of(self, name: str) -> str:
        return self._test(name).read_text(encoding="utf-8")

    def _suite(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """FAST as tests/firmware/__init__.py has it, then every other test file."""
        fast = _fast(self.folder / SUITE / "__init__.py")
        names = [path.stem for path in files_of(self.folder, SUITE)]
        names = [name for name in names if name.startswith("test_")]
        missing = [name for name in fast if name not in names]
        if missing or not fast:
            raise NoTests(f"FAST in {SUITE}: {', '.join(missing) or 'empty'}")
        return fast, tuple(name for name in names if name not in fast)

    def _whole(self) -> str:
        texts = [(HERE / name).read_bytes() for name in HARNESS]
        for path in [path for part in self.parts for path in files_of(self.folder, part)]:
            texts += [path.name.encode(), path.read_bytes()]
        return digest(*texts)


def _fast(path: Path) -> tuple[str, ...]:
    if path.is_file():
        for node in ast.parse(path.read_bytes()).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "FAST":
                return tuple(ast.literal_eval(node.value))
    return ()
