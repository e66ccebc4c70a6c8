# SPDX-License-Identifier: MIT
"""docs/reference/faults.md: every fault code, from core/faults.py and texts/faults.txt."""

from __future__ import annotations

from collections.abc import Mapping

from guard.core import faults
from tests.docs.site import tables
from tests.docs.site.words import Words
from treadguard import firmware
from treadguard.firmware import FaultText

ABOUT = """\
Why the box stopped, or why START is refused: every code there is. The laptop shows the name in
`treadguard status` and in the logs. If you only walk, begin with
[what to do after a stop](../guide/after-a-stop.md).

When several stand at once the class decides which one is told, then the order on this page."""
ORDER = (faults.LOCKOUT, faults.TRIP, faults.STOP, faults.BLOCK)


def in_order(fault_class: int) -> list[tuple[int, str, int, str, int]]:
    return [row for row in faults.TABLE if row[2] == fault_class]


def page(words: Words, texts: Mapping[str, FaultText], not_built: Mapping[str, str]) -> str:
    parts = ["## All of them", _index(words)]
    for fault_class in ORDER:
        word = words["classes"][faults.CLASS_NAMES[fault_class]]
        parts.append(f"## {word['title']}\n\n{word['about']}\n\n**You hear** {word['hear']}.")
        parts += [_one(row, texts[row[1]], not_built) for row in in_order(fault_class)]
    return tables.page("Fault codes", ABOUT, *parts)


def _index(words: Words) -> str:
    rows = []
    for code, name in sorted((row[0], row[1]) for row in faults.TABLE):
        kind = faults.CLASS_NAMES[faults.fault_class(code)]
        rows.append((code, f"[`{name}`](#{name.lower()})", kind))
    return tables.table(("code", "name", "class"), rows)


def _one(
    row: tuple[int, str, int, str, int], text: FaultText, not_built: Mapping[str, str]
) -> str:
    code, name, _, clears, debounce_ms = row
    acts = f"after {tables.seconds(debounce_ms)}" if debounce_ms else "at once"
    lines = [
        f"### {name}",
        "",
        f"- **You notice:** {text.what}",
        f"- **Likely causes:** {text.causes}",
        f"- **What to do:** {text.remedy}",
        f"- Code {code}, acts {acts}, clears: {clears}.",
    ]
    if name in not_built:
        lines.append("- The default build never raises it: it is reserved for optional hardware.")
    return "\n".join(lines)


def texts() -> Mapping[str, FaultText]:
    return firmware.fault_texts()
