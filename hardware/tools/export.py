# SPDX-License-Identifier: MIT
"""Check the schematic with KiCad and export it: netlist, SVG, PDF, parts list.

    python -m hardware.tools.export [FOLDER]

Dates, paths and version words are taken out, so that two exports of one drawing are equal.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from hardware.tools.netlist import EXPORTS, HARDWARE

BOM_FIELDS = (
    "Reference,Value,${QUANTITY},Tolerance,Part,Substitutes,Place,Build,Price_USD_estimate"
)
BOM_LABELS = "Refs,Value,Qty,Tolerance,Part,Substitutes,Place,Build,Price_USD_estimate"
GROUP_BY = "Value,Part,Place,Build,Tolerance"


class ExportError(Exception):
    """KiCad found something wrong, or failed."""


class MissingProgramError(ExportError):
    """A program is not installed, or too old: the user's make skips what needs it."""


def kicad_cli() -> str:
    """The program's path; KiCad 9 or later."""
    found = shutil.which("kicad-cli")
    if not found:
        raise MissingProgramError(
            "kicad-cli is missing: run `make hardware` to see what to install"
        )
    version = subprocess.run([found, "version"], capture_output=True, text=True, check=False)
    major = version.stdout.strip().split(".")[0]
    if not major.isdigit() or int(major) < 9:
        raise MissingProgramError(f"KiCad {version.stdout.strip() or '?'} is too old: 9 or later")
    return found


def _run(*words: str | Path) -> None:
    done = subprocess.run(
        [kicad_cli(), *map(str, words)], capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode:
        raise ExportError(f"kicad-cli {words[0]} {words[1]} {words[2]}: {done.stdout[-300:]}")


def erc(folder: Path = HARDWARE) -> list[str]:
    """What the electrical rule check finds, one line each."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "erc.json"
        _run("sch", "erc", "--severity-all", "--format", "json", "-o", report, root(folder))
        found = json.loads(report.read_text("utf-8"))
    return [
        f"{sheet['path']}: {v['description']}: {v['items'][0]['description']}"
        for sheet in found["sheets"]
        for v in sheet["violations"]
    ]


def root(folder: Path) -> Path:
    """The schematic's top sheet."""
    return folder / "treadguard.kicad_sch"


def netlist(folder: Path, out: Path) -> None:
    """The netlist, without date, path and version."""
    _run("sch", "export", "netlist", "-o", out, root(folder))
    text = out.read_text("utf-8")
    text = re.sub(r'\((source|uri) "[^"]*/', r'(\1 "', text)
    text = re.sub(r'\n\s*\(date "[^"]*T[^"]*"\)', "", text)
    text = re.sub(r'\(tool "[^"]*"\)', '(tool "Eeschema")', text)
    out.write_text(text, "utf-8")


def bom(folder: Path, out: Path) -> None:
    """The parts list, grouped; what belongs to the treadmill is left out."""
    _run(
        "sch", "export", "bom", "--fields", BOM_FIELDS, "--labels", BOM_LABELS,
        "--group-by", GROUP_BY, "--ref-range-delimiter", "", "--ref-delimiter", " ",
        "-o", out, root(folder),
    )  # fmt: skip


def drawings(folder: Path, out: Path) -> None:
    """One SVG a sheet, made small, and one PDF of all."""
    _run("sch", "export", "svg", "-o", out, root(folder))
    for drawing in out.glob("treadguard*.svg"):
        drawing.write_text(small(drawing.read_text("utf-8")), "utf-8")
    pdf = out / "treadguard.pdf"
    _run("sch", "export", "pdf", "-o", pdf, root(folder))
    pdf.write_bytes(re.sub(rb"\(D:\d{14}", b"(D:20260101000000", pdf.read_bytes()))


def small(svg: str) -> str:
    """The same picture with two decimals and without empty lines: a third of the size."""
    svg = re.sub(r"<title>.*?</title>", "<title>treadguard schematic</title>", svg, flags=re.S)
    svg = re.sub(r"<desc>(?:Picture|Image) .*?</desc>", "", svg, flags=re.S)
    svg = re.sub(r"(\d+\.\d\d)\d+", r"\1", svg)
    svg = re.sub(r"\.00(?=\D)", "", svg)
    svg = re.sub(r"<g\b[^>]*>\s*</g>", "", svg)
    svg = re.sub(r"\n\s*(?=[A-Z]\d)", " ", svg)
    svg = re.sub(r"[ \t]+", " ", svg)
    svg = re.sub(r'<g class="stroked-text">.*?</g>', _one_path, svg, flags=re.S)
    return re.sub(r"\s*\n\s*", "\n", svg)


def _one_path(letters: re.Match[str]) -> str:
    """Hundreds of strokes of one word as one path, strokes that touch drawn on."""
    joined = re.sub(r'\s*"\s*/>\s*<path d="', " ", letters[0])
    return re.sub(r'(?<=<path d=")[^"]*', lambda d: _chained(d[0]), joined)


def _chained(strokes: str) -> str:
    drawn, at = [], ""
    for start, rest in re.findall(r"M(\S+ \S+) ([^M]*)", strokes):
        drawn.append(rest.strip() if start == at else f"M{start} {rest.strip()}")
        at = rest.strip().rpartition("L")[2]
    return " ".join(drawn)


def everything(folder: Path, out: Path) -> None:
    """Netlist, parts list and drawings of the project in `folder`."""
    out.mkdir(parents=True, exist_ok=True)
    netlist(folder, out / "treadguard.net")
    bom(folder, out / "bom.csv")
    drawings(folder, out)


def main() -> int:
    """Check, then export; nothing is written when the check finds something."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else EXPORTS
    try:
        found = erc()
        if found:
            raise ExportError("the rule check found:\n" + "\n".join(found))
        everything(HARDWARE, out)
    except ExportError as problem:
        print(f"hardware: {problem}", file=sys.stderr)
        return 1
    print(f"hardware: rule check clean, exported to {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
