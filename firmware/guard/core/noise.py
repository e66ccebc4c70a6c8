# SPDX-License-Identifier: MIT
"""SENSOR_NOISE: edges no belt makes. Three within 10 s or within four turns, the longer."""

from micropython import const

WITHIN_MS = const(10000)
TURNS = const(4)


class NoiseCount:
    """Counts edges inside the blanking and intervals that fit neither neighbour.

    Adjacent intervals of a healthy belt never differ by more than 1.49 (estimator study, 5);
    a lost magnet shows as one interval of 2 a turn, so three turns name it.
    """

    def __init__(self):
        self.clear()

    def configure(self, magnets_per_turn):
        self.window_edges = TURNS * magnets_per_turn

    def clear(self):
        self.total = 0
        self.overflow = False
        self.noisy = False
        self.forget_neighbours()
        self._ms_1 = 0
        self._ms_2 = 0
        self._edge_1 = 0
        self._edge_2 = 0

    def forget_neighbours(self):
        self._dt_1 = 0
        self._dt_2 = 0

    def add(self, now_ms, edge_number):
        """One implausible edge."""
        self.total += 1
        if self.total >= 3 and (
            (now_ms - self._ms_2) & 0x3FFFFFFF <= WITHIN_MS
            or edge_number - self._edge_2 <= self.window_edges
        ):
            self.noisy = True
        self._ms_2 = self._ms_1
        self._edge_2 = self._edge_1
        self._ms_1 = now_ms
        self._edge_1 = edge_number

    def interval(self, dt_us, now_ms, edge_number):
        """Judge the interval before this one by its two neighbours."""
        middle = self._dt_1
        before = self._dt_2
        if before:
            tenfold = middle * 10
            if tenfold > before * 16 and tenfold > dt_us * 16:
                self.add(now_ms, edge_number)
            elif tenfold < before * 6 and tenfold < dt_us * 6:
                self.add(now_ms, edge_number)
        self._dt_2 = middle
        self._dt_1 = dt_us

    def tripped(self):
        return self.noisy or self.overflow
