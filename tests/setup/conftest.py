# SPDX-License-Identifier: MIT
"""A virtual board with a person beside it, and a visit at it in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from treadguard.cli.output import Output
from treadguard.demo import stage
from treadguard.link import client as link
from treadguard.setting_up import notes, plan, virtual
from treadguard.setting_up.dialogue import Dialogue
from treadguard.setting_up.visit import Visit
from treadguard.setting_up.watching import Watch

ANSWERS = {**virtual.KNOWN, "speed_buttons": "yes"}


@dataclass
class Place:
    """The board's port and the person beside it."""

    port: str
    people: stage.People
    hands: virtual.VirtualHands
    folder: Path

    @contextmanager
    def visit(self, patience_s: float = 60, **answers: str) -> Iterator[Visit]:
        """A visit whose acts the virtual person does."""
        with link.open_client(self.port) as client:
            board = str(client.attach()["board"])
            talk = Dialogue(Output("test"), {**ANSWERS, **answers}, True, self.hands)
            book = notes.of_board(board, self.folder)
            yield Visit(client, talk, Watch(client, talk, patience_s), book, lasting=False)

    def set_up(self, **answers: str) -> None:
        """All steps."""
        with self.visit(**answers) as visit:
            plan.walk(visit, plan.left(visit, (), again=False))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A fresh virtual board in READY."""
    with stage.served(virtual.QUICK) as served:
        served.people.wait("state:READY")
        hands = virtual.VirtualHands(served.people)
        yield Place(str(served.port), served.people, hands, tmp_path)
