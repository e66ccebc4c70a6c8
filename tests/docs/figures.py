# SPDX-License-Identifier: MIT
"""The figures of the last full runs: taken from build/ on purpose, kept in docs/safety.

A bounded run in CI also writes build/*.json, so the pages never read build/: what they quote is
docs/safety/figures.json, which only `python -m tests.docs --take` writes. A run that is not
there keeps the figures it had.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.docs.safety import ROOT, SAFETY, SCENARIOS, sources, tests_in

BUILD = ROOT / "build"
KEPT = SAFETY / "figures.json"
NOT_RUN = "not run"
COMMANDS = {
    "campaign": "make campaign",
    "healthy": "make campaign",
    "explore": "make explore",
    "mutation": "make mutation",
    "fuzz": "make fuzz",
    "hazards": "make hazards",
    "power_cuts": "python -m tests.power_cuts",
    "bench": "make bench",
    "count": "python -m tests.docs --take",
}
# Words for the keys that runs write; what is not here is not quoted.
UNITS = {
    "sessions": "sessions",
    "runs": "runs",
    "missed": "missed",
    "late": "late",
    "states": "states",
    "transitions": "transitions",
    "depth": "deep",
    "violations": "violations",
    "stuck": "traps",
    "mutants": "mutants",
    "killed": "killed",
    "survived": "survived",
    "crashed": "crashed",
    "timeouts": "timed out",
    "bytes": "bytes",
    "images": "images",
    "escapes": "escapes",
    "hours": "hours",
    "false_stops": "false stops",
}
MORE = ". "  # what follows is left out of the overview
MS = {"median_ms": "median", "worst_ms": "worst", "bound_ms": "bound"}

Figures = dict[str, str]


def command_of(figure: str) -> str:
    return COMMANDS[figure.split(":", maxsplit=1)[0]]


def kept() -> Figures:
    if not KEPT.is_file():
        return {}
    found: Figures = json.loads(KEPT.read_text(encoding="utf-8"))
    return found


def take(build: Path = BUILD) -> Figures:
    """What was kept, renewed by every run that build/ holds."""
    found = dict(kept())
    for name, read in READERS.items():
        path = build / f"{name}.json"
        if path.is_file():
            new = read(json.loads(path.read_text(encoding="utf-8")))
            found = {k: v for k, v in found.items() if k.split(":")[0] not in family(name)} | new
    return dict(sorted({**found, **counts()}.items()))


def family(run: str) -> tuple[str, ...]:
    """First words of the figures that one run writes."""
    return ("campaign", "healthy") if run == "campaign" else (run,)


def keep(figures: Figures) -> None:
    KEPT.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


# One reader per run. A run that says its own line is quoted as it is.


def line_of(data: Mapping[str, Any]) -> str:
    """The run's one line of figures, or one made of the numbers it wrote."""
    for key in ("line", "summary"):
        if isinstance(data.get(key), str):
            return partial(data) + str(data[key])
    return partial(data) + words(data)


def partial(data: Mapping[str, Any]) -> str:
    return "PARTIAL: " if data.get("partial") or data.get("complete") is False else ""


def words(row: Mapping[str, Any]) -> str:
    parts = [f"{number(row[k])} {word}" for k, word in UNITS.items() if is_number(row.get(k))]
    parts += [f"{word} {number(row[k])} ms" for k, word in MS.items() if is_number(row.get(k))]
    if is_number(row.get("worst_carry_mm")):
        parts.append(f"carried at most {number(row['worst_carry_mm'])} mm")
    return ", ".join(parts)


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def number(value: float) -> str:
    return f"{round(value):,}".replace(",", " ") if abs(value) >= 100 else f"{value:g}"


def campaign(data: Mapping[str, Any]) -> Figures:
    """{"hazards": {name: row}} or a list of rows with a name; {"healthy": row}."""
    hazards = data.get("hazards", {})
    if isinstance(hazards, list):
        hazards = {row.get("hazard", row.get("name")): row for row in hazards}
    found = {f"campaign:{name}": line_of(row) for name, row in hazards.items()}
    if isinstance(data.get("healthy"), dict):
        found["healthy"] = line_of(data["healthy"])
    found["campaign"] = line_of(data)
    return {name: text for name, text in found.items() if text}


def one_line(name: str) -> Callable[[Mapping[str, Any]], Figures]:
    def read(data: Mapping[str, Any]) -> Figures:
        text = line_of(data)
        return {name: text} if text else {}

    return read


def bench(data: Mapping[str, Any]) -> Figures:
    """Per part: how many promises were met, then each with what was measured."""
    found = {}
    for name, part in data["parts"].items():
        promises = part["requirements"]
        met = sum(r["met"] for r in promises)
        said = [f"{'' if r['met'] else 'MISSED: '}{r['claim']}: {r['measured']}" for r in promises]
        told = f"{met} of {len(promises)} promises met{MORE}{'; '.join(said)}"
        found[f"bench:{name}"] = told if promises else "measured, no promise attached"
        if part.get("skipped"):
            found[f"bench:{name}"] = f"skipped: {part['skipped']}"
    return found


READERS: dict[str, Callable[[Mapping[str, Any]], Figures]] = {
    "campaign": campaign,
    "explore": one_line("explore"),
    "mutation": one_line("mutation"),
    "fuzz": one_line("fuzz"),
    "hazards": one_line("hazards"),
    "power_cuts": one_line("power_cuts"),
    "bench": bench,
}


def counts() -> Figures:
    """What can be counted without running anything."""
    tests = 0
    for path in sources(ROOT / "tests"):
        if path.name.startswith("test_"):
            tests += len(tests_in(path.read_text(encoding="utf-8"), path.name))
    core = sources(ROOT / "firmware" / "guard" / "core")
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in core)
    functions = sum(
        isinstance(node, ast.FunctionDef)
        for path in core
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    )
    return {
        "count:tests": f"{tests} test functions, a parametrised or generated one counted once",
        "count:scenarios": f"{len(list(SCENARIOS.glob('*.toml')))} scenarios",
        "count:core": f"{len(core)} files, {lines} lines, {functions} functions in core/",
    }
