# SPDX-License-Identifier: MIT
"""The n-th call that the firmware makes from now on fails: it raises, hangs, or takes its time.

Calls are counted by CPython's own profiler, so a call site is every place from which a tick
calls anything, builtins and fakes included. `written()` reads the same places from the source
with `ast`: the share of them that a sweep has reached is part of its figures.
"""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from treadguard import firmware
from treadguard.virtual.chip import KINDS

GUARD = str(firmware.folder() / "guard")
HANDLER = "_on_edge"  # runs within the world's time: nothing may wait in it
# What one tick runs through: loop, judgement, outputs, recording in RAM, link.
TICK_MODULES = (
    "controller.py", "recorder.py", "facade.py", "board/hall.py", "board/inputs.py",
    "board/panel.py", "board/relay.py", "board/store.py", "core/closed.py", "core/guard.py",
    "core/interlocks.py", "core/gestures.py", "core/noise.py", "core/rails.py", "core/speed.py",
    "core/supervisor.py", "core/surge.py", "link/frames.py", "link/outgoing.py",
    "link/protocol.py", "link/requests.py", "link/status.py", "link/watch.py",
    "record/blackbox.py", "record/checkpoint.py", "record/trace.py",
)  # fmt: skip
Site = tuple[str, int]  # file below guard/, line


class Calls:
    """Counts calls made from the firmware; at number `at` something happens. -1: only count."""

    def __init__(self, world: Any, kind: str = "", at: int = -1, ms: int = 0):
        self.world = world
        self.kind = kind
        self.at = at
        self.ms = ms
        self.count = 0
        self.sites: list[Site] = []
        self.handlers: set[int] = set()  # numbers of calls made by the interrupt handler
        self.site: Site | None = None
        self.on = True

    def start(self) -> None:
        sys.setprofile(self._event)

    def stop(self) -> None:
        self.on = False
        sys.setprofile(None)

    def _event(self, frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call":
            caller = frame.f_back
        elif event == "c_call":
            caller = frame
        else:
            return
        if caller is None or not caller.f_code.co_filename.startswith(GUARD):
            return
        number = self.count
        self.count += 1
        if self.at < 0:
            if caller.f_code.co_name == HANDLER:
                self.handlers.add(number)
            self.sites.append((caller.f_code.co_filename[len(GUARD) + 1 :], caller.f_lineno))
        elif number == self.at:
            self.site = (caller.f_code.co_filename[len(GUARD) + 1 :], caller.f_lineno)
            self.stop()
            self._act()

    def _act(self) -> None:
        world = self.world
        world.recorder.injected_us = world.now
        world.log("inject", self.kind)
        if self.kind == "exception":
            raise RuntimeError("injected")
        if self.kind == "slow":
            world.stall(self.ms * 1000, False)
        elif self.kind in KINDS:
            world.reset_now(self.kind)
        else:
            world.chip.hang(self.kind == "hang_masked")


def first_of_each(calls: Calls) -> list[int]:
    """One call number per call site."""
    seen: set[Site] = set()
    found = []
    for number, site in enumerate(calls.sites):
        if site not in seen:
            seen.add(site)
            found.append(number)
    return found


@cache
def written() -> frozenset[Site]:
    """Every line of the tick's modules that holds a call, constructors left out."""
    found: set[Site] = set()
    for module in TICK_MODULES:
        tree = ast.parse((Path(GUARD) / module).read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef) and function.name != "__init__":
                for node in ast.walk(function):
                    if isinstance(node, ast.Call):
                        found.add((module, node.lineno))
    return frozenset(found)
