# SPDX-License-Identifier: MIT
"""Timing diagrams of sounds and lights, drawn from the patterns in board/panel.py."""

from __future__ import annotations

from collections.abc import Sequence

WINDOW_MS = 4000
SCALE = 0.09  # px per ms: as wide as a phone, and the shortest pulse, 20 ms, is still seen
LEFT, TOP, HIGH, FOOT = 16, 14, 44, 26
WIDTH = LEFT * 2 + int(WINDOW_MS * SCALE)
HEIGHT = TOP + HIGH + FOOT

STYLE = """\
  <style>
    .paper { fill: #ffffff; stroke: #d0d7de }
    .on { fill: #0550ae }
    .line { stroke: #57606a; stroke-width: 1.5 }
    .tick { stroke: #8c959f; stroke-width: 1 }
    text { fill: #1f2328; font: 14px system-ui, -apple-system, 'DejaVu Sans', sans-serif }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #0d1117; stroke: #30363d }
      .on { fill: #79c0ff }
      .line { stroke: #9da7b3 }
      .tick { stroke: #6e7681 }
      text { fill: #e6edf3 }
    }
  </style>"""


def pulses(
    pattern: Sequence[int], repeats: bool, window_ms: int = WINDOW_MS
) -> list[tuple[int, int]]:
    """(start, length) in ms of every pulse within the window; a lone step goes on for ever."""
    if repeats and len(pattern) == 1:
        return [(0, window_ms)]
    found, at_ms, step = [], 0, 0
    while at_ms < window_ms and step < len(pattern):
        length = min(pattern[step], window_ms - at_ms)
        if step % 2 == 0:
            found.append((at_ms, length))
        at_ms += pattern[step]
        step = (step + 1) % len(pattern) if repeats else step + 1
    return found


def drawing(title: str, pattern: Sequence[int], repeats: bool) -> str:
    """One diagram of four seconds as SVG."""
    bars = "\n".join(
        f'  <rect class="on" x="{_x(start)}" y="{TOP + 6}" width="{length * SCALE:g}"'
        f' height="{HIGH - 6}"/>'
        for start, length in pulses(pattern, repeats)
    )
    ground = TOP + HIGH
    marks = "\n".join(
        f'  <path class="tick" d="M{_x(s * 1000)} {ground} v6"/>'
        f'<text x="{_x(s * 1000)}" y="{ground + 20}" text-anchor="middle">{s}{_unit(s)}</text>'
        for s in range(WINDOW_MS // 1000 + 1)
    )
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" \
height="{HEIGHT}" role="img">
  <title>{title}</title>
{STYLE}
  <rect class="paper" x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="6"/>
{bars}
  <path class="line" d="M{LEFT} {ground} h{WIDTH - 2 * LEFT}"/>
{marks}
</svg>
"""


def _x(ms: int) -> str:
    return f"{LEFT + ms * SCALE:g}"


def _unit(second: int) -> str:
    return " s" if second == 0 else ""
