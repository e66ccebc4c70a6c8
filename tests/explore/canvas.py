# SPDX-License-Identifier: MIT
"""The drawing itself: boxes at fixed places, a numbered arrow for each transition."""

from __future__ import annotations

from guard.core import states as st
from guard.core.states import STATE_NAMES

WIDTH, HEIGHT = 1200, 660
HALF_W, HALF_H = 84, 26
APART = 9  # px between an arrow and the one that comes back
PLACES = {
    st.SELF_TEST: (130, 110), st.READY: (400, 110), st.ARMING: (670, 110),
    st.WAIT_BELT: (930, 110), st.FORWARD: (1092, 205), st.MOUNTING: (1035, 330),
    st.BACKWARD: (960, 430), st.STOPPING: (730, 350), st.TRIPPED: (200, 350),
    st.LOCKOUT: (560, 590), st.MAINTENANCE: (200, 590),
}  # fmt: skip
UNDER = {
    st.SELF_TEST: "silence, files, memory", st.READY: "blockers are named",
    st.ARMING: "relay self-test", st.WAIT_BELT: "do not step on yet",
    st.FORWARD: "forward limit", st.MOUNTING: "turn round", st.BACKWARD: "limit, hands, time",
    st.STOPPING: "measured, named, saved", st.TRIPPED: "START 1 s", st.LOCKOUT: "static proof",
    st.MAINTENANCE: "left by reset",
}  # fmt: skip

STYLE = """
    .page { fill: #ffffff }
    .open { fill: #ffffff; stroke: #57606a; stroke-width: 1.5 }
    .closed { fill: #fff4ec; stroke: #bc4c00; stroke-width: 2 }
    .latch { fill: #ffebe9; stroke: #cf222e; stroke-width: 2 }
    .frame { fill: none; stroke: #bc4c00; stroke-dasharray: 6 5 }
    .line { fill: none; stroke: #57606a; stroke-width: 1.4 }
    .tip { fill: #57606a }
    .dot { fill: #eef6ff; stroke: #0969da }
    text { fill: #1f2328; font-size: 15px; text-anchor: middle }
    .s { fill: #57606a; font-size: 12px }
    .n { font-size: 11px; font-weight: 600 }
    .o { fill: #bc4c00; font-size: 13px }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117 }
      .open { fill: #161b22; stroke: #8b949e }
      .closed { fill: #2b1d12; stroke: #f0883e }
      .latch { fill: #2d1517; stroke: #f85149 }
      .frame { stroke: #f0883e }
      .line { stroke: #8b949e }
      .tip { fill: #8b949e }
      .dot { fill: #10213a; stroke: #4493f8 }
      text { fill: #e6edf3 }
      .s { fill: #9da7b3 }
      .o { fill: #f0883e }
    }
"""
FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"


def svg(edges: list[dict]) -> str:
    """The whole file, from the edge list."""
    pairs = [(STATE_NAMES.index(edge["from"]), STATE_NAMES.index(edge["to"])) for edge in edges]
    lines, dots = [], []
    for number, (old, new) in enumerate(pairs, 1):
        line, dot = _arrow(number, old, new, (new, old) in pairs)
        lines.append(line)
        dots.append(dot)
    parts = [_head(), *lines, *(_box(state) for state in PLACES), *dots, _foot()]
    return "\n".join(parts) + "\n"


def _head() -> str:
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" \
aria-labelledby="t d" font-family="{FONT}">
  <title id="t">The explored state machine</title>
  <desc id="d">Eleven states and every transition that the exploration saw, numbered as in the \
table of docs/state-machine.md.</desc>
  <style>{STYLE}  </style>
  <defs><marker id="a" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" \
orient="auto"><path class="tip" d="M0 0 L10 5 L0 10 z"/></marker></defs>
  <rect class="page" width="{WIDTH}" height="{HEIGHT}" rx="10"/>
  <rect class="frame" x="820" y="48" width="366" height="424" rx="12"/>
  <text class="o" x="992" y="38">relay closed</text>"""


def _foot() -> str:
    return """  <text class="s" x="990" y="520">Numbers: the table below the drawing.</text>
  <text class="s" x="990" y="540">A reset leads from every state to SELF_TEST.</text>
</svg>"""


def _box(state: int) -> str:
    x, y = PLACES[state]
    latched = state in (st.TRIPPED, st.LOCKOUT)
    look = "closed" if st.is_closed(state) else "latch" if latched else "open"
    return (
        f'  <rect class="{look}" x="{x - HALF_W}" y="{y - HALF_H}" width="{2 * HALF_W}" '
        f'height="{2 * HALF_H}" rx="8"/>\n'
        f'  <text x="{x}" y="{y - 2}">{STATE_NAMES[state]}</text>\n'
        f'  <text class="s" x="{x}" y="{y + 16}">{UNDER[state]}</text>'
    )


def _arrow(number: int, old: int, new: int, both_ways: bool) -> tuple[str, str]:
    """(line, numbered dot)."""
    (x0, y0), (x1, y1) = PLACES[old], PLACES[new]
    dx, dy = x1 - x0, y1 - y0
    length = max((dx * dx + dy * dy) ** 0.5, 1)
    if both_ways:
        x0, x1 = x0 - dy / length * APART, x1 - dy / length * APART
        y0, y1 = y0 + dx / length * APART, y1 + dx / length * APART
    leave, arrive = _to_border(dx, dy, length), _to_border(dx, dy, length) + 3
    ax, ay = x0 + dx / length * leave, y0 + dy / length * leave
    bx, by = x1 - dx / length * arrive, y1 - dy / length * arrive
    at = 0.3 + number % 3 * 0.07  # neighbours do not cover each other
    mx, my = ax + (bx - ax) * at, ay + (by - ay) * at
    line = f'  <path class="line" d="M{ax:.0f} {ay:.0f} L{bx:.0f} {by:.0f}" marker-end="url(#a)"/>'
    dot = (
        f'  <circle class="dot" cx="{mx:.0f}" cy="{my:.0f}" r="9"/>'
        f'<text class="n" x="{mx:.0f}" y="{my + 4:.0f}">{number}</text>'
    )
    return line, dot


def _to_border(dx: float, dy: float, length: float) -> float:
    """From the middle of a box to its border, along the arrow."""
    across = HALF_W * length / abs(dx) if dx else length
    down = HALF_H * length / abs(dy) if dy else length
    return min(across, down)
