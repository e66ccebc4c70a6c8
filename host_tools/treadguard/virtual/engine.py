# SPDX-License-Identifier: MIT
"""The fast engine: the deciding core alone, driven from lists of edges and contact changes.

It runs guard.core, options too, as the controller does, a tick every 10 ms, without fakes, link
or records; every tick is judged, because the core is quicker than any rule that would say which
to skip. Times are us on the list's own scale and may exceed 2**30; the core sees them wrapped.
Given the tape of a full-stack run it decides the same in the same tick
(tests/virtual/test_engine.py).
"""

from guard.core.events import EventRing
from guard.core.guard import Guard
from guard.core.memory import Memory
from guard.core.options import fit
from guard.core.parameters import Settings
from guard.core.sample import Sample
from guard.core.states import (
    BACKWARD,
    CLOSED,
    FORWARD,
    MODE_BACKWARD,
    MODE_FORWARD,
    MOUNTING,
    WAIT_BELT,
)

TICK_US = 10000
MASK = (1 << 30) - 1
HELD_PERMILLE = 199
RELEASED_PERMILLE = 500
CLEAR_PERMILLE = 820
RELAY_ON_US = 30000
RELAY_OFF_US = 9000
PUMP_HOLD_US = 96000


class Engine:
    """One guard and the inputs it sees. `changes` are (us, name, value) of Sample fields."""

    def __init__(self, values, start_us=0, memory=None):
        self.settings = Settings()
        refused = self.settings.load(values)
        if refused:
            raise ValueError("outside its hard range: " + ", ".join(refused))
        self.memory = memory or Memory()
        self.events = EventRing()
        self.guard = Guard(self.settings, self.memory, self.events)
        self.supervisor = self.guard.supervisor
        self.supervisor.blockers.not_configured = False
        self.options = fit(self.guard) if self.settings.fitted() else None
        self.now_us = start_us
        self.ticks = 0
        self.edges = []
        self.edges_b = []  # of the second hall sensor, where one is fitted
        self.changes = []
        self._edge_at = 0
        self._edge_b_at = 0
        self._change_at = 0
        self._relay_since_us = start_us
        self._command = 0
        self.opened_at_us = None
        self.log = []
        self.sample = Sample()
        self._healthy_inputs()

    def _healthy_inputs(self):
        s = self.sample
        s.estop_pressed = False
        s.mode = MODE_BACKWARD
        s.left_raw = HELD_PERMILLE
        s.right_raw = HELD_PERMILLE
        s.hall_permille = CLEAR_PERMILLE
        s.channel = 2

    def start_in(self, state, limit_mm_s):
        """Relay closed in a closed state, both rails held, lead 0, no edge yet."""
        s = self.sample
        s.now_us = self.now_us & MASK
        s.now_ms = (self.now_us // 1000) & MASK
        for rail, raw in (
            (self.guard.rails.left, s.left_raw),
            (self.guard.rails.right, s.right_raw),
        ):
            rail.read(raw, s.now_ms)
            rail.read(raw, s.now_ms)
        sup = self.supervisor
        sup.session_mode = MODE_FORWARD if state == FORWARD else MODE_BACKWARD
        s.mode = sup.session_mode
        sup._close(limit_mm_s, s)
        if state != WAIT_BELT:
            self.guard.rails.belt_seen()
            sup._enter(state, s)
        sup._seal()
        self._command = CLOSED
        self._relay_since_us = self.now_us - RELAY_ON_US
        while self.events.take():
            pass

    def run(self, until_us, stop_when_open=False):
        """Tick until a time; with stop_when_open, until the relay is commanded open."""
        while self.now_us + TICK_US <= until_us:
            self.tick()
            if stop_when_open and self.opened_at_us is not None:
                return

    def tick(self):
        """One tick: what came since the last one, then the judgement."""
        self.now_us += TICK_US
        now_us = self.now_us
        s = self.sample
        s.now_us = now_us & MASK
        s.now_ms = (now_us // 1000) & MASK
        s.channel = s.channel + 1 if s.channel < 2 else 0
        self._apply_changes(now_us)
        s.feedback_closed = self._feedback(now_us)
        self._edge_at = self._hand_over(self.edges, self._edge_at, self.guard)
        if self.options is not None:
            self._options(s)
        self.guard.tick(s)
        s.host_stop = False
        self.ticks += 1
        self._after(now_us)

    def _hand_over(self, edges, at, taker):
        """Edges up to this tick, each by itself; the index of the next one."""
        while at < len(edges) and edges[at] <= self.now_us:
            taker.edge(edges[at] & MASK, 1, self.sample.now_ms)
            at += 1
        return at

    def _options(self, s):
        """The second sensor's edges, and the contactor's contact, which follows at once."""
        if self.options.hall is not None:
            self._edge_b_at = self._hand_over(self.edges_b, self._edge_b_at, self.options.hall)
        if self.options.second is not None:
            s.second_dropped = not self.options.second.on

    def _apply_changes(self, now_us):
        changes = self.changes
        while self._change_at < len(changes) and changes[self._change_at][0] <= now_us:
            _, name, value = changes[self._change_at]
            setattr(self.sample, name, value)
            self._change_at += 1

    def _feedback(self, now_us):
        since_us = now_us - self._relay_since_us
        if self._command == CLOSED:
            return since_us >= RELAY_ON_US
        return since_us < RELAY_OFF_US

    def _after(self, now_us):
        sup = self.supervisor
        command = sup.relay_command
        if command != self._command:
            if self._command == CLOSED:
                self.opened_at_us = now_us
                idle = command != 0  # T5: RELAY_EN stays high, the pump runs out
                self._relay_since_us = now_us + (PUMP_HOLD_US - RELAY_OFF_US if idle else 0)
            elif command == CLOSED:
                self._relay_since_us = now_us
            self._command = command
        if sup.blob_wanted:
            sup.blob_wanted = False
        event = self.events.take()
        while event is not None:
            self.log.append((now_us,) + event[1:])
            event = self.events.take()


STATES = {"wait_belt": WAIT_BELT, "forward": FORWARD, "mounting": MOUNTING, "backward": BACKWARD}
