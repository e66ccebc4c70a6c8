# SPDX-License-Identifier: MIT
"""The deciding core's numbers, all of them, at a known tick: a replay starts from here.

What counts as its numbers is found once, at start: every int and bool of the parts below, in
the order of their names. So nothing is forgotten when the core learns something new; a hash of
the names tells a reader of another version that its numbers differ.
"""

from array import array
from binascii import crc32

from micropython import const

EVERY_TICKS = const(500)
HEAD = const(4)


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
    """The last checkpoints in one preallocated array: they reach back to the oldest sample."""

    def __init__(self, guard, samples):
        self.hash = 0
        self.width = HEAD
        for part, _, attribute in fields(guard):
            self.hash = crc32((part + "." + attribute + ",").encode(), self.hash) & 0xFFFFFFFF
            self.width += 1
        self.things = tuple([thing for _, thing in parts(guard)])
        self.attributes = self._attributes()
        # Each slot begins with the tick it was taken after (0: none), us, ms and channel.
        slots = (samples + EVERY_TICKS - 1) // EVERY_TICKS
        self.values = array("i", range(self.width * slots))  # of bytes: twice the room at once
        self.clear()
        self._at = 0  # the next slot, which is the oldest

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
        for at in range(0, len(self.values), self.width):
            self.values[at] = 0

    def take(self, tick, s):
        """Copy every number. Allocates nothing."""
        values = self.values
        at = self._at
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
        self._at = at if at < len(values) else 0

    def oldest(self, first_tick):
        """Where the slot of the oldest one not before first_tick begins, or -1."""
        values = self.values
        at = self._at
        for _ in range(len(values) // self.width):
            if values[at] >= first_tick:
                return at
            at += self.width
            if at == len(values):
                at = 0
        return -1


def restore(guard, values):
    """Put a checkpoint's numbers back; for a replay on the host."""
    found = list(fields(guard))
    if len(found) != len(values):
        raise ValueError("this checkpoint belongs to another version")
    for i in range(len(found)):
        _, thing, attribute = found[i]
        kind = type(getattr(thing, attribute))
        setattr(thing, attribute, kind(values[i]))
