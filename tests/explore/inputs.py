# SPDX-License-Identifier: MIT
"""The classes of inputs: what hands, button, switches, wires and the program can do."""

from __future__ import annotations

from typing import NamedTuple

from guard.core.states import HELD, MODE_BACKWARD, MODE_FORWARD, MODE_NONE, RELEASED, WIRING

# Contact feedback.
FOLLOWS, STUCK_CLOSED, STUCK_OPEN = 0, 1, 2
FEEDBACK_NAMES = ("follows", "stuck closed", "stuck open")

# Things that happen: one bit each. The first row happens once, in the first tick of a move.
HOST_STOP, CTRL_C, OFFER, FLOW_BROKEN = 1, 2, 4, 8
FLIP_STATE, FLIP_COMMAND, FLIP_LIMIT, FLIP_INVERSE = 32, 64, 128, 256
POWER_CUT, WATCHDOG, CRASH = 512, 1024, 2048
# These last as long as the move.
LATE, AHEAD, HALL_BAD = 1 << 12, 1 << 13, 1 << 14
SLOW_FILES, FILES_FAIL, NVS_FAILS = 1 << 15, 1 << 16, 1 << 17
ONCE = 4095
RESETS = POWER_CUT | WATCHDOG | CRASH
FLIPS = FLIP_STATE | FLIP_COMMAND | FLIP_LIMIT | FLIP_INVERSE
EVENT_NAMES = {
    HOST_STOP: "host stop", CTRL_C: "Ctrl-C or maintenance request",
    OFFER: "change offered", FLOW_BROKEN: "a step of the loop left out",
    FLIP_STATE: "bit flipped in the state", FLIP_COMMAND: "bit flipped in the command",
    FLIP_LIMIT: "bit flipped in the limit", FLIP_INVERSE: "bit flipped in a complement",
    POWER_CUT: "power cut", WATCHDOG: "watchdog reset", CRASH: "crash and reset",
    LATE: "tick 26 ms late", AHEAD: "counter ahead", HALL_BAD: "hall lead cut",
    SLOW_FILES: "files not yet written", FILES_FAIL: "files fail", NVS_FAILS: "NVS write fails",
}  # fmt: skip

# The belt during a move: without edges, or with one that comes in its own time, or running on.
TICK, SETTLE, WAIT = 0, 1, 2  # no edge: one tick; long enough for every contact; to a boundary
EDGE, SLOWING, EARLY, EXTREME, BLANKED, PUSH, RUN, SURGE = 3, 4, 5, 6, 7, 8, 9, 10
BELT_NAMES = (
    "one tick", "100 ms", "to the next boundary of a timer", "an edge in time", "a slower edge",
    "an early edge", "an edge over EXTREME", "an edge inside the blanking", "a push by hand",
    "belt runs to the next boundary of a timer", "belt surges to just below its limit",
)  # fmt: skip
RAIL_NAMES = {HELD: "held", RELEASED: "released", WIRING: "wire cut"}
MODE_WORDS = {MODE_NONE: "none", MODE_FORWARD: "forward", MODE_BACKWARD: "backward"}


class Levels(NamedTuple):
    """What stands at the inputs for the length of a move."""

    left: int = RELEASED
    right: int = RELEASED
    start: bool = False
    estop: bool = False
    mode: int = MODE_BACKWARD
    feedback: int = FOLLOWS


class Move(NamedTuple):
    """One step of the exploration."""

    belt: int
    levels: Levels
    events: int = 0
    combined: bool = False  # one of "every combination": levels and events for three ticks only

    def words(self) -> str:
        levels = self.levels
        said = [BELT_NAMES[self.belt], f"mode {MODE_WORDS[levels.mode]}"]
        said.append(f"rails {RAIL_NAMES[levels.left]}/{RAIL_NAMES[levels.right]}")
        said += ["START down"] if levels.start else []
        said += ["e-stop pressed"] if levels.estop else []
        said += [f"feedback {FEEDBACK_NAMES[levels.feedback]}"] if levels.feedback else []
        said += [name for bit, name in EVENT_NAMES.items() if self.events & bit]
        return ", ".join(said)


def move_from(stored: list) -> Move:
    """A move as a counterexample file has it."""
    belt, levels, events, combined = stored
    left, right, start, estop, mode, feedback = levels
    stands = Levels(left, right, bool(start), bool(estop), mode, feedback)
    return Move(belt, stands, events, bool(combined))
