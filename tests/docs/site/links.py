# SPDX-License-Identifier: MIT
"""Links of the repository's Markdown: every file and every heading they name is there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from tests.docs.safety import ROOT
from tests.docs.site.hooks import LINK

TREES = ("docs", "hardware")
FENCE = re.compile(r"^```.*?^```[^\n]*$", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^(#{1,6}) +(.+?)(?: +#+)?$", re.MULTILINE)
EXTERNAL = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
GIVEN_ID = re.compile(r"(?:id=\"|\{#)([\w-]+)")


def markdown_files(root: Path = ROOT) -> list[Path]:
    found = [path for tree in TREES for path in (root / tree).rglob("*.md")]
    return sorted([*found, *root.glob("*.md")])


def slug(heading: str) -> str:
    """The anchor that GitHub and our site give a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    kept = "".join(c for c in text.lower() if c.isalnum() or c in " -_")
    return kept.strip().replace(" ", "-")


def anchors(text: str) -> set[str]:
    plain = FENCE.sub("", text)
    return {slug(m[2]) for m in HEADING.finditer(plain)} | set(GIVEN_ID.findall(plain))


def broken(path: Path, text: str, root: Path = ROOT) -> list[str]:
    """One sentence per link of this page that leads nowhere, and per picture without words."""
    found = []
    for match in LINK.finditer(text):
        target = match["target"]
        if target is None or EXTERNAL.match(target):
            continue
        reason = _reason(path, text, target, root)
        if not reason and match["open"].startswith("!") and not match["text"].strip():
            reason = "has no words for those who cannot see it"
        if reason:
            found.append(f"{path.relative_to(root)}: {target} {reason}")
    return found


def _reason(path: Path, text: str, target: str, root: Path) -> str:
    name, _, anchor = target.partition("#")
    to = (path.parent / name).resolve() if name else path
    if not to.is_relative_to(root.resolve()):
        return "is outside the repository"
    if name and not to.exists():
        return "does not exist"
    if anchor and to.suffix == ".md":
        there = anchors(text if to == path else to.read_text(encoding="utf-8"))
        if anchor not in there:
            return "names no heading of that page"
    return ""


def all_broken(paths: Iterable[Path]) -> list[str]:
    return [gap for path in paths for gap in broken(path, path.read_text(encoding="utf-8"))]
