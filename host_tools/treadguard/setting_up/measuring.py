# SPDX-License-Identifier: MIT
"""The speed of a running belt from the board's own count of edges and its own clock."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from treadguard.errors import ExpectationFailed
from treadguard.link.frames import Message
from treadguard.setting_up.visit import Visit
from treadguard.setting_up.watching import POLL_S, unexpected

MASK_MS = (1 << 30) - 1
SPAN_MS = 12_000
EDGES = 30
SAMPLES = 12
TRIES = 5
STEADY_PERCENT = 4

Sample = tuple[int, int]
"""(board's ms, edges)"""


def fitted_mm_s(samples: Sequence[Sample], d_um: int) -> int:
    """The slope of the best line through the samples, as belt speed.

    A line through many readings, because a single one is off by up to an edge.
    """
    n = len(samples)
    mean_ms = Fraction(sum(ms for ms, _ in samples), n)
    mean_edges = Fraction(sum(edges for _, edges in samples), n)
    over = sum((ms - mean_ms) * (edges - mean_edges) for ms, edges in samples)
    under = sum((ms - mean_ms) ** 2 for ms, _ in samples)
    return round(over / under * d_um) if under else 0


def steady(samples: Sequence[Sample], d_um: int) -> bool:
    """Whether both halves show the same speed, within 4 % and what one edge is worth."""
    middle = len(samples) // 2
    early, late = fitted_mm_s(samples[:middle], d_um), fitted_mm_s(samples[middle:], d_um)
    half_ms = max(1, samples[-1][0] - samples[middle][0])
    edge_mm_s = d_um // half_ms
    return abs(early - late) * 100 <= STEADY_PERCENT * max(early, late) + 100 * edge_mm_s


def running_speed(visit: Visit, d_um: int) -> int:
    """The belt's speed in mm/s, once it is steady. Raises ExpectationFailed when it never is,
    BoardRefused when the session ends meanwhile."""
    for _ in range(TRIES):
        samples = _watched(visit)
        if steady(samples, d_um):
            return fitted_mm_s(samples, d_um)
        visit.talk.say("    the speed still changes, measured again")
    raise ExpectationFailed(
        "the belt does not run steadily: leave the console alone and check the magnets; then run"
        " the command again"
    )


def _watched(visit: Visit) -> list[Sample]:
    first = _running(visit)
    start_ms, start_edges = int(first["uptime_ms"]), int(first["edges"])
    samples = [(0, 0)]
    while samples[-1][0] < SPAN_MS or samples[-1][1] < EDGES or len(samples) < SAMPLES:
        visit.client.listen(POLL_S / 2)
        status = _running(visit)
        ms = (int(status["uptime_ms"]) - start_ms) & MASK_MS
        samples.append((ms, int(status["edges"]) - start_edges))
        visit.talk.live(f"    {status['speed_mm_s']} mm/s, {samples[-1][1]} edges")
    visit.talk.out.end_progress()
    return samples


def _running(visit: Visit) -> Message:
    status = visit.watch.status()
    if status.get("state") != "FORWARD":
        raise unexpected(status)
    return status
