# SPDX-License-Identifier: MIT
"""Rows of finished sessions -> figures, tables, one line."""

from __future__ import annotations

import statistics
from collections import Counter
from typing import Any

from tests.campaign.groups import BY_NAME, GROUPS
from tests.campaign.hazards_options import EVERY
from tests.campaign.runs import FULL_WALKS, HEALTHY, Result, Row
from tests.campaign.session import ENGINES, names
from tests.campaign.verdict import ENDED, FALSE, IN_TIME, LATE, MISSED, NO_HAZARD, NOT_REACHED

HOUR_US = 3_600_000_000
WRONG_NAMES = ("SENSOR_LOST", "SENSOR_NOISE")
NAMED_SHARE = 0.02
Figures = dict[str, Any]


def figures(rows: list[Row]) -> Figures:
    """Everything that goes into build/campaign.json."""
    sessions = [row for row in rows if row["unit"][0] == "session"]
    walks = [row for row in rows if row["unit"][0] == "walk"]
    return {
        **{e: engine([row for row in sessions if row["unit"][1] == e], e) for e in ENGINES},
        "walks": {g.name: walked([w for w in walks if w["group"] == g.name]) for g in GROUPS},
        **{w: walked([row for row in rows if row["unit"][0] == w]) for w in FULL_WALKS.values()},
    }


def engine(rows: list[Row], name: str) -> Figures:
    by_hazard = {h: hazard([r for r in rows if r["hazard"] == h]) for h in names(name)}
    kinds = Counter(row["kind"] for row in rows)
    return {"sessions": len(rows), **{k: kinds[k] for k in KINDS}, "hazards": by_hazard}


KINDS = (IN_TIME, LATE, MISSED, NO_HAZARD, ENDED, FALSE, NOT_REACHED)


def hazard(rows: list[Row]) -> Figures:
    """One hazard's row. Latencies are of sessions that had a bound."""
    kinds = Counter(row["kind"] for row in rows)
    timed = [r for r in rows if r["latency_ms"] is not None and r["bound_ms"] is not None]
    locked = [r for r in rows if r["lock_ms"] is not None and r["lock_bound_ms"] is not None]
    stood = [r for r in rows if r["stood_ms"] is not None and r["stood_bound_ms"] is not None]
    came = [r for r in rows if r["kind"] in (IN_TIME, LATE)]
    carried = [r["carried_mm"] for r in came if r["carried_mm"] is not None]
    usual = [r["carried_mm"] for r in came if r["carried_mm"] is not None and r["usual"]]
    return {
        "sessions": len(rows),
        **{kind: kinds[kind] for kind in KINDS},
        **latencies(timed, "latency_ms", "bound_ms", ""),
        **latencies(locked, "lock_ms", "lock_bound_ms", "lock_"),
        **latencies(stood, "stood_ms", "stood_bound_ms", "stood_"),
        "carry_worst_mm": max(carried, default=None),
        "carry_usual_worst_mm": max(usual, default=None),
        "carry_median_mm": round(statistics.median(carried)) if carried else None,
        "wrong_names": dict(Counter(r["fault"] for r in came if not r["well_named"])),
        "false_lockouts": [r["unit"][3] for r in rows if r["false_lockout"]],
        "failures": [
            r["unit"][3] for r in rows if r["kind"] in (LATE, MISSED, FALSE, NOT_REACHED)
        ],
    }


def latencies(rows: list[Row], value: str, bound: str, prefix: str) -> Figures:
    """Median and worst, and how near the worst came to its bound."""
    if not rows:
        return {f"{prefix}median_ms": None, f"{prefix}worst_ms": None, f"{prefix}nearest": None}
    worst = max(rows, key=lambda r: r[value] / r[bound])
    return {
        f"{prefix}median_ms": round(statistics.median(r[value] for r in rows)),
        f"{prefix}worst_ms": round(max(r[value] for r in rows)),
        f"{prefix}nearest": round(worst[value] / worst[bound], 3),
        f"{prefix}nearest_ms": [round(worst[value]), round(worst[bound])],
        f"{prefix}nearest_session": worst["unit"][3],
    }


def walked(rows: list[Row]) -> Figures:
    hours = sum(row["closed_us"] for row in rows) / HOUR_US
    stops = [row for row in rows if row["false_stop"]]
    profiles = sorted({row["profile"] for row in rows})
    by_profile = {p: named([row for row in rows if row["profile"] == p]) for p in profiles}
    leads = Counter(min(row["max_lead_mm"], 99) for row in rows)
    return {
        "sessions": len(rows),
        "hours": round(hours, 2),
        "false_stops": len(stops),
        "by_fault": dict(Counter(row["false_stop"] for row in stops)),
        "upper_95_per_1000_h": upper(len(stops), hours),
        "profiles": by_profile,
        "highest_lead_mm": max(leads, default=None),
        "stopped": [[row["profile"], row["number"], row["false_stop"]] for row in stops[:20]],
    }


