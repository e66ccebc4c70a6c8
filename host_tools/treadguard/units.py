# SPDX-License-Identifier: MIT
"""Values as people type them, to the integer in the parameter's own unit and back.

`2.5 mph` -> 1118 mm/s. Arithmetic is exact (fractions), rounding is to nearest, halves away
from zero, and the caller is told what the value became. A bare number is refused: 833 what?
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING

from treadguard.errors import ValueRefused

if TYPE_CHECKING:
    from treadguard.firmware import Parameter

MM_S_PER_MPH = Fraction(1609344, 3600)  # international mile
MM_S_PER_KMH = Fraction(1000000, 3600)

# family -> {spelling as it is shown: how many of the family's base unit one of it is}
FAMILIES: dict[str, dict[str, Fraction]] = {
    "speed": {
        "mm/s": Fraction(1),
        "cm/s": Fraction(10),
        "m/s": Fraction(1000),
        "km/h": MM_S_PER_KMH,
        "mph": MM_S_PER_MPH,
    },
    "acceleration": {"mm/s2": Fraction(1), "m/s2": Fraction(1000)},
    "time": {
        "us": Fraction(1),
        "ms": Fraction(1000),
        "s": Fraction(1000000),
        "min": Fraction(60000000),
        "h": Fraction(3600000000),
    },
    "length": {
        "um": Fraction(1),
        "mm": Fraction(1000),
        "cm": Fraction(10000),
        "m": Fraction(1000000),
        "in": Fraction(25400),
    },
    "ratio": {"permille": Fraction(1), "%": Fraction(10)},
}

_SPELLINGS = {
    "mm_s": "mm/s",
    "mm_s2": "mm/s2",
    "mm/s^2": "mm/s2",
    "mm/s²": "mm/s2",
    "m/s^2": "m/s2",
    "m/s²": "m/s2",
    "kmh": "km/h",
    "kph": "km/h",
    "mi/h": "mph",
    "µs": "us",
    "μs": "us",
    "sec": "s",
    "secs": "s",
    "second": "s",
    "seconds": "s",
    "minute": "min",
    "minutes": "min",
    "mins": "min",
    "hour": "h",
    "hours": "h",
    "µm": "um",
    "μm": "um",
    "inch": "in",
    "inches": "in",
    "‰": "permille",
    "percent": "%",
    "pct": "%",
}

_TYPED = re.compile(r"\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*(\S.*?)?\s*\Z")


@dataclass(frozen=True)
class Typed:
    """What was typed and the integer it became, in `unit`."""

    text: str
    value: int
    unit: str
    exact: bool

    def became(self) -> str:
        """One phrase for people: what the typed text is on the board."""
        now = f"{self.value} {self.unit}".strip()
        if self.text.replace(" ", "") == now.replace(" ", ""):
            return now
        return f"{self.text} = {now}" if self.exact else f"{self.text} = {now} (rounded)"


def spelled(unit: str) -> str:
    """The spelling we show for a unit a person or the table wrote."""
    unit = unit.strip()
    for candidate in (unit, unit.lower()):
        if candidate in _SPELLINGS:
            return _SPELLINGS[candidate]
    return unit if family_of(unit) else unit.lower()


def family_of(unit: str) -> str:
    """Name of the family a shown spelling belongs to, "" for a plain number."""
    for family, units in FAMILIES.items():
        if unit in units:
            return family
    return ""


def allowed_units(unit: str) -> list[str]:
    """Every unit a value in `unit` may be typed in."""
    family = family_of(spelled(unit))
    return list(FAMILIES[family]) if family else []


def to_nearest(value: Fraction) -> int:
    """Round to the nearest integer, halves away from zero."""
    if value >= 0:
        return int((2 * value.numerator + value.denominator) // (2 * value.denominator))
    return -to_nearest(-value)


def parse_quantity(text: str, unit: str) -> Typed:
    """Read `text` as a quantity and return it in `unit`.

    Raises ValueRefused for a missing or wrong unit and for what is no number; no range check.
    """
    unit = spelled(unit)
    number, typed_unit = _split(text, unit)
    family = family_of(unit)
    if not family:
        return _parse_count(text, number, typed_unit)
    if not typed_unit:
        raise ValueRefused(f'"{text.strip()}" has no unit: write {_examples(number, unit)}')
    shown = spelled(typed_unit)
    if shown not in FAMILIES[family]:
        raise ValueRefused(
            f'"{typed_unit}" in "{text.strip()}" is no unit of {family}:'
            f" use one of {', '.join(FAMILIES[family])}"
        )
    exact = number * FAMILIES[family][shown] / FAMILIES[family][unit]
    value = to_nearest(exact)
    return Typed(text.strip(), value, unit, exact == value)


def parse(text: str, parameter: Parameter) -> Typed:
    """Read `text` as a value of `parameter`; refuse what lies outside its hard range."""
    try:
        typed = parse_quantity(text, parameter.unit)
    except ValueRefused as error:
        raise ValueRefused(f"{parameter.name}: {error}; {range_text(parameter)}") from None
    check_range(typed.value, parameter, typed.text)
    return typed


def check_range(value: int, parameter: Parameter, text: str = "") -> None:
    """Raise ValueRefused when the firmware would refuse `value`."""
    if parameter.refusal(value) is None:
        return
    shown = plain(value, parameter.unit)
    if text and text.replace(" ", "") != shown.replace(" ", ""):
        shown = f"{text} ({shown})"
    raise ValueRefused(f"{parameter.name}: {shown} is out of range, {range_text(parameter)}")


def range_text(parameter: Parameter) -> str:
    """The hard range in the words of an error message."""
    low, high = plain(parameter.lowest, parameter.unit), plain(parameter.highest, parameter.unit)
    return f"it takes {low} to {high}"


def plain(value: int, unit: str) -> str:
    """The integer and its unit, nothing else."""
    return f"{value} {spelled(unit)}".strip()


def human(value: int, unit: str) -> str:
    """The value for people, with the spelling they think in behind it."""
    unit = spelled(unit)
    also = _also(value, unit)
    return f"{plain(value, unit)} ({also})" if also else plain(value, unit)


def speed(mm_s: int) -> str:
    """A belt speed in both spellings people use."""
    return f"{_fixed(mm_s / MM_S_PER_KMH, 1)} km/h, {_fixed(mm_s / MM_S_PER_MPH, 1)} mph"


def _also(value: int, unit: str) -> str:
    if unit == "mm/s":
        return speed(value)
    if unit == "permille":
        return f"{_fixed(Fraction(value, 10), 1)} %"
    if unit == "um":
        return f"{_fixed(Fraction(value, 1000), 3)} mm"
    if unit == "ms" and value >= 1000:
        return f"{_fixed(Fraction(value, 1000), 1)} s"
    if unit == "s" and value >= 60:
        return f"{_fixed(Fraction(value, 60), 1)} min"
    return ""


def _fixed(value: Fraction, digits: int) -> str:
    scaled = to_nearest(value * 10**digits)
    sign, scaled = ("-", -scaled) if scaled < 0 else ("", scaled)
    whole, rest = divmod(scaled, 10**digits)
    return f"{sign}{whole}.{rest:0{digits}d}"


def _split(text: str, unit: str) -> tuple[Fraction, str]:
    match = _TYPED.match(text)
    if not match:
        raise ValueRefused(f'"{text.strip()}" is no number: write {_examples(None, unit)}')
    try:
        return Fraction(Decimal(match.group(1))), match.group(2) or ""
    except InvalidOperation:
        raise ValueRefused(f'"{text.strip()}" is no number') from None


def _parse_count(text: str, number: Fraction, typed_unit: str) -> Typed:
    if typed_unit:
        raise ValueRefused(f'"{text.strip()}" is a plain count: write it without "{typed_unit}"')
    if number.denominator != 1:
        raise ValueRefused(f'"{text.strip()}" must be a whole number')
    return Typed(text.strip(), int(number), "", True)


def _examples(number: Fraction | None, unit: str) -> str:
    units = allowed_units(unit)
    if not units:
        return "a whole number"
    shown = "N" if number is None else f"{float(number):g}"
    return " or ".join(f"{shown} {name}" for name in units)
