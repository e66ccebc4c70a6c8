# SPDX-License-Identifier: MIT
"""The honest way to each state on a commissioned board: timelines for a Zygote."""

from __future__ import annotations

from typing import Any

Entry = dict[str, Any]
SPEED_MM_S = 800


def armed(mode: str) -> list[Entry]:
    """START pressed; 1.2 s later the relay closes."""
    if mode == "forward":
        return [{"do": "start", "what": "press", "when": "state:READY", "delay_ms": 3500}]
    return [
        {"do": "grip", "side": "both", "when": "state:READY", "delay_ms": 3500},
        {"do": "let_go", "side": "right", "delay_ms": 600},
        {"do": "start", "what": "press", "delay_ms": 300},
        {"do": "grip", "side": "right", "delay_ms": 400},
    ]


def running(mode: str, mm_s: int = SPEED_MM_S) -> list[Entry]:
    """The belt is started, seen, and somebody steps on."""
    return [
        *armed(mode),
        {"do": "console", "what": "speed", "mm_s": mm_s, "when": "state:WAIT_BELT",
         "delay_ms": 300},
        {"do": "step", "on": "on", "delay_ms": 500,
         "when": "state:FORWARD" if mode == "forward" else "state:MOUNTING"},
    ]  # fmt: skip


def turned() -> list[Entry]:
    """Round, hand by hand."""
    entries: list[Entry] = []
    for side in ("left", "right"):
        entries.append({"do": "let_go", "side": side, "delay_ms": 500})
        entries.append({"do": "grip", "side": side, "delay_ms": 600})
    return entries


def note(when: str, delay_ms: int = 0) -> Entry:
    return {"do": "note", "text": when, "when": when, "delay_ms": delay_ms}


def session() -> list[Entry]:
    """All of a backward session, from READY to hands off at speed."""
    return [
        *running("backward"),
        *turned(),
        {"do": "let_go", "side": "both", "when": "state:BACKWARD", "delay_ms": 4000},
        note("state:READY", 500),
    ]


def to(state: str, mode: str = "backward") -> list[Entry]:
    """Entries whose last one has acted in that state."""
    if state == "READY":
        return [note("state:READY", 3500)]
    if state == "ARMING":
        return [*armed(mode), note("state:ARMING", 300)]
    if state == "WAIT_BELT":
        return [*armed(mode), note("state:WAIT_BELT", 500)]
    if state == "FORWARD":
        return [*running("forward"), note("above:780", 1000)]
    if state == "MOUNTING":
        return [*running(mode), note("above:780", 200)]
    if state == "BACKWARD":
        return [*running(mode), *turned(), note("state:BACKWARD"), note("above:780", 800)]
    if state == "STOPPING":
        stop = {"do": "estop", "what": "press", "delay_ms": 200}
        return [*to("BACKWARD"), stop, {"do": "estop", "what": "release", "delay_ms": 300}]
    if state == "TRIPPED":
        burst = {"do": "inject", "kind": "slow", "where": "read", "ms": 60}
        return [*to("WAIT_BELT", mode), burst, note("state:TRIPPED", 3500)]
    assert state == "LOCKOUT", state
    return [
        *to("WAIT_BELT", mode),
        {"do": "relay", "fault": "weld"},
        {"do": "start", "what": "press"},
        note("state:LOCKOUT", 500),
        {"do": "relay", "fault": "weld", "on": "off"},
        {"do": "note", "text": "mended", "delay_ms": 3000},
    ]


def scenario(state: str, mode: str = "", **more: Any) -> dict[str, Any]:
    """For a Zygote: a board that is in this state when it is paused."""
    mode = mode or ("forward" if state == "FORWARD" else "backward")
    return {"name": f"hazards: {state}", "mode": mode, "seed": 3, "timeline": to(state, mode),
            "board": {"config": {"turn_confirm_ms": 1000}}, **more}  # fmt: skip


CLOSED_STATES = ("WAIT_BELT", "FORWARD", "MOUNTING", "BACKWARD")
OPEN_STATES = ("READY", "ARMING", "STOPPING", "TRIPPED", "LOCKOUT")
STATES = CLOSED_STATES + OPEN_STATES
