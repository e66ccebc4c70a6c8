# SPDX-License-Identifier: MIT
"""Everything derived from the schematic, made anew and compared with what is committed.

    python -m hardware.tools.make             into build/hardware; says what is out of date
    python -m hardware.tools.make --update    into hardware/, to be committed

A step whose program is missing is skipped with a word; with CI set that is an error.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from hardware.tools import bench, export, figures, harness, report
from hardware.tools.deck import NOMINAL
from hardware.tools.netlist import EXPORTS, HARDWARE, committed, load_netlist

BUILD = HARDWARE.parent / "build/hardware"
CI = os.environ.get("CI", "").lower() in ("1", "true")
TOLERANCE_MS = 1.0


class OutOfDateError(Exception):
    """A committed file is not what the schematic gives."""


def words(svg: Path) -> list[str]:
    """The words of a drawing; strokes differ between versions of the programs."""
    return sorted(re.findall(r"<text[^>]*>([^<]*)</text>", svg.read_text("utf-8")))


def schematic(update: bool) -> str:
    """Rule check, then netlist, parts list, SVG and PDF."""
    found = export.erc()
    if found:
        raise OutOfDateError("the rule check found:\n" + "\n".join(found))
    out = EXPORTS if update else BUILD
    export.everything(HARDWARE, out)
    for name in ("treadguard.net", "bom.csv"):
        _same(out / name, EXPORTS / name)
    for drawing in sorted(out.glob("treadguard*.svg")):
        if words(drawing) != words(EXPORTS / drawing.name):
            raise OutOfDateError(f"hardware/exports/{drawing.name} shows another drawing")
    return "rule check clean, exports as committed"


def wiring(update: bool) -> str:
    """Harness files from the netlist, and their drawings."""
    program = Path(sys.executable).parent / "wireviz"
    out = HARDWARE if update else BUILD
    out.mkdir(parents=True, exist_ok=True)
    harness.main(out)
    for name in harness.texts(committed()):
        _same(out / name, HARDWARE / name)
    if not shutil.which("dot") or not program.exists():
        raise export.MissingProgramError("graphviz (dot) is missing: the harness is not drawn")
    pictures = EXPORTS if update else BUILD
    for name in ("harness", "harness-options"):
        subprocess.run(
            [program, "-f", "s", "-o", pictures, out / f"{name}.yml"],
            check=True,
            capture_output=True,
            timeout=60,
        )
        if words(pictures / f"{name}.svg") != words(EXPORTS / f"{name}.svg"):
            raise OutOfDateError(f"hardware/exports/{name}.svg shows another harness")
    return "wire list and drawings as committed"


def simulation(update: bool) -> str:
    """The worst corners again; `python -m hardware.tools.figures` runs all of them."""
    if not figures.FIGURES.exists():
        raise OutOfDateError(
            "exports/figures.json is missing: run `python -m hardware.tools.figures`"
        )
    known = json.loads(figures.FIGURES.read_text("utf-8"))
    net = load_netlist(EXPORTS / "treadguard.net")
    corners = {"nominal": NOMINAL, **known["corners"]}
    for name, corner in corners.items():
        slow = name == "longest"
        armature_ms = bench.ARMATURE_SLOW_MS if slow else bench.ARMATURE_MS
        for how, expected in known["frozen"][name].items():
            case = figures.WHOLE.at(**corner)
            ms = bench.freeze(net, case, how).off_ms + armature_ms
            if abs(ms - expected["50"]) > TOLERANCE_MS:
                raise OutOfDateError(
                    f"{name}, frozen {how}: {ms:.1f} ms, committed {expected['50']} ms; "
                    "run `python -m hardware.tools.figures`"
                )
    if update:
        (HARDWARE / "simulation.md").write_text(report.page(known), "utf-8")
    _same_text(report.page(known), HARDWARE / "simulation.md")
    return f"{len(corners)} corners as committed"


def _same(made: Path, kept: Path) -> None:
    _same_text(made.read_text("utf-8"), kept)


def _same_text(text: str, kept: Path) -> None:
    if not kept.exists() or kept.read_text("utf-8") != text:
        raise OutOfDateError(f"{kept.relative_to(HARDWARE.parent)} is out of date")


STEPS: dict[str, Callable[[bool], str]] = {
    "schematic": schematic,
    "harness": wiring,
    "simulation": simulation,
}


def main() -> int:
    """Run every step, even after one has failed."""
    parser = argparse.ArgumentParser(description="Derive everything from the schematic.")
    parser.add_argument("--update", action="store_true", help="write into hardware/")
    update = parser.parse_args().update
    failed = False
    for name, step in STEPS.items():
        try:
            print(f"{name}: {step(update)}")
        except OutOfDateError as problem:
            failed = True
            print(f"{name}: {problem}. If you meant it: make hardware UPDATE=1", file=sys.stderr)
        except (export.MissingProgramError, bench.MissingSimulatorError) as problem:
            failed = failed or CI
            print(f"{name}: {'FAILED' if CI else 'SKIPPED'}: {problem}", file=sys.stderr)
        except (export.ExportError, bench.SimulatorError) as problem:
            failed = True
            print(f"{name}: FAILED: {problem}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
