# SPDX-License-Identifier: MIT
"""The command line of the campaign: `make campaign N=...`, or python -m tests.campaign."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (
    "firmware",
    "host_tools/treadguard/virtual/fakes",
    "host_tools/treadguard/virtual/fakes_cpython",
)
FULL_SHARE = 20  # one session on the full stack for so many on the core
WALK_S = 1260
APART_SHARE = 25
SCHEMA = 1


def prepare_path() -> None:
    """The firmware and its fakes, behind everything else."""
    sys.dont_write_bytecode = True  # a __pycache__ in firmware/ would reach the board
    for folder in FOLDERS:
        if str(ROOT / folder) not in sys.path:
            sys.path.append(str(ROOT / folder))


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.campaign",
        description="Random sessions with a hazard, and healthy walking that nothing may stop.",
    )
    parser.add_argument(
        "--sessions",
        type=int,
        default=1000,
        metavar="N",
        help="on the core engine; one in 20 as many on the full stack, and again with options",
    )
    parser.add_argument(
        "--engine", choices=("core", "full", "options"), help="N sessions on this one only"
    )
    parser.add_argument(
        "--hours",
        type=float,
        default=0,
        metavar="H",
        help="of healthy walking on the core; one in 50 as many on the full stack, and again with"
        " options",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, help="stop after that time, with what there is")
    parser.add_argument("--resume", action="store_true", help="go on with an interrupted run")
    parser.add_argument(
        "--renew",
        action="store_true",
        help="with --engine: the other engines' figures stay those of the run before",
    )
    parser.add_argument("--replay", type=Path, metavar="FILE", help="one saved failure, again")
    parser.add_argument("--session", type=int, metavar="NUMBER", help="show one session")
    parser.add_argument("--write-docs", action="store_true", help="renew docs/safety/campaign.md")
    parser.add_argument("--out", type=Path, default=ROOT / "build", metavar="FOLDER")
    options = parser.parse_args(arguments)
    if options.renew and not options.engine:
        parser.error("--renew needs --engine: which part is to be made anew?")
    return options


def work_of(options: argparse.Namespace) -> Any:
    from tests.campaign.groups import GROUPS
    from tests.campaign.runs import FULL_WALKS, HEALTHY, Work
    from tests.campaign.session import ENGINES

    folder = f"campaign-{options.engine}" if options.renew else "campaign"
    work = Work(options.seed, options.out / folder)
    for engine in ENGINES:
        share = FULL_SHARE if options.engine is None and engine != "core" else 1
        if options.engine in (None, engine):
            work.sessions[engine] = options.sessions // share
    sessions = round(options.hours * 3600 / WALK_S)
    if not sessions:
        return work
    if options.engine in (None, "core"):
        apart = sessions // APART_SHARE
        work.walks = {g.name: sessions if g.name == HEALTHY else apart for g in GROUPS}
    for engine, kind in FULL_WALKS.items():
        if options.engine in (None, engine):
            work.full_walks[kind] = max(1, round(options.hours * 80 / 1000))
    return work


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    prepare_path()
    if options.replay:
        return replay(options.replay)
    if options.session is not None:
        return show(options)
    from tests.campaign import document, parts, report, runs, tables

    work = work_of(options)
    figures, made = {}, {}
    if options.renew:
        try:
            before = options.out / "campaign.json"
            figures, made = parts.beside(before, options.engine, options.seed)
        except parts.NothingBeside as error:
            print(f"{error}: run it without --engine first", file=sys.stderr)
            return 2
    rows = runs.Rows(work, options.resume)
    if rows.refused:
        print(rows.refused, file=sys.stderr)
    result = runs.run(work, rows, options.jobs, options.seconds, progress)
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    made |= parts.of(options, result, rows.head)
    found = report.figures(result.rows) | figures
    result.complete = all(part["complete"] for part in made.values())
    failed = report.gates(found)
    blocks = tables.whole(found)
    for name, block in blocks.items():
        print(f"\n== {name}\n\n{block}")
    if result.mixed:
        failed.append("firmware or campaign changed while it ran: run it anew")
    line = report.line(found, report.note(result), options.seed)
    write(options, {
        "schema": SCHEMA, "complete": result.complete, "mixed": result.mixed, "line": line,
        "failed": failed, "seconds": round(result.seconds), "jobs": options.jobs,
        **rows.head, "parts": made, "hazards": report.by_hazard(found),
        "healthy": report.healthy(found), **found,
    })  # fmt: skip
    if options.write_docs:
        document.write(blocks, line, parts.sentence(made))
    for text in failed:
        print(f"FAILED {text}; see {work.folder / 'failures'}")
    print(f"\n{line}")
    return 1 if failed else 0


def write(options: argparse.Namespace, content: dict[str, Any]) -> None:
    path = options.out / "campaign.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="ascii")


def progress(done: int, wanted: int) -> None:
    """A line that overwrites itself; a sign of life now and then where nobody sees that."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{done} of {wanted}")
        sys.stderr.flush()
    elif done % 1000 == 0:
        print(f"{done} of {wanted}", file=sys.stderr, flush=True)


def replay(path: Path) -> int:
    """0 when the session ends exactly as it is written in the file."""
    from tests.campaign import saved, saved_walk

    content = json.loads(path.read_text(encoding="ascii"))
    if "walked" in content:
        walked, changed = saved_walk.replay(content)
        print(json.dumps(walked.row()))
        return told(changed)
    session, outcome, verdict, changed = saved.replay(path)
    print(session.scenario["name"])
    print(json.dumps(outcome.row()))
    print(json.dumps(vars(verdict)))
    return told(changed)


def told(changed: list[str]) -> int:
    for text in changed:
        print(f"differs: {text}")
    print("replays otherwise" if changed else "replays exactly")
    return 1 if changed else 0


def show(options: argparse.Namespace) -> int:
    """One session by its number: scenario, outcome, verdict."""
    from tests.campaign import saved
    from tests.campaign.session import draw
    from tests.campaign.verdict import judge

    session = draw(options.engine or "core", options.seed, options.session)
    outcome = session.run()
    print(saved.toml(session.scenario))
    print(json.dumps({"setup": session.setup, "facts": session.facts}))
    print(json.dumps(outcome.row()))
    print(json.dumps(vars(judge(session, outcome))))
    return 0


if __name__ == "__main__":
    # Also where a shell started it in the background, with Ctrl-C ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
