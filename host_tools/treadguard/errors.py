# SPDX-License-Identifier: MIT
"""Everything that can go wrong for a person at the keyboard: one tree, one exit code a class.

Each message is one sentence that names the place and the remedy; cli/main.py prints it on
stderr and leaves with the code. A new class needs a line in EXIT_CODES' meaning, nothing else.
"""

from __future__ import annotations

OK = 0
INTERNAL = 1
USAGE = 2
NO_BOARD = 3
LINK_LOST = 4
REFUSED = 5
BAD_FILE = 6
NOT_AS_EXPECTED = 7
INTERRUPTED = 130

EXIT_CODES: dict[int, str] = {
    OK: "done",
    INTERNAL: "a fault of this program",
    USAGE: "the command line is wrong",
    NO_BOARD: "no board, more than one board, or a port that is not treadguard",
    LINK_LOST: "the board did not answer, or the link was lost",
    REFUSED: "the board refused, or the change was not confirmed at the board",
    BAD_FILE: "a configuration, scenario, log or other file is invalid",
    NOT_AS_EXPECTED: "an expectation or a self test failed",
    INTERRUPTED: "interrupted with Ctrl-C",
}


class TreadguardError(Exception):
    """Root of the tree; by itself a fault of this program."""

    exit_code = INTERNAL


class UsageError(TreadguardError):
    """The command line asks for something that does not exist or lacks an answer."""

    exit_code = USAGE


class ValueRefused(UsageError):
    """A value without a unit, with a wrong one, or outside its range."""


class NoBoardError(TreadguardError):
    """No port to talk to, or several and none chosen."""

    exit_code = NO_BOARD


class NotTreadguardError(NoBoardError):
    """The port talks, but not this protocol."""


class LinkError(TreadguardError):
    """The link was lost or an answer did not come in time."""

    exit_code = LINK_LOST


class NotRunningError(LinkError):
    """MicroPython's prompt answers instead of the controller."""


class BoardRefused(TreadguardError):
    """The board answered with an error; `code` and `field` are the board's own words."""

    exit_code = REFUSED

    def __init__(self, message: str, code: str = "", field: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.field = field


class InterfaceMismatch(BoardRefused):
    """Board and host know different interface definitions."""


class NotConfirmed(BoardRefused):
    """Nobody held START at the board in time, or a short press discarded the change."""


class FileInvalid(TreadguardError):
    """A file the user named cannot be used as it is."""

    exit_code = BAD_FILE


class Interrupted(TreadguardError):
    """Ctrl-C, where a sentence is due on what is kept and how to go on."""

    exit_code = INTERRUPTED


class ExpectationFailed(TreadguardError):
    """A scenario, a self test or a check ended differently than it should."""

    exit_code = NOT_AS_EXPECTED
