# SPDX-License-Identifier: MIT
"""The whole decision in two calls: edges as they were stored, then one tick."""

from guard.core.rails import Rails
from guard.core.speed import Speed
from guard.core.supervisor import Supervisor


class Guard:
    def __init__(self, settings, memory, events):
        self.settings = settings
        self.memory = memory
        self.events = events
        self.speed = Speed(settings)
        self.rails = Rails(settings)
        self.supervisor = Supervisor(settings, memory, events, self.speed, self.rails)
        self.options = None  # core/options.py, where one is fitted

    def configure(self):
        """Settings have changed; only with the relay open."""
        self.speed.configure()
        self.rails.configure()
        if self.options is not None:
            self.options.configure()

    def edge(self, stamp_us, n, now_ms):
        """One stored hall pair: n edges since the pair before, the last at stamp_us."""
        speed = self.speed
        start_us = speed.last_us
        edges = speed.edges
        interval = speed.edge(stamp_us, n, now_ms)
        taken = speed.edges - edges
        if self.options is not None and self.options.hall is not None:
            self.options.hall.edge_a(stamp_us, taken)
        self.supervisor.edge(taken, interval, start_us, now_ms)

    def tick(self, s):
        """Judge one sample; supervisor.relay_command says what to drive."""
        self.speed.tick(s.now_us)
        self.rails.read(s)
        if self.options is None:
            self.supervisor.tick(s)
        else:
            self.options.tick(s)
            self.supervisor.tick(s)
            if self.options.second is not None:
                self.options.second.follow(s)
