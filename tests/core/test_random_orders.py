# SPDX-License-Identifier: MIT
"""Whatever happens in whatever order: invariants I1, I2 and I6 hold in every tick."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as some

from guard.core import events as e
from guard.core import faults as f
from guard.core import states as st
from tests.support.stream import PERIOD, World, bring, lock_out, tripped

# The only ways from state to state (design review, section 2; STATE_CORRUPT is not among them).
WAYS = {
    st.SELF_TEST: (st.READY, st.TRIPPED, st.LOCKOUT),
    st.READY: (st.ARMING, st.LOCKOUT, st.MAINTENANCE),
    st.ARMING: (st.READY, st.WAIT_BELT, st.LOCKOUT),
    st.WAIT_BELT: (st.FORWARD, st.MOUNTING, st.STOPPING),
    st.FORWARD: (st.STOPPING,),
    st.MOUNTING: (st.BACKWARD, st.STOPPING),
    st.BACKWARD: (st.STOPPING,),
    st.STOPPING: (st.READY, st.TRIPPED, st.LOCKOUT),
    st.TRIPPED: (st.SELF_TEST, st.LOCKOUT, st.MAINTENANCE),
    st.LOCKOUT: (st.READY, st.LOCKOUT, st.MAINTENANCE),
    st.MAINTENANCE: (),
}
EN_HIGH = (st.EN_ONLY, st.A_EN, st.B_EN, st.HOLD)
PIN_TESTS = (st.A_ONLY, st.A_EN, st.B_ONLY, st.B_EN, st.TOGGLE_ONLY)


class Watched(World):
    """A world that checks what each tick did to relay, state and latch."""

    def __init__(self, **values):
        super().__init__(**values)
        self.fresh_press = False

    def tick(self):
        sup = self.sup
        before, latched = sup.state, self.memory.latch_code
        super().tick()
        self._check_relay(sup)
        self._check_way(sup, before)
        self._check_latch(sup, latched)

    def _check_relay(self, sup):
        command, state = sup.relay_command, sup.state
        if command == st.CLOSED:
            assert st.is_closed(state), "I1: pump and RELAY_EN"
        if command in PIN_TESTS:
            assert state == st.ARMING or (state == st.LOCKOUT and sup.proof_running), "I1"
        if command in EN_HIGH:
            assert state in (st.ARMING, st.STOPPING) or sup.proof_running, "I1"
            if state == st.STOPPING:
                assert command == st.HOLD, "I1: T5 freezes the pump"
                assert self.stops()[-1] in (f.BELT_STOPPED, f.START_TIMEOUT), "I1: T5"

    def _check_way(self, sup, before):
        if sup.state == before:
            return
        assert sup.state in WAYS[before], (st.STATE_NAMES[before], self)
        if sup.state == st.ARMING:
            assert sup.button.released_ms == -1 or not self.start, "I2: acts on release"
            assert self.blockers() == [], "I2: every blocker gone"
            assert self.memory.latch_code == 0
        if sup.state == st.WAIT_BELT:
            assert self.stored.mark == 1, "the mark is written before the relay closes"

    def _check_latch(self, sup, latched):
        latch = self.memory.latch_code
        if latched and not latch:
            kinds = [event[1] for event in self.log[-4:]]
            assert e.RESET in kinds or e.PROOF in kinds or e.RENAMED in kinds, "I6"
            if f.fault_class(latched) == f.LOCKOUT:
                assert e.PROOF in kinds, "I6: a lockout is left by the proof only"
        if latched and latch and latch != latched:
            kinds = [event[1] for event in self.log[-4:]]
            worse = f.fault_class(latch) > f.fault_class(latched)
            assert worse or e.RENAMED in kinds, "the first reason is kept"


def toggles(name):
    def act(world):
        setattr(world, name, not getattr(world, name))

    return act


def sets(name, *values):
    return [lambda world, v=value: setattr(world, name, v) for value in values]


def press(ms):
    def act(world):
        world.start = True
        world.run(ms + 10)
        world.start = False
        world.run(20)

    return act


def waits(ms):
    return lambda world: world.run(ms)


def grips(world):
    world.run(250).grip()


def power_cycles(world):
    """In place: the watched world goes on as the board that comes up again."""
    after = world.power_cycle()
    world.__dict__.update(after.__dict__)


ACTS = (
    [toggles(name) for name in ("estop", "start", "left", "right", "sensor", "welded", "obeys")]
    + sets("mode", st.MODE_NONE, st.MODE_FORWARD, st.MODE_BACKWARD, st.MODE_BACKWARD)
    + sets("speed", 0, 0, 60, 300, 800, 2000)
    + sets("host_stop", True)
    + sets("ctrl_c", True)
    + sets("late_us", 0, 0, 26000)
    + sets("feedback", None, None, True, False)
    + sets("hall_permille", 800, 800, 0)
    + sets("left", 1000, True)
    + sets("hold_up_ms", 90, 400)
    + [press(ms) for ms in (100, 100, 100, 1000, 3000, 5000)]
    + [waits(ms) for ms in (10, 30, 100, 500, 1300, 1300, 3500)]
    + [grips, grips, lambda world: world.turn(), power_cycles]
)


def watched(world):
    after = Watched()
    after.__dict__.update(world.__dict__)
    return after


BEGINNINGS = (
    lambda: bring(st.READY),
    lambda: bring(st.WAIT_BELT),
    lambda: bring(st.FORWARD),
    lambda: bring(st.MOUNTING),
    lambda: bring(st.BACKWARD),
    lambda: tripped(bring(st.READY)),
    lambda: lock_out(bring(st.READY)),
    lambda: bring(st.READY, origin_us=PERIOD - 9000000, origin_ms=PERIOD - 9000),
)


@given(
    some.integers(0, len(BEGINNINGS) - 1),
    some.lists(some.integers(0, len(ACTS) - 1), min_size=1, max_size=25),
)
@settings(max_examples=120)
def test_random_orders_keep_the_invariants(beginning, acts):
    world = watched(BEGINNINGS[beginning]())
    for act in acts:
        ACTS[act](world)
        world.run(30)


@given(some.lists(some.integers(0, len(ACTS) - 1), min_size=1, max_size=12))
@settings(max_examples=40)
def test_a_lockout_survives_whatever_is_not_the_proof(acts):
    world = watched(lock_out(bring(st.READY)))
    code = world.memory.latch_code
    for act in acts:
        ACTS[act](world)
    if not any(event[1] == e.PROOF for event in world.log):
        assert world.memory.latch_code == code
        assert world.sup.state in (st.LOCKOUT, st.MAINTENANCE, st.SELF_TEST)


@given(some.lists(some.integers(0, len(ACTS) - 1), min_size=1, max_size=20), some.booleans())
@settings(max_examples=40)
def test_without_a_press_of_start_the_relay_never_closes(acts, power):
    world = watched(bring(st.READY))
    for act in acts:
        if act not in PRESSES:
            ACTS[act](world)
            world.start = False
        assert world.sup.state in (st.READY, st.LOCKOUT, st.SELF_TEST)


PRESSES = [n for n, act in enumerate(ACTS) if getattr(act, "__qualname__", "").startswith("press")]


def test_the_presses_were_found():
    assert len(PRESSES) == 6
