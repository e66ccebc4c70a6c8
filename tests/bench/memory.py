# SPDX-License-Identifier: MIT
"""The firmware's memory, on the 32-bit MicroPython whose numbers are the ESP32's.

Its guard path allocates nothing (heap locked), its share of the live heap is at most 96 KB, and
an hour of walking with a laptop watching fits a heap of 128 KB beside what fakes, physics and
scenario take alone, and does not grow. memory_tables.py judges and prints.
"""

from __future__ import annotations

import re
from typing import Any

from tests.bench import device, memory_tables
from tests.bench.report import Options, Part, progress
from tests.micropython import found
from tests.micropython.interpreter import ROOT

ROOMY_HEAP = 1 << 20
BOARD_HEAP = 128 << 10
SESSION_MIN = 60
FLASH = ROOT / "build" / "bench" / "flash.json"


def run(options: Options) -> Part:
    interpreter = found()
    if interpreter is None or interpreter.small_int_bits != 31:
        return Part("memory", skipped="no 32-bit MicroPython: `make micropython` says why")
    numbers = {"guard_path": guard_path(), "heap": live_heap(), "shares": shares()}
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


def guard_path() -> dict[str, Any]:
    """The locked run, the one with a planted allocation, and the one that weighs call frames."""
    runs = {}
    for name, arguments in (("locked", []), ("planted", ["plant"]), ("frames", ["frames"])):
        progress(f"memory: guard path, {name}")
        runs[name] = device.result(small_heap_python(ROOMY_HEAP), "guard_path.py", *arguments)
    return runs


def live_heap() -> dict[str, Any]:
    """How much is alive; then the hour in the heap that the board would have."""
    progress("memory: live heap")
    laid_out = device.run(device.cpython(), "lay_out.py")
    FLASH.parent.mkdir(parents=True, exist_ok=True)
    FLASH.write_text(laid_out.stdout, encoding="utf-8")
    roomy = _heap_run(ROOMY_HEAP, 1)
    tight_heap = BOARD_HEAP + roomy["alone"]
    progress("memory: an hour of walking")
    try:
        hour, failed = _heap_run(tight_heap, SESSION_MIN), ""
    except device.FailedError as failure:
        failed = str(failure)
        progress("memory: an hour of walking, in a heap that is roomy enough")
        hour = _heap_run(ROOMY_HEAP, SESSION_MIN)
    return {
        "heap_bytes": tight_heap,
        "alone_before": roomy["alone"],
        "hour": hour,
        "hour_failed": failed,
    }


def _heap_run(heap_bytes: int, minutes: int) -> dict[str, Any]:
    path = FLASH.relative_to(ROOT)
    done = device.run(small_heap_python(heap_bytes), "live_heap.py", path, minutes)
    numbers = device.read(done, "live_heap.py")
    if numbers["boots"] > 1:
        why = done.stdout.strip().splitlines()[-2]
        raise device.FailedError(f"the firmware crashed, {why}")
    return numbers


def shares() -> dict[str, Any]:
    """Where the firmware's share goes, module by module."""
    progress("memory: shares")
    done = device.run(small_heap_python(ROOMY_HEAP), "shares.py")
    numbers: dict[str, Any] = device.read(done, "shares.py")
    before, after = map(int, re.findall(r"n_total_bytes=(\d+)", done.stdout))
    return {**numbers, "names": after - before}
