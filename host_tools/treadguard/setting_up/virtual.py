# SPDX-License-Identifier: MIT
"""A fresh virtual board and a person beside it who does what setup asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from treadguard.demo.stage import People, served

QUICK, THINKING = 8.0, 0.05  # times real time
# Each act as lines of the control channel; a number is a pause in ms of the board's time.
ACTS: dict[str, tuple[str | int, ...]] = {
    "press_estop": ("estop press", 300),
    "release_estop": ("estop release", 300),
    "mode_forward": ("mode forward", 300),
    "mode_none": ("mode off", 300),
    "mode_backward": ("mode backward", 300),
    "hold_start": (800, "start hold 3300", 3600),
    "hold_proof": (3500, "start hold 5400", 5700),
    "press_start": (800, "start press 200", 400),
    "press_start_to_stop": (8_000, "start press 200", 400),
    "grip_left": ("grip left", 300),
    "grip_right": ("grip right", 300),
    "let_go_left": ("let_go left", 300),
    "let_go_right": ("let_go right", 300),
    "turn_belt": ("push 300 3000", 5_000),
    "pull_laps": ("push 600 13520", 19_000),
    "console_first": (500, "console speed 278", 3_000),
    "console_second": ("console speed 556", 6_000),
    "console_stop": ("console stop", 1_000),
    "prove_estop": ("estop press", 500, "estop release", 500),
    "prove_left": ("let_go left", 500, "grip left", 500, "let_go left", 500),
    "prove_right": ("let_go right", 500, "grip right", 500, "let_go right", 500),
}
# What the virtual treadmill's papers say; a person may answer something else.
KNOWN = {
    "name": "virtual",
    "rails": "2",
    "rail_kind": "contact",
    "speed_buttons": "no",
    "belt_length": "2.80 m",
    "magnets": "4",
    "laps": "3",
    "console_first": "1 km/h",
    "console_second": "2 km/h",
}


class VirtualHands:
    """Carries acts out on the served board, fast; nearly stops its time while a person thinks."""

    def __init__(self, people: People) -> None:
        self.people = people

    def act(self, name: str) -> None:
        """Do it; returns when it is done. Raises ExpectationFailed when the world refuses."""
        for line in ACTS[name]:
            if isinstance(line, int):
                self.people.rest(line)
            else:
                self.people.do(line)

    def pause(self, waiting: bool) -> None:
        """A person reads and types."""
        self.people.do(f"speed-factor {THINKING if waiting else QUICK}")


@contextmanager
def board() -> Iterator[tuple[str, VirtualHands]]:
    """(port, hands) of a fresh virtual board, until the block ends."""
    with served(QUICK) as stage:
        stage.people.wait("state:READY")
        yield str(stage.port), VirtualHands(stage.people)
