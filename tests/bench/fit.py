# SPDX-License-Identifier: MIT
"""Fit for the chip: the size of what a board gets, its start, and its longest tick.

The longest tick with the relay closed is one of those that answer a status. Each of them is
counted in instructions (instructions.py), a laptop watching too. The start is timed, in ticks of
a session that this machine ran before and after it: each tick's time is the least of several runs
that do the same in it, which leaves out other programs.
"""

from __future__ import annotations

import itertools
import statistics
from pathlib import Path
from typing import Any

from tests.bench import device, instructions
from tests.bench.report import Options, Part, Requirement, Table, progress
from tests.micropython import found

RUNS = 3
HEAP = 768 << 10
ROUNDS_PER_MS = 500  # of the reference loop, on the emulated ESP32
READY_MS = 5000
VFS_BYTES = 2 << 20  # the file system of a 4 MB board
SPARE_BYTES = 64 << 10
LARGEST = 6
FEW, MANY = 1, 3  # statuses that ticks.py asks for
ASKED_AT, ANSWERED_IN = 100, 15  # ticks: when the first is asked for, and until its last byte


def run(options: Options) -> Part:
    interpreter = found()
    if interpreter is None or interpreter.small_int_bits != 31:
        return Part("fit", skipped="no 32-bit MicroPython: `make micropython` says why")
    progress("fit: building the firmware")
    built = device.built()
    runs = [session(number, built) for number in range(RUNS)]
    reason = instructions.missing()
    rounds = {} if reason else counted(built)
    return part(sizes(built), measured(runs), rounds, reason)


def session(number: int, firmware: Path) -> dict[str, Any]:
    """A backward session with a laptop that watches and asks."""
    progress(f"fit: session {number + 1} of {RUNS}")
    python = device.micropython(HEAP)
    assert python is not None
    one = device.result(python, "longest_tick.py", firmware=firmware)
    if one["boots"] != 1 or one["crash"] or one["failures"] or not one["ready_ms"]:
        raise device.FailedError(f"longest_tick.py left the healthy session: {one}"[:300])
    return one


def counted(firmware: Path) -> dict[str, float]:
    """A tick with a laptop watching, a status answered, and the longest tick of those that answer
    it, with a laptop watching too, in rounds of the reference loop."""
    progress("fit: valgrind")
    ticks, rounds = instructions.TICKS, instructions.ROUNDS

    def runs(script: str, *words: object) -> int:
        own = firmware if script == "ticks.py" else None
        return instructions.counted(script, *words, firmware=own)

    loop = (runs("reference.py", 2 * rounds) - runs("reference.py", rounds)) / rounds
    watched = runs("ticks.py", 2 * ticks, "watch") - runs("ticks.py", ticks, "watch")
    answers = runs("ticks.py", ticks, f"status{MANY}") - runs("ticks.py", ticks, f"status{FEW}")
    first = [
        runs("ticks.py", ASKED_AT + number, f"busy{FEW}") for number in range(ANSWERED_IN + 1)
    ]
    longest = max(after - before for before, after in itertools.pairwise(first))
    return {
        "tick": watched / ticks / loop,
        "status": answers / (MANY - FEW) / loop,
        "longest": longest / loop,
    }


def sizes(folder: Path) -> dict[str, int]:
    """Bytes of every file, largest first."""
    found = {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file()
    }
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def measured(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The least of all runs, tick by tick. FailedError when the runs were not the same."""
    for name in ("ready_ms", "faults"):
        if any(run[name] != runs[0][name] for run in runs):
            raise device.FailedError(f"two runs of one session differ in {name}")
    kinds = [[took > 0 for took in run["ticks"]] for run in runs]
    if any(kind != kinds[0] for kind in kinds):
        raise device.FailedError("two runs of one session collected in different ticks")
    least = [min(times) for times in zip(*(run["ticks"] for run in runs), strict=True)]
    plain = [took for took in least if took]
    middle = statistics.median(plain)
    return {
        "ticks": len(least),
        "collecting": len(least) - len(plain),
        "longest_in_ticks": max(plain) / middle,
        "start_in_ticks": min(run["start_us"] for run in runs) / middle,
        "ready_virtual_ms": runs[0]["ready_ms"],
    }


def part(size: dict[str, int], run: dict[str, Any], rounds: dict[str, float], reason: str) -> Part:
    total = sum(size.values())
    longest = rounds.get("longest", 0)
    start = run["start_in_ticks"] * rounds.get("tick", 0)
    start_ms = start / ROUNDS_PER_MS
    ready_ms = run["ready_virtual_ms"] + start_ms
    requirements = [
        Requirement(
            "two versions and 64 KB for records fit a file system of 2 MB",
            f"{2 * total + SPARE_BYTES} bytes",
            total > 0 and 2 * total + SPARE_BYTES <= VFS_BYTES,
        ),
        Requirement(
            f"from power-on to READY at most {READY_MS} ms",
            f"{ready_ms:.0f} ms" + (", waits alone" if reason else ""),
            0 < ready_ms <= READY_MS,
        ),
    ]
    if not reason:
        requirements.append(
            Requirement(
                "the longest tick with the relay closed, which answers a status, at most"
                f" {instructions.BUDGET_ROUNDS} rounds",
                f"{longest:.0f} rounds",
                rounds["status"] > 0 and longest <= instructions.BUDGET_ROUNDS,
            )
        )
    numbers = {
        "bytes": total,
        "files": size,
        **run,
        "rounds": {name: round(count, 1) for name, count in rounds.items()},
        "ready_ms": round(ready_ms),
    }
    shown = [size_table(size, total), time_table(run, rounds, start, ready_ms)]
    return Part("fit", shown, requirements, numbers, skipped=reason)


def size_table(size: dict[str, int], total: int) -> Table:
    largest = list(size.items())[:LARGEST]
    rest = total - sum(count for _, count in largest)
    rows = [[name, str(count)] for name, count in largest]
    rows += [[f"{len(size) - len(largest)} others", str(rest)], ["all", str(total)]]
    return Table("What a board gets, bytes", ["", "bytes"], rows)


def time_table(
    run: dict[str, Any], rounds: dict[str, float], start: float, ready_ms: float
) -> Table:
    def row(name: str, count: float) -> list[str]:
        return [name, f"{count:.0f}", f"{count / ROUNDS_PER_MS:.1f}"] if rounds else [name, "", ""]

    ticks = run["ticks"] - run["collecting"]
    return Table(
        "Start and longest tick",
        ["", "rounds of the loop", "about ms on the chip"],
        [
            row("a tick, a laptop watching", rounds.get("tick", 0)),
            row("a status, from its first byte to the last one sent", rounds.get("status", 0)),
            row(
                "the longest of the ticks that answer it, a laptop watching",
                rounds.get("longest", 0),
            ),
            row("the start: import, read, check", start),
        ],
        f"Ready after {run['ready_virtual_ms']} ms of virtual time and the start: {ready_ms:.0f}"
        f" ms, without the chip's own loader. By this machine's clock the longest of {ticks} ticks"
        f" took {run['longest_in_ticks']:.0f} times the middle one, and the start"
        f" {run['start_in_ticks']:.0f} times. The {run['collecting']} ticks in which the garbage"
        " collector ran are left out: it takes about 2 ms on the chip, and walks the fakes here."
        " Not measured on a real chip.",
    )
