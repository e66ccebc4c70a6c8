# SPDX-License-Identifier: MIT
"""What the board's stores hold, read from docs/records.md alone: no line of the firmware.

Limits and their ranges come from docs/reference, as a person would look them up.
"""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"


@cache
def ranges() -> dict[str, tuple[int, int]]:
    """Lowest and highest value of every parameter, from the generated page."""
    found = {}
    for path in sorted(REFERENCE.glob("*.md")):
        for row in path.read_text(encoding="utf-8").splitlines():
            match = re.match(r"\| `([a-z0-9_]+)` \|.*\| (\d+)\.\.(\d+)", row)
            if match:
                found[match[1]] = (int(match[2]), int(match[3]))
    return found
