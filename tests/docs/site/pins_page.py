# SPDX-License-Identifier: MIT
"""docs/reference/pins.md: the pins of the ESP32, from board/pins.py."""

from __future__ import annotations

import re

from tests.docs.safety import FIRMWARE
from tests.docs.site import tables
from tests.docs.site.words import Words, pin_numbers

ABOUT = """\
Which pin of the ESP32 does what. The numbers are typed once, in
[`board/pins.py`](../../firmware/guard/board/pins.py); the wiring is in the
[hardware guide](../../hardware/README.md)."""


NOT_YET = ". No program of this version uses it"


def used_names() -> set[str]:
    """Names of pins that the firmware mentions outside their own table."""
    files = [path for path in FIRMWARE.rglob("*.py") if path.name != "pins.py"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    return set(re.findall(r"\b[A-Z][A-Z0-9_]+\b", text))


def page(words: Words) -> str:
    used = used_names()
    rows = [
        (f"`{name}`", f"GPIO{gpio}", words["pins"][name] + ("" if name in used else NOT_YET))
        for name, gpio in pin_numbers().items()
    ]
    return tables.page("Pins", ABOUT, tables.table(("name", "pin", "what it does"), rows))
