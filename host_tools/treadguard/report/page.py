# SPDX-License-Identifier: MIT
"""The report as one self-contained HTML file: text and tables here, figures drawn by report.js."""

from __future__ import annotations

import datetime as dt
import json
from html import escape
from typing import Any

from treadguard import __version__, firmware
from treadguard.report import html, sections, stops, traces
from treadguard.report.collect import Mishap, Report, Walk, median, said

HINT = "Point at the figure, drag to zoom; arrow keys read it."
SCRIPTS = ("plot.js", "box.js", "report.js")
TOUCH = "Touch the figure to read it, slide along it to zoom."


def render(report: Report, made: dt.datetime) -> str:
    """The whole file."""
    alone = not report.weeks and len(report.mishaps) <= 1
    parts = [
        sections.head(report, alone),
        "" if alone else sections.tiles(report),
        stops.trips(report) if alone else "",
        sections.weeks(report),
        sections.plan(report),
        sections.viewer(report),
        "" if alone else stops.trips(report),
        "" if alone else sections.table(report),
        sections.gaps(report),
        _footer(made),
    ]
    body = "\n".join(part for part in parts if part)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{html.POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>treadguard: {escape(report.title)}</title>"
        f"<style>\n{html.asset('report.css')}</style></head><body>\n<main>\n{body}\n</main>\n"
        f'<script type="application/json" id="data">{_json(data(report))}</script>\n'
        f"<script>\n{''.join(html.asset(name) for name in SCRIPTS)}</script>\n</body></html>\n"
    )


def data(report: Report) -> dict[str, Any]:
    """What report.js draws."""
    return {
        "states": list(firmware.state_names()),
        "sessions": [_session(walk) for walk in report.walks],
        "trips": [_trip(mishap) for mishap in report.mishaps if mishap.box],
        "weeks": [
            {
                "label": f"{week.monday.day} {week.monday:%b}",
                "sessions": week.sessions,
                "minutes": week.backward_s // 60,
                "speed": median(week.speeds),
                "stop": median(week.stops_mm),
                "trips": week.trips,
            }
            for week in report.weeks
        ],
        "target": _target(report),
    }


def _target(report: Report) -> dict[str, float] | None:
    """What the programme asks for a week, from and to which place among the weeks."""
    if report.plan is None or not report.weeks:
        return None
    week = report.plan.current or report.plan.weeks[-1]
    first = report.weeks[0].monday
    begins = (report.plan.started - first).days / 7
    end = min(float(len(report.weeks)), begins + len(report.plan.weeks))
    if end <= begins:
        return None
    return {"minutes": week.minutes * week.planned, "from": max(0.0, begins), "to": end}


def _session(walk: Walk) -> dict[str, Any]:
    session, stop = walk.session, walk.session.stop
    limits = {
        "forward": session.settings["forward_limit_mm_s"],
        "backward": session.settings["backward_limit_mm_s"],
    }
    limits["mount"] = min(session.settings["mount_limit_mm_s"], limits["backward"])
    ended = said(stop.cause) if stop else "end not recorded"
    trip = stop is not None and stop.fault_class != "stop"
    return {
        "title": f"Session {session.number}, {session.when.text()}",
        "label": f"Belt speed, limit and hands of session {session.number}: "
        f"{html.minutes(session.length_ms // 1000)} long, ended by {ended}.",
        "hint": HINT,
        "touch": TOUCH,
        "length_s": session.length_ms / 1000,
        "limits": limits,
        "ended": ended,
        "cls": "bad" if trip else "",
        "trace": walk.trace.packed() if walk.trace and walk.trace.rows else None,
    }


def _trip(mishap: Mishap) -> dict[str, Any]:
    assert mishap.box is not None
    return {
        "label": f"Black box of {said(mishap.stop.cause)}: {mishap.told}",
        "hint": HINT,
        "touch": TOUCH,
        "still": mishap.stop.still_ms,
        **traces.box_packed(mishap.box),
        "options": mishap.options.packed() if mishap.options else None,
    }


def _json(found: dict[str, Any]) -> str:
    # "</script>" in a text would end the element.
    return json.dumps(found, separators=(",", ":")).replace("</", "<\\/")


def _footer(made: dt.datetime) -> str:
    return (
        f"<footer><p>Made by treadguard {escape(__version__)} on {made:%Y-%m-%d %H:%M} from what"
        " the board recorded. Speeds are the board's own upper bound, stop distances count whole"
        " edges of the sensor. treadguard only takes permission away: it is not certified, does"
        " not catch anyone who falls, and nothing here is medical advice.</p></footer>"
    )
