# SPDX-License-Identifier: MIT
"""What setup asks, by key: the same words at a terminal and in a file for `--answers`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from treadguard.errors import FileInvalid

KEYS: Mapping[str, str] = {
    "image": "MicroPython for the ESP32, as downloaded",
    "name": "what to call this board",
    "rails": "handrails with a contact: 1 or 2",
    "rail_kind": "contact or touch",
    "speed_buttons": "yes or no: are there speed buttons on the rails?",
    "belt_length": "length of the whole belt, `2.80 m`; `roller` for a belt too stiff to pull",
    "circumference": "of the roller, `280 mm`, for a belt too stiff to pull",
    "magnets": "magnets per turn of the roller",
    "laps": "full laps the belt is pulled by hand",
    "hall_b_fitted": "yes or no: is a second speed sensor that is plugged in to be used?",
    "hall_mounting": "of the second speed sensor: quadrature or any",
    "second_stop_fitted": "yes or no: is a contactor that is plugged in to be used?",
    "key_sense_fitted": "yes or no: is key sense to be used?",
    "incline_fitted": "yes or no: is an inclinometer that is plugged in to be used?",
    "console_first": "first speed the console shows, `1 km/h`",
    "console_second": "second speed the console shows, `2 km/h`",
    "backward_limit": "fastest backward walking, `3 km/h`",
    "session_limit": "longest backward walking, `15 min`",
}


def read(path: Path | None) -> dict[str, str]:
    """The answers of a TOML file, key -> text; {} without a file.

    Raises FileInvalid for a file that cannot be read, for another key, and for a value that is
    neither text nor a whole number nor true or false.
    """
    if path is None:
        return {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileInvalid(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileInvalid(f"{path} is not valid TOML: {error}") from None
    unknown = [key for key in found if key not in KEYS]
    if unknown:
        raise FileInvalid(f"{path}: nobody asks {unknown[0]!r}; the keys are {', '.join(KEYS)}")
    return {key: _text(path, key, value) for key, value in found.items()}


def _text(path: Path, key: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | str):
        return str(value)
    raise FileInvalid(f'{path}: {key} must be text or a whole number, for example {key} = "..."')


def yes_or_no(text: str) -> bool:
    """ "y" or "no" -> bool; ValueError with what is allowed."""
    word = text.strip().lower()
    if word in ("y", "yes"):
        return True
    if word in ("n", "no"):
        return False
    raise ValueError(f'"{text.strip()}" is neither yes nor no')


class OneOf:
    """Reads one of a few words."""

    def __init__(self, *allowed: str) -> None:
        self.allowed = allowed

    def __call__(self, text: str) -> str:
        word = text.strip().lower()
        if word not in self.allowed:
            raise ValueError(f'"{text.strip()}" is none of {", ".join(self.allowed)}')
        return word


class Count:
    """Reads a whole number of this range."""

    def __init__(self, lowest: int, highest: int) -> None:
        self.lowest, self.highest = lowest, highest

    def __call__(self, text: str) -> int:
        word = text.strip()
        if not word.isascii() or not word.isdigit() or len(word) > 9:
            raise ValueError(f'"{word}" is no whole number')
        if not self.lowest <= int(word) <= self.highest:
            raise ValueError(f"{word} is outside {self.lowest} to {self.highest}")
        return int(word)
