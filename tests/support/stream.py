# SPDX-License-Identifier: MIT
"""A small world around one Guard: it stays healthy until a test changes one thing.

`World` is board, treadmill and walker in integers: every 10 ms it hands the guard the hall
edges and one sample, lets the relay contact follow the command, and acknowledges what the
controller would. `bring(STATE)` returns a world in that state; then change an attribute and
`run(ms)`, or `change(ms, name=value)` to have it happen later. Runs on MicroPython too.

In every tick the world asserts what must never be otherwise: the relay is commanded closed in
the four closed states and in no other.
"""

from guard.core.boot_cause import found_at_boot
from guard.core.events import STOP, EventRing
from guard.core.faults import FLOW_BROKEN, STATE_CORRUPT, code_of
from guard.core.guard import Guard
from guard.core.memory import FIELDS, Memory
from guard.core.parameters import Settings
from guard.core.sample import Sample
from guard.core.sounds import SILENT
from guard.core.states import (
    ARMING,
    BACKWARD,
    CLOSED,
    FORWARD,
    HOLD,
    LOCKOUT,
    MODE_BACKWARD,
    MODE_FORWARD,
    MOUNTING,
    OPEN,
    READY,
    STATE_NAMES,
    STOPPING,
    TOGGLE_ONLY,
    TRIPPED,
    WAIT_BELT,
    is_closed,
)
from guard.core.stopping import DROPPING

PERIOD = 1 << 30
MASK = PERIOD - 1
TICK_US = 10000
IDLE_TICK_US = 50000  # while nothing moves, five ticks in one
NEVER = PERIOD  # us after power-on: no world lives that long

HELD_RAW = 199
RELEASED_RAW = 500
HALL_GOOD = 800
HALL_CUT = 1000

COMMISSIONED = {
    "calibration": 2,
    "distance_per_edge_um": 70000,
    "mount_limit_mm_s": 833,
    "turn_confirm_ms": 1000,
}
SPEED = 800  # a healthy session's, mm/s: below every limit, above what silence excuses


