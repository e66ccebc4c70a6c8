# SPDX-License-Identifier: MIT
"""Black boxes as pictures: speed against the limit, hands and relay on one time axis, as SVG.

Colours come from CSS variables of the page, so that a picture follows light and dark mode.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

WIDTH, PLOT_TOP, PLOT_HEIGHT, LEFT, RIGHT = 860, 34, 190, 64, 20
LANE_HEIGHT, LANE_GAP = 16, 8
LANES = ("left", "right", "relay")
LANE_LABELS = {"left": "left hand", "right": "right hand", "relay": "relay"}
KMH = 0.0036

STYLE = """
:root{--ink:#1b1f24;--soft:#5c6670;--line:#d5dae0;--paper:#fff;--speed:#0b5cad;--limit:#b3261e;
--good:#2e7d32;--bad:#b3261e;--idle:#c9ced6;--shade:#fbe9e7}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a6afb8;--line:#3a4149;
--paper:#16191d;--speed:#7ab8ff;--limit:#ff8a80;--good:#81c784;--bad:#ff8a80;--idle:#4a525b;
--shade:#3a2323}}
svg text{font:13px system-ui,sans-serif;fill:var(--ink)}svg .soft{fill:var(--soft)}
"""


def opened_index(rows: Sequence[dict[str, Any]]) -> int:
    """The tick in which the relay was told to open: the first in STOPPING, or the last tick."""
    for index, row in enumerate(rows):
        if row["state"] == "STOPPING":
            return index
    return len(rows) - 1


def stop_svg(
    header: dict[str, Any],
    rows: Sequence[dict[str, Any]],
    title: str,
    story: str,
    before_ms: int = 6000,
    after_ms: int = 4000,
    began_ms: float | None = None,
) -> str:
    """One stop. `began_ms` (from the opening, negative) marks where the hazard began."""
    at = opened_index(rows)
    zero = rows[at]["ms"]
    shown = [row for row in rows if -before_ms <= row["ms"] - zero <= after_ms]
    limit = int(header["limit_mm_s"])
    top_mm_s = max(limit * 3 // 2, *(int(row["v_mm_s"]) for row in shown)) * 1.08
    height = PLOT_TOP + PLOT_HEIGHT + len(LANES) * (LANE_HEIGHT + LANE_GAP) + 40

    def x(ms: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (ms + before_ms) / (before_ms + after_ms)

    def y(mm_s: float) -> float:
        return PLOT_TOP + PLOT_HEIGHT * (1 - mm_s / top_mm_s)

    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title><desc>{escape(story)}</desc>",
        *_shade(began_ms, x),
        *_grid(top_mm_s, before_ms, after_ms, x, y),
        *_limit_line(limit, x, y, before_ms, after_ms),
        _speed_line([(x(row["ms"] - zero), y(row["v_mm_s"])) for row in shown]),
        *_lanes(shown, zero, x),
        *_opening(x, height),
        "</svg>",
    ]
    return "\n".join(parts)


def _shade(began_ms: float | None, x: Callable[[float], float]) -> list[str]:
    if began_ms is None:
        return []
    left, right = x(began_ms), x(0)
    return [
        (
            f'<rect x="{left:.1f}" y="{PLOT_TOP}" width="{max(2.0, right - left):.1f}" '
            f'height="{PLOT_HEIGHT}" fill="var(--shade)"/>'
        ),
        f'<text x="{left - 6:.1f}" y="{PLOT_TOP + 14}" text-anchor="end">it begins</text>',
    ]


def _grid(
    top_mm_s: float,
    before_ms: int,
    after_ms: int,
    x: Callable[[float], float],
    y: Callable[[float], float],
) -> list[str]:
    parts = []
    step = 1 if top_mm_s * KMH < 7 else 2
    for kmh in range(0, int(top_mm_s * KMH) + 1, step):
        at = y(kmh / KMH)
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" '
            f'stroke="var(--line)"/><text class="soft" x="{LEFT - 8}" y="{at + 4:.1f}" '
            f'text-anchor="end">{kmh}</text>'
        )
    parts.append(f'<text class="soft" x="8" y="{PLOT_TOP - 14}">belt speed, km/h</text>')
    bottom = PLOT_TOP + PLOT_HEIGHT + len(LANES) * (LANE_HEIGHT + LANE_GAP) + 24
    for second in range(-before_ms // 1000, after_ms // 1000 + 1):
        parts.append(
            f'<text class="soft" x="{x(second * 1000):.1f}" y="{bottom}" '
            f'text-anchor="middle">{second} s</text>'
        )
    return parts


def _limit_line(
    limit: int,
    x: Callable[[float], float],
    y: Callable[[float], float],
    before_ms: int,
    after_ms: int,
) -> list[str]:
    at = y(limit)
    return [
        (
            f'<line x1="{x(-before_ms):.1f}" x2="{x(after_ms):.1f}" y1="{at:.1f}" y2="{at:.1f}" '
            'stroke="var(--limit)" stroke-dasharray="6 4"/>'
        ),
        f'<text x="{x(-before_ms) + 6:.1f}" y="{at - 6:.1f}">limit {limit * KMH:.1f} km/h</text>',
    ]


def _speed_line(points: list[tuple[float, float]]) -> str:
    path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
    return f'<polyline points="{path}" fill="none" stroke="var(--speed)" stroke-width="2.5"/>'


def _lanes(shown: Sequence[dict[str, Any]], zero: int, x: Callable[[float], float]) -> list[str]:
    parts = []
    for number, lane in enumerate(LANES):
        top = PLOT_TOP + PLOT_HEIGHT + 12 + number * (LANE_HEIGHT + LANE_GAP)
        parts.append(
            f'<text class="soft" x="{LEFT - 8}" y="{top + 12}" text-anchor="end" '
            f'style="font-size:11px">{LANE_LABELS[lane]}</text>'
        )
        for start, end, word in _runs(shown, lane):
            left, right = x(start - zero), x(end - zero + 10)
            parts.append(
                f'<rect x="{left:.1f}" y="{top}" width="{max(1.0, right - left):.1f}" '
                f'height="{LANE_HEIGHT}" rx="2" fill="{_lane_colour(word)}">'
                f"<title>{LANE_LABELS[lane]}: {word}</title></rect>"
            )
    return parts


def _runs(shown: Sequence[dict[str, Any]], lane: str) -> list[tuple[int, int, str]]:
    key = "relay_feedback" if lane == "relay" else lane
    runs: list[tuple[int, int, str]] = []
    for row in shown:
        word = str(row[key])
        if runs and runs[-1][2] == word:
            runs[-1] = (runs[-1][0], row["ms"], word)
        else:
            runs.append((row["ms"], row["ms"], word))
    return runs


def _lane_colour(word: str) -> str:
    return {"held": "var(--good)", "closed": "var(--good)", "wiring": "var(--bad)"}.get(
        word, "var(--idle)"
    )


def _opening(x: Callable[[float], float], height: int) -> list[str]:
    at = x(0)
    return [
        (
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{PLOT_TOP - 6}" y2="{height - 26}" '
            'stroke="var(--ink)" stroke-width="1.5"/>'
        ),
        f'<text x="{at + 6:.1f}" y="{PLOT_TOP - 10}">relay opens</text>',
    ]
