# SPDX-License-Identifier: MIT
"""Checks a scenario's timeline and expectations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from treadguard.virtual import actions, expect
from treadguard.virtual.check_names import WORDS, Names, is_a, nearest

ENTRY: dict[str, type] = {
    "do": str,
    "at_ms": int,
    "after": str,
    "when": str,
    "delay_ms": int,
    "timeout_ms": int,
    "name": str,
    "times": int,
    "every_ms": int,
    "hazard": str,
    "above_mm_s": int,
    "may_fail": bool,
}


class TimelineChecker(Names):
    """Entries and expectations, and the names that tie them together."""

    def timeline(self, entries: list[Any], end_ms: Any) -> None:
        last_ms = 0
        for number, entry in enumerate(entries, 1):
            place = f"timeline entry {number}"
            if not isinstance(entry, dict):
                self.say(place, "must be a table")
                continue
            self.entry(place, entry)
            at_ms = entry.get("at_ms", last_ms)
            if is_a(at_ms, int):
                if at_ms < last_ms:
                    self.say(place, f"'at_ms' {at_ms} is before an earlier entry's {last_ms}")
                if is_a(end_ms, int) and 0 < end_ms < at_ms:
                    self.say(place, f"'at_ms' {at_ms} is after the end at {end_ms}")
                last_ms = max(last_ms, at_ms)

    def entry(self, place: str, entry: Mapping[str, Any]) -> None:
        do = entry.get("do")
        if do is None:
            self.say(place, "'do' is missing: what happens?")
            return
        if do not in actions.TABLE:
            self.say(place, f"there is no action '{do}'{nearest(str(do), actions.TABLE)}")
            return
        arguments = {argument[0]: argument for argument in actions.TABLE[do][1]}
        self.keys(place, {k: v for k, v in entry.items() if k not in arguments}, ENTRY)
        for argument in arguments.values():
            self.argument(place, do, argument, entry)
        self.trigger(place, entry)
        self.name(place, entry)

    def argument(
        self, place: str, do: str, argument: tuple[str, Any, Any], entry: Mapping[str, Any]
    ) -> None:
        key, kind, default = argument
        if key not in entry:
            if default == actions.REQUIRED:
                self.say(place, f"'{do}' needs '{key}'")
        elif isinstance(kind, tuple):
            if entry[key] not in kind:
                allowed = ", ".join(kind)
                self.say(place, f"'{key}' must be one of {allowed}, not {entry[key]!r}")
        elif not is_a(entry[key], kind):
            self.say(place, f"'{key}' must be {WORDS[kind]}, not {entry[key]!r}")

    def trigger(self, place: str, entry: Mapping[str, Any]) -> None:
        if "at_ms" in entry:
            for key in ("after", "when", "delay_ms"):
                if key in entry:
                    self.say(place, f"'at_ms' and '{key}' exclude each other")
        if "after" in entry and entry["after"] not in self.names:
            self.say(place, f"'after' names '{entry['after']}', which no earlier entry is called")
        if isinstance(entry.get("when"), str):
            self.condition(place, "when", entry["when"])
        if "timeout_ms" in entry and "when" not in entry:
            self.say(place, "'timeout_ms' needs a 'when'")
        if entry.get("times", 1) > 1 and "every_ms" not in entry:
            self.say(place, "'times' needs 'every_ms'")

    def name(self, place: str, entry: Mapping[str, Any]) -> None:
        if "name" in entry:
            if entry["name"] in self.names:
                self.say(place, f"'name' {entry['name']!r} is taken by an earlier entry")
            self.names.add(entry["name"])

    def expectations(self, given: list[Any]) -> None:
        for number, expectation in enumerate(given, 1):
            place = f"expectation {number}"
            if not isinstance(expectation, dict):
                self.say(place, "must be a table")
                continue
            kinds = [key for key in expectation if key in expect.KINDS]
            for key in expectation:
                if key not in expect.KINDS + expect.OPTIONS:
                    known = expect.KINDS + expect.OPTIONS
                    self.say(place, f"there is no key '{key}'{nearest(key, known)}")
            if len(kinds) != 1:
                found = "none" if not kinds else " and ".join(kinds)
                self.say(place, f"must expect exactly one thing, found {found}")
                continue
            self.expectation(place, kinds[0], expectation)

    def expectation(self, place: str, kind: str, given: Mapping[str, Any]) -> None:
        wanted = given[kind]
        number = kind in expect.MEASURED or kind in ("boots", "hazards", "carried_at_least_mm")
        if not is_a(wanted, int if number else str):
            self.say(place, f"'{kind}' must be {WORDS[int if number else str]}, not {wanted!r}")
            return
        if kind in ("reached", "end_state"):
            self.condition(place, kind, f"state:{wanted}")
        elif kind in ("fault", "latched"):
            self.condition(place, kind, f"fault:{wanted}")
        elif kind == "heard":
            self.sound(place, kind, wanted)
        elif kind == "relay":
            self.condition(place, kind, f"relay:{wanted}")
        elif kind == "never":
            self.condition(place, kind, wanted)
        if "after" in given and given["after"] not in self.names:
            self.say(place, f"'after' names '{given['after']}', which no entry is called")
        if "with_fault" in given:
            self.condition(place, "with_fault", f"fault:{given['with_fault']}")
