# SPDX-License-Identifier: MIT
"""Quadrature of two hall sensors: where in A's interval does B's edge fall?

Mounted a quarter of the magnets' distance behind A, B's edge comes at 250 permille of A's
interval when the belt runs forward and at 750 when it runs backward. Anything else is a missed
edge or a lost magnet: with one of two magnets gone it is always 125.
"""

from micropython import const

FORWARD_LOW = const(180)
FORWARD_HIGH = const(320)
REVERSE_LOW = const(680)
REVERSE_HIGH = const(820)
REVERSED_EDGES = const(3)
_HALF = const(1 << 29)


class Phase:
    def __init__(self):
        self.magnets = 1
        self.forward_edges = 0
        self.backward_edges = 0
        self.permille = -1  # of the last pair of edges that showed one
        self.forget()

    def configure(self, magnets):
        self.magnets = magnets

    def restart(self):
        """A new session or a new turn by hand."""
        self.forward_edges = 0
        self.backward_edges = 0
        self.forget()

    def forget(self):
        self.known = 0  # stamps of A in a row, up to 2
        self.a_us = self.a_before_us = self.b_us = 0
        self.b_waits = False
        self.reverse_run = 0
        self.forward_run = 0
        self.odd = 0

    def edge_a(self, stamp_us, n):
        if n != 1:
            self.known = 0
        self.a_before_us = self.a_us
        self.a_us = stamp_us
        self.known = 2 if self.known else 1
        if self.b_waits:
            self.b_waits = False
            self._judge(self.b_us)

    def edge_b(self, stamp_us, n):
        """A's edges of the same tick have been handed over already."""
        if n != 1:
            self.b_waits = False
            return
        if (stamp_us - self.a_us) & 0x3FFFFFFF < _HALF:
            self.b_us = stamp_us
            self.b_waits = True
        else:
            self._judge(stamp_us)

    def _judge(self, stamp_us):
        if self.known < 2:
            return
        offset_us = (stamp_us - self.a_before_us) & 0x3FFFFFFF
        interval_us = (self.a_us - self.a_before_us) & 0x3FFFFFFF
        if offset_us > interval_us or not interval_us:
            return  # not in this interval: several edges came in one tick
        if interval_us > 500000:  # the product below stays under 2**30
            offset_us >>= 5
            interval_us >>= 5
        self._count(offset_us * 1000 // interval_us)

    def _count(self, permille):
        self.permille = permille
        if FORWARD_LOW <= permille <= FORWARD_HIGH:
            self.forward_edges += 1
            self.forward_run += 1
            self.reverse_run = 0
        elif REVERSE_LOW <= permille <= REVERSE_HIGH:
            self.backward_edges += 1
            self.reverse_run += 1
            self.forward_run = 0
        else:
            self.odd += self.magnets
            return
        if self.odd:
            self.odd -= 1

    def reversed(self):
        return self.reverse_run >= REVERSED_EDGES

    def out_of_order(self):
        """Odd places in two turns of the magnets, or three on end: no belt makes them."""
        return self.odd > self.magnets + 1
