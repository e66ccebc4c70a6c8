# SPDX-License-Identifier: MIT
"""Every lockout: what raises it, that nothing but the static proof at the board clears it."""

from guard.core import faults as f
from guard.core import states as st
from guard.core.events import LOCKED, PROOF
from guard.core.memory import Memory
from tests.support.stream import PERIOD, World, bring, lock_out, prove, settle, tripped


def welded(**origin):
    world = bring(st.BACKWARD, **origin)
    world.welded = True
    world.host_stop = True
    world.run_to(st.LOCKOUT)
    world.welded = False
    return world


def slow(**origin):
    world = bring(st.BACKWARD, 300, **origin)
    world.hold_up_ms = 400
    world.belt(0)
    world.run_to(st.LOCKOUT)
    world.hold_up_ms = 90
    return world


def test_failed(**origin):
    return lock_out(bring(st.READY, **origin))


relay_test_failed = test_failed
del test_failed


def stop_failed(**origin):
    world = bring(st.BACKWARD, **origin)
    world.obeys = False
    world.host_stop = True
    world.run_to(st.LOCKOUT)
    world.belt(0)
    return world


def motion(**origin):
    world = bring(st.READY, **origin)
    world.obeys = False
    world.belt(400)
    world.run_to(st.LOCKOUT)
    world.belt(0)
    return world


def memory_damaged(**origin):
    stored = Memory()
    stored.latch_code = f.MEMORY_DAMAGED
    stored.count(f.MEMORY_DAMAGED)  # by the controller, as what the start found
    world = World(memory=stored, **origin).power_on()
    world.run_to(st.LOCKOUT)
    return world


LOCKOUTS = (
    ("relay_welded", f.RELAY_WELDED, welded),
    ("relay_slow", f.RELAY_SLOW, slow),
    ("relay_test_failed", f.RELAY_TEST_FAILED, relay_test_failed),
    ("stop_failed", f.STOP_FAILED, stop_failed),
    ("unexpected_motion", f.UNEXPECTED_MOTION, motion),
    ("memory_damaged", f.MEMORY_DAMAGED, memory_damaged),
)


def locks(fault, make):
    def test():
        world = make()
        assert world.sup.state == st.LOCKOUT
        assert world.sup.fault == world.memory.latch_code == fault
        assert world.stored.latch_code == fault, "durable at once"
        assert world.sup.relay_command == st.OPEN
        assert world.events_of(LOCKED)[0][2] == fault
        assert world.count(f.name(fault)) == 1

    return test


def stays(make):
    def test():
        world = make()
        fault = world.sup.fault
        world.idle(60000)
        for hold_ms in (100, 1000, 3000, 5000, 9000):
            world.run(250).press(hold_ms)
            assert world.sup.state == st.LOCKOUT, hold_ms
            assert not world.sup.proof_running
        world = world.power_cycle().idle(5000)
        assert world.sup.state == st.LOCKOUT
        assert world.sup.fault == fault

    return test


def proof_clears(fault, make):
    def test():
        world = make()
        prove(world)
        world.run_to(st.READY)
        assert world.memory.latch_code == 0
        assert world.memory.stop_test_due == 1
        world.run(10)
        assert world.stored.latch_code == 0
        assert world.stored.stop_test_due == 1
        assert world.events_of(PROOF)[0][2] == fault
        world.idle(4000)
        assert world.sup.state == st.READY, "it permits, it never starts"
        world.grip()
        assert world.blockers() == ["STOP_TEST_DUE"]
        assert world.power_cycle().idle(2000).sup.state == st.READY

    return test


def proof_after_power_cycle(make):
    def test():
        world = make().power_cycle()
        prove(world.idle(2000))
        world.run_to(st.READY)
        assert world.power_cycle().idle(2000).sup.state == st.READY

    return test


