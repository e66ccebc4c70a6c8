# SPDX-License-Identifier: MIT
"""One control line -> one action: `grip both`, `start hold 3200`, `runaway 1500 accel_mm_s2=300`.

Words fill an action's arguments in their order; key=value fills one by name. An optional
argument may be left out.
"""

from __future__ import annotations

import json
import shlex
from typing import Any

from treadguard.virtual import actions
from treadguard.virtual.check_timeline import ENTRY

EXTRAS = ("hazard", "above_mm_s")


class NotUnderstoodError(Exception):
    """One sentence about the line."""


def parse(line: str) -> tuple[str, dict[str, Any]]:
    """(action, values), or NotUnderstoodError."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise NotUnderstoodError(f"the line has an open quote: {error}") from error
    name, rest = words[0].replace("-", "_"), words[1:]
    if name not in actions.TABLE:
        raise NotUnderstoodError(f"there is no action '{words[0]}'; 'help' lists them")
    arguments = actions.TABLE[name][1]
    values: dict[str, Any] = {}
    free = list(arguments)
    for word in rest:
        key, equals, text = word.partition("=")
        known = [argument for argument in arguments if argument[0] == key]
        if equals and key in EXTRAS:
            values[key] = _convert(key, ENTRY[key], text)
        elif equals and known:
            values[key] = _convert(key, known[0][1], text)
            free = [argument for argument in free if argument[0] != key]
        elif free:
            argument = free.pop(0)
            values[argument[0]] = _convert(argument[0], argument[1], word)
        else:
            raise NotUnderstoodError(f"'{name}' takes no '{word}'; it is: {usage(name)}")
    missing = [a[0] for a in arguments if a[2] == actions.REQUIRED and a[0] not in values]
    if missing:
        raise NotUnderstoodError(f"'{name}' needs {missing[0]}; it is: {usage(name)}")
    return name, values


def _convert(key: str, kind: Any, text: str) -> Any:
    if isinstance(kind, tuple):
        if text not in kind:
            raise NotUnderstoodError(f"{key} must be one of {', '.join(kind)}, not '{text}'")
        return text
    if kind is int:
        try:
            return int(text)
        except ValueError:
            raise NotUnderstoodError(f"{key} must be a whole number, not '{text}'") from None
    if kind is dict:
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise NotUnderstoodError(f"{key} must be a JSON object: {error}") from error
    return text


def usage(name: str) -> str:
    """`console speed|stop [mm_s]`."""
    parts = [name]
    for key, kind, default in actions.TABLE[name][1]:
        shown = "|".join(kind) if isinstance(kind, tuple) else key
        parts.append(shown if default == actions.REQUIRED else f"[{shown}]")
    return " ".join(parts)


def usages() -> list[str]:
    return [usage(name) for name in sorted(actions.TABLE)]
