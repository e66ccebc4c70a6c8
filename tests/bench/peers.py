# SPDX-License-Identifier: MIT
"""How other treadmill projects turn pulses into speed, re-stated in a few lines each.

None of them is a safety controller; here each one trips at the same speed as ours. They read the
same stamps, and each yields (time, speed) whenever it has a new reading. Its clock first ticks
at `phase_us`; `settled` is the speed it has been reading until then. Times us, distance um,
speed um/s.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator

SECOND_US = 1_000_000
SHORTEST_US = 300

Readings = Iterator[tuple[int, float]]
Estimator = Callable[[list[int], int, int, float], Readings]


def count_1s(stamps: list[int], d_um: int, phase_us: int, settled: float) -> Readings:
    """Pulses in one second: the plain way, and what ESPHome's pulse_counter does."""
    return _counts(stamps, d_um, phase_us, 1)


def count_3s(stamps: list[int], d_um: int, phase_us: int, settled: float) -> Readings:
    """Pulses in three seconds (mstepovanyy/TreadmillSensor)."""
    return _counts(stamps, d_um, phase_us, 3)


def ema_quarter(stamps: list[int], d_um: int, phase_us: int, settled: float) -> Readings:
    """Exponential mean, alpha 0.25, of each second's count (samsonovss/ESPHome-Treadmill-FTMS)."""
    mean = settled
    for at_us, speed in _counts(stamps, d_um, phase_us, 1):
        mean += 0.25 * (speed - mean)
        yield at_us, mean


def half_previous(stamps: list[int], d_um: int, phase_us: int, settled: float) -> Readings:
    """Mean of one second's pulses; one that comes sooner than half the interval before it is
    dropped as a bounce (lefty01/ESP32_TTGO_FTMS)."""
    at_us = phase_us + SECOND_US
    started_us, before_us, total_us, turns = stamps[0], 0, 0, 0
    for stamp in stamps[1:]:
        while stamp > at_us:
            yield at_us, turns * d_um * SECOND_US / total_us if turns else 0.0
            total_us = turns = 0
            at_us += SECOND_US
        dt_us = stamp - started_us
        if dt_us > SECOND_US:
            started_us, before_us = stamp, 0
        elif dt_us > SHORTEST_US and dt_us > before_us // 2:
            started_us, before_us = stamp, dt_us
            total_us += dt_us
            turns += 1


def _counts(stamps: list[int], d_um: int, phase_us: int, seconds: int) -> Readings:
    at_us = phase_us + seconds * SECOND_US
    before = bisect_right(stamps, phase_us)
    while at_us <= stamps[-1]:
        now = bisect_right(stamps, at_us)
        yield at_us, (now - before) * d_um / seconds
        before = now
        at_us += seconds * SECOND_US


PEERS: dict[str, Estimator] = {
    "1 s count": count_1s,
    "half-previous, 1 s mean": half_previous,
    "EMA 0.25 at 1 Hz": ema_quarter,
    "3 s count": count_3s,
}


def first_above(readings: Readings, threshold: float, hazard_us: int) -> tuple[bool, int | None]:
    """Did it trip before the hazard, and when does it trip from the hazard on?"""
    tripped_before = False
    for at_us, speed in readings:
        if speed > threshold:
            if at_us >= hazard_us:
                return tripped_before, at_us
            tripped_before = True
    return tripped_before, None
