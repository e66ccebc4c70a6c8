# SPDX-License-Identifier: MIT
"""What hangs on the core in place of a chip: a relay with its times, a link that hears a stop,
an ear for states, and settings and memory as a commissioned board has them.
"""

from __future__ import annotations

from typing import Any

from guard.core.memory import Memory
from guard.core.states import STATE_NAMES
from treadguard.virtual.profiles import distance_per_edge_um
from treadguard.virtual.uart import bytes_us

OPERATE_US = 14000  # the tick's pump edge, and the armature
RELEASE_US = 9000
HOLD_UP_US = {"nominal": 96000, "longest": 128000, "shortest": 46000}


class Relay:
    """Coil and contacts, without the pump's edges: `hold_up_us` says what the pump would do."""

    def __init__(self, world: Any, corner: str):
        self.world = world
        self.hold_up_us = HOLD_UP_US[corner]
        self.faults: list[str] = []
        self.contact = False
        self.armature = False
        self.supply = True
        self.last_edge_at = 0
        self.orders = 0

    def power(self, _now: int, supply: bool) -> None:
        self.supply = supply
        if not supply:
            self.move_in(RELEASE_US, False)

    def move_in(self, us: int, pulled: bool) -> None:
        self.orders += 1
        self.world.call_in(us, self._move, (self.orders, pulled))

    def _move(self, order: tuple[int, bool]) -> None:
        number, pulled = order
        if number != self.orders or (pulled and not self.supply):
            return
        if ("not_closing" if pulled else "weld") not in self.faults:
            self.armature = pulled
        self._show()

    def _show(self) -> None:
        contact = self.armature or (self.contact and "weld_pole1" in self.faults)
        if contact != self.contact:
            self.contact = contact
            self.world.contact_moved(contact)

    def feedback(self) -> bool:
        if "feedback_stuck_open" in self.faults:
            return False
        return self.armature or "feedback_stuck_closed" in self.faults

    def fault(self, name: str, on: bool, _us: int) -> None:
        if on:
            self.faults.append(name)
        elif name in self.faults:
            self.faults.remove(name)

    def due(self, _now: int) -> None:
        pass

    def next_due(self, now: int) -> int:
        return now + 1_000_000_000


class Nothing:
    """Parts of the clockwork that this board does not have."""

    busy = False
    watchdog_us = 0

    def __init__(self) -> None:
        self.queue: list[Any] = []


class Link:
    """Hears a stop and Ctrl-C, and nothing else."""

    busy = False

    def __init__(self, world: Any):
        self.world = world

    def host_send(self, data: bytes) -> None:
        what = "ctrl_c" if data == b"\x03" else "host_stop" if b'"stop"' in data else ""
        self.world.call_in(bytes_us(len(data)), self.world.asked.append, what)

    def unread(self) -> bool:
        return False


class Observer:
    def __init__(self) -> None:
        self.state = STATE_NAMES[0]
        self.fault = ""
        self.latched = ""


def board_of(scenario: dict[str, Any], numbers: dict[str, Any]) -> tuple[dict[str, Any], Memory]:
    """Settings and memory of a commissioned board, as virtual/presets.py lays them out."""
    board = scenario.get("board", {})
    coast = numbers["coast_mm_s2"] * numbers["coast_empty_permille"] // 1000
    config = board.get("config", {})
    values = {
        "distance_per_edge_um": distance_per_edge_um(numbers),
        "magnets_per_turn": numbers["magnets"],
        "calibration": 2,
        "stop_a_min_mm_s2": coast * 8 // 10,
        "stop_a_max_mm_s2": coast * 11 // 10,
        "mount_limit_mm_s": 833,
        "rail_kind": 0,
        **config,
    }
    if "mount_limit_mm_s" not in config and "backward_limit_mm_s" in config:
        values["mount_limit_mm_s"] = config["backward_limit_mm_s"]
    memory = Memory()
    memory.stop_test_due = 0
    for name, value in board.get("memory", {}).items():
        setattr(memory, name, value)
    return values, memory
