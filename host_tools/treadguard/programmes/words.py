# SPDX-License-Identifier: MIT
"""Programmes and plans in words, and as --json shows them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from treadguard import units
from treadguard.programmes.enrolment import Enrolment
from treadguard.programmes.plan import Plan
from treadguard.programmes.programme import Programme

NO_CLAIM = (
    "No programme promises a benefit. What a study did says what was tried, with whom and how;"
    " ask somebody who knows your body before you follow one."
)


def about(one: Programme) -> list[str]:
    """A programme with its source, for people."""
    source = one.source
    lines = [
        f"{one.id}: {one.title}",
        f"    dose        {one.dose()}",
        f"    source      {source.citation} ({source.reference}): {source.reported}",
        f"    population  {source.population}",
        f"    setting     {source.setting}",
    ]
    if source.differs:
        lines.append(f"    differs     {source.differs}")
    if one.why_not_offered:
        lines.append(f"    NOT OFFERED {one.why_not_offered}")
    return lines


def data(one: Programme) -> dict[str, Any]:
    """A programme for --json."""
    return {
        "id": one.id,
        "title": one.title,
        "weeks": one.weeks,
        "sessions_per_week": one.sessions_per_week,
        "minutes": one.minutes,
        "minutes_in_last_week": one.minutes_in(one.weeks - 1),
        "speed_mm_s": one.speed_mm_s,
        "progression_percent_per_week": one.progression_percent_per_week,
        "incline_percent": None if one.incline_percent is None else float(one.incline_percent),
        "offered": not one.why_not_offered,
        "why_not_offered": one.why_not_offered or None,
        "source": asdict(one.source),
    }


def status_data(found: Enrolment, plan: Plan) -> dict[str, Any]:
    coming = plan.next_session()
    following = None
    if coming is not None:
        day, week = coming
        following = {
            "not_before": str(day),
            "week": week.number,
            "minutes": week.minutes,
            "speed_mm_s": week.speed_mm_s,
        }
    return {
        "id": found.programme.id,
        "started": str(plan.started),
        "today": str(plan.today),
        "done": plan.done,
        "missed": plan.missed,
        "planned": found.programme.weeks * found.programme.sessions_per_week,
        "next": following,
        "weeks": [
            {
                "week": week.number,
                "begins": str(week.begins),
                "planned": week.planned,
                "done": [str(day) for day in week.done],
                "too_short": [str(day) for day in week.partly],
                "missed": week.missed,
                "due": week.due,
                "minutes": week.minutes,
                "speed_mm_s": week.speed_mm_s,
            }
            for week in plan.weeks
        ],
    }


def status_lines(found: Enrolment, plan: Plan) -> list[str]:
    """The same for people, a line a week."""
    lines = [f"{found.programme.id}, begun {plan.started}"]
    for week in plan.weeks:
        mark = ">" if week is plan.current else " "
        rest = f", {week.missed} missed" if week.missed else f", {week.due} due" * bool(week.due)
        short = f", {len(week.partly)} too short" if week.partly else ""
        done = f"{len(week.done)} of {week.planned} done"
        lines.append(f"{mark} week {week.number:2d} from {week.begins}  {done}{rest}{short}")
    return [*lines, *next_lines(found, plan)]


def next_lines(found: Enrolment, plan: Plan) -> list[str]:
    """The next session and what to do for it."""
    coming = plan.next_session()
    if coming is None:
        return ["the programme is over"]
    day, week = coming
    when = "today" if day == plan.today else f"{day:%A}, {day}"
    speed = f" at {units.speed(week.speed_mm_s)}" if week.speed_mm_s else " at your own speed"
    incline = found.programme.incline_percent
    steep = f", incline {float(incline):.3g} % (set at the treadmill)" if incline else ""
    return [
        f"next: {when}, {week.minutes} min{speed}{steep}",
        "`treadguard programme offer` brings limit and time to the board; START there confirms",
    ]
