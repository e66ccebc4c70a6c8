# SPDX-License-Identifier: MIT
"""The commands of the command line, by their words: "config set"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def known() -> set[str]:
    from typer.main import get_command

    from treadguard.cli.main import app

    return set(_walk(get_command(app), ""))


def _walk(command: Any, path: str) -> Iterator[str]:
    for name, child in (getattr(command, "commands", None) or {}).items():
        words = f"{path} {name}".strip()
        yield words
        yield from _walk(child, words)
