# SPDX-License-Identifier: MIT
"""Many sessions on several processes. Every finished one is a line in build/campaign/rows.jsonl,
so that an interrupted campaign goes on where it was (`--resume`).
"""

from __future__ import annotations

import json
import multiprocessing
import signal
import time
from binascii import crc32
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from treadguard import firmware

Unit = tuple[str, str, int, int]  # kind, group or engine, seed, number
Row = dict[str, Any]
CHUNK = 8
CAMPAIGN = Path(__file__).resolve().parent
HOST = CAMPAIGN.parents[1] / "host_tools" / "treadguard"
VIRTUAL = HOST / "virtual"
BOUNDS = ("bounds.py", "bounds_options.py", "bounds_setup.py")
HEALTHY = "healthy"
FULL_WALKS = {"full": "full walk", "options": "options walk"}  # engine -> kind of unit


@dataclass
class Work:
    """What is asked for: numbers of sessions, hours of each group of walking."""

    seed: int
    folder: Path
    sessions: dict[str, int] = field(default_factory=dict)  # engine -> sessions
    walks: dict[str, int] = field(default_factory=dict)  # group -> sessions
    full_walks: dict[str, int] = field(default_factory=dict)  # kind of unit -> sessions

    def units(self) -> list[Unit]:
        """Kinds take turns in small portions, so that a part of it says something of each."""
        queues: list[list[Unit]] = [
            [("session", engine, self.seed, n) for n in range(count)]
            for engine, count in self.sessions.items()
        ]
        for kind, count in self.full_walks.items():
            queues.append([(kind, HEALTHY, self.seed, n) for n in range(count)])
        for group, count in self.walks.items():
            queues.append([("walk", group, self.seed, n) for n in range(count)])
        return list(interleaved([queue for queue in queues if queue]))


def interleaved(queues: list[list[Unit]]) -> Iterator[Unit]:
    """Everything of every queue, spread evenly."""
    order = []
    for queue in queues:
        for i, unit in enumerate(queue):
            order.append(((i + 0.5) / len(queue), unit))
    order.sort()
    return (unit for _, unit in order)


def fingerprint() -> int:
    """CRC of the firmware that is judged: a resumed campaign must go on with the same."""
    return crc_of(firmware.folder())


def judges() -> int:
    """CRC of what judges it: the campaign, the virtual board and the bounds."""
    value = crc_of(CAMPAIGN, VIRTUAL)
    for name in BOUNDS:
        value = crc32((HOST / name).read_bytes(), value)
    return value


def crc_of(*folders: Path) -> int:
    value = 0
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            value = crc32(path.read_bytes(), value)
    return value


def subject() -> dict[str, str]:
    """What a row was made of; rows of different subjects never stand in one table."""
    return {"firmware": f"{fingerprint():08x}", "judges": f"{judges():08x}"}


def do(unit: Unit, failures: Path) -> Row:
    """One unit of work, in whatever process."""
    kind, name, seed, number = unit
    if kind == "session":
        return _session(name, seed, number, failures)
    from tests.campaign import saved_walk

    return {"unit": unit, **saved_walk.walk(kind, name, seed, number, failures)}


def _session(engine: str, seed: int, number: int, failures: Path) -> Row:
    from tests.campaign import saved
    from tests.campaign.outcome import Outcome
    from tests.campaign.session import draw
    from tests.campaign.verdict import NOT_REACHED, Verdict, judge

    session = draw(engine, seed, number)
    try:
        outcome = session.run()
        verdict = judge(session, outcome)
    except Exception as error:  # a session that breaks down is a finding, not the end of all
        outcome, verdict = Outcome(), Verdict(NOT_REACHED, why=repr(error))
    if verdict.failed:
        saved.save(failures, session, outcome, verdict)
    about = {
        "hazard": session.hazard,
        "moment": session.moment,
        "named": outcome.named,
        "usual": session.facts["usual"],
    }
    return {"unit": ("session", engine, seed, number), **about, **vars(verdict)}


class Rows:
    """The finished units, in memory and on disk."""

    def __init__(self, work: Work, resume: bool):
        self.path = work.folder / "rows.jsonl"
        self.head = {"seed": work.seed, **subject()}
        self.rows: dict[Unit, Row] = {}
        self.refused = ""
        self.spent_s = 0.0  # in the runs so far
        if resume and self.path.exists():
            self._read()
        if not self.rows:
            work.folder.mkdir(parents=True, exist_ok=True)
            self.path.write_text(json.dumps(self.head) + "\n", encoding="ascii")
        self.file = self.path.open("a", encoding="ascii")

    def _read(self) -> None:
        lines = self.path.read_text(encoding="ascii").splitlines()
        if not lines or json.loads(lines[0]) != self.head:
            self.refused = "seed, firmware or campaign are others now: starting anew"
            return
        for line in lines[1:]:
            try:
                row = json.loads(line)
            except json.JSONDecodeError:
                continue  # a line that the interruption cut
            if "unit" in row:
                self.rows[tuple(row["unit"])] = row
            else:
                self.spent_s += row["spent_s"]

    def add(self, row: Row) -> None:
        self.rows[tuple(row["unit"])] = row
        self.file.write(json.dumps(row) + "\n")
        self.file.flush()

    def close(self, spent_s: float = 0.0) -> None:
        self.spent_s += spent_s
        self.file.write(json.dumps({"spent_s": round(spent_s, 1)}) + "\n")
        self.file.close()


@dataclass
class Result:
    rows: list[Row]
    complete: bool
    seconds: float
    mixed: bool = False  # files changed while it ran: the rows are of two firmwares


def run(work: Work, rows: Rows, jobs: int, seconds: float | None, tell: Any) -> Result:
    """Do all units that are not done yet; Ctrl-C and the end of the time keep what there is."""
    began = time.monotonic()
    wanted = work.units()
    todo = [unit for unit in wanted if unit not in rows.rows]
    done = len(wanted) - len(todo)
    complete = True
    failures = work.folder / "failures"
    try:
        for row in results(todo, failures, jobs):
            rows.add(row)
            done += 1
            tell(done, len(wanted))
            if seconds is not None and time.monotonic() - began > seconds:
                complete = done == len(wanted)
                break
    except KeyboardInterrupt:
        complete = False
    rows.close(time.monotonic() - began)
    found = [rows.rows[unit] for unit in wanted if unit in rows.rows]
    whole = complete and len(found) == len(wanted)
    mixed = rows.head != {"seed": work.seed, **subject()}
    return Result(found, whole, rows.spent_s, mixed)


def results(todo: list[Unit], failures: Path, jobs: int) -> Iterator[Row]:
    if jobs < 2:
        for unit in todo:
            yield do(unit, failures)
        return
    with multiprocessing.Pool(jobs, _start) as pool:
        tasks = ((unit, failures) for unit in todo)
        yield from pool.imap_unordered(_do, tasks, chunksize=CHUNK)


def _start() -> None:
    """A worker leaves Ctrl-C to the one who reads the results."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _do(task: tuple[Unit, Path]) -> Row:
    return do(*task)
