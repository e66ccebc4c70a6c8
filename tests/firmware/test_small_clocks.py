# SPDX-License-Identifier: MIT
"""What waits for a hand: holds, windows, offers, motion, and blockers that add up."""

from guard.core import states as st
from guard.core.boot_cause import found_at_boot
from guard.core.faults import OVERSPEED, RELAY_WELDED
from guard.core.gestures import Button
from guard.core.memory import Memory
from guard.core.parameters import Settings
from guard.core.proof import HandPush, RailProof
from guard.core.ready import (
    CHANGE_CONFIRMED,
    CHANGE_DISCARDED,
    CHANGE_NONE,
    HandTurn,
    Motion,
    Pending,
)
from guard.core.sample import Sample
from guard.core.speed import Speed
from tests.support.stream import MASK, PERIOD, bring, lock_out, prove

# START


def held(origin_ms):
    """A button that is pressed at origin_ms and counts."""
    button = Button()
    for ms in (-300, -100):
        button.read(False, (origin_ms + ms) & MASK)
    for ms in (-1, 0):
        button.read(True, (origin_ms + ms) & MASK)
    return button


def test_a_hold_is_reached_in_its_ms_or_in_the_first_tick_after_it_and_once():
    for origin_ms in (1000, PERIOD - 500):
        for first_ms, reached in ((999, False), (1000, True), (1003, True)):
            assert held(origin_ms).reaches(1000, (origin_ms + first_ms) & MASK) == reached
        button = held(origin_ms)
        assert button.reaches(1000, (origin_ms + 1000) & MASK)
        assert not button.reaches(1000, (origin_ms + 1001) & MASK)


def test_after_a_change_of_state_only_a_press_200_ms_later_counts():
    for up_ms, counts in ((199, False), (200, True)):
        button = Button()
        button.read(False, 0)
        button.read(False, 1000)
        button.discard(1000)
        button.read(False, 1000 + up_ms)
        for ms in (1300, 1301):
            button.read(True, ms)
        assert (button.held_ms(1401) == 100) == counts


# Offers and windows


def test_an_offer_ends_after_30_s_or_in_the_first_tick_after_them():
    for ms, standing in ((29999, True), (30000, False), (30007, False)):
        for origin_ms in (0, PERIOD - 10000):
            pending = Pending()
            pending.offer(origin_ms)
            pending.tick((origin_ms + ms) & MASK)
            assert pending.standing == standing
            assert pending.answer == (CHANGE_NONE if standing else CHANGE_DISCARDED)


def test_an_answer_stands_until_the_next_offer_however_long_that_takes():
    pending = Pending()
    pending.offer(0)
    pending.settle(CHANGE_CONFIRMED)
    pending.tick(40000)
    assert pending.answer == CHANGE_CONFIRMED
    pending.offer(50000)
    assert pending.answer == CHANGE_NONE


def test_the_hand_turn_window_ends_after_300_s_and_counts_anew():
    for ms, is_open in ((299999, True), (300000, False), (300007, False)):
        turn = HandTurn()
        turn.edges = 7
        turn.begin(0)
        assert turn.edges == 0
        turn.tick(ms)
        assert turn.open == is_open


# Motion


class Moving:
    """An open relay and a belt whose edges come every dt_us."""

    def __init__(self, dt_us):
        settings = Settings()
        self.speed = Speed(settings)
        self.motion = Motion(self.speed)
        self.dt_us = dt_us
        self.now_us = 0
        self.s = Sample()

    def edges(self, count):
        """How long the belt has run, told after each of so many edges."""
        told = []
        for _ in range(count):
            self.now_us += self.dt_us
            self.s.now_us, self.s.now_ms = self.now_us, self.now_us // 1000
            self.speed.edge(self.now_us, 1, self.s.now_ms)
            told.append(self.motion.ms(self.s, True))
        return told

    def stand(self):
        self.now_us += 5000000
        self.s.now_us, self.s.now_ms = self.now_us, self.now_us // 1000
        self.speed.tick(self.now_us)
        assert self.motion.ms(self.s, True) == 0


def test_motion_is_over_300_mm_s_for_at_least_five_edges():
    # 100 mm per edge: the second edge is the first that shows a speed, five more count.
    assert Moving(300000).edges(8)[6:] == [1500, 1800]
    assert max(Moving(300000).edges(6)) < 300
    assert Moving(332220).edges(9)[8] > 2000, "301 mm/s"
    assert max(Moving(333330).edges(20)) < 300, "300 mm/s"


def test_motion_counts_anew_after_a_standstill():
    belt = Moving(300000)
    belt.edges(8)
    belt.stand()
    assert max(belt.edges(6)) < 300
    assert belt.edges(1) == [1500]


# Proofs


def test_pushes_are_forgotten_after_5_s_over_the_wrap_too():
    for origin_ms in (1000, PERIOD - 2000):
        push = HandPush()
        for ms in (0, 300):
            push.edge((origin_ms + ms) & MASK)
        push.tick((origin_ms + 5300) & MASK)
        assert push.edges == 2
        push.tick((origin_ms + 5301) & MASK)
        assert push.edges == 0


def test_pushes_in_lockout_are_forgotten_after_5_s():
    world = lock_out(bring(st.READY)).run(3000)
    for _ in range(2):
        world.run(300)
        world.edge(world.us)
    world.run(4900)
    assert world.sup.proof.push.edges == 2
    world.run(200)
    assert world.sup.proof.push.edges == 0


