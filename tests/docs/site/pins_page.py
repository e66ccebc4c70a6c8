# SPDX-License-Identifier: MIT
"""docs/reference/pins.md: the pins of both chips, from board/pins.py and esp32s3/pins.py."""

from __future__ import annotations

import re

from tests.docs.safety import FIRMWARE
from tests.docs.site import tables
from tests.docs.site.words import Words, pin_numbers, s3_numbers

ABOUT = """\
Which pin of the chip does what. The numbers of the ESP32 are typed once, in
[`board/pins.py`](../../firmware/guard/board/pins.py), those of the ESP32-S3 in
[`board/esp32s3/pins.py`](../../firmware/guard/board/esp32s3/pins.py). The wiring is in the
[hardware guide](../../hardware/README.md), whose drawings show the ESP32's kit: on an S3 the same
nets end at the numbers of the third column. **No S3 has been tried**
([what is not known](../esp32-s3.md))."""


NOT_YET = ". No program of this version uses it"


def used_names() -> set[str]:
    """Names of pins that the firmware mentions outside their own table."""
    files = [path for path in FIRMWARE.rglob("*.py") if path.name != "pins.py"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    return set(re.findall(r"\b[A-Z][A-Z0-9_]+\b", text))


def page(words: Words) -> str:
    used = used_names()
    s3 = s3_numbers()
    rows = [
        (
            f"`{name}`",
            f"GPIO{gpio}",
            f"GPIO{s3[name]}",
            words["pins"][name] + ("" if name in used else NOT_YET),
        )
        for name, gpio in pin_numbers().items()
    ]
    head = ("name", "ESP32", "ESP32-S3", "what it does")
    return tables.page("Pins", ABOUT, tables.table(head, rows))
