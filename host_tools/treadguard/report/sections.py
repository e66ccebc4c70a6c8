# SPDX-License-Identifier: MIT
"""The sections of the page, each readable without its figure."""

from __future__ import annotations

from html import escape

from treadguard import firmware, options
from treadguard.programmes.plan import Plan
from treadguard.programmes.plan import Week as PlanWeek
from treadguard.programmes.programme import Programme
from treadguard.report import html, stops
from treadguard.report.collect import Report, Walk, median

LATELY_WEEKS = 4
UNIT_BUTTONS = (
    '<div class="bar-of-buttons" role="group" aria-label="unit of speed">'
    '<button data-unit="km/h" aria-pressed="true">km/h</button>'
    '<button data-unit="mph" aria-pressed="false">mph</button></div>'
)
SLOTS = {
    "done": ("\N{BLACK CIRCLE}", "done"),
    "missed": ("\N{MULTIPLICATION SIGN}", "missed"),
    "due": ("\N{WHITE CIRCLE}", "due"),
    "ahead": ("\N{MIDDLE DOT}", "ahead"),
}


def head(report: Report, alone: bool) -> str:
    """Title, what it covers, and the unit buttons."""
    names = ", ".join(board.shown for board in report.boards)
    if alone:
        when = report.mishaps[0].stop.when if report.mishaps else report.walks[0].session.when
        covers = when.text()
    else:
        covers = _covers(report)
    return (
        f'<header class="head"><div><h1>{escape(report.title)}</h1>'
        f'<p class="soft">{escape(covers)} \N{MIDDLE DOT} board {escape(names)}</p></div>'
        f"{UNIT_BUTTONS}</header>"
        "<noscript><p>The figures need JavaScript; every number stands in the text and tables"
        " as well.</p></noscript>"
    )


def _covers(report: Report) -> str:
    days = [walk.session.when.day for walk in report.walks]
    known = sorted(day for day in days if day is not None)
    total = html.hours(sum(walk.session.backward_s for walk in report.walks))
    span = f", {known[0]:%d %b %Y} to {known[-1]:%d %b %Y}" if known else ""
    return f"{html.count(len(report.walks), 'session')}, {total} walked backward{span}"


def tiles(report: Report) -> str:
    """The five numbers people look for first."""
    walks = [walk for walk in report.walks if walk.session.mode != "forward"]
    lately, before = report.weeks[-LATELY_WEEKS:], report.weeks[:-LATELY_WEEKS]
    speeds = [v for week in lately for v in week.speeds]
    stops = [mm for week in lately for mm in week.stops_mm]
    earlier = median([v for week in before for v in week.speeds])
    shortest = median([mm for week in before for mm in week.stops_mm])
    hands = sum(_ended_by(walk, ("RAILS_RELEASED", "ONE_HAND")) for walk in walks)
    rows = [
        (str(len(walks)), "sessions in backward mode"),
        (html.hours(sum(w.session.backward_s for w in walks)), "walked backward"),
        (
            html.speed(median(speeds)) if speeds else "\N{EN DASH}",
            f"usual speed, last {LATELY_WEEKS} weeks"
            + (f"; before that {html.speed(earlier)}" if earlier else ""),
        ),
        (
            html.metres(median(stops)) if stops else "\N{EN DASH}",
            f"usual stop, last {LATELY_WEEKS} weeks"
            + (f"; before that {html.metres(shortest)}" if shortest else ""),
        ),
        (str(len(report.mishaps)), f"trips; {html.count(hands, 'stop')} because a hand let go"),
    ]
    return (
        '<ul class="tiles">'
        + "".join(f'<li><b>{big}</b><span class="soft">{small}</span></li>' for big, small in rows)
        + "</ul>"
    )


def _ended_by(walk: Walk, causes: tuple[str, ...]) -> bool:
    return walk.session.stop is not None and walk.session.stop.cause in causes


