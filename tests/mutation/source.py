# SPDX-License-Identifier: MIT
"""A source file as bytes, and edits to it: what a mutant changes stays visible as a diff."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Edit:
    """Replace bytes start..end of a file by text."""

    operator: str
    start: int
    end: int
    text: str


class Source:
    """Text of one file, addressed by the nodes of its tree."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.tree = ast.parse(content)
        self.starts = [0]
        for line in content.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def start(self, node: ast.AST) -> int:
        return self.starts[node.lineno - 1] + node.col_offset

    def end(self, node: ast.AST) -> int:
        return self.starts[node.end_lineno - 1] + node.end_col_offset

    def text(self, node: ast.AST) -> str:
        return self.content[self.start(node) : self.end(node)].decode()

    def line_of(self, offset: int) -> int:
        """Number of the line that holds this byte, from 1."""
        return self.content.count(b"\n", 0, offset) + 1

    def lines(self, start: int, end: int) -> tuple[int, int]:
        """Offsets of the whole lines that hold start..end, without the last newline."""
        first = self.content.rfind(b"\n", 0, start) + 1
        last = self.content.find(b"\n", end)
        return first, len(self.content) if last < 0 else last

    # Edits

    def replace(self, operator: str, node: ast.AST, text: str) -> Edit:
        return Edit(operator, self.start(node), self.end(node), text)

    def between(self, operator: str, a: ast.AST, b: ast.AST, old: str, new: str) -> Edit:
        """Replace the operator `old` that stands between two nodes."""
        start, end = self.end(a), self.start(b)
        gap = self.content[start:end].decode()
        word = re.escape(old) if not old.isalpha() else rf"\b{old}\b"
        found = re.search(word.replace(r"\ ", r"\s+"), gap)
        if found is None:
            raise ValueError(f"no {old!r} in {gap!r}, line {self.line_of(start)}")
        return Edit(operator, start + found.start(), start + found.end(), new)

    def joined(self, operator: str, whole: ast.AST, parts: list[ast.AST], old: str, new: str):
        """One edit that replaces every `old` between the parts of a node."""
        text, at = "", self.start(whole)
        for a, b in pairwise(parts):
            edit = self.between(operator, a, b, old, new)
            text += self.content[at : edit.start].decode() + new
            at = edit.end
        return self.replace(operator, whole, text + self.content[at : self.end(whole)].decode())

    def apply(self, edit: Edit) -> bytes:
        return self.content[: edit.start] + edit.text.encode() + self.content[edit.end :]
