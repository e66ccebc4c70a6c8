# SPDX-License-Identifier: MIT
"""Instructions of one tick in BACKWARD on MicroPython, counted by callgrind.

Counted is the amd64 build, because the 32-bit one does not run under valgrind there. N ticks and
2N ticks differ in N ticks and in nothing else. The number of a fixed loop beside it makes the
count comparable between machines and versions: a tick costs so many rounds of it, and a round is
14 simple bytecodes.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.bench import device
from tests.bench.report import Options, Part, Requirement, Table, progress

HEAP = 4 << 20
TICKS = 500
ROUNDS = 50_000
BYTECODES_PER_ROUND = 14
BUDGET_ROUNDS = 2500
STEPS = ("_read", "_judge", "_drive", "_record", "_panel", "_talk", "_keep")
VALGRIND = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]


def missing() -> str:
    """Why nothing can be counted here, or nothing."""
    if shutil.which("valgrind") is None:
        return "valgrind is not installed (apt-get install valgrind)"
    if device.micropython(HEAP, amd64=True) is None:
        return "no amd64 MicroPython: `python3 tests/micropython/install.py --amd64` says why"
    return ""


def counted(script: str, *arguments: object, firmware: Path | None = None) -> int:
    """Instructions of one run."""
    interpreter = device.micropython(HEAP, amd64=True) or []
    done = device.run([*VALGRIND, *interpreter], script, *arguments, firmware=firmware)
    total = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or total is None:
        said = (done.stdout + done.stderr).strip().splitlines()[-3:]
        raise device.FailedError(f"{script} under valgrind: {' / '.join(said)}")
    if script == "ticks.py":
        check(done, int(str(arguments[0])))
    return int(total.group(1))


def check(done: subprocess.CompletedProcess, ticks: int) -> None:
    """The ticks that were counted must have been healthy ones, in BACKWARD."""
    found = device.read(done, "ticks.py")
    if found["fault"] or found["edges"] < ticks // 10:
        raise device.FailedError(f"ticks.py left the healthy session: {found}")


def run(options: Options) -> Part:
    reason = missing()
    if reason:
        progress(f"instructions: NOT COUNTED: {reason}")
        return Part("instructions", skipped=reason)
    progress("instructions: valgrind")
    built = device.built()
    jobs: dict[str, tuple[object, ...]] = {
        "built N": ("ticks.py", TICKS),
        "built 2N": ("ticks.py", 2 * TICKS),
        "built watch N": ("ticks.py", TICKS, "watch"),
        "built watch 2N": ("ticks.py", 2 * TICKS, "watch"),
        "tick N": ("ticks.py", TICKS),
        "tick 2N": ("ticks.py", 2 * TICKS),
        "watch N": ("ticks.py", TICKS, "watch"),
        "watch 2N": ("ticks.py", 2 * TICKS, "watch"),
        "loop N": ("reference.py", ROUNDS),
        "loop 2N": ("reference.py", 2 * ROUNDS),
        **{step: ("ticks.py", 2 * TICKS, step) for step in STEPS},
    }
    with ThreadPoolExecutor(2) as pool:

        def count(job: str) -> int:
            firmware = built if job.startswith("built") else None
            return counted(str(jobs[job][0]), *jobs[job][1:], firmware=firmware)

        totals = dict(zip(jobs, pool.map(count, jobs), strict=True))
    return part(totals)


def part(totals: dict[str, int]) -> Part:
    numbers: dict[str, Any] = {
        "built": (totals["built 2N"] - totals["built N"]) / TICKS,
        "built_watched": (totals["built watch 2N"] - totals["built watch N"]) / TICKS,
        "tick": (totals["tick 2N"] - totals["tick N"]) / TICKS,
        "tick_watched": (totals["watch 2N"] - totals["watch N"]) / TICKS,
        "loop_round": (totals["loop 2N"] - totals["loop N"]) / ROUNDS,
        "steps": {step: (totals[step] - totals["tick 2N"]) / (2 * TICKS) for step in STEPS},
    }
    per_round = numbers["loop_round"]
    numbers["built_in_rounds"] = round(numbers["built"] / per_round, 1)
    numbers["built_watched_in_rounds"] = round(numbers["built_watched"] / per_round, 1)
    numbers["tick_in_rounds"] = round(numbers["tick"] / per_round, 1)
    numbers["tick_watched_in_rounds"] = round(numbers["tick_watched"] / per_round, 1)
    rows = [
        row("tick, the form a board gets", numbers["built"], per_round),
        row("the same, a laptop watching", numbers["built_watched"], per_round),
        row("tick, from the source", numbers["tick"], per_round),
        row("the same, a laptop watching", numbers["tick_watched"], per_round),
        *[row(f"of the source's {step}", numbers["steps"][step], per_round) for step in STEPS],
        row("round of the reference loop", per_round, per_round),
    ]
    table = Table(
        "Instructions of a tick, MicroPython amd64",
        ["", "instructions", "rounds of the loop", "simple bytecodes"],
        rows,
        f"A round is {BYTECODES_PER_ROUND} bytecodes. Of a like loop (`x += i & 3`) the emulated "
        f"ESP32 ran about 5000 rounds in 10 ms, so the budget of 5 ms is {BUDGET_ROUNDS} rounds. "
        "Not measured on a real chip.",
    )
    slowest = numbers["built_watched_in_rounds"]
    budget = Requirement(
        f"a tick of the form a board gets, a laptop watching, within {BUDGET_ROUNDS} rounds",
        f"{slowest} rounds",
        0 < slowest <= BUDGET_ROUNDS,
    )
    return Part("instructions", [table], [budget], numbers)


def row(name: str, instructions: float, per_round: float) -> list[str]:
    rounds = instructions / per_round
    return [name, f"{instructions:.0f}", f"{rounds:.1f}", f"{rounds * BYTECODES_PER_ROUND:.0f}"]
