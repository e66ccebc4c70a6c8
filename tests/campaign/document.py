# SPDX-License-Identifier: MIT
"""docs/safety/campaign.md: prose by hand, and between two markers what the last run printed."""

from __future__ import annotations

import argparse
import platform
from pathlib import Path
from typing import Any

from tests.bench.environment import git
from tests.campaign.runs import fingerprint

PAGE = Path(__file__).resolve().parents[2] / "docs" / "safety" / "campaign.md"


def write(blocks: dict[str, str], line: str, result: Any, options: argparse.Namespace) -> None:
    """Renew the blocks of what ran."""
    text = PAGE.read_text(encoding="utf-8")
    for name, block in {**blocks, "run": sentence(line, result, options)}.items():
        text = replaced(text, name, block)
    PAGE.write_text(text, encoding="utf-8")


def sentence(line: str, result: Any, options: argparse.Namespace) -> str:
    commit = git("rev-parse", "HEAD")[:12] or "unknown"
    changed = " with uncommitted changes" if git("status", "--porcelain", "firmware") else ""
    return (
        f"`{line}`\n\nCommit {commit}{changed}, CRC of the firmware {fingerprint():08x}, CPython "
        f"{platform.python_version()}, {options.jobs} processes, {result.seconds / 60:.0f} min."
    )


def replaced(text: str, name: str, block: str) -> str:
    """The text with a new block between the markers of that name."""
    begin, end = f"<!-- campaign:{name} -->", f"<!-- /campaign:{name} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"{PAGE.name} must hold {begin} and {end} once")
    head, rest = text.split(begin)
    _, tail = rest.split(end)
    return f"{head}{begin}\n{block}\n{end}{tail}"
