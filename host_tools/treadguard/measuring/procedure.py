# SPDX-License-Identifier: MIT
"""`treadguard bench`: measure on the board, bring the controller back, compare."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from treadguard import chips, firmware
from treadguard.deploying import maintenance, program
from treadguard.flashing import loader, restore
from treadguard.flashing.safe import require_safe
from treadguard.link import client as link

SCRIPTS = Path(__file__).with_name("on_board")
WRITES, TICKS, EDGES = 100, 1000, 200
WRAP_MS = 4000
LIMIT_S = 120.0

Say = Callable[[str], None]


def pins(chip: str = chips.ESP32.name) -> tuple[int, int]:
    """The loop-back wire: from the light's output to the speed sensor's input."""
    base = chip == chips.ESP32.name
    board = firmware.load("guard.board.pins" if base else f"guard.board.{chip}.pins")
    return int(board.LED), int(board.HALL_A)


def bench(port: str, say: Say) -> dict[str, Any]:
    """Measure; each time as min, median, p99, max and histogram in us, None where it could not be
    taken.

    The red button must be pressed. Raises what `deploy` raises; the board is as before.
    """
    loader.require_port(port)
    with link.open_client(port) as client:
        status = client.attach()
        if client.reset_note:
            say(client.reset_note)
        require_safe(restore.settled_status(client))
        maintenance.enter(client)
    say("measuring, about half a minute ...")
    out_pin, in_pin = pins(chips.of_version(str(status.get("version", ""))))
    found: dict[str, Any] = program.answer(
        port, "measure", LIMIT_S, SCRIPTS,
        WRITES=WRITES, TICKS=TICKS, EDGES=EDGES, WRAP_MS=WRAP_MS, OUT=out_pin, IN=in_pin,
    )  # fmt: skip
    began = time.monotonic()
    program.run(port, "reset")
    with restore.await_controller(port) as client:
        took_us = int((time.monotonic() - began) * 1e6)
        after = client.status_at_attach
    found["restart"] = {"n": 1, "max_us": took_us, "median_us": took_us}
    return {"board": after.get("board"), "version": after.get("version"), **found}
