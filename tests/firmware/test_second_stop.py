# SPDX-License-Identifier: MIT
"""The second stop at its limits: what holds it, what drops it, to the ms and the mm/s."""

from guard.core import faults as f
from guard.core import states as st
from guard.core.events import SECOND_STOP, EventRing
from guard.core.sample import Sample
from guard.core.second_stop import SecondStop, SecondStopOpen
from guard.core.stopping import DROPPING, OPENED
from guard.core.ticks import MASK
from tests.support.parts import Bag, Flags

NEVER = {
    "ESTOP", "OVERSPEED_EXTREME", "STATE_CORRUPT", "FLOW_BROKEN", "LOOP_OVERRUN",
    "SECOND_STOP_OPEN",
}  # fmt: skip
ORIGINS_MS = (0, 7000, MASK - 100)


def contactor(phase=OPENED, v0=400, v=300, proven=True, state=st.STOPPING):
    """A stop from v0 under way, the belt at v now."""
    speed = Bag(bound_mm_s=lambda now_us: v)
    stop = Bag(phase=phase, v0_mm_s=v0, proven=proven, cause=f.HOST_STOP, speed=speed)
    stop.began_ms = 0
    sup = Bag(stop=stop, state=state, relay_command=st.OPEN, events=EventRing())
    sup.belt_moves = True
    sup.moving = lambda: sup.belt_moves
    return SecondStop(Bag(supervisor=sup, settings=None, speed=speed, rails=None))


def sample(ms=0, dropped=False, **values):
    s = Sample()
    s.now_ms = ms & MASK
    s.second_dropped = dropped
    s.estop_pressed = False
    for name, value in values.items():
        setattr(s, name, value)
    return s


def held(origin_ms=0, **values):
    second = contactor(**values)
    second.sup.stop.began_ms = origin_ms
    second.opened(f.HOST_STOP)
    assert second.held
    assert second.on
    return second


def test_it_is_off_before_the_first_session():
    second = contactor()
    assert (second.on, second.held, second.was_closed) == (False, False, False)
    assert [type(rule) for rule in second.rules] == [SecondStopOpen]


def test_it_closes_with_the_relay():
    second = held()
    second.on = False
    second.closing()
    assert (second.on, second.held) == (True, False)


def test_every_cause_drops_it_or_lets_the_treadmill_brake():
    for row in f.TABLE:
        code, name = row[0], row[1]
        at_once = name in NEVER or f.fault_class(code) == f.LOCKOUT
        second = contactor()
        second.opened(code)
        assert (second.held, second.on) == (not at_once, not at_once), name


def test_a_stop_that_is_not_proven_drops_it():
    second = contactor(proven=False)
    second.opened(f.HOST_STOP)
    assert (second.held, second.on) == (False, False)


def test_it_waits_through_the_drop_of_the_relay_without_being_held():
    for code in (f.BELT_STOPPED, f.ESTOP):
        second = contactor(phase=DROPPING)
        second.opened(code)
        assert (second.held, second.on) == (False, True)


def test_it_is_toggled_on_while_held_and_rests_when_the_belt_is_still():
    second = held()
    assert second.command(sample(10)) == st.TOGGLE_ONLY
    second.sup.belt_moves = False
    assert second.command(sample(20)) == st.OPEN
    assert not second.held
    second.sup.belt_moves = True
    assert second.command(sample(30)) == st.OPEN, "never again before a START"


def dropped_at(ms, origin_ms=0, estop=False, late_us=0, contact=False, **values):
    """Is it dropped ms after the opening?"""
    second = held(origin_ms, **values)
    s = sample(origin_ms + ms, estop_pressed=estop, late_us=late_us, feedback_closed=contact)
    command = second.command(s)
    assert command == (st.TOGGLE_ONLY if second.held else st.OPEN)
    assert second.on == second.held
    noted = second.sup.events.take()
    assert (noted is None) == second.held
    return not second.held


def test_the_estop_and_a_late_loop_drop_it_at_once():
    assert not dropped_at(10)
    assert dropped_at(10, estop=True)
    assert not dropped_at(10, late_us=25000)
    assert dropped_at(10, late_us=25001)


def test_a_stop_that_becomes_unproven_drops_it():
    second = held()
    second.sup.stop.proven = False
    assert second.command(sample(10)) == st.OPEN
    assert not second.held


def test_a_relay_that_stays_closed_for_60_ms_drops_it():
    for origin_ms in ORIGINS_MS:
        assert not dropped_at(59, origin_ms, contact=True)
        assert dropped_at(60, origin_ms, contact=True)
        assert dropped_at(61, origin_ms, contact=True)
        assert not dropped_at(60, origin_ms)


def test_a_belt_that_gains_an_eighth_and_70_mm_s_drops_it_from_150_ms_on():
    for origin_ms in ORIGINS_MS:
        assert not dropped_at(149, origin_ms, v=521)
        assert not dropped_at(150, origin_ms, v=520)
        assert dropped_at(150, origin_ms, v=521)
        assert dropped_at(151, origin_ms, v=521)
    assert not dropped_at(150, v0=807, v=977)
    assert dropped_at(150, v0=807, v=978)


def test_a_belt_no_slower_after_800_ms_drops_it():
    for origin_ms in ORIGINS_MS:
        assert not dropped_at(799, origin_ms, v=400)
        assert dropped_at(800, origin_ms, v=400)
        assert dropped_at(800, origin_ms, v=401)
        assert not dropped_at(800, origin_ms, v=399)


