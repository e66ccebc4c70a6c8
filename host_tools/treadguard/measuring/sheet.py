# SPDX-License-Identifier: MIT
"""The filled-in bench sheet: one JSON file, kept by `treadguard bench`, sent in the bundle."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from treadguard.errors import FileInvalid, ValueRefused
from treadguard.measuring.figures import BY_NAME, MEASURED, READINGS, Count, Reading, Time

DEFAULT = Path("treadguard-bench.json")
SCHEMA = "treadguard.bench/1"
WORDS_MAX = 80
NUMBER = re.compile(r"(\d{1,6}(?:[.,]\d{1,6})?)\s*(\D*)")


def load(path: Path) -> dict[str, Any]:
    """A sheet as it was kept; {} when there is none yet. FileInvalid for another file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise FileInvalid(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise FileInvalid(f"{path} is no bench sheet: name another file")
    return found


def reading(text: str) -> tuple[str, float | str]:
    """ "coil_current=28 mA" -> its name and value; ValueRefused with what is allowed."""
    name, _, said = text.partition("=")
    figure = BY_NAME.get(name.strip())
    if figure is None:
        raise ValueRefused(f'"{text}" names no reading: {", ".join(BY_NAME)}')
    said = said.strip()
    return figure.name, _number(figure, said) if figure.unit else _words(figure, said)


def _number(figure: Reading, said: str) -> float:
    found = NUMBER.fullmatch(said)
    if found is None or found.group(2).strip() != figure.unit:
        raise ValueRefused(f'"{said}" is refused: {figure.name} is a number in {figure.unit}')
    return float(found.group(1).replace(",", "."))


def _words(figure: Reading, said: str) -> str:
    if not 1 <= len(said) <= WORDS_MAX or not said.isprintable():
        raise ValueRefused(f"{figure.name} takes 1 to {WORDS_MAX} printable characters")
    return said


def lines(found: dict[str, Any]) -> list[list[str]]:
    """Rows for people: figure, measured, expected, verdict; "-" for what is still empty."""
    rows = [_measured(figure, found) for figure in MEASURED]
    if "heap_used_bytes" in found:
        rows.append(["memory in use", f"{found['heap_used_bytes'] // 1024} KB", "", ""])
    noted = found.get("by_hand") or {}
    return [*rows, *(_read(figure, noted.get(figure.name)) for figure in READINGS)]


def unusual(figure: Time | Count | Reading, value: Any) -> bool:
    """Whether somebody should look at this value."""
    if isinstance(figure, Time):
        return bool(value["max_us"] > figure.largest_us)
    if isinstance(figure, Count):
        return bool(abs(value["off"]) * 100 > figure.off_percent * value["n"])
    low, high = figure.lowest, figure.highest
    return (low is not None and value < low) or (high is not None and value > high)


def _measured(figure: Time | Count, found: dict[str, Any]) -> list[str]:
    one = found.get(figure.name)
    if one is None:
        missing = figure.name in found or f"{figure.name}_error" in found
        why = found.get(f"{figure.name}_error") or "no loop-back wire"
        return [figure.what, f"not measured: {why}" if missing else "-", figure.expected, ""]
    if isinstance(figure, Time):
        said = f"{one['median_us'] / 1000:.2f} ms, at most {one['max_us'] / 1000:.2f}"
    else:
        said = f"{one['n']} edges, {one['off']:+d} counted"
    return [figure.what, said, figure.expected, _verdict(figure, one)]


def _read(figure: Reading, value: float | str | None) -> list[str]:
    if value is None:
        return [_plain(figure.what), "-", figure.expected, f"--record {figure.example}"]
    said = f"{value:g} {figure.unit}" if isinstance(value, float | int) else value
    return [_plain(figure.what), said, figure.expected, _verdict(figure, value)]


def _verdict(figure: Time | Count | Reading, value: Any) -> str:
    return "LOOK" if unusual(figure, value) else ""


def _plain(text: str) -> str:
    return text.replace("`", "")


def noted(found: dict[str, Any], texts: Sequence[str]) -> dict[str, Any]:
    """The sheet with these readings in it; all of them or none."""
    return {**found, "by_hand": {**(found.get("by_hand") or {}), **dict(map(reading, texts))}}
