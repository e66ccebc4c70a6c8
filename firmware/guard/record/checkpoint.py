# SPDX-License-Identifier: MIT
"""The deciding core's numbers, all of them, at a known tick: a replay starts from here.

What counts as its numbers is found once, at start: every int and bool of the parts below, in
the order of their names. So nothing is forgotten when the core learns something new; a hash of
the names tells a reader of another version that its numbers differ.
"""

from binascii import crc32

from micropython import const

EVERY_TICKS = const(500)
HEAD = const(4)
SLOTS = const(4)  # 500 ticks apart: together they reach back to the oldest sample


def parts(guard):
    """Yield (name, object) of everything that carries state from tick to tick."""
    sup = guard.supervisor
    yield "speed", guard.speed
    yield "noise", guard.speed.noise
    yield "surge", guard.speed.surge
    yield "left", guard.rails.left
    yield "right", guard.rails.right
    yield "left_band", guard.rails.left.band
    yield "right_band", guard.rails.right.band
    yield "supervisor", sup
    yield "button", sup.button
    yield "turned", sup.turned
    yield "stop", sup.stop
    rules = sup.interlocks.rules
    for i in range(len(rules)):
        rule = rules[i]
        if rule.waits:
            yield "rule%d" % i, rule.standing
        if rule.counts:
            yield "rule%d" % i, rule.reads
    if guard.options is not None:
        for thing in guard.options.parts():
            yield "options", thing


def numbers_of(thing):
    """The names of its numbers, in order."""
    names = sorted(thing.__dict__)
    return tuple([name for name in names if type(getattr(thing, name)) in (int, bool)])


def fields(guard):
    """Yield (part, object, attribute) for every number in the parts."""
    for part, thing in parts(guard):
        for attribute in numbers_of(thing):
            yield part, thing, attribute


class Checkpoints:
    """The last four checkpoints in one preallocated list."""

    def __init__(self, guard):
        self.hash = 0
        self.width = 0
        for part, _, attribute in fields(guard):
            self.hash = crc32((part + "." + attribute + ",").encode(), self.hash) & 0xFFFFFFFF
            self.width += 1
        self.things = tuple([thing for _, thing in parts(guard)])
        self.attributes = self._attributes()
        # Each slot begins with the tick it was taken after, us, ms and channel.
        self._values = [0] * ((HEAD + self.width) * SLOTS)
        self.clear()

    def _attributes(self):
        """The names of each thing's numbers; things of a kind share theirs."""
        shared = []
        made = []
        for thing in self.things:
            names = numbers_of(thing)
            if names not in shared:
                shared.append(names)
            made.append(shared[shared.index(names)])
        return tuple(made)

    def clear(self):
        self.taken = 0
        self._slot = 0

    def take(self, tick, s):
        """Copy every number. Allocates nothing."""
        slot = self._slot
        values = self._values
        at = slot * (HEAD + self.width)
        values[at] = tick
        values[at + 1] = s.now_us
        values[at + 2] = s.now_ms
        values[at + 3] = s.channel
        at += HEAD
        things = self.things
        for i in range(len(things)):
            thing = things[i]
            for attribute in self.attributes[i]:
                values[at] = getattr(thing, attribute)
                at += 1
        self._slot = slot + 1 if slot + 1 < SLOTS else 0
        if self.taken < SLOTS:
            self.taken += 1

    def oldest(self, first_tick):
        """(tick, us, ms, channel, values) of the oldest one not before first_tick, or None."""
        for back in range(self.taken, 0, -1):
            base = (self._slot - back) % SLOTS * (HEAD + self.width)
            if self._values[base] >= first_tick:
                slot = [int(value) for value in self._values[base : base + HEAD + self.width]]
                return slot[0], slot[1], slot[2], slot[3], slot[HEAD:]
        return None


def restore(guard, values):
    """Put a checkpoint's numbers back; for a replay on the host."""
    found = list(fields(guard))
    if len(found) != len(values):
        raise ValueError("this checkpoint belongs to another version")
    for i in range(len(found)):
        _, thing, attribute = found[i]
        kind = type(getattr(thing, attribute))
        setattr(thing, attribute, kind(values[i]))
