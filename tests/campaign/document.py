# SPDX-License-Identifier: MIT
"""docs/safety/campaign.md: prose by hand, and between two markers what the last run printed."""

from __future__ import annotations

import argparse
import platform
import re
from pathlib import Path
from typing import Any

from tests.bench.environment import git

PAGE = Path(__file__).resolve().parents[2] / "docs" / "safety" / "campaign.md"
NOT_RUN = "not run"


def write(
    blocks: dict[str, str], line: str, result: Any, options: argparse.Namespace, crc: str
) -> None:
    """Renew every block: no table of an older run stays beside the line of this one."""
    text = PAGE.read_text(encoding="utf-8")
    blocks = {**blocks, "run": sentence(line, result, options, crc)}
    names = re.findall(r"<!-- campaign:(\S+) -->", text)
    for name in {*names, *blocks}:
        text = replaced(text, name, blocks.get(name, NOT_RUN))
    PAGE.write_text(text, encoding="utf-8")


def sentence(line: str, result: Any, options: argparse.Namespace, crc: str) -> str:
    commit = git("rev-parse", "HEAD")[:12] or "unknown"
    changed = " with uncommitted changes" if git("status", "--porcelain", "firmware") else ""
    hours = f" HOURS={options.hours:g}" if options.hours else ""
    return (
        f"`{line}`\n\n`make campaign N={options.sessions}{hours}`, commit {commit}{changed}, "
        f"CRC of the firmware {crc}, CPython {platform.python_version()}, "
        f"{options.jobs} processes, {result.seconds / 60:.0f} min."
    )


def replaced(text: str, name: str, block: str) -> str:
    """The text with a new block between the markers of that name."""
    begin, end = f"<!-- campaign:{name} -->", f"<!-- /campaign:{name} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"{PAGE.name} must hold {begin} and {end} once")
    head, rest = text.split(begin)
    _, tail = rest.split(end)
    return f"{head}{begin}\n{block}\n{end}{tail}"
