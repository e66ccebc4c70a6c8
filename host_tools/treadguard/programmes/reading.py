# SPDX-License-Identifier: MIT
"""Programmes from TOML: those that come along, and those people write; checked whole."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from treadguard import firmware, units
from treadguard.errors import FileInvalid, ValueRefused
from treadguard.programmes.programme import (
    GREATEST_PROGRESSION_PERCENT,
    Programme,
    Source,
    percent_of_degrees,
)

SCHEMA = 1
LIBRARY = Path(__file__).resolve().parent / "library"

# key -> lowest, highest
COUNTS = {
    "weeks": (1, 52),
    "sessions_per_week": (1, 7),
    "minutes": (1, 60),
    "minutes_at_most": (1, 60),
    "minutes_more_per_week": (0, 10),
    "progression_percent_per_week": (0, GREATEST_PROGRESSION_PERCENT),
}
NEEDED = ("id", "title", "weeks", "sessions_per_week", "minutes")
SPEEDS = ("speed", "speed_at_most")
INCLINES = {"incline_percent": 40, "incline_degrees": 22}
SOURCE_NEEDED = ("citation", "reference", "population", "setting", "reported")
SOURCE = (*SOURCE_NEEDED, "differs")
KNOWN = ("schema", "source", "id", "title", *COUNTS, *SPEEDS, *INCLINES)
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def own_folder() -> Path:
    """Where people put programmes of their own."""
    import platformdirs

    return platformdirs.user_config_path("treadguard", appauthor=False) / "programmes"


def library() -> list[Programme]:
    """The programmes that come along."""
    return [read(path) for path in sorted(LIBRARY.glob("*.toml"))]


def everything() -> list[Programme]:
    """Those that come along and those of the user, each id once."""
    found = library()
    for path in sorted(own_folder().glob("*.toml")):
        own = read(path)
        if any(own.id == other.id for other in found):
            raise FileInvalid(f"{path}: the id {own.id!r} is taken: choose another")
        found.append(own)
    return found


def find(wanted: str) -> Programme:
    """A programme by its id, or by the path of a file."""
    if wanted.endswith(".toml") or "/" in wanted or "\\" in wanted:
        return read(Path(wanted))
    programmes = everything()
    for programme in programmes:
        if programme.id == wanted:
            return programme
    names = ", ".join(programme.id for programme in programmes)
    raise FileInvalid(f"there is no programme {wanted!r}; there are {names}")


def read(path: Path) -> Programme:
    """Read and check a file; FileInvalid names every problem."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileInvalid(f"{path} does not exist: check the name") from None
    except UnicodeDecodeError:
        raise FileInvalid(f"{path} is not a text file in UTF-8") from None
    except OSError as error:
        raise FileInvalid(f"{path} cannot be read: {error.strerror}") from None
    return parse(text, str(path))


def parse(text: str, where: str) -> Programme:
    """A programme from TOML text; `where` begins every message."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FileInvalid(f"{where} is not valid TOML: {error}") from None
    if document.get("schema") != SCHEMA:
        raise FileInvalid(
            f"{where}: schema {document.get('schema')} is unknown, these tools read {SCHEMA}"
        )
    problems: list[str] = []
    made = _programme(document, text, problems)
    if problems or made is None:
        raise FileInvalid(f"{where}: {'; '.join(problems)}")
    return made


def _programme(document: Mapping[str, Any], text: str, problems: list[str]) -> Programme | None:
    problems += [f"{key} is unknown" for key in document if key not in KNOWN]
    problems += [f"{key} is missing" for key in NEEDED if key not in document]
    counts = {key: _count(document, key, problems) for key in COUNTS if key in document}
    speeds = {key: _speed(document, key, problems) for key in SPEEDS if key in document}
    source = _source(document.get("source"), problems)
    incline = _incline(document, problems)
    name, title = document.get("id", ""), document.get("title", "")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        problems.append(f"id {name!r} must be lower-case letters, digits and dashes, at most 40")
    if not isinstance(title, str) or not title.strip():
        problems.append("title must be a line of text")
    _check_order(counts, speeds, problems)
    if problems or source is None:
        return None
    return Programme(
        id=name,
        title=title,
        source=source,
        text=text,
        speed_mm_s=speeds.get("speed"),
        speed_at_most_mm_s=speeds.get("speed_at_most"),
        incline_percent=incline,
        minutes_at_most=counts.pop("minutes_at_most", None),
        **counts,
    )


def _check_order(
    counts: Mapping[str, int], speeds: Mapping[str, int], problems: list[str]
) -> None:
    if counts.get("minutes_at_most", 60) < counts.get("minutes", 1):
        problems.append("minutes_at_most is less than minutes")
    if speeds.get("speed_at_most", 1 << 30) < speeds.get("speed", 0):
        problems.append("speed_at_most is less than speed")


def _count(document: Mapping[str, Any], key: str, problems: list[str]) -> int:
    value = document[key]
    lowest, highest = COUNTS[key]
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        problems.append(f"{key} = {value!r} must be a whole number, {lowest} to {highest}")
        return lowest
    return value


def _speed(document: Mapping[str, Any], key: str, problems: list[str]) -> int:
    parameter = firmware.parameters()["backward_limit_mm_s"]
    try:
        return units.parse(str(document[key]), parameter).value
    except ValueRefused as error:
        problems.append(f"{key}: {error}")
        return parameter.default


def _incline(document: Mapping[str, Any], problems: list[str]) -> Fraction | None:
    given = [key for key in INCLINES if key in document]
    if len(given) > 1:
        problems.append("give incline_percent or incline_degrees, not both")
    if not given:
        return None
    key = given[0]
    value = document[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        problems.append(f"{key} = {value!r} must be a number")
        return None
    if not 0 <= value <= INCLINES[key]:
        problems.append(f"{key} = {value!r} must be 0 to {INCLINES[key]}")
        return None
    exact = Fraction(str(value))
    return exact if key == "incline_percent" else percent_of_degrees(exact)


def _source(table: Any, problems: list[str]) -> Source | None:
    if not isinstance(table, dict):
        problems.append("[source] is missing: say where the numbers come from")
        return None
    problems += [f"source.{key} is unknown" for key in table if key not in SOURCE]
    missing = [key for key in SOURCE_NEEDED if not str(table.get(key, "")).strip()]
    problems += [f"source.{key} is missing" for key in missing]
    if missing:
        return None
    return Source(**{key: str(table.get(key, "")) for key in SOURCE})
