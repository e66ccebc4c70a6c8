# SPDX-License-Identifier: MIT
"""One engine's part anew, beside what the run before found on the others: each part says what it
was made of, and a part that is not whole leaves the whole partial."""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path
from typing import Any

from tests.bench.environment import git
from tests.campaign.report import Figures
from tests.campaign.runs import FULL_WALKS, Result
from tests.campaign.session import ENGINES

FIGURES = {engine: (engine, FULL_WALKS.get(engine, "walks")) for engine in ENGINES}
Parts = dict[str, dict[str, Any]]


class NothingBeside(Exception):
    """There is no whole run whose other parts could stand beside this one."""


def of(options: argparse.Namespace, result: Result, head: dict[str, Any]) -> Parts:
    """What the engines of this run were run with."""
    hours = f" HOURS={options.hours:g}" if options.hours else ""
    command = f"make campaign N={options.sessions}{hours}"
    if options.engine:
        words = f" --hours {options.hours:g}" if options.hours else ""
        command = (
            f"python -m tests.campaign --engine {options.engine} --sessions "
            f"{options.sessions}{words}"
        )
    changed = " with uncommitted changes" if git("status", "--porcelain", "firmware") else ""
    part = {
        "command": command,
        "commit": (git("rev-parse", "HEAD")[:12] or "unknown") + changed,
        "firmware": head["firmware"],
        "judges": head["judges"],
        "python": platform.python_version(),
        "jobs": options.jobs,
        "seconds": round(result.seconds),
        "complete": result.complete and not result.mixed,
    }
    return {engine: part for engine in ENGINES if options.engine in (None, engine)}


def beside(path: Path, engine: str, seed: int) -> tuple[Figures, Parts]:
    """Figures and parts of the other engines. Raises NothingBeside."""
    try:
        before = json.loads(path.read_text(encoding="ascii"))
        parts = {e: dict(before["parts"][e]) for e in ENGINES if e != engine}
        found = {key: before[key] for e in parts for key in FIGURES[e]}
        same = before["seed"] == seed
    except (OSError, ValueError, KeyError, TypeError):
        raise NothingBeside(f"{path} holds no campaign with the other engines") from None
    if not same:
        raise NothingBeside(f"{path} is of seed {before['seed']}, this run of {seed}")
    return found, parts


def sentence(parts: Parts) -> str:
    """Each run once, with the engines it was on."""
    said = []
    for part in {json.dumps(part): part for part in parts.values()}.values():
        engines = ", ".join(engine for engine in parts if parts[engine] == part)
        whole = "" if part["complete"] else ", partial"
        said.append(
            f"{engines}: `{part['command']}`, commit {part['commit']}, CRC of the firmware "
            f"{part['firmware']}, CPython {part['python']}, {part['jobs']} processes, "
            f"{part['seconds'] / 60:.0f} min{whole}."
        )
    return "\n".join(f"- {text}" for text in said) if len(said) > 1 else said[0]
