# SPDX-License-Identifier: MIT
"""Configuration files: TOML on the host, checked whole before one byte goes to a board.

A key carries its unit in its name, so a plain integer is allowed here; a string is read as
people type it (`backward_limit_mm_s = "3 km/h"`). Every problem is reported with its line.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from treadguard import firmware, units
from treadguard.errors import FileInvalid, ValueRefused
from treadguard.firmware import Parameter

SCHEMA = 1
ABOUT = "about"  # where the file came from: for people, not read back


@dataclass
class ConfigFile:
    """A file's values in the parameters' own units."""

    path: Path
    values: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def read(path: Path) -> ConfigFile:
    """Read and check a whole file; FileInvalid names every problem with its line."""
    config = ConfigFile(path)
    text = _text(path)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FileInvalid(f"{path} is not valid TOML: {_toml_problem(error, text)}") from None
    lines = _Lines(text)
    _check_schema(document, config, lines)
    _check_table(document, "", config, lines)
    config.problems += combination_problems(config.values)
    if config.problems:
        raise FileInvalid(f"{path}: {'; '.join(config.problems)}; nothing was changed")
    return config


def combination_problems(values: Mapping[str, int]) -> list[str]:
    """What the firmware refuses about values that are each in range but do not fit together."""
    everything = {name: p.default for name, p in firmware.parameters().items()}
    crossed = firmware.load("guard.core.parameters").cross_check({**everything, **values})
    return [f"{crossed[0]}: {str(crossed[1]).rstrip('.')}"] if crossed else []


def export(values: Mapping[str, int], about: Mapping[str, str]) -> str:
    """The file text for these values, each with its unit, range and default in a comment."""
    out = ["# treadguard configuration", f"schema = {SCHEMA}", "", f"[{ABOUT}]"]
    out += [f"{key} = {json.dumps(value)}" for key, value in about.items()]
    rows = [p for p in firmware.parameters().values() if p.name in values]
    for group in dict.fromkeys(p.group for p in rows):
        out += ["", f"[{group}]"]
        if group == firmware.NOT_SETTABLE_GROUP:
            out.append("# measured by the board itself: shown here, not read back")
        for parameter in rows:
            if parameter.group == group:
                out += _entry(parameter, values[parameter.name])
    return "\n".join(out) + "\n"


def _entry(parameter: Parameter, value: int) -> list[str]:
    mark = "" if parameter.settable else "# "
    shown = units.human(value, parameter.unit)
    default = units.plain(parameter.default, parameter.unit)
    meaning = firmware.parameter_texts().get(parameter.name)
    return [
        *([f"# {meaning}"] if meaning else []),
        f"# {units.range_text(parameter).removeprefix('it takes ')}, default {default}",
        f"{mark}{parameter.name} = {value}  # {shown}",
    ]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileInvalid(f"{path} does not exist: check the name") from None
    except UnicodeDecodeError:
        raise FileInvalid(f"{path} is not a text file in UTF-8: export it again") from None
    except OSError as error:
        raise FileInvalid(f"{path} cannot be read: {error.strerror}") from None


def _toml_problem(error: tomllib.TOMLDecodeError, text: str) -> str:
    match = re.match(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)\Z", str(error))
    if match is None:
        return f"{error}; nothing was changed"
    what = match.group(1)
    what = "a key is given twice" if what == "Cannot overwrite a value" else what
    line = match.group(2) or f"{max(1, len(text.splitlines()))} (the end)"
    return f"line {line}: {what[:1].lower()}{what[1:]}; mend it, nothing was changed"


class _Lines:
    """Where in the text a key stands; tomllib does not say."""

    def __init__(self, text: str) -> None:
        self.text = text.splitlines()

    def of(self, key: str) -> str:
        assigned = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*(=|\.)")
        headed = re.compile(rf"\s*\[\s*[\"']?{re.escape(key)}[\"']?\s*\]")
        for number, line in enumerate(self.text, 1):
            if assigned.match(line) or headed.match(line):
                return f"line {number}: "
        return ""

    def all_of(self, key: str) -> list[int]:
        assigned = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
        return [n for n, line in enumerate(self.text, 1) if assigned.match(line)]


def _check_schema(document: dict[str, Any], config: ConfigFile, lines: _Lines) -> None:
    schema = document.pop("schema", SCHEMA)
    if schema != SCHEMA:
        config.problems.append(
            f"{lines.of('schema')}schema {schema} is unknown to these tools,"
            f" which read schema {SCHEMA}"
        )
    document.pop(ABOUT, None)


def _check_table(table: dict[str, Any], group: str, config: ConfigFile, lines: _Lines) -> None:
    groups = {p.group for p in firmware.parameters().values()}
    for key, value in table.items():
        if isinstance(value, dict) and not group and key in groups:
            _check_table(value, key, config, lines)
        else:
            _check_key(key, value, group, config, lines)


def _check_key(key: str, value: Any, group: str, config: ConfigFile, lines: _Lines) -> None:
    where = lines.of(key)
    parameter = firmware.parameters().get(key)
    if parameter is None:
        config.problems.append(f"{where}{key} is no parameter{_did_you_mean(key)}")
    elif group and parameter.group != group:
        config.problems.append(f"{where}{key} belongs under [{parameter.group}]")
    elif key in config.values:
        twice = " and ".join(str(number) for number in lines.all_of(key))
        config.problems.append(f"lines {twice}: {key} is given twice")
    elif not parameter.settable:
        config.problems.append(f"{where}{key} is measured by the board and cannot be set")
    else:
        try:
            config.values[key] = _value(parameter, value)
        except ValueRefused as error:
            config.problems.append(f"{where}{error}")


def _value(parameter: Parameter, value: Any) -> int:
    if isinstance(value, str):
        return units.parse(value, parameter).value
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueRefused(
            f"{parameter.name}: {value} is no whole number;"
            f" {units.range_text(parameter)}, or write it with a unit in quotes"
        )
    units.check_range(value, parameter)
    return value


def _did_you_mean(key: str) -> str:
    import difflib

    close = difflib.get_close_matches(key, firmware.parameters(), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def find_parameter(name: str) -> Parameter:
    """A parameter by its name, or by its name without the unit; ValueRefused with the nearest."""
    everything = firmware.parameters()
    if name in everything:
        return everything[name]
    short = [p for p in everything.values() if _without_unit(p) == name]
    if len(short) == 1:
        return short[0]
    hint = _did_you_mean(name) or ": `treadguard config show` lists them"
    raise ValueRefused(f"{name} is no parameter{hint}")


def _without_unit(parameter: Parameter) -> str:
    suffix = "_" + units.spelled(parameter.unit).replace("/", "_")
    return parameter.name.removesuffix(suffix)