def test_a_push_without_hands_takes_back_those_before_it():
    for hands, proven in ((True, 0), (False, 1)):
        world = bring(st.READY)
        world.memory.sensor_not_proven = 1
        for nth in range(4):
            world.left = hands or nth != 2
            world.run(300)
            world.edge(world.us)
        assert world.memory.sensor_not_proven == proven


def test_pushes_prove_one_thing_once():
    world = bring(st.READY)
    proof = world.sup.sensor_proof
    for due in range(2):
        world.memory.sensor_not_proven = 1
        ms = 1000 + due * 900
        pushes = [proof.edge(ms, True), proof.edge(ms + 300, True), proof.edge(ms + 600, True)]
        assert pushes == [False, False, True]


def test_a_cut_lead_is_neither_a_grip_nor_a_release():
    for contacts, done in (
        ((st.RELEASED, st.HELD, st.RELEASED), True),
        ((st.RELEASED, st.WIRING, st.RELEASED), False),
        ((st.RELEASED, st.HELD, st.WIRING), False),
        ((st.WIRING, st.HELD, st.RELEASED), False),
    ):  # fmt: skip
        rail = RailProof()
        for contact in contacts:
            rail.tick(contact)
        assert rail.done == done, contacts


def test_an_e_stop_that_was_pressed_before_the_lockout_counts_when_it_is_let_go():
    world = bring(st.READY)
    world.memory.latch_code = RELAY_WELDED
    world.stored.latch_code = RELAY_WELDED
    world.estop = True
    world = world.power_cycle().run(200)
    assert world.sup.state == st.LOCKOUT
    assert not world.sup.proof.estop_done
    world.estop = False
    world.run(20)
    assert world.sup.proof.estop_done


def test_a_new_lockout_forgets_each_step():
    world = prove(lock_out(bring(st.READY)), 5100)
    assert world.sup.proof.complete()
    world.feedback = True
    world.run(20)
    world.feedback = None
    proof = world.sup.proof
    shown = (proof.estop_done, proof.belt_done, proof.left.done, proof.right.done)
    assert shown == (False, False, False, False)
    assert (proof.push.edges, proof.steps) == (0, 0)


def test_a_cleared_proof_has_no_pushes_either():
    proof = bring(st.READY).sup.proof
    proof.stood_still = True
    for ms in (0, 300):
        proof.edge(ms)
    assert proof.push.edges == 2
    proof.clear()
    assert proof.push.edges == 0


def test_a_cause_without_its_mark_is_an_old_story():
    for mark, found in ((0, 0), (2, OVERSPEED), (3, 0)):
        memory = Memory()
        memory.mark, memory.cause = mark, OVERSPEED
        assert found_at_boot(memory, False, False) == found


def test_a_guard_takes_new_settings_for_speed_and_rails():
    world = bring(st.READY)
    guard = world.guard
    assert (guard.settings, guard.memory, guard.events) == (
        world.settings, world.memory, world.events,
    )  # fmt: skip
    world.settings.rail_kind = 1
    world.settings.distance_per_edge_um = 80000
    guard.configure()
    assert guard.speed.d_um == 80000
    assert guard.rails.left.band.classify(0) == guard.rails.right.band.classify(0) == st.WIRING
    for rail in (guard.rails.left, guard.rails.right):
        assert rail.band.threshold_permille == world.settings.touch_threshold_permille
    assert guard.rails.left.band is not guard.rails.right.band


# Blockers


def both_modes(world):
    """(object, attribute, value) of everything that blocks in both modes."""
    blockers, sup = world.sup.blockers, world.sup
    return [
        (blockers, "not_configured", True),
        (blockers, "config_damaged", True),
        (blockers, "firmware_damaged", True),
        (blockers, "store_failed", True),
        (blockers, "saving", True),
        (world.settings, "calibration", 0),
        (world.sample, "mode", st.MODE_NONE),
        (world.sample, "estop_pressed", True),
        (sup.button, "stuck", True),
        (blockers.feedback, "count", 2),
        (blockers.hall_bad, "count", 3),
        (sup.pending, "standing", True),
        (sup.hand_turn, "open", True),
        (sup, "delaying", True),
    ]


def backward_only(world):
    memory, left = world.memory, world.guard.rails.left
    return [
        (world.settings, "calibration", 1),
        (memory, "stop_test_due", 1),
        (memory, "sensor_not_proven", 1),
        (left, "grip_fresh", False),
        (left, "contact", st.WIRING),
        (left, "held_too_long", True),
    ]


def free(world, *facts):
    """May START arm while these facts stand? Nothing of them stays."""
    before = [(thing, name, getattr(thing, name)) for thing, name, _ in facts]
    for thing, name, value in facts:
        setattr(thing, name, value)
    sup = world.sup
    found = sup.blockers.judge(
        world.sample, sup.button, sup.pending.standing, sup.hand_turn.open, sup.delaying
    )
    for thing, name, value in reversed(before):
        setattr(thing, name, value)
    return found


def test_two_blockers_never_make_up_for_each_other():
    world = bring(st.READY)
    for mode in (st.MODE_FORWARD, st.MODE_BACKWARD):
        world.sample.mode = mode
        facts = both_modes(world)
        if mode == st.MODE_BACKWARD:
            facts += backward_only(world)
        for one in facts:
            assert free(world)
            for other in facts:
                assert not free(world, one, other), (one, other)