class World:
    def __init__(self, origin_us=0, origin_ms=0, memory=None, fresh=False, **values):
        self.origin_us = origin_us
        self.origin_ms = origin_ms
        self.settings = Settings()
        if not fresh:
            self.settings.load(COMMISSIONED)
        refused = self.settings.load(values)
        assert not refused, refused
        self.memory = memory or Memory()
        if memory is None and not fresh:
            self.memory.stop_test_due = 0
        self.stored = copy_of(self.memory)  # what a power cut leaves
        self.events = EventRing()
        self.guard = Guard(self.settings, self.memory, self.events)
        self.sup = self.guard.supervisor
        self.sup.blockers.not_configured = fresh
        self.sample = Sample()

        # Time since power-on.
        self.us = 0
        self.period_us = TICK_US
        self.changes = []

        # The board's inputs, as they are now.
        self.mode = MODE_BACKWARD
        self.estop = False
        self.start = False
        self.left = False  # held; a number is the raw reading itself
        self.right = False
        self.hall_permille = HALL_GOOD
        self.late_us = 0
        self.count_ahead = 0
        self.host_stop = False
        self.ctrl_c = False
        self.flow_broken = False  # a step of the loop did not report in
        self.store_fails = False

        # The relay contact follows the command.
        self.contact = False
        self.release_ms = 10  # after RELAY_EN goes low
        self.hold_up_ms = 90  # after the pump stops with RELAY_EN high
        self.welded = False
        self.feedback = None  # True or False: whatever the contact does
        self._falling_ms = 0

        # The belt.
        self.speed = 0
        self.accel_mm_s2 = 0
        self.brake_mm_s2 = 1500  # once the key loop is open
        self.obeys = True
        self.sensor = True
        self.bounce_us = 0  # a second edge so long after each one
        self._bounced_at_us = NEVER
        self.magnets_lost = ()  # which of magnets_per_turn
        self.to_edge_nm = 0
        self.magnet = 0
        self._um_s = 0

        # What happened.
        self.edges = 0
        self.last_edge_us = 0
        self.heard = []  # (ms, chirp)
        self.log = []  # events
        self.opened_us = None  # the tick that last took the permission away
        self.blobs = 0
        self.ticks = 0

    # Power

    def power_on(self, watchdog=False, crashed=False):
        found = found_at_boot(self.memory, watchdog, crashed)
        self._clock()
        self.sup.boot(self.sample.now_ms, found)
        return self

    def power_cycle(self, watchdog=False, crashed=False):
        """A new board with the settings and what memory was stored; hands, belt as they are."""
        after = World(memory=copy_of(self.stored), **self.settings.as_dict())
        for name in (
            "mode", "estop", "start", "left", "right", "hall_permille", "speed", "obeys",
            "welded", "contact", "feedback", "sensor", "to_edge_nm", "brake_mm_s2", "accel_mm_s2",
        ):  # fmt: skip
            setattr(after, name, getattr(self, name))
        return after.power_on(watchdog, crashed)

    # Time

    def run(self, ms):
        """Live through ms. Returns self."""
        end = self.us + ms * 1000
        while self.us < end:
            self.tick()
        return self

    def idle(self, ms):
        """The same in coarse ticks, for waiting while nothing happens."""
        self.period_us = IDLE_TICK_US
        self.run(ms)
        self.period_us = TICK_US
        return self

    def run_to(self, state, limit_ms=20000):
        """Live until a state is reached."""
        end = self.us + limit_ms * 1000
        while self.sup.state != state:
            assert self.us < end, f"{STATE_NAMES[state]} not reached: {self}"
            self.tick()
        return self

    def change(self, in_ms, **attributes):
        """Set attributes in the tick that is in_ms from now."""
        self.changes.append((self.us + in_ms * 1000, attributes))
        return self

    def align(self, channel):
        """The next tick reads this analogue channel."""
        while (self.sample.channel + 1) % 3 != channel:
            self.tick()
        return self

    def tick(self):
        self.ticks += 1
        start_us = self.us
        self.us += self.period_us
        self._apply_changes()
        sup, s = self.sup, self.sample
        self._clock()
        if not sup.intact():
            sup.fail(STATE_CORRUPT, s)
        self._move_relay()
        self._read(s)
        self._move_belt(start_us)
        before = sup.relay_command
        self.guard.tick(s)
        self._follow(sup, s, before)

    def _clock(self):
        self.sample.now_us = (self.origin_us + self.us) & MASK
        self.sample.now_ms = (self.origin_ms + self.us // 1000) & MASK

    def _apply_changes(self):
        for due_us, attributes in self.changes:
            if due_us <= self.us:
                for name in attributes:
                    setattr(self, name, attributes[name])
        if self.changes:
            self.changes = [c for c in self.changes if c[0] > self.us]

    def _read(self, s):
        s.channel = (s.channel + 1) % 3
        s.late_us = self.late_us
        s.estop_pressed = self.estop
        s.start_down = self.start
        s.mode = self.mode
        s.left_raw = raw(self.left)
        s.right_raw = raw(self.right)
        s.hall_permille = self.hall_permille
        s.count_ahead = self.count_ahead
        s.host_stop = self.host_stop
        s.ctrl_c = self.ctrl_c
        s.feedback_closed = self.contact if self.feedback is None else self.feedback

    def _follow(self, sup, s, before):
        """What the controller does after the decision."""
        self.host_stop = self.ctrl_c = False
        if self.flow_broken:
            sup.fail(FLOW_BROKEN, s)
        assert is_closed(sup.state) == (sup.relay_command == CLOSED), self
        assert sup.state in (ARMING, LOCKOUT, STOPPING) or sup.relay_command in (OPEN, CLOSED)
        if before == CLOSED and sup.relay_command != CLOSED:
            self.opened_us = self.us
        if sup.relay_command == OPEN and sup.blob_wanted:
            self._store(sup)
        elif sup.relay_command == OPEN and not sup.blockers.saving and not self.guard.speed.known:
            sup.saved()
        if sup.chirp != SILENT:
            self.heard.append((self.us // 1000, sup.chirp))
            sup.chirp = SILENT
        event = self.events.take()
        while event:
            self.log.append(event)
            event = self.events.take()

    def _store(self, sup):
        if self.store_fails:
            sup.blockers.store_failed = True
        else:
            self.stored = copy_of(self.memory)
            self.blobs += 1
        sup.blob_wanted = False

    # The relay contact

    def _move_relay(self):
        command = self.sup.relay_command
        if command == CLOSED:
            self.contact = True
            self._falling_ms = 0
        elif self.contact and not self.welded:
            self._falling_ms += self.period_us // 1000
            slow = command == HOLD or command == TOGGLE_ONLY
            if self._falling_ms >= (self.hold_up_ms if slow else self.release_ms):
                self.contact = False

    # The belt

    def belt(self, mm_s):
        """The belt runs at this speed from now on."""
        self.speed = mm_s
        return self

    def _move_belt(self, start_us):
        if not self.contact and self.obeys and self.speed:
            self.speed = max(0, self.speed - self._gained(self.brake_mm_s2))
        elif self.accel_mm_s2:
            self.speed += self._gained(self.accel_mm_s2)
        self._bounce()
        if not self.speed:
            return
        at_us = start_us
        while True:
            needed_us = (self.to_edge_nm + self.speed - 1) // self.speed
            if at_us + needed_us > self.us:
                self.to_edge_nm -= (self.us - at_us) * self.speed
                return
            at_us += needed_us
            self.to_edge_nm += self.settings.distance_per_edge_um * 1000
            self.to_edge_nm -= needed_us * self.speed
            self._pass_magnet(at_us)

    def _gained(self, mm_s2):
        """Whole mm/s of this tick; the rest is kept for the next."""
        self._um_s += mm_s2 * (self.period_us // 1000)
        mm_s = self._um_s // 1000
        self._um_s -= mm_s * 1000
        return mm_s

    def _pass_magnet(self, at_us):
        self.magnet = (self.magnet + 1) % self.settings.magnets_per_turn
        if self.sensor and self.magnet not in self.magnets_lost:
            self.edge(at_us)
            if self.bounce_us:
                self._bounced_at_us = at_us + self.bounce_us
                self._bounce()

    def _bounce(self):
        if self._bounced_at_us <= self.us:
            self.edge(self._bounced_at_us)
            self._bounced_at_us = NEVER

    def edge(self, at_us, n=1):
        """Hand one pair to the guard, stamped at_us after power-on."""
        self.edges += n
        self.last_edge_us = at_us
        self.guard.edge((self.origin_us + at_us) & MASK, n, self.sample.now_ms)

    def run_to_edge(self):
        """Live until an edge has been handed over."""
        edges = self.edges
        while self.edges == edges:
            self.tick()
        return self

    # Hands

    def press(self, ms):
        """Press START for ms as the button counts them, and let go for as long as is fresh."""
        self.start = True
        self.run(ms + 10)
        self.start = False
        return self.run(20)

    def grip(self):
        """Both hands let go, then on the rails."""
        self.left = self.right = False
        self.run(60)
        self.left = self.right = True
        return self.run(60)

    def turn(self):
        """Turn round: one hand after the other lets go and grips again."""
        self.left = False
        self.run(40)
        self.left = True
        self.run(60)
        self.right = False
        self.run(40)
        self.right = True
        return self.run(60)

    # The way through a session

    def to_ready(self):
        """Booted, 3 s over, nothing blocks."""
        if not self.us:
            self.power_on()
        self.idle(4000)
        assert self.sup.state == READY, self
        self.period_us = TICK_US
        self.run(300)
        if self.mode == MODE_BACKWARD:
            self.grip()
        else:
            self.run(60)
        assert self.blockers() == [], self
        return self

    def to_wait_belt(self):
        self.to_ready()
        self.press(100)
        return self.run_to(WAIT_BELT).run(30)

    def to_moving(self, mm_s):
        """FORWARD or MOUNTING, the belt seen, and a few edges more: enough to name a silence."""
        self.to_wait_belt()
        self.belt(mm_s)
        self.run_to(FORWARD if self.mode == MODE_FORWARD else MOUNTING)
        while self.guard.speed.edges < 5:
            self.tick()
        return self

    def to_backward(self, mm_s):
        self.to_moving(mm_s)
        self.turn()
        return self.run_to(BACKWARD).run(30)

    # What there is to see

    def blockers(self):
        return self.sup.blockers.names()

    def stops(self):
        """Every fault a stop was recorded with."""
        return [event[2] for event in self.log if event[1] == STOP]

    def events_of(self, kind):
        return [event for event in self.log if event[1] == kind]

    def allowed(self):
        return self.sup.relay_command == CLOSED and self.sup.fault == 0

    def count(self, name):
        return self.memory.counters[code_of(name)]

    def __repr__(self):
        from guard.core.faults import name

        return f"{STATE_NAMES[self.sup.state]} fault {name(self.sup.fault)} at {self.us} us"


def raw(held):
    if held is True:
        return HELD_RAW
    return RELEASED_RAW if held is False else held


def copy_of(memory):
    copy = Memory()
    for name, _ in FIELDS:
        setattr(copy, name, getattr(memory, name))
    for code in range(len(memory.counters)):
        copy.counters[code] = memory.counters[code]
    return copy


def bring(state, speed=SPEED, **values):
    """A world in READY, WAIT_BELT, FORWARD, MOUNTING or BACKWARD, proven healthy on the way."""
    world = World(**values)
    if state == READY:
        return world.to_ready()
    if state == WAIT_BELT:
        return world.to_wait_belt()
    if state == FORWARD:
        world.mode = MODE_FORWARD
        return world.to_moving(speed)
    if state == MOUNTING:
        return world.to_moving(speed)
    assert state == BACKWARD, state
    return world.to_backward(speed)


def settle(world, limit_ms=30000):
    """Until STOPPING is over."""
    end = world.us + limit_ms * 1000
    while world.sup.state == STOPPING:
        assert world.us < end, world
        world.tick()
    return world


def lock_out(world):
    """The shortest way from READY into LOCKOUT: feedback shows "closed" in T1."""
    world.press(100)
    world.run_to(ARMING)
    world.feedback = True
    world.run(20)
    world.feedback = None
    assert world.sup.state == LOCKOUT, world
    return world


def prove(world, hold_ms=5000):
    """Every step of the static proof in LOCKOUT, START held last."""
    world.idle(3500)
    world.run(200)
    world.estop = True
    world.run(50)
    world.estop = False
    world.run(50)
    world.grip()
    world.left = world.right = False
    world.run(60)
    for _ in range(3):
        world.run(300)
        world.edge(world.us)
    world.idle(1500)
    world.run(250)
    return world.press(hold_ms)


def tripped(world):
    """From READY into TRIPPED, nothing standing in the way of a reset: the loop was late."""
    world.press(100)
    world.run_to(WAIT_BELT)
    world.late_us = 25001
    world.run(10)
    world.late_us = 0
    settle(world)
    assert world.sup.state == TRIPPED, world
    return world


__all__ = ("DROPPING", "World", "bring", "copy_of", "lock_out", "prove", "settle", "tripped")
