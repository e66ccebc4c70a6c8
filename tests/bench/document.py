# SPDX-License-Identifier: MIT
"""docs/bench.md: prose by hand, and between two markers what the last run printed."""

from __future__ import annotations

from typing import Any

from tests.bench.report import Part
from tests.micropython.interpreter import ROOT

PAGE = ROOT / "docs" / "bench.md"


def write(parts: list[Part], about: dict[str, Any]) -> None:
    """Renew the blocks of the parts that ran."""
    text = PAGE.read_text(encoding="utf-8")
    for part in parts:
        text = replaced(text, part.name, part.text().strip())
    text = replaced(text, "run", sentence(about))
    PAGE.write_text(text, encoding="utf-8")


def sentence(about: dict[str, Any]) -> str:
    commit = (about["commit"] or "unknown")[:12]
    changed = " with uncommitted changes" if about["uncommitted_changes"] else ""
    return (
        f"Last run: commit {commit}{changed}, CPython {about['cpython']}, MicroPython "
        f"{about['micropython']} with {about['micropython_small_int_bits']}-bit small ints, "
        f"{about['machine']}."
    )


def replaced(text: str, name: str, block: str) -> str:
    """The text with a new block between the markers of a part."""
    begin, end = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"{PAGE.name} must hold {begin} and {end} once")
    head, rest = text.split(begin)
    _, tail = rest.split(end)
    return f"{head}{begin}\n{block}\n{end}{tail}"
