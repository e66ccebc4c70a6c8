# SPDX-License-Identifier: MIT
"""Loads core and suite once and runs none of it; forks one process for each order on stdin.

Started by path as `python -I -S -B nest.py TREE FILE...`. Orders and answers are lines of JSON.
The forks take nothing from each other: each is a copy of a process in which no test ever ran.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from pathlib import Path


def prepare(tree: str, files: list[str]) -> None:
    sys.path.insert(0, tree)
    sys.argv = [f"{tree}/tests/firmware/run.py"]
    import tests.firmware.run as runner

    for file in files:
        runner.tests_of(file)


def fork(order: dict, live) -> tuple[int, bytes | None]:
    """(exit code, minus the signal; what it said, or None when the clock ran out)."""
    here, there = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(here)
            live(order, there)
        finally:
            os._exit(70 if sys.exc_info()[0] else 0)
    os.close(there)
    said = read(here, time.monotonic() + order["wall_s"])
    os.close(here)
    if said is None:
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said


def read(pipe: int, until: float) -> bytes | None:
    said = b""
    while True:
        ready, _, _ = select.select([pipe], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return None
        part = os.read(pipe, 65536)
        if not part:
            return said
        said += part


def main(tree: str, files: list[str]) -> None:
    sys.path.insert(0, str(Path(__file__).parent))
    from child import live

    prepare(tree, files)
    for line in sys.stdin:
        code, said = fork(json.loads(line), live)
        answer = {"code": code, "out": None if said is None else said.decode(errors="replace")}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
