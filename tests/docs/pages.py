# SPDX-License-Identifier: MIT
"""docs/safety/traceability.md, and the generated blocks of README.md and comparison.md."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.docs import figures as fig
from tests.docs.figures import NOT_RUN, Figures
from tests.docs.safety import SAFETY, File, Held, Requirement

TRACE = SAFETY / "traceability.md"
RECORDS = SAFETY.parent / "records.md"
SCENARIO_FOLDER = "../../host_tools/treadguard/virtual/scenarios"
HEAD = """\
<!-- SPDX-License-Identifier: MIT -->
# Traceability

Generated from [requirements.toml](requirements.toml) with `python -m tests.docs`; a test
compares. From each requirement to the code that meets it, the tests and scenarios that would fail
without it, and the figure of the last full run that measured it. `{not_run}` means that no full
run has been quoted yet. Figures come from [figures.json](figures.json).
"""
TOPICS = {
    "loop": "The loop",
    "speed": "Measuring speed",
    "hands": "Hands",
    "states": "States",
    "interlocks": "Interlocks",
    "link": "The link",
    "records": "Records",
}
OURS = (
    ("tests", "count:tests"),
    ("scenarios on the real firmware", "count:scenarios"),
    ("the deciding core", "count:core"),
    ("exhaustive exploration", "explore"),
    ("fault injection", "campaign"),
    ("healthy walking", "healthy"),
    ("mutation", "mutation"),
    ("the program as the hazard", "hazards"),
    ("fuzzing", "fuzz"),
    ("power cuts", "power_cuts"),
    ("latency", "bench:latency"),
    ("memory", "bench:memory"),
)


def quoted(figures: Figures, name: str) -> str:
    return figures.get(name, NOT_RUN)


def brief(figures: Figures, name: str) -> str:
    return quoted(figures, name).split(fig.MORE)[0]


def command(figures: Figures, name: str) -> str:
    """Only of what has been run: the others may not exist yet."""
    return f"`{fig.command_of(name)}`" if name in figures else ""


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    heads = list(columns)
    out = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return out + ["| " + " | ".join(cell(c) for c in row) + " |" for row in rows]


def commas(names: Iterable[str]) -> str:
    return ", ".join(names)


# traceability.md


def traceability(file: File, has: Held, figures: Figures) -> str:
    out = [HEAD.format(not_run=NOT_RUN), "## All of them", ""]
    out += _overview(file, figures)
    for topic in file.topics:
        out += ["", f"## {TOPICS[topic]}"]
        for r in file.requirements:
            if r.topic == topic:
                out += ["", *_detail(r, figures)]
    out += ["", *_invariants(file), "", *_hazards(file, has), "", *_faults(file, has)]
    return "\n".join([*out, "", *_parameters(file, has)]) + "\n"


def _overview(file: File, figures: Figures) -> list[str]:
    rows = []
    for r in file.requirements:
        rows.append(
            (
                f"[{r.id}](#{_anchor(r)}) {r.title}",
                commas((*r.hazards, *r.invariants)),
                commas(f"`{short(code)}`" for code in r.code),
                str(len(r.tests)),
                str(len(r.scenarios)) if r.scenarios else "",
                "; ".join(f"{name}: {brief(figures, name)}" for name in r.figures),
            )
        )
    return table(("requirement", "answers", "code", "tests", "scenarios", "last figure"), rows)


def _anchor(r: Requirement) -> str:
    kept = "".join(c for c in f"{r.id} {r.title}".lower() if c.isalnum() or c in " -_")
    return kept.replace(" ", "-")


def short(code: str) -> str:
    """guard/core/speed.py:Speed.edge -> Speed.edge; a whole file keeps its name."""
    return code.rsplit(":", maxsplit=1)[-1]


def _detail(r: Requirement, figures: Figures) -> list[str]:
    out = [f"### {r.id} {r.title}", "", r.text, "", f"*How:* {r.answer}", ""]
    out.append(f"- answers: {commas((*r.hazards, *r.invariants))}")
    if r.faults:
        out.append(f"- faults: {commas(f'`{name}`' for name in r.faults)}")
    if r.parameters:
        out.append(f"- parameters: {commas(f'`{name}`' for name in r.parameters)}")
    out.append(f"- code: {commas(_code_link(code) for code in r.code)}")
    out += ["- tests:", *(f"    - {_test_link(test)}" for test in r.tests)]
    if r.scenarios:
        out += ["- scenarios:", *(f"    - {_scenario_link(name)}" for name in r.scenarios)]
    for name in r.figures:
        how = command(figures, name)
        told = f" ({how})" if how else ""
        out.append(f"- last figure, {name}{told}: {quoted(figures, name)}")
    return out


def _code_link(code: str) -> str:
    return f"[`{code}`](../../firmware/{code.split(':', maxsplit=1)[0]})"


def _test_link(test: str) -> str:
    path, _, name = test.partition("::")
    return f"[`{name}`](../../{path})"


def _scenario_link(name: str) -> str:
    return f"[`{name}`]({SCENARIO_FOLDER}/{name}.toml)"


def _named(file: File, key: str, name: str) -> str:
    return commas(r.id for r in file.requirements if name in getattr(r, key))


def _invariants(file: File) -> list[str]:
    rows = [(i, text, _named(file, "invariants", i)) for i, text in file.invariants.items()]
    return ["## Invariants", "", *table(("", "always", "requirements"), rows)]


def _hazards(file: File, has: Held) -> list[str]:
    rows = [
        (h, _named(file, "hazards", h) or f"none: {file.open_hazards.get(h, '')}")
        for h in has.hazards
    ]
    return ["## Hazards", "", "What they are: [hazards.md](hazards.md).", "",
            *table(("hazard", "requirements"), rows)]  # fmt: skip


def _faults(file: File, has: Held) -> list[str]:
    """Only scenarios that a requirement names, so that a new one changes no page."""
    named = {s: r.id for r in file.requirements for s in r.scenarios}
    rows = []
    for fault in has.faults:
        shown = [s for s in named if fault in has.scenarios.get(s, ())]
        why = file.not_built.get(fault) or file.no_scenario.get(fault, {}).get("reason", "")
        told = commas(_scenario_link(name) for name in shown) or f"none: {why}"
        rows.append((f"`{fault}`", _named(file, "faults", fault) or "none", told))
    return ["## Faults", "", *table(("fault", "requirements", "scenarios"), rows)]


def _parameters(file: File, has: Held) -> list[str]:
    rows = [(f"`{name}`", _named(file, "parameters", name)) for name in has.parameters]
    about = "SR-14 and its range test hold for every one of them."
    return ["## Parameters", "", about, "", *table(("parameter", "requirements"), rows)]


# Blocks in pages that are written by hand


STORED = ("fuzzing", "power cuts")


def of_records(figures: Figures) -> str:
    return ours(figures, tuple(row for row in OURS if row[0] in STORED))


def ours(figures: Figures, of: tuple[tuple[str, str], ...] = OURS) -> str:
    rows = [(what, quoted(figures, name), command(figures, name)) for what, name in of]
    return "\n".join(table(("", "treadguard", "again with"), rows))


def blocks(figures: Figures) -> dict[Path, dict[str, str]]:
    return {
        SAFETY / "README.md": {"figures": ours(figures)},
        SAFETY / "comparison.md": {"figures": ours(figures)},
        RECORDS: {"figures": of_records(figures)},
    }


def replaced(text: str, name: str, block: str) -> str:
    """The text with a new block between the markers of that name."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"the page must hold {begin} and {end} once")
    head, rest = text.split(begin)
    _, tail = rest.split(end)
    return f"{head}{begin}\n{block}\n{end}{tail}"


def pages(file: File, has: Held, figures: Figures) -> dict[Path, str]:
    """Every page as it must be."""
    found = {TRACE: traceability(file, has, figures)}
    for path, parts in blocks(figures).items():
        text = path.read_text(encoding="utf-8")
        for name, block in parts.items():
            text = replaced(text, name, block)
        found[path] = text
    return found


def drift(wanted: dict[Path, str]) -> list[str]:
    """Pages that differ from what would be written."""
    found = []
    for path, text in wanted.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            found.append(f"{path.name} is not current: run `python -m tests.docs`")
    return found
