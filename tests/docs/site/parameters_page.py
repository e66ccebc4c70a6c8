# SPDX-License-Identifier: MIT
"""docs/reference/parameters.md: every setting, from core/parameters.py and its texts."""

from __future__ import annotations

from tests.docs.site import tables
from treadguard import firmware, units

ABOUT = """\
Every setting of the box. A value outside its range is refused, whoever sends it. Change one with
`treadguard config set NAME VALUE` and hold START at the board for 3 s to confirm it; see the
[command reference](../cli.md)."""

GROUPS = {
    "limit": "Speed limits",
    "rails": "Hands and rails",
    "time": "Times",
    "relay": "Relay",
    "calibration": "Calibration",
    "measured": "Measured by the box itself",
    "options": "Options",
}


def page() -> str:
    found = firmware.parameters().values()
    texts = text_rows()
    parts = ["## All of them", _overview()]
    for group in dict.fromkeys(p.group for p in found):
        parts.append(f"## {GROUPS[group]}")
        parts += [_one(p, *texts[p.name]) for p in found if p.group == group]
    return tables.page("Settings", ABOUT, *parts)


def text_rows() -> dict[str, tuple[str, str]]:
    """Name -> (meaning, reason)."""
    path = firmware.folder() / "guard" / "texts" / "parameters.txt"
    return {name: (what, why) for name, what, why in firmware.read_texts(path, 3)}


def _overview() -> str:
    rows = [
        (f"[`{p.name}`](#{p.name})", f"{p.default} {p.unit}", f"{p.lowest} to {p.highest}")
        for p in firmware.parameters().values()
    ]
    return tables.table(("name", "default", "range"), rows)


def _one(parameter: firmware.Parameter, what: str, why: str) -> str:
    def shown(value: int) -> str:
        return units.human(value, parameter.unit)

    how = "" if parameter.settable else "\n- Cannot be set: the box measures it."
    return (
        f"### {parameter.name}\n\n{what}\n\n"
        f"- **Default:** {shown(parameter.default)}\n"
        f"- **Range:** {shown(parameter.lowest)} to {shown(parameter.highest)}\n"
        f"- **Why:** {why}{how}"
    )
