# SPDX-License-Identifier: MIT
"""docs/safety/campaign.md: prose by hand, and between two markers what the last run printed."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "safety" / "campaign.md"
NOT_RUN = "not run"


def write(blocks: dict[str, str], line: str, runs: str) -> None:
    """Renew every block: no table of an older run stays that `runs` does not name."""
    text = PAGE.read_text(encoding="utf-8")
    blocks = {**blocks, "run": f"`{line}`\n\n{runs}"}
    names = re.findall(r"<!-- campaign:(\S+) -->", text)
    for name in {*names, *blocks}:
        text = replaced(text, name, blocks.get(name, NOT_RUN))
    PAGE.write_text(text, encoding="utf-8")


def replaced(text: str, name: str, block: str) -> str:
    """The text with a new block between the markers of that name."""
    begin, end = f"<!-- campaign:{name} -->", f"<!-- /campaign:{name} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"{PAGE.name} must hold {begin} and {end} once")
    head, rest = text.split(begin)
    _, tail = rest.split(end)
    return f"{head}{begin}\n{block}\n{end}{tail}"
