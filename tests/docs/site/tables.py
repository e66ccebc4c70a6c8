# SPDX-License-Identifier: MIT
"""Markdown in small pieces."""

from __future__ import annotations

from collections.abc import Iterable

HEAD = """\
<!-- SPDX-License-Identifier: MIT -->
<!-- Generated with `python -m tests.docs.site`; a test compares. Do not edit. -->
# {title}

{about}
"""


def table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    heads = list(columns)
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(cell(c) for c in row) + " |" for row in rows]
    return "\n".join(lines)


def cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def page(title: str, about: str, *parts: str) -> str:
    return "\n".join([HEAD.format(title=title, about=about), "\n\n".join(parts), ""])


def seconds(ms: int) -> str:
    """1500 -> "1.5 s", 90000 -> "90 s", 40 -> "40 ms"."""
    if ms < 100:
        return f"{ms} ms"
    return f"{ms / 1000:g} s"
