# SPDX-License-Identifier: MIT
"""Magnets on the roller and the hall sensor that sees them: belt travel -> falling edges."""

from treadguard.virtual.wiring import HALL_A, HALL_B

DIAG_MAGNET = 190  # permille of 3.3 V, supervised line
DIAG_NONE = 820
DIAG_CUT = 1000
DIAG_SHORT = 0

FAULTS = ("dead", "stuck_low", "cut", "short", "odd")


class Hall:
    def __init__(self, world, numbers, rng):
        self.world = world
        self.pin = HALL_A
        self.numbers = numbers
        self.rng = rng
        self.gaps_nm = spacing(numbers, rng)
        self.lost = [False] * len(self.gaps_nm)
        self.magnet = 0
        self.to_edge_nm = self.gaps_nm[0] * rng.between(100, 900) // 1000
        self.pulse_nm = numbers["pulse_um"] * 1000
        self.shrink_nm = 0  # of the pulse, per magnet: a sensor that works loose
        self.jitter_us = numbers["edge_jitter_us"]
        self.missed_permille = numbers["missed_permille"]
        self.bounce_permille = numbers["bounce_permille"]
        self.fault = ""
        self.step_ends_at = 0

    def passes(self, at_us, dt_us, travelled_nm):
        """At least one magnet comes by in a step of dt_us that ends at at_us + dt_us."""
        self.step_ends_at = at_us + dt_us
        left_nm = travelled_nm
        covered_nm = 0
        while self.to_edge_nm <= left_nm:
            left_nm -= self.to_edge_nm
            covered_nm += self.to_edge_nm
            # Both scaled to um: the product fits 2**30 up to 10 m/s.
            part_us = dt_us * (covered_nm // 1000) // max(1, travelled_nm // 1000)
            magnet = self.magnet
            self.magnet = magnet + 1 if magnet + 1 < len(self.gaps_nm) else 0
            self.to_edge_nm = self.gaps_nm[self.magnet]
            if not self.lost[magnet]:
                self._sees(at_us + min(part_us, dt_us))
        self.to_edge_nm -= left_nm

    def _sees(self, at_us):
        if self.shrink_nm:
            self.pulse_nm = max(0, self.pulse_nm - self.shrink_nm)
            if self.pulse_nm < 1000000 and self.rng.below(10000) > self.pulse_nm // 100:
                return
        if self.fault:
            return
        if self.missed_permille and self.rng.below(1000) < self.missed_permille:
            return
        if self.jitter_us:
            at_us += self.rng.below(self.jitter_us + 1)
        self._edge(at_us)
        if self.bounce_permille and self.rng.below(1000) < self.bounce_permille:
            self._edge(at_us + self.rng.between(500, 3000))

    def _edge(self, at_us):
        if at_us <= self.step_ends_at:
            self.world.edge(self.pin, at_us)
        else:
            self.world.call_at(at_us, self._late, 0)

    def _late(self, _):
        self.world.edge(self.pin, self.world.now)

    def burst(self, count, gap_us):
        """Edges that no magnet made: a motor brush, a relay, a phone."""
        for i in range(count):
            self.world.call_in(i * gap_us, self._late, 0)

    def diag_permille(self):
        """The supervised line's level, for the ADC."""
        if self.fault:
            return self._fault_permille()
        travelled_nm = self.gaps_nm[self.magnet] - self.to_edge_nm
        if travelled_nm < self.pulse_nm and not self.lost[self.magnet - 1]:
            return DIAG_MAGNET
        return DIAG_NONE

    def _fault_permille(self):
        if self.fault == "cut":
            return DIAG_CUT
        if self.fault == "short":
            return DIAG_SHORT
        if self.fault == "odd":
            return 500
        return DIAG_MAGNET if self.fault == "stuck_low" else DIAG_NONE

    def lose(self, magnet, lost):
        self.lost[magnet] = lost


def spacing(numbers, rng):
    """Belt travel from each magnet to the next, nm; uneven, but one turn is one turn."""
    magnets = numbers["magnets"]
    even_nm = numbers["circumference_um"] // magnets * 1000
    gaps = [even_nm] * magnets
    uneven = numbers["uneven_permille"]
    if uneven:
        # In pairs, one long and one short: each within its limit, and the turn exact.
        for i in range(0, magnets - 1, 2):
            share = rng.between(-uneven, uneven)
            gaps[i] += even_nm // 1000 * share
            gaps[i + 1] -= even_nm // 1000 * share
    return gaps


class HallB(Hall):
    """The second sensor: the same magnets, part of their distance later."""

    def __init__(self, world, numbers, rng, first, quarters):
        super().__init__(world, numbers, rng)
        self.pin = HALL_B
        self.first = first
        self.gaps_nm = first.gaps_nm
        self.lost = first.lost
        self.place(quarters)

    def place(self, quarters):
        """So many quarters of the distance between magnets behind the first."""
        self.magnet = self.first.magnet
        self.to_edge_nm = self.first.to_edge_nm + self.gaps_nm[self.magnet] * quarters // 4
        before_nm = self.to_edge_nm - self.gaps_nm[self.magnet]
        if before_nm > 0:  # the magnet before has passed A and not yet B
            self.magnet = self.magnet - 1 if self.magnet else len(self.gaps_nm) - 1
            self.to_edge_nm = before_nm


def swap(a, b):
    """The two plugs change places."""
    a.pin, b.pin = b.pin, a.pin
