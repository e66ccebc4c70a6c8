# SPDX-License-Identifier: MIT
"""Finds what is wrong with a scenario file before it runs, in one sentence each.

Every sentence names the file, the entry and the key. The names come from the tables that the run
itself uses (actions, expectations, profiles) and from the firmware's own tables (states, faults,
parameters), so nothing is listed twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomllib

from treadguard.virtual import profiles, relay, variants
from treadguard.virtual.check_names import is_a, nearest, part
from treadguard.virtual.check_timeline import TimelineChecker
from treadguard.virtual.presets import PRESETS
from treadguard.virtual.runner import find_paths
from treadguard.virtual.world import FITTED

TOP: dict[str, type] = {
    "name": str,
    "about": str,
    "seed": int,
    "profile": str,
    "pump": str,
    "mode": str,
    "chip": str,
    "usb_switch": bool,
    "clock_start_ms": int,
    "clock_start_us": int,
    "end_ms": int,
    "end_after_ms": int,
    "edges": bool,
    "treadmill": dict,
    "board": dict,
    "fitted": list,
    "timeline": list,
    "expect": list,
}
MODES = ("forward", "backward", "off", "both")


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


class _Checker(TimelineChecker):
    """The whole scenario."""

    def top(self, data: Mapping[str, Any]) -> None:
        self.keys("top", data, TOP)
        if not data.get("name"):
            self.say("name", "is missing: every scenario needs one")
        self.word("profile", data, profiles.PROFILES)
        self.word("pump", data, relay.CORNERS)
        self.word("mode", data, MODES)
        self.word("chip", data, variants.NAMES)
        self.treadmill(part(data, "treadmill", {}))
        self.board(part(data, "board", {}), data)
        for option in part(data, "fitted", []):
            if option not in FITTED:
                self.say("fitted", f"there is no option '{option}'{nearest(str(option), FITTED)}")
        self.timeline(part(data, "timeline", []), data.get("end_ms", 0))
        self.expectations(part(data, "expect", []))

    def treadmill(self, given: Mapping[str, Any]) -> None:
        for key, value in given.items():
            if key not in profiles.COMMON:
                self.say("treadmill", f"there is no key '{key}'{nearest(key, profiles.COMMON)}")
            elif not is_a(value, int):
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
                return
        crossed = self.cross_check({**self.defaults, **given.get("config", {})})
        if crossed:
            self.say("board.config", crossed[1].rstrip("."))
