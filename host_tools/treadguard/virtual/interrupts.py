# SPDX-License-Identifier: MIT
"""Pulse counter and soft interrupts, with the chip's own losses.

Seen on the real image: a handler runs 21 to 46 us after its edge while Python is busy and up to
8.8 ms after it while the task sleeps; edges a few us apart make one call. The scheduler's queue
holds 8 calls and drops the ninth without a word. While the flash is busy even the hardware
interrupt is held back, so that all edges of a pin become one. The counter sees every edge.
"""

QUEUE = 8
COALESCE_US = 12
PCNT_WRAP = 32767

AWAKE = 0
ASLEEP = 1
BLOCKED = 2  # Python does not run, hardware interrupts do
MASKED = 3  # nor do they


class Input:
    """One edge input: its counter, its handler, its latched interrupt."""

    def __init__(self):
        self.count = 0
        self.counting = False
        self.handler = None
        self.pin = None
        self.last_at = -1000
        self.latched = False


class Interrupts:
    def __init__(self, world, rng):
        self.world = world
        self.rng = rng
        self.inputs = {}
        self.queue = []  # (due, input), oldest first
        self.mode = AWAKE
        self.dropped = 0
        self.merged = 0
        self.late = 0  # the next so many handlers come late_us late
        self.late_us = 0

    def input(self, pin):
        if pin not in self.inputs:
            self.inputs[pin] = Input()
        return self.inputs[pin]

    def edge(self, pin, at_us):
        """A falling edge on a pin."""
        if pin not in self.inputs:
            return
        if self.queue and self.queue[0][0] <= at_us:
            self.run(at_us)
        entry = self.inputs[pin]
        if entry.counting:
            # Reset to 0 at the limit, as the counter does with max at its default.
            entry.count = entry.count + 1 if entry.count + 1 < PCNT_WRAP else 0
        if entry.handler is None:
            return
        if self.mode == MASKED:
            self.merged += entry.latched
            entry.latched = True
            return
        if at_us - entry.last_at < COALESCE_US:
            self.merged += 1
            return
        entry.last_at = at_us
        self._queue(entry, at_us)

    def _queue(self, entry, at_us):
        if len(self.queue) >= QUEUE:
            self.dropped += 1
            return
        latency_us = 21 + self.rng.below(26)
        if self.mode == ASLEEP:
            latency_us += self.rng.below(8755)
        if self.late:
            self.late -= 1
            latency_us += self.late_us
        due = at_us + latency_us
        at = len(self.queue)
        if self.world.hall_b is not None:  # edges of two sensors do not come in order
            while at and self.queue[at - 1][0] > due:
                at -= 1
        self.queue.insert(at, (due, entry))

    def set_mode(self, mode):
        """The CPU sleeps, blocks or is back; what was held back comes now."""
        self.mode = mode
        if mode != AWAKE:
            return
        now = self.world.now
        for pin in sorted(self.inputs.keys()):
            entry = self.inputs[pin]
            if entry.latched:
                entry.latched = False
                self._queue(entry, now)

    def run(self, until_us):
        """Call the handlers that are due by then, in order, each at its own time."""
        if self.mode >= BLOCKED:
            return
        world = self.world
        tick_us = world.tick_us
        # A blocked task ends in the middle of a chunk: nothing runs before this moment.
        while self.queue and self.queue[0][0] <= until_us:
            due, entry = self.queue.pop(0)
            if due > world.now:
                world.tick_us = (tick_us + due - world.now) & 0x3FFFFFFF
            try:
                entry.handler(entry.pin)
            except Exception as error:  # printed on the UART, the handler stays armed
                world.log("chip", "handler raised " + repr(error))
        world.tick_us = tick_us

    def reset(self):
        """All of it is torn down by any reset, a soft one too."""
        self.inputs = {}
        self.queue = []
        self.mode = AWAKE