def wraps(make):
    def test():
        us = make().us
        for origin in ({"origin_us": PERIOD - us + 1}, {"origin_ms": PERIOD - us // 1000 + 1}):
            assert make(**origin).us == us

    return test


def generate():
    for name, fault, make in LOCKOUTS:
        globals()["test_" + name + "_locks_out"] = locks(fault, make)
        globals()["test_" + name + "_is_left_by_nothing_else"] = stays(make)
        globals()["test_" + name + "_is_cleared_by_the_proof"] = proof_clears(fault, make)
        globals()["test_" + name + "_proof_after_a_power_cycle"] = proof_after_power_cycle(make)
        globals()["test_" + name + "_wraps"] = wraps(make)


generate()


# tests/firmware/test_options.py has them.
OF_OPTIONS = ("SECOND_STOP_STUCK", "KEY_LOOP_CLOSED")


def test_every_lockout_of_the_fault_table_is_here():
    here = [fault for _, fault, _ in LOCKOUTS]
    for code, name, fault_class, _, _ in f.TABLE:
        if name not in OF_OPTIONS:
            assert (fault_class == f.LOCKOUT) == (code in here), name


# UNEXPECTED_MOTION, at its boundaries


def moving(mm_s, ms, state=st.READY, **values):
    world = bring(st.READY, **values)
    if state == st.TRIPPED:
        tripped(world)
    world.obeys = False
    world.run(20)
    world.belt(mm_s)
    world.to_edge_nm = 1
    world.run(ms)
    return world


def test_motion_needs_over_300_mm_s():
    assert moving(300, 20000).sup.state == st.READY
    assert moving(302, 3000).sup.state == st.LOCKOUT


def test_motion_needs_2_s():
    # The first interval shows the speed in the tick after its second edge, 180 ms on.
    world = moving(400, 2170)
    assert world.sup.state == st.READY
    world.run(20)
    assert world.sup.state == st.LOCKOUT


def test_motion_needs_5_edges():
    world = moving(320, 3500, distance_per_edge_um=250000)
    assert world.guard.speed.edges <= 5
    assert world.sup.state == st.READY
    world.run(2000)
    assert world.sup.state == st.LOCKOUT


def test_motion_is_judged_in_tripped_too():
    assert moving(400, 3000, st.TRIPPED).sup.fault == f.UNEXPECTED_MOTION


def test_the_standstill_that_ended_stopping_is_a_seen_standstill():
    """The first edge comes in the tick right after STOPPING, and the belt runs for good."""
    world = tripped(bring(st.READY))
    world.obeys = False
    world.belt(400)
    world.to_edge_nm = 1
    world.run(5000)
    assert world.sup.fault == f.UNEXPECTED_MOTION


def test_motion_is_not_judged_on_an_uncalibrated_board():
    world = World(fresh=True)
    world.power_on().idle(2000)
    world.obeys = False
    world.belt(800).run(5000)
    assert world.sup.state == st.READY


def test_a_coasting_belt_is_no_unexpected_motion():
    """Judged only after the belt was once seen still."""
    world = bring(st.FORWARD, 3000)
    world.brake_mm_s2 = 600
    world.host_stop = True
    settle(world.run(10))
    assert world.sup.state == st.READY
    world.run(3000)
    assert world.sup.state == st.READY


def test_a_short_shove_is_no_unexpected_motion():
    world = moving(600, 1500)
    world.belt(0).run(1500)
    world.belt(600).run(1500)
    world.belt(0).run(3000)
    assert world.sup.state == st.READY


# The steps of the proof


def steps(world, estop=True, left=True, right=True, belt=3, gap_ms=300):
    world.idle(3500)
    world.run(200)
    if estop:
        world.estop = True
        world.run(50)
        world.estop = False
        world.run(50)
    world.left, world.right = left, right
    world.run(90)
    world.left = world.right = False
    world.run(60)
    for _ in range(belt):
        world.run(gap_ms)
        world.edge(world.us)
    world.idle(1500)
    return world.run(250)


def locked(**values):
    """LOCKOUT with nobody near it."""
    world = bring(st.READY, **values)
    world.left = world.right = False
    return lock_out(world.run(60))


def begins(world):
    world.press(5000)
    return world.sup.proof_running


def test_each_step_is_needed():
    assert begins(steps(locked()))
    for missing in (
        {"estop": False}, {"left": False}, {"right": False}, {"belt": 2}, {"belt": 0},
        {"gap_ms": 50}, {"gap_ms": 6000},
    ):  # fmt: skip
        assert not begins(steps(locked(), **missing)), missing


def test_gripping_without_letting_go_is_half_a_step():
    world = locked()
    steps(world, left=False)
    world.left = True
    world.run(60)
    assert not begins(world)
    world.left = False
    world.run(300)
    assert begins(world)


def test_pressing_the_e_stop_without_releasing_it_is_half_a_step():
    world = steps(locked(), estop=False)
    world.estop = True
    world.run(50)
    assert not begins(world)
    world.estop = False
    world.run(300)
    assert begins(world)


def test_one_bar_is_one_step():
    world = locked(rails_fitted=1)
    assert begins(steps(world, right=False))


def test_the_number_of_finished_steps_is_told():
    world = locked()
    world.run(50)
    assert world.sup.proof.tick(world.sample, True) == 0
    steps(world)
    assert world.sup.proof.tick(world.sample, True) == 4


def test_a_new_lockout_asks_for_every_step_again():
    world = steps(locked())
    assert begins(world)
    world.feedback = True
    world.run(20)
    world.feedback = None
    world.idle(3500)
    world.run(250)
    assert not begins(world)


def test_the_proof_waits_for_e_stop_standstill_saving_and_3_s():
    for name in ("", "estop", "saving", "delaying", "belt"):
        world = steps(locked())
        world.start = True
        world.run(5010)
        if name == "estop":
            world.estop = True
        elif name == "saving":
            world.sup.blockers.saving = True
        elif name == "delaying":
            world.sup.delaying = True
            world.sup.opened_ms = world.sample.now_ms
        elif name == "belt":
            world.edge(world.us)
        world.start = False
        world.run(10)
        assert world.sup.proof_running == (name == ""), name


def test_what_follows_the_stop_is_no_proof():
    """Hands that let go and a belt that coasts are not somebody who tries them (DESIGN 7)."""
    world = bring(st.BACKWARD)
    world.obeys = False
    world.host_stop = True
    world.run_to(st.LOCKOUT)
    world.left = world.right = False
    world.obeys = True
    world.brake_mm_s2 = 200
    world.run(8000)
    assert world.sup.proof.tick(world.sample, True) == 0


def test_e_stop_press_or_motion_ends_a_running_proof():
    for name in ("estop", "start", "belt"):
        world = steps(locked())
        assert begins(world)
        world.run(400)
        if name == "belt":
            world.edge(world.us)
        else:
            setattr(world, name, True)
        world.run(20)
        assert not world.sup.proof_running, name
        assert world.sup.relay_command == st.OPEN
        assert world.sup.state == st.LOCKOUT


def test_an_ended_proof_may_be_run_again():
    world = steps(locked())
    assert begins(world)
    world.run(400)
    world.edge(world.us)
    world.run(2000)
    assert begins(world)
    world.run_to(st.READY)


# The first reason, and what comes back


def test_a_lockout_in_stopping_outranks_the_trip_that_led_there():
    world = bring(st.BACKWARD)
    world.obeys = False
    world.late_us = 25001
    world.tick()
    world.late_us = 0
    assert world.memory.latch_code == f.LOOP_OVERRUN
    world.run_to(st.LOCKOUT)
    assert world.memory.latch_code == f.STOP_FAILED
    assert world.count("LOOP_OVERRUN") == world.count("STOP_FAILED") == 1


def test_a_second_lockout_keeps_the_first_reason():
    world = welded()
    prove(world)
    world.feedback = True
    world.run(20)
    assert world.sup.state == st.LOCKOUT
    assert world.memory.latch_code == f.RELAY_WELDED
    assert world.count("RELAY_TEST_FAILED") == 1


def test_a_lockout_found_at_boot_and_proven_does_not_come_back_with_the_next_reset():
    """What the boot found is done with once it is proven; the next trip is another story."""
    world = relay_test_failed().power_cycle()
    prove(world.idle(2000))
    world.run_to(st.READY)
    world.memory.stop_test_due = 0
    world.idle(4000)
    world.run(250).grip()
    tripped(world)
    world.run(250).press(1000)
    world.idle(3000)
    assert world.sup.state == st.READY
    assert world.memory.latch_code == 0


def test_a_trip_found_at_boot_does_not_come_back_after_a_lockout_in_its_self_test():
    world = bring(st.BACKWARD).power_cycle()  # SESSION_CUT
    world.obeys = False
    world.belt(500)
    world.run_to(st.LOCKOUT, 40000)
    world.belt(0)
    prove(world)
    world.run_to(st.READY)
    world.memory.stop_test_due = 0
    world.idle(4000)
    world.run(250).grip()
    tripped(world)
    world.run(250).press(1000)
    world.idle(3000)
    assert world.sup.state == st.READY
