# SPDX-License-Identifier: MIT
"""`treadguard bench`: measure on the board, bring the controller back, compare."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from treadguard import firmware
from treadguard.deploying import maintenance, program
from treadguard.flashing import loader, restore
from treadguard.flashing.procedure import require_safe
from treadguard.link import client as link

SCRIPTS = Path(__file__).with_name("on_board")
WRITES, TICKS, EDGES = 60, 1000, 200
LIMIT_S = 120.0

# Name, what it is, expected, and the largest value that is still as expected (us).
EXPECTED: tuple[tuple[str, str, str, int], ...] = (
    ("flash_write", "512 bytes appended to a file", "20 to 120 ms, at most 0.8 s", 800_000),
    ("tick_late", "a 10 ms tick, late", "below 0.1 ms, at most 1 ms", 1_000),
    ("collection", "memory clean-up", "2 to 2.5 ms; 286 ms with PSRAM", 10_000),
    ("edge_late", "a magnet's edge, stamped late (wire)", "20 to 50 us", 1_000),
    ("restart", "reset to the first line of the controller", "below 5 s", 5_000_000),
)

Say = Callable[[str], None]


def pins() -> tuple[int, int]:
    """The loop-back wire: from the light's output to the speed sensor's input."""
    board = firmware.load("guard.board.pins")
    return int(board.LED), int(board.HALL_A)


def bench(port: str, say: Say) -> dict[str, Any]:
    """Measure; each figure as min, median, p99 and max in us, None where it could not be taken.

    The red button must be pressed. Raises what `deploy` raises; the board is as before.
    """
    loader.require_port(port)
    with link.open_client(port) as client:
        client.attach()
        if client.reset_note:
            say(client.reset_note)
        require_safe(restore.settled_status(client))
        maintenance.enter(client)
    say("measuring, about half a minute ...")
    out_pin, in_pin = pins()
    found: dict[str, Any] = program.answer(
        port, "measure", LIMIT_S, SCRIPTS,
        WRITES=WRITES, TICKS=TICKS, EDGES=EDGES, OUT=out_pin, IN=in_pin,
    )  # fmt: skip
    began = time.monotonic()
    program.run(port, "reset")
    with restore.await_controller(port) as client:
        took_us = int((time.monotonic() - began) * 1e6)
        after = client.status_at_attach
    found["restart"] = {"n": 1, "max_us": took_us, "median_us": took_us}
    return {"board": after.get("board"), "version": after.get("version"), **found}


def lines(found: dict[str, Any]) -> list[list[str]]:
    """Rows for people: figure, measured, expected, verdict."""
    rows = []
    for name, what, expected, largest_us in EXPECTED:
        one = found.get(name)
        if one is None:
            why = found.get(f"{name}_error") or "no loop-back wire"
            rows.append([what, f"not measured: {why}", expected, ""])
            continue
        measured = f"{one['median_us'] / 1000:.2f} ms, at most {one['max_us'] / 1000:.2f}"
        rows.append([what, measured, expected, "" if one["max_us"] <= largest_us else "LOOK"])
    rows.append(["memory in use", f"{found['heap_used_bytes'] // 1024} KB", "", ""])
    return rows
