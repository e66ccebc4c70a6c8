# SPDX-License-Identifier: MIT
"""Trips and stops on the page."""

from __future__ import annotations

from html import escape

from treadguard import firmware
from treadguard.logbook import sentences
from treadguard.logbook.sessions import Stop
from treadguard.report import html
from treadguard.report.collect import Mishap, Report, said

EDGES = '<span class="edges" aria-hidden="true">||||</span> each edge the belt\'s sensor saw'
EDGES_OF_TWO = (
    '<span class="edges" aria-hidden="true">||||</span> each edge that sensor A and B saw: both'
    " look at the same magnets"
)
SECOND_STOP = "stop 2: the second stop channel, a contactor in the treadmill's supply"
KEY_LOOP = "key loop: the treadmill's safety-key circuit, as key sense sees it"
INCLINE = "incline: the deck's slope, a mean over one second, as the board judges it"


def trips(report: Report) -> str:
    """Every trip: what happened, in two sentences, and its black box."""
    if not report.mishaps:
        return "" if len(report.walks) < 2 else _no_trips()
    articles, figure = [], 0
    for mishap in report.mishaps:
        articles.append(_article(mishap, figure))
        figure += mishap.box is not None
    alone = len(report.mishaps) == 1 and not report.weeks
    if alone:
        return articles[0]
    title = html.count(len(report.mishaps), "trip")
    newest_first = "".join(reversed(articles))
    return f'<section aria-labelledby="trips"><h2 id="trips">{title}</h2>{newest_first}</section>'


def _no_trips() -> str:
    return (
        '<section aria-labelledby="trips"><h2 id="trips">No trips</h2><p>Nothing latched in this'
        " time.</p></section>"
    )


def _article(mishap: Mishap, figure: int) -> str:
    stop = mishap.stop
    why, end = sentences.why(stop, html.speed), sentences.end(stop)
    when = f'<span class="soft">{escape(stop.when.text())}</span>'
    text = firmware.fault_texts().get(stop.cause)
    remedy = f"<p><b>What to do.</b> {escape(text.remedy)}</p>" if text else ""
    picture = (
        html.figure(f'data-trip="{figure}"', f"Black box: {mishap.told}", legend=_legend(mishap))
        if mishap.box is not None
        else '<p class="soft">The logbook has no readable black box of it.</p>'
    )
    ordinary = ' class="ordinary"' if stop.fault_class == "stop" else ""
    return (
        f"<article{ordinary}><h2>{cause(stop)} {when}</h2>"
        f'<p class="story">{why} {escape(end)}</p>{picture}{_stop_facts(mishap)}{remedy}</article>'
    )


def _legend(mishap: Mishap) -> str:
    seen = mishap.options
    if seen is None:
        return EDGES
    parts = [EDGES_OF_TWO if seen.edges_b is not None else EDGES]
    parts += [SECOND_STOP] if seen.second_stop is not None else []
    parts += [KEY_LOOP] if seen.key_loop is not None else []
    parts += [INCLINE] if seen.inclines is not None else []
    return " \N{MIDDLE DOT} ".join(parts)


def _stop_facts(mishap: Mishap) -> str:
    stop = mishap.stop
    pairs = [
        ("session", "none" if stop.session is None else str(stop.session)),
        ("speed and limit", f"{html.speed(stop.v_mm_s)} of {html.speed(stop.limit_mm_s)}"),
        ("stop", stop_words(stop)),
    ]
    if stop.fault_class != "stop":
        cleared = escape(stop.cleared.text()) if stop.cleared else "not yet"
        pairs += [("reset by a person", cleared), ("trip number", str(stop.seq))]
    if stop.first_named != stop.cause:
        pairs.append(("first named", escape(said(stop.first_named))))
    seen = mishap.options.facts() if mishap.options else []
    pairs += [(term, escape(text).replace(" %", "&nbsp;%")) for term, text in seen]
    return html.facts(pairs)


def cause(stop: Stop | None) -> str:
    """Why the relay opened; a trip stands out."""
    if stop is None:
        return "not recorded"
    name = escape(said(stop.cause))
    return name if stop.fault_class == "stop" else f'<span class="tag">{name}</span>'


def stop_words(stop: Stop | None) -> str:
    """Time and distance to standstill."""
    if stop is None or stop.still_ms is None:
        return "standstill not proven"
    travel = stop.travel_mm
    distance = sentences.metres(travel).replace(" m", "&nbsp;m") if travel else ""
    return f"{stop.still_ms / 1000:.1f} s" + (f", {distance}" if distance else "")
