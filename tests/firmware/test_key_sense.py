# SPDX-License-Identifier: MIT
"""Key sense at its limits: how long a closed loop is waited for, and who saw it closed when."""

from guard.core import faults as f
from guard.core import states as st
from guard.core.key_sense import KeySense
from guard.core.sample import Sample
from guard.core.ticks import MASK
from tests.support.parts import Bag


def key_sense(state=st.READY, command=st.OPEN):
    sup = Bag(state=state, relay_command=command)
    return KeySense(Bag(supervisor=sup, settings=None, speed=Bag(seen=False), rails=None))


def read(key, closed, ms=0, contact=False):
    s = Sample()
    s.now_ms = ms & MASK
    s.key_closed = closed
    s.feedback_closed = contact
    key.tick(s)
    return key.lockout(s)


def test_a_loop_closed_for_a_second_locks_out_to_the_ms():
    for origin_ms in (0, 7000, MASK - 500):
        key = key_sense()
        for ms in (0, 10, 500, 999):
            assert read(key, True, origin_ms + ms) == 0, ms
        assert read(key, True, origin_ms + 1000) == f.KEY_LOOP_CLOSED
        assert read(key, True, origin_ms + 5000) == f.KEY_LOOP_CLOSED
        assert read(key, False, origin_ms + 5010) == 0


def test_a_loop_that_was_open_in_between_is_waited_for_again():
    key = key_sense()
    read(key, True, 0)
    assert read(key, False, 600) == 0
    assert read(key, True, 700) == 0
    assert read(key, True, 1699) == 0
    assert read(key, True, 1700) == f.KEY_LOOP_CLOSED


def test_the_loop_is_judged_only_where_the_relay_is_known_open():
    for state in range(len(st.STATE_NAMES)):
        key = key_sense(state)
        read(key, True, 0)
        judged = state in (st.STOPPING, st.READY, st.TRIPPED)
        assert read(key, True, 2000) == (f.KEY_LOOP_CLOSED if judged else 0), state


def test_a_loop_closed_behind_a_closed_contact_is_the_contacts_fault():
    key = key_sense(st.STOPPING)
    read(key, True, 0, contact=True)
    assert read(key, True, 2000, contact=True) == 0
    assert read(key, True, 2010) == 0
    assert read(key, True, 3009) == 0
    assert read(key, True, 3010) == f.KEY_LOOP_CLOSED


def lost(key, belt_seen=True):
    rule = key.rules[0]
    rule.speed.seen = belt_seen
    return rule.judge(Sample())


def test_a_belt_that_runs_over_an_open_loop_means_no_key_sense():
    key = key_sense(st.WAIT_BELT, st.CLOSED)
    assert len(key.rules) == 1
    assert lost(key) == f.KEY_SENSE_LOST, "nothing was read yet"
    assert lost(key, belt_seen=False) == 0
    read(key, True)
    assert lost(key) == f.KEY_SENSE_LOST, "one reading is none"
    read(key, True)
    assert lost(key) == 0
    read(key, False)
    assert lost(key) == 0, "seen once in this session is enough"
    assert lost(key, belt_seen=False) == 0


def test_two_readings_with_a_gap_are_not_two_in_a_row():
    key = key_sense(st.WAIT_BELT, st.CLOSED)
    for closed in (True, False, True, False):
        read(key, closed)
    assert lost(key) == f.KEY_SENSE_LOST


def test_the_loop_counts_as_seen_closed_only_under_a_closed_relay():
    for command in range(st.HOLD + 1):
        key = key_sense(st.WAIT_BELT, command)
        for _ in range(3):
            read(key, True)
        assert lost(key) == (0 if command == st.CLOSED else f.KEY_SENSE_LOST), command


def test_each_session_has_to_see_it_anew():
    key = key_sense(st.WAIT_BELT, st.CLOSED)
    read(key, True)
    key.closing()
    read(key, True)
    assert lost(key) == f.KEY_SENSE_LOST, "a reading of the session before counts for nothing"
    read(key, True)
    assert lost(key) == 0
    key.closing()
    assert lost(key) == f.KEY_SENSE_LOST


def test_what_the_loop_shows_now_is_told():
    key = key_sense()
    assert key.shows_closed is False
    read(key, True)
    assert key.shows_closed is True
    read(key, False)
    assert key.shows_closed is False
