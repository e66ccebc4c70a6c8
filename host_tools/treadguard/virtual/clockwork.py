# SPDX-License-Identifier: MIT
"""How virtual time passes: from event to event, in steps of at most 10 ms.

`now` is microseconds since the world began and never wraps; `tick_us` and `tick_ms` are what the
firmware sees: since its boot, wrapping at 2**30. Edges are placed inside a step and handed to
counter and handler in their order.
"""

from treadguard.virtual.interrupts import ASLEEP, AWAKE, BLOCKED, MASKED

MASK = (1 << 30) - 1
HALF = 1 << 29
STEP_US = 10000
RX_POLL_US = 1000


class Clockwork:
    """Time, the queue of future calls, and the log. The parts are World's."""

    def start_clock(self, config):
        self.now = 0
        self.tick_us = 0
        self.tick_ms = 0
        self.sub_us = 0
        self.clock_start_ms = config.get("clock_start_ms", 0)
        self.clock_start_us = config.get("clock_start_us", 0)
        self.next_at = 0
        self.calls = []  # (at, order, function, argument), soonest first
        self.call_count = 0
        self.events = []  # the log: (ms, kind, detail)
        self.stirred = False  # something was logged since the scenario last looked
        self.on_stir = None
        self.pacer = None  # slows the world down to the wall clock

    def restart_clock(self):
        """The firmware's ticks begin anew at each boot."""
        self.tick_us = self.clock_start_us
        self.tick_ms = self.clock_start_ms
        self.sub_us = 0

    def spin(self, deadline_us, poll):
        """The firmware waits for its next tick, awake; poll() gets the arriving bytes."""
        if self.dying:
            self.gone()
        if self.dirty:
            self.drive()
        ahead_us = (deadline_us - self.tick_us) & MASK
        end = self.now + ahead_us if ahead_us < HALF else self.now
        while True:
            to = end
            if self.uart.unread() and to > self.now + RX_POLL_US:
                to = self.now + RX_POLL_US
            if self.pacer is not None:
                self.pacer(to)
            self.run_to(to)
            if poll is not None:
                poll()
                if self.dirty:
                    self.drive()
            if self.now >= end:
                return

    def sleep(self, us):
        """The task sleeps: handlers come late."""
        self.wait(us, ASLEEP)

    def stall(self, us, masked):
        """Python does not run for a while."""
        self.wait(us, MASKED if masked else BLOCKED)

    def wait(self, us, mode):
        if self.dying:
            self.gone()
        if self.dirty:
            self.drive()
        self.irq.set_mode(mode)
        if self.pacer is not None:
            self.pacer(self.now + us)
        self.run_to(self.now + us)
        self.irq.set_mode(AWAKE)

    def suffer(self, us):
        """Time passes and no program runs."""
        if self.dirty:
            self.drive()
        until = self.now + us
        while self.now < until:
            to = min(until, self.now + STEP_US)
            if self.pacer is not None:
                self.pacer(to)
            self.run_to(to)

    def run_to(self, to):
        """Go from event to event until `to`."""
        while True:
            at = self.next_at
            if at <= self.now:
                self.due()
            elif self.now >= to:
                break
            else:
                self.advance(at if at < to else to)
        if self.uart.busy:
            self.uart.arrive(self.now)
        if self.stirred and self.on_stir is not None:
            self.stirred = False
            self.on_stir()

    def advance(self, to):
        """Physics towards `to`, at most one step; no event lies in between."""
        now = self.now
        dt_us = to - now
        if dt_us > STEP_US:
            dt_us = STEP_US
        belt = self.belt
        if belt.moving:
            belt.advance(dt_us)
            hall = self.hall
            if hall.to_edge_nm > belt.nm:
                hall.to_edge_nm -= belt.nm
            else:
                hall.passes(now, dt_us, belt.nm)
            hall = self.hall_b
            if hall is not None:
                if hall.to_edge_nm > belt.nm:
                    hall.to_edge_nm -= belt.nm
                else:
                    hall.passes(now, dt_us, belt.nm)
            if self.walker.on_belt:
                self.walker.carry(belt, dt_us)
        if self.irq.queue:
            self.irq.run(now + dt_us)
        self.now = now + dt_us
        self.tick_us = (self.tick_us + dt_us) & 0x3FFFFFFF
        dt_us += self.sub_us
        self.tick_ms = (self.tick_ms + dt_us // 1000) & 0x3FFFFFFF
        self.sub_us = dt_us % 1000

    def due(self):
        """Everything whose time has come; then find out what comes next."""
        now = self.now
        while self.calls and self.calls[0][0] <= now:
            call = self.calls.pop(0)
            call[2](call[3])
        self.relay.due(now)
        chip = self.chip
        if chip.watchdog_us:
            chip.due(now)
        at = self.relay.next_due(now)
        if self.calls and self.calls[0][0] < at:
            at = self.calls[0][0]
        if chip.watchdog_us and chip.next_due() < at:
            at = chip.next_due()
        self.next_at = at

    def wake(self, at):
        if at < self.next_at:
            self.next_at = at

    def call_at(self, at, function, argument):
        """Run function(argument) at a time; those at the same time in the order of asking."""
        self.call_count += 1
        entry = (at, self.call_count, function, argument)
        i = len(self.calls)
        while i and self.calls[i - 1][0] > at:
            i -= 1
        self.calls.insert(i, entry)
        self.wake(at)

    def call_in(self, us, function, argument):
        self.call_at(self.now + us, function, argument)

    def log(self, kind, detail):
        self.events.append((self.now // 1000, kind, detail))
        self.stirred = True
