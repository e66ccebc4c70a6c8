# SPDX-License-Identifier: MIT
"""docs/reference/words.toml: what people are told about sounds, lights, pins and fault classes.

The names come from the firmware. A name without words, or words without a name, is an error.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

from guard.board import pins as board_pins
from guard.board.esp32s3 import pins as s3_pins
from guard.core import faults, sounds, states
from tests.docs.safety import ROOT
from tests.docs.site import values

DOCS = ROOT / "docs"
WORDS = DOCS / "reference" / "words.toml"
FIGURE = re.compile(r"\{([\w ]+)\}")
Words = Mapping[str, Mapping[str, Any]]


def load() -> Words:
    """The words, with {name} replaced by that figure of values.py."""
    known = values.values()
    text = WORDS.read_text(encoding="utf-8")
    return tomllib.loads(FIGURE.sub(lambda m: known[m[1]], text))


def pin_numbers(module: ModuleType = board_pins) -> dict[str, int]:
    """NAME -> GPIO, as board/pins.py declares them."""
    found = vars(module).items()
    return {name: value for name, value in found if name.isupper() and isinstance(value, int)}


def s3_numbers() -> dict[str, int]:
    """NAME -> GPIO on an ESP32-S3."""
    return pin_numbers(s3_pins)


def due() -> dict[str, tuple[str, ...]]:
    """The names that need words, by section."""
    return {
        "sounds": tuple(sounds.SOUND_NAMES[1:]),
        "lights": tuple(states.STATE_NAMES),
        "pins": tuple(pin_numbers()),
        "classes": tuple(faults.CLASS_NAMES),
    }


def gaps(words: Words, wanted: Mapping[str, Iterable[str]]) -> list[str]:
    """One sentence per name without words, and per words without a name."""
    found = [f"words.toml: there is no section {s}" for s in wanted if s not in words]
    for section, names in wanted.items():
        told, listed = set(words.get(section, ())), set(names)
        found += [f"words.toml: {section} has no words for {n}" for n in sorted(listed - told)]
        found += [f"words.toml: {section} names {n}, unknown" for n in sorted(told - listed)]
    return found
