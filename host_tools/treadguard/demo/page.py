# SPDX-License-Identifier: MIT
"""The demo's report: one HTML file, a picture per stop, understood at a glance, offline."""

from __future__ import annotations

from html import escape
from typing import Any

from treadguard.logbook import plots
from treadguard.logbook.decode import Box

STORIES = {
    "RAILS_RELEASED": "Both hands left the rails. The box waits a short grace for a re-grip, "
    "then opens the relay; the treadmill stops as if its safety key had been pulled.",
    "OVERSPEED": "The belt sped up by itself under a person who cannot see the console. The box "
    "counts how far the belt gets ahead of the limit; at 3 cm it opened the relay.",
    "SENSOR_LOST": "The speed sensor went silent at full speed. Silence is not standstill: the "
    "box opens the relay first and asks afterwards.",
}
CSS = """
body{font:17px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);
max-width:900px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{margin:2.2rem 0 .3rem;font-size:1.2rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35rem .6rem;
border-bottom:1px solid var(--line)}
.big{font-size:1.15rem}svg{width:100%;height:auto}p.soft,footer{color:var(--soft)}
@media print{body{margin:0}section{break-inside:avoid}}
"""


def report(rows: list[dict[str, Any]], boxes: list[Box]) -> str:
    """The whole page."""
    sections = "\n".join(_section(row, box) for row, box in zip(rows, boxes, strict=True))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>treadguard: three stops</title><style>{plots.STYLE}{CSS}</style></head><body>
<h1>Three stops of one virtual session</h1>
<p>The real firmware on a virtual board and treadmill, walked backward at 3.0 km/h. Times and
distances are the simulation's ground truth; the curves are what the board itself recorded.</p>
{_table(rows)}
{sections}
<footer><p>treadguard only takes permission away: it opens the treadmill's safety-key loop. It is
not certified and does not catch anyone who falls.</p></footer>
</body></html>
"""


def _table(rows: list[dict[str, Any]]) -> str:
    body = "".join(
        f"<tr><td>{escape(row['hazard'])}</td><td>{row['fault']}</td>"
        f"<td>{row['open_after_ms']:.0f} ms</td><td>{row['bound_ms']:.0f} ms</td>"
        f"<td>{row['carried_m']:.2f} m</td></tr>"
        for row in rows
    )
    return (
        "<table><thead><tr><th>hazard</th><th>opened by</th><th>relay open after</th>"
        f"<th>bound</th><th>walker carried</th></tr></thead><tbody>{body}</tbody></table>"
    )


def _section(row: dict[str, Any], box: Box) -> str:
    story = STORIES.get(row["fault"], "")
    summary = (
        f"Relay open {row['open_after_ms'] / 1000:.2f} s after it began, "
        f"walker carried {row['carried_m']:.2f} m."
    )
    picture = plots.stop_svg(
        box.header, box.rows, row["hazard"], summary, began_ms=-row["open_after_ms"]
    )
    return (
        f"<section><h2>{escape(row['hazard'][0].upper() + row['hazard'][1:])}</h2>"
        f'<p>{escape(story)}</p><p class="big"><b>{escape(summary)}</b></p>{picture}</section>'
    )
