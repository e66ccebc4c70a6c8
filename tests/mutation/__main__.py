# SPDX-License-Identifier: MIT
"""`python -m tests.mutation`: break the core on purpose, and see whether a test notices.

Exit code 0: the gate passes. 1: it does not. 2: the gate itself is out of order (a canary, no
suite, no mutants), so nothing is said about the core. 3: passed as far as it went, but partial.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.mutation import ROOT, canaries, chosen, equivalents, gate
from tests.mutation.mutants import Mutant, NoMutants, mutants_of
from tests.mutation.outcomes import Runner
from tests.mutation.runs import Progress, Run, Store
from tests.mutation.selection import Selection, measure
from tests.mutation.tree import NoTests, Tree

FAILED, OUT_OF_ORDER, PARTIAL = 1, 2, 3
SCHEMA = 1


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--all", action="store_true", help="every mutant (the default)")
    parser.add_argument("--changed", metavar="BASE", help="mutants of lines changed since BASE")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="and N of the others")
    parser.add_argument("--most", type=int, default=250, metavar="N", help="of changed lines")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", action="append", metavar="NAME", help="this file of core/ only")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=0, help="then stop, and say partial")
    parser.add_argument("--resume", action="store_true", help="go on with an interrupted run")
    parser.add_argument("--list", action="store_true", help="show the mutants, run none")
    parser.add_argument("--out", type=Path, default=ROOT / "build", metavar="FOLDER")
    ask = parser.parse_args(arguments)
    if ask.all and (ask.changed or ask.sample):
        parser.error("--all is everything: no --changed, no --sample")
    return ask


def choose(ask: argparse.Namespace, every: list[Mutant], root: Path) -> tuple[list[Mutant], str]:
    if ask.changed or ask.sample:
        changed = chosen.changed_lines(root, ask.changed) if ask.changed else {}
        some, words = chosen.choose(every, changed, ask.most, ask.sample, ask.seed)
    else:
        some, words = every, "all of the core"
    if ask.file:
        some = [mutant for mutant in some if mutant.file in ask.file]
        words += f", in {', '.join(ask.file)} only"
    if not some:
        raise NoMutants(f"no mutant was chosen ({words})")
    return some, words


def main(
    arguments: list[str] | None = None,
    root: Path = ROOT,
    listed: Path = equivalents.LIST,
    runner_of: Any = Runner,
) -> int:
    ask = parse(arguments)
    (ask.out / "mutation.json").unlink(missing_ok=True)  # no old figures for a run that dies
    try:
        runner = runner_of(Tree(ask.out / "mutation" / "tree", root))
        every = mutants_of(runner.tree.core)
        some, words = choose(ask, every, root)
        if ask.list:
            return show(some, words)
        measured = measure(runner.tree, ask.out / "mutation" / "lines.json")
        selection = Selection(measured, runner.tree)
    except (NoTests, NoMutants, chosen.NoBase) as error:
        return out_of_order([str(error)])
    entries, wrong = equivalents.load(listed)
    try:
        return gated(ask, Case(runner, selection, every, some, words, entries), wrong)
    finally:
        runner.close()


@dataclass(frozen=True)
class Case:
    """What is run, and against what."""

    runner: Runner
    selection: Selection
    every: list[Mutant]
    some: list[Mutant]
    words: str
    entries: list[equivalents.Entry]


def gated(ask: argparse.Namespace, case: Case, wrong: list[str]) -> int:
    started = time.monotonic()
    runner, selection = case.runner, case.selection
    if wrong := wrong or canaries.sing(runner, selection, canaries.BEFORE):
        return out_of_order(wrong)
    store = Store(ask.out / "mutation" / "verdicts.jsonl", runner.tree, ask.resume)
    run = Run(runner, selection, store, ask.seconds)
    outcomes = run.all(case.some, ask.jobs, progress())
    if wrong := canaries.sing(runner, selection, canaries.AFTER):
        return out_of_order(wrong)
    found = gate.judge(
        case.every, case.some, outcomes, case.entries, selection.count, selection.gaps()
    )
    figures = {
        "schema": SCHEMA,
        "line": gate.line(found, run.partial, case.words, run.fresh),
        "complete": not run.partial and len(case.some) == len(case.every),
        "partial": run.partial,
        "tests": len(selection.every),
        "statements": selection.statements,
        "branches": selection.branches,
        "seconds": round(time.monotonic() - started),
        "fresh": run.fresh,
        "jobs": ask.jobs,
        "digest": runner.tree.whole,
        **found.figures(),
    }
    write(ask.out / "mutation.json", figures, found)
    return tell(found, figures)


def show(some: list[Mutant], words: str) -> int:
    print("\n".join(mutant.diff() for mutant in some))
    print(f"{len(some)} mutants ({words})")
    return 0


def out_of_order(texts: list[str]) -> int:
    for text in texts:
        print(f"OUT OF ORDER {text}")
    print("mutation: no verdict")
    return OUT_OF_ORDER


def write(path: Path, figures: dict[str, Any], found: gate.Judgement) -> None:
    alive = [
        {"file": m.file, "line": m.first_line, "function": m.function, "operator": m.operator,
         "was": m.line, "becomes": m.becomes, "nth": m.nth, "verdict": o.verdict, "error": o.error}
        for m, o in found.survivors
    ]  # fmt: skip
    files = {name: dict(counts) for name, counts in found.files.items()}
    content = {**figures, "failed": found.failures, "files": files, "survivors": alive}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def tell(found: gate.Judgement, figures: dict[str, Any]) -> int:
    for mutant, outcome in found.survivors:
        print(f"{outcome.verdict.upper()} {mutant.diff()}")
        if outcome.error:
            print(f"    {outcome.error}")
    for text in found.failures:
        print(f"FAILED {text}")
    print(f"mutation: {figures['line']}, {figures['seconds']} s")
    if found.failures:
        return FAILED
    return PARTIAL if figures["partial"] else 0


def progress() -> Progress:
    """A line that overwrites itself; a sign of life now and then where nobody sees that."""
    tty = sys.stderr.isatty()

    def show(done: int, wanted: int) -> None:
        if tty:
            sys.stderr.write(f"\r\033[K{done} of {wanted}" if done < wanted else "\r\033[K")
            sys.stderr.flush()
        elif done % 250 == 0:
            print(f"{done} of {wanted}", file=sys.stderr, flush=True)

    return show


if __name__ == "__main__":
    # In the background of a shell SIGINT is ignored, and CI ends a job with SIGTERM.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
