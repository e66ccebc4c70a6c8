# SPDX-License-Identifier: MIT
"""The second stop channel outside the box: K2 on the pump rail, and the contactor in the mains.

Its mirror contact tells that it has dropped; dropped, the treadmill has no mains and even a
shorted motor driver coasts.
"""

from treadguard.virtual.wiring import STOP2_FB

PULL_IN_US = 35000  # K2 and the contactor after it
DROP_OUT_US = 30000
FAULTS = ("none", "weld", "not_closing", "feedback_cut", "feedback_short")


class Contactor:
    def __init__(self, world):
        self.world = world
        self.coil = False
        self.closed = False
        self.fault = "none"
        self.orders = 0
        world.belt.powered = False
        self.show()

    def feed(self, on):
        """K2's coil: the pump rail and STOP2_EN."""
        if on == self.coil:
            return
        self.coil = on
        self.orders += 1
        self.world.call_in(PULL_IN_US if on else DROP_OUT_US, self._move, self.orders)

    def _move(self, order):
        if order != self.orders:
            return
        closed = self.coil and self.fault != "not_closing"
        if self.closed and self.fault == "weld":
            closed = True
        if closed != self.closed:
            self.closed = closed
            self.world.log("contactor", "closed" if closed else "open")
            self.world.belt.mains(closed)
        self.show()

    def show(self):
        high = self.closed
        if self.fault == "feedback_cut":
            high = True
        elif self.fault == "feedback_short":
            high = False
        self.world.inputs[STOP2_FB] = 1 if high else 0

    def break_it(self, fault):
        self.fault = fault
        self.orders += 1
        self.world.call_in(0, self._move, self.orders)