def test_a_belt_whose_speed_was_not_known_cannot_be_compared():
    assert not dropped_at(900, v0=0, v=500)
    assert dropped_at(900, v0=1, v=1)


def test_what_was_dropped_before_standstill_is_noted_once():
    for origin_ms in ORIGINS_MS:
        second = held(origin_ms, v=321)
        at_ms = (origin_ms + 40) & MASK
        pressed = sample(at_ms, estop_pressed=True)
        second.command(pressed)
        ring = second.sup.events
        assert ring.take() == (at_ms, SECOND_STOP, f.HOST_STOP, 321, 40)
        assert second.command(pressed) == st.OPEN
        assert ring.take() is None


def followed(state, command, phase=OPENED, held=False, on=False):
    second = contactor(phase=phase, state=state)
    second.sup.relay_command = command
    second.held, second.on = held, on
    second.follow(sample())
    return second.held, second.on


def test_it_follows_a_closed_relay_and_the_coils_of_the_relay_test():
    enabled = (st.EN_ONLY, st.A_EN, st.B_EN)
    for state in range(len(st.STATE_NAMES)):
        for command in range(st.HOLD + 1):
            for on in (False, True):
                if command == st.CLOSED:
                    expected = (True, True)
                elif state == st.STOPPING:
                    expected = (True, on)
                else:
                    expected = (False, command in enabled)
                assert followed(state, command, held=True, on=on) == expected, (state, command)


def test_in_a_stop_it_goes_off_when_nobody_holds_it_and_the_relay_has_dropped():
    for command in (st.OPEN, st.TOGGLE_ONLY, st.HOLD, st.EN_ONLY):
        assert followed(st.STOPPING, command, on=True) == (False, False)
        assert followed(st.STOPPING, command, DROPPING, on=True) == (False, True)
        assert followed(st.STOPPING, command, held=True, on=True) == (True, True)


# Stuck


def welded(origin_ms=0, worked=True):
    second = contactor(state=st.READY)
    second.was_closed = worked
    second.tick(sample(origin_ms))
    return second


def test_one_that_stays_closed_for_a_second_locks_out():
    for origin_ms in ORIGINS_MS:
        second = welded(origin_ms)
        assert second.lockout(sample(origin_ms)) == 0
        assert second.lockout(sample(origin_ms + 999)) == 0
        assert second.lockout(sample(origin_ms + 1000)) == f.SECOND_STOP_STUCK
        assert second.lockout(sample(origin_ms + 1001)) == f.SECOND_STOP_STUCK


def test_a_contact_that_never_worked_is_no_stuck_one():
    assert welded(worked=False).lockout(sample(5000)) == 0


def test_one_that_drops_in_between_is_waited_for_again():
    second = welded()
    second.tick(sample(900, dropped=True))
    assert second.lockout(sample(5000)) == 0
    second.tick(sample(5000))
    assert second.lockout(sample(5999)) == 0
    assert second.lockout(sample(6000)) == f.SECOND_STOP_STUCK


def test_one_that_is_meant_to_be_on_is_not_stuck():
    second = contactor()
    second.was_closed = second.on = True
    second.tick(sample(0))
    second.tick(sample(5000))
    assert second.lockout(sample(5000)) == 0


def test_it_has_worked_once_it_was_seen_closed_when_it_was_meant_to_be():
    for dropped, on, command, worked in (
        (False, True, st.CLOSED, True), (True, True, st.CLOSED, False),
        (False, False, st.CLOSED, False), (False, True, st.OPEN, False),
        (False, True, st.EN_ONLY, False), (False, True, st.TOGGLE_ONLY, False),
    ):  # fmt: skip
        second = contactor()
        second.on = on
        second.sup.relay_command = command
        second.tick(sample(dropped=dropped))
        assert second.was_closed == worked, (dropped, on, command)


def test_no_proof_while_it_is_stuck_in_lockout():
    for state in range(len(st.STATE_NAMES)):
        second = welded()
        second.sup.state = state
        assert second.provable() == (state != st.LOCKOUT), state
        second.tick(sample(dropped=True))
        assert second.provable()


def test_feedback_that_shows_closed_blocks_the_start():
    flags = Flags()
    second = contactor()
    for dropped, standing in ((True, 0), (False, 1)):
        assert second.judge(flags, sample(dropped=dropped)) == standing
    assert flags.told == [(f.SECOND_STOP_FEEDBACK, False), (f.SECOND_STOP_FEEDBACK, True)]


# Open while it should be closed


def opened_for(ms, origin_ms=0, estop=False, dropped=True):
    rule = SecondStopOpen(None, None, None)
    rule.judge(sample(origin_ms, dropped, estop_pressed=estop))
    return rule.judge(sample(origin_ms + ms, dropped, estop_pressed=estop))


def test_one_that_is_open_for_500_ms_stops_and_the_estop_excuses_it():
    for origin_ms in ORIGINS_MS:
        assert opened_for(499, origin_ms) == 0
        assert opened_for(500, origin_ms) == f.SECOND_STOP_OPEN
    assert opened_for(501) == f.SECOND_STOP_OPEN
    assert opened_for(5000, estop=True) == 0
    assert opened_for(5000, dropped=False) == 0


def test_each_such_rule_has_its_own_clock():
    SecondStopOpen(None, None, None).judge(sample(0, dropped=True))
    assert SecondStopOpen(None, None, None).judge(sample(900, dropped=True)) == 0
