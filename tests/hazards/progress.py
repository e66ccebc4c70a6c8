# SPDX-License-Identifier: MIT
"""A long run that was interrupted goes on where it was, if nothing it judges has changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zlib import crc32

from treadguard import firmware, manifest

ROOT = Path(__file__).resolve().parents[2]
JUDGES = ("tests/hazards", "tests/fuzz", "host_tools/treadguard/virtual")


def judged() -> str:
    """A sum over the firmware and over what judges it."""
    text = manifest.build(str(firmware.folder()))
    for folder in JUDGES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            text += f"{path.name} {crc32(path.read_bytes()):08x}\n"
    return f"{crc32(text.encode()):08x}"


def unfinished(path: Path, same: dict[str, Any]) -> dict[str, Any] | None:
    """What a run wrote that was interrupted and agrees in these values; else None."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict) or found.get("complete") is not False:
        return None
    agrees = all(found.get(name) == value for name, value in same.items())
    return found if agrees else None


def write(path: Path, figures: dict[str, Any]) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".tmp")
    aside.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    aside.replace(path)
