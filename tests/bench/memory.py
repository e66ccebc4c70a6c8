# SPDX-License-Identifier: MIT
"""The firmware's memory, on the 32-bit MicroPython whose numbers are the ESP32's.

Measured is the form a board gets, and beside it the source. The guard path allocates nothing
(heap locked), the share of the live heap is at most 96 KB, and an hour of walking with a laptop
watching fits a heap of 128 KB beside what fakes, physics and scenario take alone, and does not
grow. memory_tables.py judges and prints.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.bench import device, memory_tables
from tests.bench.report import Options, Part, progress
from tests.micropython import found

ROOMY_HEAP = 1 << 20
BOARD_HEAP = 128 << 10
FREE_ON_A_BOARD = 160 << 10  # the stock image has 161 KB
SESSION_MIN = 60


def run(options: Options) -> Part:
    interpreter = found()
    if interpreter is None or interpreter.small_int_bits != 31:
        return Part("memory", skipped="no 32-bit MicroPython: `make micropython` says why")
    progress("memory: building the firmware")
    built = device.built()
    numbers = {
        "built": {**measured(built), **long_runs(built)},
        "source": measured(None),
    }
    return Part(
        "memory",
        memory_tables.tables(numbers),
        memory_tables.requirements(numbers),
        numbers,
    )


def small_heap_python(heap_bytes: int) -> list[str]:
    command = device.micropython(heap_bytes)
    assert command is not None
    return command


def measured(firmware: Path | None) -> dict[str, Any]:
    """What is asked of both forms."""
    return {
        "guard_path": guard_path(firmware),
        "minute": heap_run(ROOMY_HEAP, 1, firmware),
        "shares": shares(firmware),
    }


def guard_path(firmware: Path | None) -> dict[str, Any]:
    """The locked runs, the one with a planted allocation, and the one that weighs call frames."""
    runs = {}
    for name in ("locked", "whole", "plant", "frames"):
        progress(f"memory: guard path, {name}, {'built' if firmware else 'source'}")
        python = small_heap_python(ROOMY_HEAP)
        runs[name] = device.result(python, "guard_path.py", name, firmware=firmware)
    return runs


def long_runs(firmware: Path) -> dict[str, Any]:
    """An hour in the heap that the board would have, and a laptop that asks for everything."""
    roomy = heap_run(ROOMY_HEAP, 1, firmware)
    tight_heap = BOARD_HEAP + roomy["alone"]
    progress("memory: an hour of walking")
    try:
        hour, failed = heap_run(tight_heap, SESSION_MIN, firmware), ""
    except device.FailedError as failure:
        failed = str(failure)
        progress("memory: an hour of walking, in a heap that is roomy enough")
        hour = heap_run(ROOMY_HEAP, SESSION_MIN, firmware)
    progress("memory: a laptop that asks for everything")
    busy = busy_run(ROOMY_HEAP, firmware)
    tight = busy_run(FREE_ON_A_BOARD + busy["alone"], firmware)
    runs = {"hour": hour, "busy": busy, "busy_tight": tight}
    return {"heap_bytes": tight_heap, "hour_failed": failed, **runs}


def busy_run(heap_bytes: int, firmware: Path) -> dict[str, Any]:
    python = small_heap_python(heap_bytes)
    return device.result(python, "busy_session.py", laid_out(firmware), firmware=firmware)


def laid_out(firmware: Path | None) -> Path:
    name = "flash.built.json" if firmware else "flash.json"
    return device.flash(device.BUILD / name, firmware)


def heap_run(heap_bytes: int, minutes: int, firmware: Path | None) -> dict[str, Any]:
    """A session of so many minutes, and what was alive in each of them."""
    words = (laid_out(firmware), minutes)
    done = device.run(small_heap_python(heap_bytes), "live_heap.py", *words, firmware=firmware)
    numbers = device.read(done, "live_heap.py")
    if numbers["boots"] > 1:
        why = done.stdout.strip().splitlines()[-2]
        raise device.FailedError(f"the firmware crashed, {why}")
    return numbers


def shares(firmware: Path | None) -> dict[str, Any]:
    """Where the firmware's share goes."""
    progress("memory: shares")
    done = device.run(small_heap_python(ROOMY_HEAP), "shares.py", firmware=firmware)
    numbers: dict[str, Any] = device.read(done, "shares.py")
    before, after = map(int, re.findall(r"n_str_data_bytes=(\d+)", done.stdout))
    first, last = map(int, re.findall(r"n_qstr=(\d+)", done.stdout))
    return {**numbers, "names": after - before, "names_count": last - first}