def weeks(report: Report) -> str:
    """The trend: minutes, usual speed, stop distance."""
    if len(report.weeks) < 2:
        return ""
    busiest = max(report.weeks, key=lambda week: week.backward_s)
    label = (
        f"Minutes walked backward in each of {len(report.weeks)} weeks; the most,"
        f" {busiest.backward_s // 60} min, in the week of {busiest.monday:%d %b %Y}."
    )
    undated = (
        f'<p class="soft">{html.count(report.undated, "session")} of unknown day '
        "(the board's clock was never set) are in the table, not in these figures.</p>"
        if report.undated
        else ""
    )
    return (
        '<section aria-labelledby="weeks"><h2 id="weeks">Week by week</h2>'
        + html.figure('data-weeks="minutes"', label, len(report.weeks) > 12, _week_legend(report))
        + '<div class="two">'
        + html.figure('data-weeks="speed"', "Usual backward speed of each week.", zoom=False)
        + html.figure('data-weeks="stop"', "Usual stop distance of each week.", zoom=False)
        + f"</div>{undated}</section>"
    )


def _week_legend(report: Report) -> str:
    key = []
    if any(week.trips for week in report.weeks):
        key.append(
            '<span class="triangle" aria-hidden="true">\N{BLACK UP-POINTING TRIANGLE}</span> '
            "a week with a trip"
        )
    if report.plan is not None:
        key.append('<span class="dashes" aria-hidden="true"></span> what the programme asks for')
    return " \N{MIDDLE DOT} ".join(key)


def plan(report: Report) -> str:
    """Adherence: a card a week, a mark a session."""
    if report.plan is None:
        return ""
    one, programme = report.plan, report.plan.programme
    coming = one.next_session()
    following = "All its weeks are over."
    if coming is not None:
        day, week = coming
        at = f" at {html.speed(week.speed_mm_s)}" if week.speed_mm_s else ""
        following = f"Next: {day:%a %d %b}, {week.minutes} min{at}."
    return (
        f'<section aria-labelledby="plan"><h2 id="plan">Programme: {escape(programme.title)}</h2>'
        f"<p>{one.done} of {programme.weeks * programme.sessions_per_week} sessions done,"
        f" {one.missed} missed. {following}</p>"
        f'<ul class="plan">{"".join(_plan_week(one, week) for week in one.weeks)}</ul>'
        f"{_uncounted(report)}{_source(programme)}</section>"
    )


def _uncounted(report: Report) -> str:
    if not report.undated:
        return ""
    return (
        f'<p class="soft">{html.count(report.undated, "session")} of unknown day could not be'
        " counted: `treadguard clock sync` before each walk tells the board the time.</p>"
    )


def _source(programme: Programme) -> str:
    """Dose, numbers, with whom and where: beside the plan, not behind a link."""
    source = programme.source
    pairs = [
        ("dose", programme.dose()),
        ("source", f"{source.citation} ({source.reference})"),
        ("reported there", source.reported),
        ("with whom", source.population),
        ("setting", source.setting),
    ]
    if source.differs:
        pairs.append(("sources differ", source.differs))
    rows = "".join(f"<div><dt>{term}</dt><dd>{escape(text)}</dd></div>" for term, text in pairs)
    return (
        f'<dl class="source">{rows}</dl>'
        '<p class="soft">What it did for them says nothing certain about you.</p>'
    )


def _plan_week(one: Plan, week: PlanWeek) -> str:
    done = min(len(week.done), week.planned)
    rest = "missed" if week.missed else "due" if week.due else "ahead"
    states = ["done"] * done + [rest] * (week.planned - done)
    slots = "".join(
        f'<span class="{s}" title="{SLOTS[s][1]}" aria-hidden="true">{SLOTS[s][0]}</span>'
        for s in states
    )
    now = week is one.current
    more = f"{week.missed} missed" if week.missed else f"{week.due} due" if week.due else ""
    begun = bool(done or more)
    told = f"{done} of {week.planned} done" if begun else f"{week.planned} planned"
    return (
        f'<li class="{"now" if now else ""}"><b>Week {week.number}</b>'
        f'<div class="slots">{slots}</div><span class="soft">{told}'
        f"{', ' + more if more else ''}<br>from {week.begins.day} {week.begins:%b}</span></li>"
    )


