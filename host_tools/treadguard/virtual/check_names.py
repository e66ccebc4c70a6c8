# SPDX-License-Identifier: MIT
"""The checker's vocabulary: which names exist, and how a complaint reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from treadguard.virtual import scenario

WORDS = {int: "a whole number", str: "a text", dict: "a table", list: "a list", bool: "true/false"}


class Names:
    """Complaints, and which names exist."""

    def __init__(self, source: str) -> None:
        from guard.core import faults, parameters, states

        self.source = source
        self.complaints: list[str] = []
        self.states = states.STATE_NAMES
        self.faults = [row[1] for row in faults.TABLE]
        self.parameter_check = parameters.check
        self.cross_check = parameters.cross_check
        self.defaults = parameters.Settings().as_dict()
        self.names: set[str] = set()

    def say(self, place: str, sentence: str) -> None:
        self.complaints.append(f"{self.source}: {place}: {sentence}.")

    def keys(self, place: str, given: Mapping[str, Any], known: Mapping[str, type]) -> None:
        for key, value in given.items():
            if key not in known:
                self.say(place, f"there is no key '{key}' here{nearest(key, known)}")
            elif not is_a(value, known[key]):
                self.say(place, f"'{key}' must be {WORDS[known[key]]}, not {value!r}")
            elif known[key] is int and value < 0 and key != "permille":
                self.say(place, f"'{key}' must not be negative")

    def word(self, key: str, data: Mapping[str, Any], allowed: Iterable[str]) -> None:
        if isinstance(data.get(key), str) and data[key] not in allowed:
            self.say(key, f"there is no '{data[key]}', only {', '.join(sorted(allowed))}")

    def condition(self, place: str, key: str, text: str) -> None:
        kind, _, wanted = text.partition(":")
        known = {
            "state": self.states,
            "fault": self.faults,
            "relay": ("open", "closed"),
            "belt": ("still", "moving"),
        }
        if kind not in scenario.LEVELS + scenario.HAPPENINGS:
            kinds = ", ".join(scenario.LEVELS + scenario.HAPPENINGS)
            self.say(place, f"'{key}' must begin with one of {kinds}, not '{kind}'")
        elif kind in known and wanted not in known[kind]:
            self.say(
                place, f"'{key}': there is no {kind} '{wanted}'{nearest(wanted, known[kind])}"
            )
        elif kind in ("above", "below") and not wanted.isdigit():
            self.say(place, f"'{key}' {kind} needs a speed in mm/s, as in '{kind}:800'")
        elif kind == "sound":
            self.sound(place, key, wanted)

    def sound(self, place: str, key: str, wanted: str) -> None:
        from guard.core.sounds import SOUND_NAMES

        if wanted not in SOUND_NAMES and not wanted.replace(" ", "").isdigit():
            self.say(place, f"'{key}': there is no sound '{wanted}'{nearest(wanted, SOUND_NAMES)}")


def part(data: Mapping[str, Any], key: str, empty: Any) -> Any:
    value = data.get(key, empty)
    return value if isinstance(value, type(empty)) else empty


def is_a(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def nearest(word: str, known: Iterable[str]) -> str:
    close = get_close_matches(word, list(known), 1)
    return f"; did you mean '{close[0]}'?" if close else ""
