# SPDX-License-Identifier: MIT
"""What every step is given, and the one way in which a step changes the board."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from treadguard import config_files, config_push
from treadguard.errors import UsageError
from treadguard.link.client import Client
from treadguard.setting_up.dialogue import Dialogue
from treadguard.setting_up.notes import Notes
from treadguard.setting_up.watching import Watch


@dataclass
class Visit:
    """One visit at one board."""

    client: Client
    talk: Dialogue
    watch: Watch
    notes: Notes
    logbook: Path | None = None
    lasting: bool = True
    """False on a virtual board: nothing of it is remembered on this computer."""

    def values(self) -> dict[str, int]:
        """Every parameter on the board, in its own unit."""
        return config_push.read_values(self.client)

    def change(self, wanted: dict[str, int], meant: bool = False) -> None:
        """Bring values onto the board: all or none, confirmed by holding START.

        A limit that is raised is asked about, unless `meant` says that the question was just
        answered. Raises UsageError for values that contradict each other, NotConfirmed when
        nobody held START; the board is then as it was.
        """
        status = self.watch.ready()
        current = self.values()
        problems = config_files.combination_problems({**current, **wanted})
        if problems:
            raise UsageError(f"{'; '.join(problems)}; nothing was changed")
        changes = config_push.changes_to(current, wanted)
        if not changes and not config_push.unwritten(status):
            return
        for change in changes:
            self.talk.say(f"  {change.line()}")
        looser = [change.name for change in changes if change.loosens]
        if looser and not meant:
            self.talk.confirm(f"{', '.join(looser)}: more will be permitted. Is that meant?")
        config_push.push(self.client, wanted, lambda text: self.talk.act("hold_start", text))
        self.talk.say("  confirmed at the board, read back and compared")