def upper(stops: int, hours: float) -> float | None:
    """95 % upper bound on the rate per 1000 h, one-sided; 3 / T when nothing happened."""
    if not hours:
        return None
    # Poisson: exact to two digits for few stops, normal beyond.
    few = (3.0, 4.75, 6.3, 7.76, 9.16, 10.52, 11.85, 13.15, 14.44, 15.71)
    count = few[stops] if stops < len(few) else stops + 1.65 * stops**0.5 + 1.4
    return float(f"{count / hours * 1000:.3g}")


def named(rows: list[Row]) -> Figures:
    """What true stops were called in the end."""
    found = Counter(row["named"] for row in rows if row["named"])
    wrong = sum(found[name] for name in WRONG_NAMES)
    total = sum(found.values())
    return {"names": dict(found), "wrong_share": round(wrong / total, 4) if total else None}


def by_hazard(found: Figures) -> Figures:
    """One line per hazard, all engines, as docs/safety quotes it."""
    rows: Figures = {}
    for name in EVERY:
        said = []
        for title in ENGINES:
            row = found[title]["hazards"].get(name, {"sessions": 0})
            if row["sessions"]:
                said.append(f"{title} {_said(row)}")
        if said:
            rows[name] = {"line": "; ".join(said)}
    return rows


def _said(row: Figures) -> str:
    text = f"{row['sessions']} sessions, {row[MISSED]} missed, {row[LATE]} late"
    if row["nearest"] is not None:
        ms, bound = row["nearest_ms"]
        text += f", worst {row['worst_ms']} ms, nearest to its bound {ms} of {bound} ms"
    if row["lock_nearest"] is not None:
        ms, bound = row["lock_nearest_ms"]
        text += f", locked out after {ms} of {bound} ms"
    if row["stood_nearest"] is not None:
        ms, bound = row["stood_nearest_ms"]
        text += f", belt still after {ms} of {bound} ms"
    if row["carry_worst_mm"] is not None:
        text += f", carried at most {row['carry_worst_mm'] / 1000:.2f} m"
    return text


def healthy(found: Figures) -> Figures:
    """The line about walking that nothing stopped."""
    said = []
    for title, w in gated(found):
        if w["sessions"]:
            said.append(
                f"{title} {w['hours']:.0f} h: {w['false_stops']} false stops, "
                f"at most {w['upper_95_per_1000_h']:g} in 1000 h (95 %)"
            )
    return {"line": "; ".join(said)}


def gated(found: Figures) -> list[tuple[str, Figures]]:
    """The walking that nothing may stop."""
    full = [(engine, found[kind]) for engine, kind in FULL_WALKS.items()]
    return [("core", found["walks"][HEALTHY]), *full]


def gates(found: Figures) -> list[str]:
    """What must be 0, and is not."""
    missed = []
    for name in ENGINES:
        for kind in (MISSED, LATE, FALSE, NOT_REACHED):
            if found[name][kind]:
                missed.append(f"{name}: {found[name][kind]} {kind}")
    for title, walks in gated(found):
        if walks["false_stops"]:
            missed.append(f"healthy walking, {title}: {walks['false_stops']} false stops")
        for profile, row in walks["profiles"].items():
            if (row["wrong_share"] or 0) > NAMED_SHARE:
                missed.append(f"wrong names, {title}, {profile}: {row['wrong_share']:.1%}")
    return missed


def note(result: Result) -> str:
    """What a reader of the line must know first."""
    if result.mixed:
        return "MIXED (firmware or campaign changed while it ran): "
    return "" if result.complete else "PARTIAL (go on with --resume): "


def line(found: Figures, note: str, seed: int) -> str:
    """The one line of figures."""
    parts = []
    for name in ENGINES:
        e = found[name]
        if e["sessions"]:
            parts.append(
                f"{name} {e['sessions']} sessions: {e[MISSED]} missed, {e[LATE]} late, "
                f"{e[FALSE]} false, {e[NO_HAZARD]} no hazard, {e[ENDED]} ended before, "
                f"{e[NOT_REACHED]} not reached"
            )
    walking = healthy(found)["line"]
    if walking:
        parts.append(f"healthy walking {walking}")
    return f"campaign, seed {seed}: {note}{'; '.join(parts) or 'nothing ran'}"


__all__ = ["BY_NAME", "Figures", "by_hazard", "figures", "gates", "healthy", "line"]
