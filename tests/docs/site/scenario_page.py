# SPDX-License-Identifier: MIT
"""docs/reference/scenario-keys.md: every key, action and expectation a scenario may hold."""

from __future__ import annotations

from typing import Any

from tests.docs.site import tables
from treadguard.virtual import actions, check, check_timeline, expect, presets, profiles, relay
from treadguard.virtual import scenario as run

ABOUT = """\
Every key, action and expectation that a scenario file may hold, from the tables that check and
run it. What they mean is in [scenarios](../scenarios.md)."""
KINDS = {int: "whole number", str: "text", dict: "table", list: "list", bool: "true or false"}


def page() -> str:
    return tables.page(
        "Scenario keys",
        ABOUT,
        "## Top of the file",
        tables.table(("key", "kind"), _keys(check.TOP)),
        "## Words",
        tables.table(("key", "one of"), words()),
        "## Timeline entries",
        tables.table(("key", "kind"), _keys(check_timeline.ENTRY)),
        "## Actions",
        "An argument in brackets may be left out.",
        tables.table(("action", "arguments"), [_action(n) for n in actions.TABLE]),
        "## Expectations",
        tables.table(("group", "keys"), expectations()),
        "## Treadmill",
        "Every profile begins with these numbers.",
        tables.table(("key", "default"), [(f"`{k}`", v) for k, v in profiles.COMMON.items()]),
        "What the profiles change:",
        tables.table(("profile", "differs in"), profile_rows()),
    )


def _keys(kinds: dict[str, type]) -> list[tuple[str, str]]:
    return [(f"`{key}`", KINDS[kind]) for key, kind in kinds.items()]


def words() -> list[tuple[str, str]]:
    found = (
        ("mode", check.MODES),
        ("profile", profiles.PROFILES),
        ("pump", relay.CORNERS),
        ("board.preset", presets.PRESETS),
        ("when, what lasts", run.LEVELS),
        ("when, what happens", run.HAPPENINGS),
    )
    return [(key, ", ".join(f"`{name}`" for name in names)) for key, names in found]


def _action(name: str) -> tuple[str, str]:
    told = [_argument(*argument) for argument in actions.TABLE[name][1]]
    hazard = "; begins a hazard of its name" if name in actions.HAZARDS else ""
    return f"`{name}`", (", ".join(told) or "none") + hazard


def _argument(key: str, kind: Any, default: Any) -> str:
    what = f"one of {', '.join(kind)}" if isinstance(kind, tuple) else KINDS[kind]
    if default == actions.REQUIRED:
        return f"`{key}` ({what})"
    return f"[`{key}` ({what}), default {default}]"


def expectations() -> list[tuple[str, str]]:
    groups = (
        ("seen in the log", expect.SEEN),
        ("measured, at most", expect.MEASURED),
        ("of the whole run", expect.WHOLE),
        ("narrowed by", expect.OPTIONS),
    )
    return [(what, ", ".join(f"`{key}`" for key in keys)) for what, keys in groups]


def profile_rows() -> list[tuple[str, str]]:
    return [
        (f"`{name}`", ", ".join(f"{k} {v}" for k, v in own.items()) or "nothing")
        for name, own in profiles.PROFILES.items()
    ]
