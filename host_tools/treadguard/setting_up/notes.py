# SPDX-License-Identifier: MIT
"""What has been set up on which board, in a file of this computer: so that setup goes on where
somebody left. The board's own word wins: a step it denies is done again.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from treadguard.files import write_whole
from treadguard.link import discovery

SCHEMA = 1


@dataclass
class Notes:
    """The steps of one board: name -> {"at": date, "found": what was seen}."""

    path: Path
    board: str
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)

    def done(self, step: str) -> bool:
        """Whether this step was ever finished."""
        return step in self.steps

    def found(self, step: str) -> dict[str, Any]:
        """What a finished step saw, {} for another."""
        return dict(self.steps.get(step, {}).get("found", {}))

    def finish(self, step: str, found: dict[str, Any]) -> None:
        """Remember a finished step; written whole."""
        self.steps[step] = {"at": time.strftime("%Y-%m-%d %H:%M"), "found": found}
        self._write()

    def forget(self, *steps: str) -> None:
        """These have to be done again."""
        if any(self.steps.pop(step, None) is not None for step in steps):
            self._write()

    def _write(self) -> None:
        note = {"schema": SCHEMA, "board": self.board, "steps": self.steps}
        write_whole(self.path, (json.dumps(note, indent=2) + "\n").encode())


def of_board(board: str, folder: Path | None = None) -> Notes:
    """The notes about a board; empty where there are none or they cannot be read."""
    word = "".join(c for c in board if c.isalnum()) or "unknown"
    path = (folder or discovery.state_file().parent) / f"setup-{word}.json"
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        steps = note["steps"] if note["schema"] == SCHEMA and note["board"] == board else {}
        if all(
            isinstance(step["at"], str) and isinstance(step["found"], dict)
            for step in steps.values()
        ):
            return Notes(path, board, steps)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    return Notes(path, board)