def viewer(report: Report) -> str:
    """One session at a time; report.js puts the chosen one in."""
    if not report.walks:
        return ""
    buttons = (
        '<span class="bar-of-buttons"><button data-step="-1">\N{LEFTWARDS ARROW} earlier</button>'
        '<button data-step="1">later \N{RIGHTWARDS ARROW}</button></span>'
        if len(report.walks) > 1
        else '<span hidden><button data-step="-1"></button><button data-step="1"></button></span>'
    )
    kept = "".join(
        f'<template id="facts-{i}">{_walk_facts(walk)}</template>'
        for i, walk in enumerate(report.walks)
    )
    return (
        '<section id="viewer" aria-label="one session"><div class="head">'
        f'<h2 class="chosen" aria-live="polite"></h2>{buttons}</div>'
        + html.figure('class="session"', "Belt speed, limit and hands of the chosen session.")
        + '<p class="notrace soft" hidden>The logbook has no trace of this session: the board'
        f" keeps the last {firmware.load('guard.recorder').TRACES}.</p>"
        f'<div class="facts"></div></section>{kept}'
    )


def _walk_facts(walk: Walk) -> str:
    session, stop = walk.session, walk.session.stop
    pairs = [
        ("walked backward", f"{html.minutes(session.backward_s)} min"),
        ("usual speed", html.speed(walk.usual_mm_s)),
        ("highest speed", f"{html.speed(session.max_mm_s)} of {html.speed(session.limit_mm_s)}"),
        ("most ahead of the limit", f"{session.max_lead_mm} mm"),
        ("ended by", stops.cause(stop)),
        ("stop", stops.stop_words(stop)),
    ]
    if session.incline_permille is not None and session.most_incline_permille is not None:
        now, most = (
            options.steep(p) for p in (session.incline_permille, session.most_incline_permille)
        )
        pairs.append(("incline", f"{now} at the end, steepest {most}"))
    return html.facts(pairs)


def table(report: Report) -> str:
    """Every session, newest first."""
    rows = "".join(
        _row(index, report.walks[index]) for index in reversed(range(len(report.walks)))
    )
    heads = "".join(
        f'<th scope="col">{text}</th>'
        for text in ("When", "Backward", "Usual", "Highest", "Limit", "Ended by", "Stop")
    )
    return (
        '<section aria-labelledby="all"><h2 id="all">All sessions</h2>'
        '<div class="scroll" tabindex="0" role="region" aria-label="table of all sessions">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _row(index: int, walk: Walk) -> str:
    session = walk.session
    usual = html.speed(walk.usual_mm_s) if walk.usual_mm_s else "\N{EN DASH}"
    mode = "" if session.mode == "backward" else f" ({escape(session.mode)})"
    return (
        f'<tr data-session="{index}"><td><button>{escape(session.when.text())}</button>{mode}</td>'
        f"<td>{html.minutes(session.backward_s)}</td><td>{usual}</td>"
        f"<td>{html.speed(session.max_mm_s)}</td><td>{html.speed(session.limit_mm_s)}</td>"
        f"<td>{stops.cause(session.stop)}</td><td>{stops.stop_words(session.stop)}</td></tr>"
    )


def gaps(report: Report) -> str:
    """What is missing, said plainly."""
    if not report.gaps:
        return ""
    items = "".join(f"<li>{escape(gap)}</li>" for gap in report.gaps)
    return (
        '<section aria-labelledby="gaps"><h2 id="gaps">What is missing</h2>'
        f"<ul>{items}</ul></section>"
    )
