# SPDX-License-Identifier: MIT
"""How setup talks: tells, asks, and says what somebody has to do at the board.

An answer comes from `--answers`, from `--yes` (the default), or from the terminal; where nobody
can be asked, a missing answer is an error. What has to be done at the board is done by a person,
or on a virtual board by `Hands`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from treadguard.cli.output import Output
from treadguard.errors import NotConfirmed, TreadguardError, UsageError
from treadguard.setting_up.answers import yes_or_no

T = TypeVar("T")
TRIES = 5


class Hands(Protocol):
    """Somebody at a virtual board."""

    def act(self, name: str) -> None:
        """Do what `name` says, and return when it is done."""

    def pause(self, waiting: bool) -> None:
        """A person is thinking: the board's time nearly stands still meanwhile."""


class Dialogue:
    """One conversation with whoever sets the board up."""

    def __init__(
        self,
        out: Output,
        answers: Mapping[str, str] | None = None,
        yes: bool = False,
        hands: Hands | None = None,
        suggested: Mapping[str, str] | None = None,
    ) -> None:
        self.out = out
        self.answers = dict(answers or {})
        self.yes = yes
        self.hands = hands
        self.suggested = dict(suggested or {})
        """What Enter answers, also where a real board's owner has to know it."""

    def say(self, text: str) -> None:
        """Tell something."""
        self.out.note(text)

    def live(self, text: str) -> None:
        """A reading that overwrites the last one; on a terminal only."""
        self.out.progress(text)

    def act(self, name: str, text: str) -> None:
        """Say what has to be done at the board; on a virtual one, have it done."""
        self.say(f"  > {text}")
        if self.hands is None:
            return
        if not self.yes:
            self._ask_terminal("    (Enter: the virtual person does it) ", "Enter")
        self.hands.act(name)

    def ask(self, key: str, question: str, read: Callable[[str], T], default: str = "") -> T:
        """An answer that `read` understands.

        Raises UsageError for a wrong answer in `--answers`, for a missing one where nobody can
        be asked, and after five wrong ones at the terminal.
        """
        default = self.suggested.get(key, default)
        given = self.answers.get(key) or (default if self.yes else "")
        if given:
            try:
                value = read(given)
            except (ValueError, TreadguardError) as error:
                raise UsageError(f"the answer to {key} is refused: {_said(error)}") from None
            self.say(f"  {question} {given}")
            return value
        wanted = f"give {key} in a file with --answers"
        if default:
            wanted += f", or --yes for {default}"
        shown = f"  {question} [{default}] " if default else f"  {question} "
        for _ in range(TRIES):
            text = self._ask_terminal(shown, wanted) or default
            try:
                return read(text)
            except (ValueError, TreadguardError) as error:
                self.say(f"  {_said(error)}")
        raise UsageError(f"{key}: {TRIES} answers were not understood: {wanted}")

    def confirm(self, question: str) -> None:
        """Go on after a yes only: NotConfirmed, or UsageError where nobody can be asked."""
        if self.yes:
            return
        answer = self._ask_terminal(f"  {question} [y/N] ", "repeat the command with --yes")
        try:
            meant = yes_or_no(answer or "no")
        except ValueError:
            meant = False
        if not meant:
            raise NotConfirmed("nothing was changed: it was not confirmed here")

    def _ask_terminal(self, shown: str, wanted: str) -> str:
        if not sys.stdin.isatty():
            raise UsageError(f"{shown.strip()} Nobody can be asked here: {wanted}")
        if self.hands is not None:
            self.hands.pause(True)
        try:
            self.out.end_progress()
            print(shown, end="", file=sys.stderr, flush=True)
            line = sys.stdin.readline()
        finally:
            if self.hands is not None:
                self.hands.pause(False)
        if not line:
            raise UsageError("the input ended in the middle of a question: run the command again")
        return line.strip()


def _said(error: Exception) -> str:
    return str(error).rstrip(".")
