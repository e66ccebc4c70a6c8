# SPDX-License-Identifier: MIT
"""What `treadguard doctor` finds, one line each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from treadguard import errors

GOOD, NOTE, BAD = "ok", "note", "bad"


@dataclass(frozen=True)
class Finding:
    """One check: `level` is ok, note (worth knowing) or bad; `exit_code` counts for bad ones."""

    name: str
    level: str
    said: str
    remedy: str = ""
    exit_code: int = errors.NOT_AS_EXPECTED
    facts: Mapping[str, Any] = field(default_factory=dict)
    """For programs, beside the words."""

    def data(self) -> dict[str, Any]:
        """For --json."""
        words = {"name": self.name, "level": self.level, "said": self.said}
        return {**words, "remedy": self.remedy, **self.facts}

    def with_facts(self, **facts: Any) -> Finding:
        """The same finding, with these for --json."""
        return replace(self, facts=facts)


def good(name: str, said: str) -> Finding:
    """Nothing to do."""
    return Finding(name, GOOD, said)


def note(name: str, said: str, remedy: str = "") -> Finding:
    """Worth knowing, no reason to worry."""
    return Finding(name, NOTE, said, remedy)


def bad(name: str, said: str, remedy: str, exit_code: int = errors.NOT_AS_EXPECTED) -> Finding:
    """To be mended, and how."""
    return Finding(name, BAD, said, remedy, exit_code)


def exit_code(findings: list[Finding]) -> int:
    """0, or the code of the first bad finding."""
    return next((f.exit_code for f in findings if f.level == BAD), errors.OK)
