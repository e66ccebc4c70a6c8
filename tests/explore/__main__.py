# SPDX-License-Identifier: MIT
"""`python -m tests.explore`: explore, print the figures, write build/explore.json.

Exit code 0: the fixpoint was reached and nothing was violated. 1: a violation, or the drawing in
docs/ no longer shows what was seen. 2: wrong use. 3: interrupted or out of time, so partial.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from guard.core.states import STATE_NAMES
from tests.explore import ROOT, drawing, replay
from tests.explore.search import Result, Search
from tests.explore.world import roots

PARTIAL = 3


def main(arguments: list[str] | None = None) -> int:
    ask = _parser().parse_args(arguments)
    if ask.replay:
        return _replay(ask.replay)
    search = Search(roots(), ask.seconds)
    search.tell = lambda text: print(text, file=sys.stderr, flush=True)
    result = search.run(ask.workers)
    figures = _figures(result)
    ask.json.parent.mkdir(parents=True, exist_ok=True)
    paths = replay.write(result, ask.json.parent)
    ask.json.write_text(json.dumps(figures, indent=1) + "\n")
    for path, (text, _, _) in zip(paths, result.violations, strict=True):
        print(f"VIOLATION {text}\n  {path}")
    if ask.write_docs and not result.partial and not result.found:
        drawing.write(ROOT / "docs", result.steps)
    print(_line(figures))
    if result.found:
        return 1
    if result.partial:
        return PARTIAL
    return _judge_drawing(result)


def _judge_drawing(result: Result) -> int:
    """The drawing in docs/ must show exactly what was seen."""
    found = drawing.drift(ROOT / "docs", result.steps, complete=True)
    for text in found:
        print(f"docs/state-machine: {text}")
    if found:
        print("Look at it, then run: python -m tests.explore --write-docs")
    return 1 if found else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.explore", description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.0, help="stop after so long: partial")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="0: no processes")
    parser.add_argument("--json", type=Path, default=ROOT / "build/explore.json")
    parser.add_argument("--replay", type=Path, help="a counterexample file")
    parser.add_argument("--write-docs", action="store_true", help="docs/state-machine.*")
    return parser


def _figures(result: Result) -> dict:
    cpu = os.times()
    return {
        "schema": 1,
        "complete": not result.partial,
        "partial": result.partial,
        "states": len(result.parents),
        "expanded": result.expanded,
        "transitions": result.transitions,
        "of_these_combinations": result.combined,
        "kinds": result.kinds,
        "depth": result.depth,
        "violations": result.found,
        "seconds": round(result.seconds, 1),
        "cpu_seconds": round(cpu.user + cpu.children_user, 1),
        "states_of": {STATE_NAMES[at]: n for at, n in sorted(result.states.items())},
        "edges": drawing.edge_list(result.steps),
        "found": [text for text, _, _ in result.violations],
    }


def _line(figures: dict) -> str:
    partial = f", PARTIAL ({figures['partial']})" if figures["partial"] else ", fixpoint"
    return (
        f"explore: {figures['states']:,} states, {figures['transitions']:,} transitions, "
        f"depth {figures['depth']}, {figures['violations']} violations, "
        f"{figures['seconds']:.0f} s{partial}"
    )


def _replay(path: Path) -> int:
    try:
        lines, broken = replay.replay(path)
    except replay.BadFile as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(lines))
    print(f"replayed: {len(broken)} violations")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
