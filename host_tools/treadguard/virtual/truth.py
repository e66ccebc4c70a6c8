# SPDX-License-Identifier: MIT
"""What really happened: for each hazard when it began, when the firmware decided, when the
relay's contact opened, when the belt stood, and how far the walker was carried.

The firmware never sees any of it. A hazard on the belt begins when the belt's mean speed passes
`above_mm_s`; any other begins when its cause acts.
"""


class Hazard:
    def __init__(self, name, at_us, speed_mm_s):
        self.name = name
        self.hazard_at_us = at_us
        self.decided_at_us = -1
        self.opened_at_us = -1
        self.still_at_us = -1
        self.carried_um = 0
        self.speed_at_hazard = speed_mm_s
        self.speed_at_open = -1

    def row(self):
        """Pairs, in a fixed order."""
        return (
            ("name", self.name),
            ("hazard_at_us", self.hazard_at_us),
            ("decided_at_us", self.decided_at_us),
            ("opened_at_us", self.opened_at_us),
            ("still_at_us", self.still_at_us),
            ("carried_um", self.carried_um),
            ("speed_at_hazard_mm_s", self.speed_at_hazard),
            ("speed_at_open_mm_s", self.speed_at_open),
        )


class Truth:
    def __init__(self, world):
        self.world = world
        self.hazards = []
        self.active = None
        self.waiting_mm_s = 0
        self.waiting_name = ""
        self.edges = None  # a list collects every hall edge: (us, counted)

    def begin(self, name, fallen):
        """A hazard starts now, unless one is under way already."""
        self.waiting_mm_s = 0
        if self.active is not None:
            return
        world = self.world
        self.active = Hazard(name, world.now, world.belt.mean_um_s // 1000)
        self.hazards.append(self.active)
        world.walker.hazard(fallen)
        world.log("hazard", name)
        if not world.relay.contact:
            self.active.decided_at_us = self.active.opened_at_us = world.now
            self.active.speed_at_open = self.active.speed_at_hazard

    def begin_if_closed(self, name, fallen):
        """A hazard only while the box permits the treadmill to run."""
        if self.world.relay.contact:
            self.begin(name, fallen)

    def begin_above(self, name, mm_s):
        """It starts when the belt's mean speed passes mm_s."""
        self.waiting_name = name
        self.waiting_mm_s = mm_s
        self.belt_at(self.world.belt.mean_um_s)

    def belt_at(self, mean_um_s):
        if self.waiting_mm_s and mean_um_s > self.waiting_mm_s * 1000:
            self.begin(self.waiting_name, False)

    def cancel(self):
        """The cause went away in time (hands are back): no hazard after all."""
        if self.active is not None and self.active.decided_at_us < 0:
            self.world.log("hazard", "over: " + self.active.name)
            self.hazards.remove(self.active)
            self._close()

    def cancel_named(self, name):
        if self.active is not None and self.active.name == name:
            self.cancel()

    def decided(self, now):
        """The firmware has dropped RELAY_EN."""
        if self.active is not None and self.active.decided_at_us < 0:
            self.active.decided_at_us = now

    def opened(self, now):
        """The contact in the key loop has opened."""
        hazard = self.active
        if hazard is None or hazard.opened_at_us >= 0:
            return
        if hazard.decided_at_us < 0:
            hazard.decided_at_us = max(hazard.hazard_at_us, self.world.relay.last_edge_at)
        hazard.opened_at_us = now
        hazard.speed_at_open = self.world.belt.mean_um_s // 1000
        if not self.world.belt.moving:
            self.still(now)

    def still(self, now):
        """The belt stands; with the relay open that is the hazard's end."""
        hazard = self.active
        if hazard is None or self.world.relay.contact:
            return
        hazard.still_at_us = now
        self._close()

    def finish(self):
        """The run ends: a hazard under way keeps what it has."""
        if self.active is not None:
            self.active.carried_um = self.world.walker.carried_um()

    def _close(self):
        self.active.carried_um = self.world.walker.carried_um()
        self.active = None
        self.world.walker.safe()
