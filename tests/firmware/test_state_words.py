# SPDX-License-Identifier: MIT
"""A flipped bit in a state word, in any state: the next check opens with STATE_CORRUPT.

The stream checks as the controller does: before each tick, and once more before the pump.
"""

from guard.core import faults as f
from guard.core import states as st
from tests.support.stream import bring, lock_out, prove, settle, tripped

WORDS = (
    "state",
    "relay_command",
    "limit_mm_s",
    "state_inverse",
    "command_inverse",
    "limit_inverse",
)
BITS = 16


def stopping():
    world = bring(st.BACKWARD)
    world.host_stop = True
    return world.run(50)


def arming():
    world = bring(st.READY)
    world.press(100)
    return world.run_to(st.ARMING).run(200)


def self_test():
    world = bring(st.READY).power_cycle()
    return world.run(100)


STATES = (
    ("self_test", self_test),
    ("ready", lambda: bring(st.READY)),
    ("arming", arming),
    ("wait_belt", lambda: bring(st.WAIT_BELT)),
    ("forward", lambda: bring(st.FORWARD)),
    ("mounting", lambda: bring(st.MOUNTING)),
    ("backward", lambda: bring(st.BACKWARD)),
    ("stopping", stopping),
    ("tripped", lambda: tripped(bring(st.READY))),
    ("lockout", lambda: lock_out(bring(st.READY))),
)


def opened(world, latched):
    """A stop with this cause; from LOCKOUT it may be LOCKOUT itself that goes on."""
    assert world.sup.relay_command == st.OPEN
    assert world.count("STATE_CORRUPT") >= 1
    if world.sup.state == st.LOCKOUT:
        return f.fault_class(latched) == f.LOCKOUT
    return world.sup.state == st.STOPPING and world.sup.stop.cause == f.STATE_CORRUPT


def flips(word, make):
    def test():
        world = make()
        words = [getattr(world.sup, name) for name in WORDS]
        latched = world.memory.latch_code
        for bit in range(BITS):
            world.sup.events.waiting = 0
            for name, value in zip(WORDS, words):
                setattr(world.sup, name, value)
            assert world.sup.intact(), "healthy before"
            setattr(world.sup, word, getattr(world.sup, word) ^ (1 << bit))
            assert not world.sup.intact()
            world.sup.fail(f.STATE_CORRUPT, world.sample)
            assert opened(world, latched), bit
            assert world.memory.latch_code == (latched or f.STATE_CORRUPT)
            assert world.sup.intact(), "sealed anew"

    return test


def next_tick_opens(make, closed):
    def test():
        for word, bit in (("state", 0), ("relay_command", 0), ("limit_mm_s", 3)):
            world = make()
            latched = world.memory.latch_code
            setattr(world.sup, word, getattr(world.sup, word) ^ (1 << bit))
            world.tick()
            assert opened(world, latched)
            if closed:
                settle(world)
                assert world.sup.state == st.TRIPPED
                assert world.sup.fault == f.STATE_CORRUPT

    return test


def generate():
    for name, make in STATES:
        closed = name in ("wait_belt", "forward", "mounting", "backward")
        globals()["test_next_tick_opens_in_" + name] = next_tick_opens(make, closed)
        for word in WORDS:
            globals()["test_flip_of_" + word + "_in_" + name] = flips(word, make)


generate()


def test_words_that_do_not_belong_together_are_corrupt_though_each_has_its_complement():
    world = bring(st.READY)
    world.sup.relay_command = st.CLOSED
    world.sup.command_inverse = ~st.CLOSED
    assert not world.sup.intact()
    world = bring(st.BACKWARD)
    world.sup.relay_command = st.OPEN
    world.sup.command_inverse = ~st.OPEN
    assert not world.sup.intact()


def test_a_broken_flow_with_the_relay_open_is_counted_and_stops_nothing():
    for make in (self_test, arming, stopping, lambda: lock_out(bring(st.READY))):
        world = make()
        state, latched = world.sup.state, world.memory.latch_code
        world.sup.fail(f.FLOW_BROKEN, world.sample)
        assert world.sup.state == state
        assert world.memory.latch_code == latched
        assert world.count("FLOW_BROKEN") == 1


def test_a_broken_flow_with_the_relay_closed_trips():
    for state in st.CLOSED_STATES:
        world = bring(state)
        world.sup.fail(f.FLOW_BROKEN, world.sample)
        assert world.sup.state == st.STOPPING
        assert world.memory.latch_code == f.FLOW_BROKEN


def test_a_corrupt_word_in_tripped_keeps_the_first_reason():
    world = tripped(bring(st.READY))
    world.sup.state ^= 1
    world.tick()
    settle(world)
    assert world.sup.state == st.TRIPPED
    assert world.memory.latch_code == f.LOOP_OVERRUN


def test_a_corrupt_word_does_not_turn_a_lockout_into_a_trip():
    """A lockout is left by the static proof only (DESIGN 2, I6)."""
    world = lock_out(bring(st.READY))
    world.sup.limit_mm_s ^= 1
    world.tick()
    settle(world)
    world.run(250).press(1000)
    world.idle(3000)
    assert world.memory.latch_code == f.RELAY_TEST_FAILED
    assert world.sup.state == st.LOCKOUT


def test_a_corrupt_word_during_the_proof_ends_the_proof():
    world = lock_out(bring(st.READY))
    prove(world)
    assert world.sup.proof_running
    world.sup.relay_command ^= 1
    world.tick()
    assert world.sup.relay_command == st.OPEN
    assert world.memory.latch_code == f.RELAY_TEST_FAILED
