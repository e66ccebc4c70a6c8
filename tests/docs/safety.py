# SPDX-License-Identifier: MIT
"""docs/safety/requirements.toml as data, and what the repository holds to hold it against."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SAFETY = ROOT / "docs" / "safety"
FIRMWARE = ROOT / "firmware"
SCENARIOS = ROOT / "host_tools" / "treadguard" / "virtual" / "scenarios"
CAMPAIGN = ROOT / "tests" / "campaign"

FAULT_KEYS = ("fault", "with_fault", "latched")
PLAIN = {"id", "topic", "title", "text", "answer"}
LISTS = {
    "hazards", "invariants", "code", "tests", "scenarios", "faults", "parameters", "figures",
}  # fmt: skip


@dataclass(frozen=True)
class Requirement:
    """One row. Lists that are left out are empty."""

    id: str
    topic: str = ""
    title: str = ""
    text: str = ""
    answer: str = ""
    hazards: tuple[str, ...] = ()
    invariants: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()


@dataclass(frozen=True)
class File:
    """The whole of requirements.toml."""

    topics: tuple[str, ...]
    invariants: Mapping[str, str]
    requirements: tuple[Requirement, ...]
    no_scenario: Mapping[str, Mapping[str, Any]]
    not_built: Mapping[str, str]
    open_hazards: Mapping[str, str]


@dataclass(frozen=True)
class Held:
    """What the repository holds, to hold the file against."""

    tests: frozenset[str]
    code: frozenset[str]
    scenarios: Mapping[str, frozenset[str]]  # name -> faults its expectations name
    faults: tuple[str, ...]
    parameters: tuple[str, ...]
    hazards: tuple[str, ...]
    campaign: frozenset[str]
    ranged: frozenset[str] = field(default_factory=frozenset)  # parameters of the range test
    raised: frozenset[str] = field(default_factory=frozenset)  # faults used beyond their table


# Reading


def load(text: str) -> File:
    """The file from its text; an unknown key is an error, so that a typo hides nothing."""
    data = tomllib.loads(text)
    rows = []
    for row in data["requirement"]:
        unknown = set(row) - PLAIN - LISTS
        if unknown:
            raise ValueError(f"{row.get('id')}: unknown key {sorted(unknown)[0]}")
        fields: dict[str, Any] = {k: tuple(v) if k in LISTS else v for k, v in row.items()}
        rows.append(Requirement(**fields))
    not_built = {f: row["reason"] for row in data.get("not_built", ()) for f in row["faults"]}
    return File(
        tuple(data["topics"]),
        data["invariants"],
        tuple(rows),
        {row["fault"]: row for row in data.get("no_scenario", ())},
        not_built,
        {row["hazard"]: row["reason"] for row in data.get("open_hazards", ())},
    )


def load_file() -> File:
    return load((SAFETY / "requirements.toml").read_text(encoding="utf-8"))


def tests_in(source: str, path: str) -> set[str]:
    """Node ids of the test functions and methods of one file."""
    found = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            found.add(f"{path}::{node.name}")
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            names = [n.name for n in node.body if isinstance(n, ast.FunctionDef)]
            found |= {f"{path}::{node.name}::{n}" for n in names if n.startswith("test_")}
    return found


def code_in(source: str, path: str) -> set[str]:
    """path, path:name and path:Class.name of everything one file defines."""
    found = {path}
    for node in ast.parse(source).body:
        for name in _names(node):
            found.add(f"{path}:{name}")
        if isinstance(node, ast.ClassDef):
            inner = [name for child in node.body for name in _names(child)]
            found |= {f"{path}:{node.name}.{name}" for name in inner}
    return found


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def faults_expected(scenario: Mapping[str, Any], names: Iterable[str]) -> set[str]:
    """Faults that the expectations of a scenario name: as the fault told, latched or in the
    journal, or as a blocker in a line of the link. `never` expects nothing."""
    found = set()
    for expectation in scenario.get("expect", ()):
        told = {expectation.get(key) for key in FAULT_KEYS}
        line = expectation.get("link", "")
        found |= {name for name in names if name in told or f'"{name}"' in line}
    return found


def attributes_in(source: str) -> set[str]:
    """Every x in something.x: how the firmware names a fault."""
    return {n.attr for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Attribute)}


def hazards_in(text: str) -> list[str]:
    """The ids of the headings of hazards.md."""
    return re.findall(r"^### (H-\d\d) ", text, re.MULTILINE)


def campaign_rows(folder: Path) -> set[str]:
    """The first argument of every Hazard(...) of the campaign."""
    found = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Hazard":
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    return found


def sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def held(faults: Iterable[str], parameters: Iterable[str], ranged: Iterable[str] = ()) -> Held:
    """Everything there is, read from the checkout."""
    names = tuple(faults)
    tests: set[str] = set()
    for path in sources(ROOT / "tests"):
        if path.name.startswith("test_"):
            where = path.relative_to(ROOT).as_posix()
            tests |= tests_in(path.read_text(encoding="utf-8"), where)
    code: set[str] = set()
    raised: set[str] = set()
    for path in sources(FIRMWARE):
        where = path.relative_to(FIRMWARE).as_posix()
        source = path.read_text(encoding="utf-8")
        code |= code_in(source, where)
        raised |= attributes_in(source) & set(names)
    scenarios = {}
    for path in sorted(SCENARIOS.glob("*.toml")):
        read = tomllib.loads(path.read_text(encoding="utf-8"))
        scenarios[path.stem] = frozenset(faults_expected(read, names))
    hazards = hazards_in((SAFETY / "hazards.md").read_text(encoding="utf-8"))
    return Held(
        frozenset(tests),
        frozenset(code),
        scenarios,
        names,
        tuple(parameters),
        tuple(hazards),
        frozenset(campaign_rows(CAMPAIGN)),
        frozenset(ranged),
        frozenset(raised),
    )
