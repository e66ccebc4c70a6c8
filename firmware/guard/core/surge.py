# SPDX-License-Identifier: MIT
"""ACCELERATION: two adjoining windows, each at least 300 ms and one turn, compared.

Interval to interval a footfall makes 5000 mm/s2; over such windows it stays below 900
(estimator study, 5).
"""

from micropython import const

WINDOW_US = const(300000)
LIMIT_MM_S2 = const(1500)


class Surge:
    def configure(self, d_um, magnets_per_turn):
        self.d_um = d_um
        self.turn_edges = magnets_per_turn
        self.forget()

    def forget(self):
        self.tripped = False
        self.before_us = 0
        self.before_mm_s = 0
        self.start()

    def start(self):
        self.edges = 0
        self.us = 0

    def interval(self, n, dt_us):
        self.edges += n
        self.us += dt_us
        if self.us < WINDOW_US or self.edges < self.turn_edges:
            return
        v_mm_s = self.d_um * self.edges * 10 // (self.us // 100)
        if self.before_us:
            middles_ms = (self.us + self.before_us) // 2000
            if (v_mm_s - self.before_mm_s) * 1000 > LIMIT_MM_S2 * middles_ms:
                self.tripped = True
        self.before_us = self.us
        self.before_mm_s = v_mm_s
        self.start()
