# SPDX-License-Identifier: MIT
"""The command line of the bench."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from pathlib import Path

from tests.bench import document, environment
from tests.bench.device import FailedError
from tests.bench.report import Options, Part, Requirement, progress

PARTS = (
    "latency",
    "naming",
    "speed",
    "memory",
    "instructions",
    "fit",
    "options",
    "logbook",
    "pull",
    "wear",
)
SCHEMA = 1


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there")
    parser.add_argument("--write-docs", action="store_true", help="renew docs/bench.md")
    parser.add_argument("--phases", type=int, default=Options.phases, help="trials per case")
    options = parser.parse_args()
    for name in options.parts:
        if name not in PARTS:
            parser.error(f"there is no part {name}; choose from {', '.join(PARTS)}")
    return options


def run_part(name: str, options: Options) -> Part:
    began = time.monotonic()
    try:
        part: Part = importlib.import_module(f"tests.bench.{name}").run(options)
    except FailedError as failure:
        part = Part(name, requirements=[Requirement("the part runs", str(failure), False)])
    progress(f"{name}: {time.monotonic() - began:.0f} s")
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return part


def main() -> int:
    arguments = parse()
    options = Options(phases=arguments.phases)
    parts = []
    for name in arguments.parts or PARTS:
        part = run_part(name, options)
        print(f"\n== {name}\n\n{part.text()}", flush=True)
        parts.append(part)
    about = environment.about()
    if arguments.json:
        found = {part.name: part.as_dict() for part in parts}
        text = json.dumps({"schema": SCHEMA, **about, "parts": found}, indent=1)
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(text + "\n", encoding="utf-8")
    if arguments.write_docs:
        document.write(parts, about)
    return verdict(parts)


def verdict(parts: list[Part]) -> int:
    """0 when nothing that was measured misses its requirement."""
    missed = [r for part in parts for r in part.requirements if not r.met]
    for part in parts:
        if part.skipped:
            print(f"SKIPPED {part.name}: {part.skipped}")
    for requirement in missed:
        print(requirement.line())
    judged = sum(len(part.requirements) for part in parts)
    print(f"{judged - len(missed)} of {judged} requirements met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
