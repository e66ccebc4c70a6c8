# SPDX-License-Identifier: MIT
"""START: every row of the table in design review section 3. One press, one meaning."""

from guard.core import sounds
from guard.core import states as st
from guard.core.gestures import Button
from guard.core.ready import CHANGE_CONFIRMED, CHANGE_DISCARDED, CHANGE_NONE
from tests.support.stream import MASK, PERIOD, bring, lock_out, prove, settle, tripped

ORIGINS = (0, PERIOD - 300)


class Finger:
    """A Button read every 10 ms."""

    def __init__(self, now_ms=0, down=False):
        self.button = Button()
        self.now_ms = now_ms
        self.button.read(down, now_ms)

    def hold(self, down, ms):
        """The edge seen, and the lengths that counted, over ms."""
        pressed, lengths = 0, []
        for _ in range(ms // 10):
            self.now_ms = (self.now_ms + 10) & MASK
            self.button.read(down, self.now_ms)
            pressed += self.button.pressed
            if self.button.released_ms >= 0:
                lengths.append(self.button.released_ms)
        return pressed, lengths

    def press(self, ms):
        """Lengths that counted after a press of ms, measured from its second reading."""
        self.hold(True, ms + 10)
        return self.hold(False, 10)[1]


def test_a_press_is_an_edge_at_the_second_reading():
    for origin in ORIGINS:
        finger = Finger(origin)
        finger.hold(False, 300)
        assert finger.hold(True, 10) == (0, [])
        assert finger.hold(True, 10) == (1, [])
        assert finger.hold(True, 500) == (0, [])
        assert finger.hold(False, 10) == (0, [510])
        assert finger.hold(False, 500) == (0, [])


def test_one_reading_is_no_press():
    finger = Finger()
    finger.hold(False, 300)
    finger.hold(True, 10)
    assert finger.hold(False, 10) == (0, [])


def test_a_press_counts_after_200_ms_released():
    for up_ms, lengths in ((190, []), (200, [100])):
        for origin in ORIGINS:
            finger = Finger(origin)
            finger.hold(False, 300)
            finger.press(100)
            finger.hold(False, up_ms)
            assert finger.press(100) == lengths


def test_a_press_under_way_is_discarded_and_the_next_needs_200_ms_too():
    finger = Finger()
    finger.hold(False, 300)
    finger.hold(True, 100)
    finger.button.discard(finger.now_ms)
    assert finger.button.held_ms(finger.now_ms) == -1
    assert finger.hold(False, 10) == (0, [])
    assert finger.press(100) == []
    finger.hold(False, 200)
    assert finger.press(100) == [100]
    finger.button.discard(finger.now_ms)
    finger.hold(False, 190)
    assert finger.press(100) == []


def test_down_at_boot_is_stuck_until_released_and_never_counts():
    finger = Finger(down=True)
    assert finger.button.stuck
    assert finger.hold(True, 5000)[1] == []
    assert finger.button.stuck
    assert finger.hold(False, 10) == (0, [])
    assert not finger.button.stuck
    finger.hold(False, 200)
    assert finger.press(100) == [100]


def test_held_over_10_s_is_stuck_until_released_and_means_nothing():
    for origin in ORIGINS:
        finger = Finger(origin)
        finger.hold(False, 300)
        finger.hold(True, 10010)
        assert not finger.button.stuck
        finger.hold(True, 10)
        assert not finger.button.stuck, "exactly 10 s"
        finger.hold(True, 10)
        assert finger.button.stuck
        assert finger.hold(False, 10) == (0, [])
        assert not finger.button.stuck


def test_stuck_begins_one_ms_after_10_s():
    for ms, stuck in ((10000, False), (10001, True)):
        finger = Finger()
        finger.hold(False, 300)
        finger.hold(True, 20)
        finger.button.read(True, finger.now_ms + ms)
        assert finger.button.stuck == stuck


def test_a_length_is_announced_once_when_reached():
    finger = Finger()
    finger.hold(False, 300)
    finger.hold(True, 3010)
    assert not finger.button.reaches(3000, finger.now_ms)
    finger.hold(True, 10)
    assert finger.button.reaches(3000, finger.now_ms)
    assert not finger.button.reaches(3000, finger.now_ms)
    finger.hold(False, 300)
    assert not finger.button.reaches(3000, finger.now_ms)


# READY


def meaning(world, hold_ms):
    """What a press did: state, pending answer, hand turn, whether the "no" sound came."""
    world.heard = []
    world.press(hold_ms)
    refused = sounds.REFUSED in [chirp for _, chirp in world.heard]
    return world.sup.state, world.sup.pending.answer, world.sup.hand_turn.open, refused


def ready(pending=False, window=False):
    world = bring(st.READY)
    if window:
        world.press(3000)
        world.run(250)
    if pending:
        world.sup.offer_change(world.sample.now_ms)
        world.run(250)
    return world


NO = (st.READY, CHANGE_NONE, False, True)


def test_ready_nothing_pending():
    arm = (st.ARMING, CHANGE_NONE, False, False)
    window = (st.READY, CHANGE_NONE, True, False)
    for ms, expected in (
        (40, NO), (50, arm), (800, arm), (810, NO), (2990, NO), (3000, window), (9000, window),
    ):  # fmt: skip
        assert meaning(ready(), ms) == expected, ms


def test_ready_with_a_change_pending_a_short_press_only_discards():
    for ms in (50, 800):
        world = ready(pending=True)
        assert world.blockers() == ["CHANGE_PENDING"]
        assert meaning(world, ms) == (st.READY, CHANGE_DISCARDED, False, False)
        world.idle(3000)
        assert world.sup.state == st.READY


def test_ready_with_a_change_pending_a_hold_of_3_s_only_confirms():
    world = ready(pending=True)
    assert meaning(world, 3000) == (st.READY, CHANGE_CONFIRMED, False, False)
    assert not world.sup.pending.standing
    world.idle(3000)
    assert world.sup.state == st.READY


def test_ready_with_a_change_pending_other_lengths_say_no():
    for ms in (40, 810, 2990):
        world = ready(pending=True)
        assert meaning(world, ms) == NO
        assert world.sup.pending.standing


def test_a_change_lapses_after_30_s():
    world = ready(pending=True)
    offered_ms = world.sup.pending.since_ms
    world.run(offered_ms + 29990 - world.sample.now_ms)
    assert world.sup.pending.standing
    world.run(10)
    assert not world.sup.pending.standing
    assert world.sup.pending.answer == CHANGE_DISCARDED


def test_a_change_offered_during_a_press_discards_the_press():
    """The press that was to start a session must not confirm or discard what it never saw."""
    for before_ms, after_ms in ((100, 100), (2000, 1500), (500, 3100)):
        world = ready()
        world.start = True
        world.run(before_ms)
        world.sup.offer_change(world.sample.now_ms)
        world.run(after_ms)
        world.start = False
        world.run(50)
        assert world.sup.pending.standing
        assert world.sup.state == st.READY


def test_a_new_offer_begins_its_30_s_anew():
    world = ready(pending=True)
    world.run(20000)
    world.sup.offer_change(world.sample.now_ms)
    world.run(20000)
    assert world.sup.pending.standing


def test_the_hand_turn_window_ends_by_a_short_press_which_does_not_arm():
    world = ready(window=True)
    assert world.blockers() == ["HAND_TURN"]
    assert meaning(world, 100) == (st.READY, CHANGE_NONE, False, False)
    world.run(250)
    world.grip()
    assert meaning(world, 100)[0] == st.ARMING


def test_the_hand_turn_window_ends_after_five_minutes():
    world = ready(window=True)
    world.idle(299000)
    assert world.sup.hand_turn.open
    world.idle(1000)
    assert not world.sup.hand_turn.open


def test_the_hand_turn_window_counts_edges_and_raises_no_motion_lockout():
    world = ready(window=True)
    world.obeys = False
    world.belt(500)
    world.run(5000)
    assert world.sup.state == st.READY
    assert world.sup.hand_turn.edges == world.edges > 30


def test_bounces_are_no_travel_in_the_hand_turn_window():
    """A bounce inside the blanking is not travel; counted, it makes the calibration wrong."""
    world = ready(window=True)
    world.obeys = False
    world.bounce_us = 1000
    world.belt(300)
    world.run(5000)
    assert world.edges > 30
    assert world.sup.hand_turn.edges <= world.edges // 2 + 1


def test_a_hold_in_the_hand_turn_window_begins_it_anew():
    world = ready(window=True)
    world.idle(200000)
    world.press(3000)
    world.idle(200000)
    assert world.sup.hand_turn.open


def test_a_short_press_with_a_blocker_says_no():
    world = ready()
    world.sup.blockers.store_failed = True
    assert meaning(world, 100) == NO


def test_3_s_are_announced_when_reached():
    world = ready(pending=True)
    world.start = True
    world.run(3010)
    assert sounds.HOLD_REACHED not in [chirp for _, chirp in world.heard]
    world.run(10)
    assert world.heard[-1][1] == sounds.HOLD_REACHED


# Relay closed, ARMING


def test_any_press_edge_stops_with_the_relay_closed():
    for state in (st.WAIT_BELT, st.FORWARD, st.MOUNTING, st.BACKWARD):
        world = bring(state)
        world.start = True
        world.tick()
        assert world.allowed()
        world.tick()
        assert world.sup.state == st.STOPPING, "whatever its length, and before its release"


def test_a_press_just_after_the_state_began_stops_too():
    world = bring(st.READY)
    world.press(100)
    world.run_to(st.WAIT_BELT)
    world.start = True
    world.run(20)
    assert world.sup.state == st.STOPPING


def test_a_button_down_since_before_the_relay_closed_does_not_stop():
    world = bring(st.READY)
    world.press(100)
    world.run_to(st.ARMING)
    world.sup.button.down = True  # stuck down unseen: no edge since
    world.sup.button.down_reads = 2
    world.start = True
    world.run_to(st.WAIT_BELT)
    world.run(500)
    assert world.allowed()


def test_a_press_edge_in_arming_goes_back_to_ready():
    for in_ms in (0, 500, 1100):
        world = bring(st.READY)
        world.press(100)
        world.run_to(st.ARMING)
        world.run(in_ms)
        world.start = True
        world.run(20)
        assert world.sup.state == st.READY
        assert world.sup.relay_command == st.OPEN
        world.start = False
        world.run(3000)
        assert world.sup.state == st.READY, "its release arms nothing"


def test_the_press_that_stops_does_nothing_more():
    for ms in (100, 1000, 3000, 6000):
        world = bring(st.BACKWARD)
        world.start = True
        world.run(ms)
        world.start = False
        settle(world)
        world.run(100)
        assert world.sup.state == st.READY
        assert world.sup.pending.answer == CHANGE_NONE
        assert not world.sup.hand_turn.open
        world.idle(3000)
        assert world.sup.state == st.READY


def test_a_press_begun_in_stopping_and_ended_in_ready_means_nothing():
    world = bring(st.BACKWARD)
    world.host_stop = True
    world.run(100)
    world.start = True
    settle(world)
    world.run(3200)
    world.start = False
    world.run(100)
    assert world.sup.state == st.READY
    assert not world.sup.hand_turn.open


# TRIPPED, LOCKOUT


def test_tripped_1_s_resets_and_that_press_does_nothing_more():
    for ms, state in ((990, st.TRIPPED), (1000, st.SELF_TEST), (9000, st.SELF_TEST)):
        world = tripped(bring(st.READY))
        world.run(250)
        world.press(ms)
        assert world.sup.state == state, ms
        world.idle(6000)
        assert world.sup.state in (st.TRIPPED, st.READY)


def test_tripped_short_presses_say_no():
    world = tripped(bring(st.READY))
    world.run(250)
    world.heard = []
    world.press(100)
    assert [chirp for _, chirp in world.heard] == [sounds.REFUSED]


def test_tripped_announces_1_s():
    world = tripped(bring(st.READY))
    world.run(250)
    world.start = True
    world.heard = []
    world.run(1020)
    assert [chirp for _, chirp in world.heard] == [sounds.HOLD_REACHED]


def test_lockout_5_s_ends_the_proof():
    for ms, left in ((4990, False), (5000, True)):
        world = lock_out(bring(st.READY))
        prove(world, ms)
        world.run(2000)
        assert (world.sup.state == st.READY) == left


def test_lockout_announces_5_s():
    world = lock_out(bring(st.READY))
    world.run(250)
    world.start = True
    world.heard = []
    world.run(5020)
    assert [chirp for _, chirp in world.heard] == [sounds.HOLD_REACHED]


def test_a_button_stuck_at_boot_or_for_10_s_is_a_blocker():
    world = bring(st.READY)
    world.start = True
    world.run(10020)
    assert world.blockers() == []
    world.run(10)
    assert world.blockers() == ["START_STUCK"]
    world.start = False
    world.run(10)
    assert world.blockers() == []
    assert world.sup.state == st.READY
    world.start = True
    world = world.power_cycle()
    world.idle(4000)
    assert "START_STUCK" in world.blockers()
    world.start = False
    world.idle(100)
    assert "START_STUCK" not in world.blockers()
    assert world.sup.state == st.READY
