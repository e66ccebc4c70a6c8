# SPDX-License-Identifier: MIT
"""Proofs given by hand at the board, with the relay open.

Static proof, the way out of LOCKOUT: e-stop pressed and released, each rail gripped and let go,
the belt turned by hand; then START held 5 s runs T1 to T3. Sensor proof, after a sensor fault:
three edges 100 ms to 5 s apart while the belt is pushed with both hands on the rails.
"""

from micropython import const

from guard.core.states import HELD, RELEASED

EDGES_NEEDED = const(3)
GAP_MIN_MS = const(100)
GAP_MAX_MS = const(5000)


class HandPush:
    """Edges of a belt that is pushed by foot or hand: evenly late, never fast."""

    def __init__(self):
        self.clear()

    def clear(self):
        self.edges = 0
        self.last_ms = 0

    def edge(self, now_ms):
        """Count one edge; True when three in a row came 100 ms to 5 s apart."""
        gap_ms = (now_ms - self.last_ms) & 0x3FFFFFFF
        plausible = self.edges and GAP_MIN_MS <= gap_ms <= GAP_MAX_MS
        self.edges = self.edges + 1 if plausible else 1
        self.last_ms = now_ms
        return self.edges >= EDGES_NEEDED

    def tick(self, now_ms):
        if self.edges and (now_ms - self.last_ms) & 0x3FFFFFFF > GAP_MAX_MS:
            self.edges = 0


class RailProof:
    """Seen released, then held, then released: a hand that lets go now is no proof."""

    def __init__(self):
        self.clear()

    def clear(self):
        self.free = False
        self.gripped = False
        self.done = False

    def tick(self, contact):
        if contact == HELD:
            self.gripped = self.free
        elif contact == RELEASED:
            self.free = True
            if self.gripped:
                self.done = True


class StaticProof:
    def __init__(self, rails):
        self.rails = rails
        self.left = RailProof()
        self.right = RailProof()
        self.push = HandPush()
        self.clear()

    def clear(self):
        self.steps = 0
        self.stood_still = False
        self.estop_seen = False
        self.estop_done = False
        self.belt_done = False
        self.left.clear()
        self.right.clear()
        self.push.clear()

    def edge(self, now_ms):
        """A belt that coasts from the stop is nobody's hand: only after a standstill."""
        if self.stood_still and self.push.edge(now_ms):
            self.belt_done = True

    def tick(self, s, still):
        """Note what has been shown; the number of finished steps, 0..4."""
        if still:
            self.stood_still = True
        if s.estop_pressed:
            self.estop_seen = True
        elif self.estop_seen:
            self.estop_done = True
        self.left.tick(s.left)
        self.right.tick(s.right)
        self.push.tick(s.now_ms)
        return self.estop_done + self.belt_done + self.left.done + self.right_done()

    def step_done(self, s, still):
        """One more step has been shown in this tick."""
        before = self.steps
        self.steps = self.tick(s, still)
        return self.steps > before

    def right_done(self):
        return self.right.done or not self.rails.two_fitted()

    def complete(self):
        return self.estop_done and self.belt_done and self.left.done and self.right_done()
