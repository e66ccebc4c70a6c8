# SPDX-License-Identifier: MIT
"""Finds what is wrong with a scenario file before it runs, in one sentence each.

Every sentence names the file, the entry and the key. The names come from the tables that the run
itself uses (actions, expectations, profiles) and from the firmware's own tables (states, faults,
parameters), so nothing is listed twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import tomllib

from treadguard.virtual import actions, expect, profiles, relay, scenario
from treadguard.virtual.presets import PRESETS
from treadguard.virtual.runner import find_paths

TOP: dict[str, type] = {
    "name": str,
    "about": str,
    "seed": int,
    "profile": str,
    "pump": str,
    "mode": str,
    "clock_start_ms": int,
    "clock_start_us": int,
    "end_ms": int,
    "end_after_ms": int,
    "edges": bool,
    "treadmill": dict,
    "board": dict,
    "timeline": list,
    "expect": list,
}
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
MODES = ("forward", "backward", "off", "both")
WORDS = {int: "a whole number", str: "a text", dict: "a table", list: "a list", bool: "true/false"}


class ScenarioError(Exception):
    """The file cannot be read as a scenario at all."""


def load(path: Path) -> dict[str, Any]:
    """Read a TOML or JSON scenario."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: cannot be read: {error}.") from error
    try:
        data = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScenarioError(f"{path}: is not valid {path.suffix[1:].upper()}: {error}.") from error
    if not isinstance(data, dict):
        raise ScenarioError(f"{path}: must be a table of keys at its top.")
    return data


def check_file(path: Path, firmware_dir: Path) -> list[str]:
    """Every complaint about a file; none means that it can run."""
    try:
        return check(load(path), str(path), firmware_dir)
    except ScenarioError as error:
        return [str(error)]


def check(data: Mapping[str, Any], source: str, firmware_dir: Path) -> list[str]:
    """Every complaint about a scenario."""
    find_paths(str(firmware_dir))
    checker = _Checker(source)
    checker.top(data)
    return checker.complaints


class _Checker:
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

    def top(self, data: Mapping[str, Any]) -> None:
        self.keys("top", data, TOP)
        if not data.get("name"):
            self.say("name", "is missing: every scenario needs one")
        self.word("profile", data, profiles.PROFILES)
        self.word("pump", data, relay.CORNERS)
        self.word("mode", data, MODES)
        self.treadmill(_part(data, "treadmill", {}))
        self.board(_part(data, "board", {}), data)
        self.timeline(_part(data, "timeline", []), data.get("end_ms", 0))
        self.expectations(_part(data, "expect", []))

    def keys(self, place: str, given: Mapping[str, Any], known: Mapping[str, type]) -> None:
        for key, value in given.items():
            if key not in known:
                self.say(place, f"there is no key '{key}' here{_nearest(key, known)}")
            elif not _is(value, known[key]):
                self.say(place, f"'{key}' must be {WORDS[known[key]]}, not {value!r}")
            elif known[key] is int and value < 0 and key != "permille":
                self.say(place, f"'{key}' must not be negative")

    def word(self, key: str, data: Mapping[str, Any], allowed: Iterable[str]) -> None:
        if isinstance(data.get(key), str) and data[key] not in allowed:
            self.say(key, f"there is no '{data[key]}', only {', '.join(sorted(allowed))}")

    def treadmill(self, given: Mapping[str, Any]) -> None:
        for key, value in given.items():
            if key not in profiles.COMMON:
                self.say("treadmill", f"there is no key '{key}'{_nearest(key, profiles.COMMON)}")
            elif not _is(value, int):
                self.say("treadmill", f"'{key}' must be a whole number, not {value!r}")
        if not 0 <= given.get("waveform", 0) <= 2:
            self.say("treadmill", "'waveform' must be 0, 1 or 2")
        if given.get("magnets", 1) < 1:
            self.say("treadmill", "'magnets' must be 1 or more")

    def board(self, given: Mapping[str, Any], data: Mapping[str, Any]) -> None:
        self.keys("board", given, {"preset": str, "config": dict, "memory": dict})
        if given.get("preset", "commissioned") not in PRESETS:
            self.say("board", f"'preset' must be one of {', '.join(PRESETS)}")
        if given.get("preset") == "fresh" and (given.get("config") or given.get("memory")):
            self.say("board", "a fresh board has neither 'config' nor 'memory'")
        for name, value in given.get("config", {}).items():
            reason = self.parameter_check(name, value)
            if reason:
                self.say("board.config", reason.rstrip("."))

    # -- timeline

    def timeline(self, entries: list[Any], end_ms: Any) -> None:
        last_ms = 0
        for number, entry in enumerate(entries, 1):
            place = f"timeline entry {number}"
            if not isinstance(entry, dict):
                self.say(place, "must be a table")
                continue
            self.entry(place, entry)
            at_ms = entry.get("at_ms", last_ms)
            if _is(at_ms, int):
                if at_ms < last_ms:
                    self.say(place, f"'at_ms' {at_ms} is before an earlier entry's {last_ms}")
                if _is(end_ms, int) and 0 < end_ms < at_ms:
                    self.say(place, f"'at_ms' {at_ms} is after the end at {end_ms}")
                last_ms = max(last_ms, at_ms)

    def entry(self, place: str, entry: Mapping[str, Any]) -> None:
        do = entry.get("do")
        if do is None:
            self.say(place, "'do' is missing: what happens?")
            return
        if do not in actions.TABLE:
            self.say(place, f"there is no action '{do}'{_nearest(str(do), actions.TABLE)}")
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
        elif not _is(entry[key], kind):
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
                place, f"'{key}': there is no {kind} '{wanted}'{_nearest(wanted, known[kind])}"
            )
        elif kind in ("above", "below") and not wanted.isdigit():
            self.say(place, f"'{key}' {kind} needs a speed in mm/s, as in '{kind}:800'")
        elif kind == "sound":
            self.sound(place, key, wanted)

    def sound(self, place: str, key: str, wanted: str) -> None:
        from guard.core.sounds import SOUND_NAMES

        if wanted not in SOUND_NAMES and not wanted.replace(" ", "").isdigit():
            self.say(
                place, f"'{key}': there is no sound '{wanted}'{_nearest(wanted, SOUND_NAMES)}"
            )

    # -- expectations

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
                    self.say(place, f"there is no key '{key}'{_nearest(key, known)}")
            if len(kinds) != 1:
                found = "none" if not kinds else " and ".join(kinds)
                self.say(place, f"must expect exactly one thing, found {found}")
                continue
            self.expectation(place, kinds[0], expectation)

    def expectation(self, place: str, kind: str, given: Mapping[str, Any]) -> None:
        wanted = given[kind]
        number = kind in expect.MEASURED or kind in ("boots", "hazards", "carried_at_least_mm")
        if not _is(wanted, int if number else str):
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


def _part(data: Mapping[str, Any], key: str, empty: Any) -> Any:
    value = data.get(key, empty)
    return value if isinstance(value, type(empty)) else empty


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def _nearest(word: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), 1)
    return f"; did you mean '{close[0]}'?" if close else ""
