# SPDX-License-Identifier: MIT
"""Figures as Markdown tables: for the terminal and for docs/safety/campaign.md."""

from __future__ import annotations

from typing import Any

from tests.campaign.groups import BY_NAME
from tests.campaign.hazards_options import EVERY
from tests.campaign.report import Figures
from tests.campaign.session import ENGINES
from tests.campaign.verdict import ENDED, FALSE, IN_TIME, LATE, MISSED, NO_HAZARD, NOT_REACHED

ENGINE_COLUMNS = (
    "hazard", "sessions", "in time", "missed", "late", "no hazard", "ended before",
    "median ms", "worst ms", "nearest to its bound", "carry m: median, worst",
    "worst, usual settings",
)  # fmt: skip


def markdown(columns: tuple[str, ...], rows: list[list[str]]) -> str:
    """Aligned columns."""
    table = [list(columns), *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(columns))]
    out = []
    for number, row in enumerate(table):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        out.append("| " + " | ".join(cells).rstrip() + " |")
        if number == 0:
            out.append("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(out)


def engine(found: Figures) -> str:
    """Per hazard: what became of its sessions, and how long it took."""
    rows = []
    for name, row in found["hazards"].items():
        if row["sessions"]:
            rows.append([EVERY[name].about, *counts(row), *times(row, ""), *carry(row)])
    return markdown(ENGINE_COLUMNS, rows)


def counts(row: Figures) -> list[str]:
    ended = f"{row[ENDED]}"
    if row[FALSE] or row[NOT_REACHED]:
        ended += f" + {row[FALSE]} false, {row[NOT_REACHED]} not reached"
    kinds = (IN_TIME, MISSED, LATE, NO_HAZARD)
    return [str(row["sessions"]), *[str(row[kind]) for kind in kinds], ended]


def times(row: Figures, prefix: str) -> list[str]:
    if row[f"{prefix}worst_ms"] is None:
        return ["", "", ""]
    ms, bound = row[f"{prefix}nearest_ms"]
    near = f"{ms} of {bound} (no. {row[f'{prefix}nearest_session']})"
    return [str(row[f"{prefix}median_ms"]), str(row[f"{prefix}worst_ms"]), near]


def carry(row: Figures) -> list[str]:
    if row["carry_worst_mm"] is None:
        return ["", ""]
    usual = row["carry_usual_worst_mm"]
    both = f"{row['carry_median_mm'] / 1000:.2f}, {row['carry_worst_mm'] / 1000:.2f}"
    return [both, "" if usual is None else f"{usual / 1000:.2f}"]


def lockouts(found: Figures) -> str:
    """Where the relay cannot stop the belt: how soon that was known."""
    rows = []
    for name, row in found["hazards"].items():
        if row["lock_worst_ms"] is not None:
            rows.append([EVERY[name].about, *times(row, "lock_")])
    return markdown(("hazard", "median ms", "worst ms", "nearest to its bound"), rows)


def stands(found: Figures) -> str:
    """Where a second stop ends what the relay cannot: how soon the belt stood."""
    rows = []
    for name, row in found["hazards"].items():
        if row["stood_worst_ms"] is not None:
            rows.append([EVERY[name].about, *times(row, "stood_"), *carry(row)])
    columns = ("hazard", "median ms", "worst ms", "nearest to its bound", *ENGINE_COLUMNS[-2:])
    return markdown(columns, rows)


def walks(found: dict[str, Figures]) -> str:
    """Hours and false stops of each group."""
    rows = []
    for name, row in found.items():
        if not row["sessions"]:
            continue
        faults = ", ".join(f"{fault} {n}" for fault, n in sorted(row["by_fault"].items()))
        gate = " (gate)" if name in BY_NAME and BY_NAME[name].gate else ""
        rows.append(
            [
                name + gate, str(row["sessions"]), f"{row['hours']:.0f}",
                str(row["false_stops"]), faults, f"{row['upper_95_per_1000_h']:g}",
            ]
        )  # fmt: skip
    columns = ("walking", "sessions", "hours", "false stops", "by", "per 1000 h, 95 % upper bound")
    return markdown(columns, rows)


def names(row: Figures) -> str:
    """What true stops at the end of healthy sessions were called."""
    rows = []
    for profile, found in row["profiles"].items():
        cells = ", ".join(f"{name} {n}" for name, n in sorted(found["names"].items()))
        share = found["wrong_share"]
        rows.append([profile, cells, "" if share is None else f"{share:.1%}"])
    return markdown(("profile", "named in the end", "wrong"), rows)


def false_lockouts(found: Figures) -> str:
    """LOCKOUT although the treadmill stopped."""
    rows = []
    for name, row in found["hazards"].items():
        if row["false_lockouts"]:
            numbers = ", ".join(str(n) for n in row["false_lockouts"][:10])
            rows.append(
                [EVERY[name].about, f"{len(row['false_lockouts'])} of {row['sessions']}", numbers]
            )
    return markdown(("hazard", "lockouts", "sessions"), rows) if rows else "None."


def wrong_names(found: Figures) -> str:
    """Stops in time whose first name is none of the expected."""
    rows: list[list[Any]] = []
    for name, row in found["hazards"].items():
        if row["wrong_names"]:
            total = row[IN_TIME] + row[LATE]
            cells = ", ".join(f"{fault} {n}" for fault, n in sorted(row["wrong_names"].items()))
            rows.append(
                [EVERY[name].about, cells, f"{sum(row['wrong_names'].values())} of {total}"]
            )
    return markdown(("hazard", "named", "share"), rows) if rows else "None."


def whole(found: Figures) -> dict[str, str]:
    """All blocks, by the name of their marker in the page."""
    blocks = {}
    for name in ENGINES:
        if found[name]["sessions"]:
            blocks[name] = engine(found[name])
            blocks[f"{name}-lockouts"] = lockouts(found[name])
            blocks[f"{name}-names"] = wrong_names(found[name])
            blocks[f"{name}-false-lockouts"] = false_lockouts(found[name])
    every = dict(found["walks"])
    if found["options"]["sessions"]:
        blocks["options-stands"] = stands(found["options"])
    every["healthy, full stack (gate)"] = found["full walk"]
    every["healthy, full stack with every option (gate)"] = found["options walk"]
    blocks["walks"] = walks(every)
    blocks["ends"] = names(found["walks"]["healthy"])
    return blocks
