# SPDX-License-Identifier: MIT
"""How much faster than a wall clock: the full stack on both interpreters, the engine on CPython.

The full stack is a ten-minute backward session on the virtual board, from power-on: firmware,
fakes, physics and walker. The engine decides the same walk from a list of edges. Best of three,
and on CPython processor time, because other programs share the machine.
"""

from __future__ import annotations

import time
from typing import Any

from tests.bench import device
from tests.bench.report import Options, Part, Requirement, Table, progress
from treadguard import firmware

SESSION_S = 600
ROUNDS = 3
TICK_MS = 10
ROOMY_HEAP = 8 << 20
STACK_AT_LEAST = 100
ENGINE_AT_LEAST = 1000


def full_stack(interpreter: list[str], *arguments: str) -> dict[str, Any]:
    """The quickest of three sessions, all of which must end well."""
    runs = [
        device.result(interpreter, "full_stack.py", SESSION_S, *arguments) for _ in range(ROUNDS)
    ]
    for found in runs:
        if found["failures"] or found["crash"] or found["faults"] != ["BELT_STOPPED"]:
            raise device.FailedError(f"the session went wrong: {found}")
    best = min(runs, key=lambda found: found["took_ms"])
    return measured(best["virtual_ms"] / 1000, best["took_ms"] / 1000)


def engine() -> dict[str, Any]:
    """The same ten minutes in BACKWARD at 800 mm/s, 70 mm per edge."""
    with firmware.importable():
        from treadguard.virtual.engine import STATES, Engine
    took_s = []
    for _ in range(ROUNDS):
        runner = Engine({"distance_per_edge_um": 70_000, "calibration": 2})
        runner.edges = list(range(50_000, SESSION_S * 1_000_000, 87_500))
        runner.start_in(STATES["backward"], 833)
        began = time.process_time()
        runner.run(SESSION_S * 1_000_000 - 100_000, stop_when_open=True)
        took_s.append(time.process_time() - began)
        if runner.opened_at_us is not None:
            raise device.FailedError("the engine stopped a healthy belt")
    return measured(runner.ticks * TICK_MS / 1000, min(took_s))


def measured(virtual_s: float, took_s: float) -> dict[str, Any]:
    return {
        "virtual_s": round(virtual_s, 1),
        "took_s": round(took_s, 3),
        "times_real_time": round(virtual_s / took_s),
        "us_per_tick": round(took_s / virtual_s * TICK_MS * 1000, 2),
    }


def run(options: Options) -> Part:
    found = {}
    for name, interpreter in (
        ("CPython", device.cpython()),
        ("MicroPython", device.micropython(ROOMY_HEAP)),
    ):
        for watching in ((), ("watch",)):
            case = f"full stack, {name}" + (", a laptop watching" if watching else "")
            progress(f"speed: {case}")
            if interpreter is not None:
                found[case] = full_stack(interpreter, *watching)
    progress("speed: engine")
    found["engine, CPython"] = engine()
    return Part("speed", [table(found)], requirements(found), {"cases": found})


def table(found: dict[str, Any]) -> Table:
    rows = [
        [name, f"{case['times_real_time']}", f"{case['us_per_tick']}", f"{case['took_s']}"]
        for name, case in found.items()
    ]
    if device.micropython(ROOMY_HEAP) is None:
        rows.append(["full stack, MicroPython", "not measured", "", device.NO_MICROPYTHON])
    return Table("Speed on this machine", ["", "times real time", "us per tick", "s"], rows)


def requirements(found: dict[str, Any]) -> list[Requirement]:
    stack = found["full stack, CPython"]["times_real_time"]
    fast = found["engine, CPython"]["times_real_time"]
    return [
        Requirement(
            f"full stack on CPython at least {STACK_AT_LEAST} times real time",
            f"{stack} times",
            stack >= STACK_AT_LEAST,
        ),
        Requirement(
            f"engine on CPython at least {ENGINE_AT_LEAST} times real time",
            f"{fast} times",
            fast >= ENGINE_AT_LEAST,
        ),
    ]
