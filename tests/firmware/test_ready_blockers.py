# SPDX-License-Identifier: MIT
"""Why can't I start: each blocker alone, all at once, per mode, and forward made slow."""

from guard.core import faults as f
from guard.core import states as st
from tests.support.stream import World, bring, prove


def flag(name):
    def cause(world):
        setattr(world.sup.blockers, name, True)

    return cause


def attribute(name, value):
    def cause(world):
        setattr(world, name, value)

    return cause


def setting(name, value):
    def cause(world):
        setattr(world.settings, name, value)

    return cause


def stored(name, value):
    def cause(world):
        setattr(world.memory, name, value)

    return cause


def pending(world):
    world.sup.offer_change(world.sample.now_ms)


def hand_turn(world):
    world.sup.hand_turn.begin(world.sample.now_ms)


def stuck(world):
    world.start = True
    world.run(10100)


def unhealthy(world):
    world.guard.rails.right.held_too_long = True


def not_proven(world):
    world.guard.rails.relay_opened()


def delaying(world):
    world.sup.opened_ms = world.sample.now_ms
    world.sup.delaying = True


def left_cut(world):
    world.left = 1000


BOTH = (
    ("NOT_CONFIGURED", flag("not_configured"), 1),
    ("NOT_CALIBRATED", setting("calibration", 0), 1),
    ("CONFIG_DAMAGED", flag("config_damaged"), 1),
    ("FIRMWARE_DAMAGED", flag("firmware_damaged"), 1),
    ("STORE_FAILED", flag("store_failed"), 1),
    ("NO_MODE", attribute("mode", st.MODE_NONE), 1),
    ("START_STUCK", stuck, 1),
    ("RELAY_FEEDBACK", attribute("feedback", True), 2),
    ("ESTOP", attribute("estop", True), 1),
    ("HALL_WIRING", attribute("hall_permille", 500), 9),
    ("CHANGE_PENDING", pending, 1),
    ("HAND_TURN", hand_turn, 1),
    ("SAVING", flag("saving"), 1),
    ("RESTART_DELAY", delaying, 1),
)
BACKWARD = (
    ("CALIBRATION_NOT_VERIFIED", setting("calibration", 1), 1),
    ("STOP_TEST_DUE", stored("stop_test_due", 1), 1),
    ("SENSOR_NOT_PROVEN", stored("sensor_not_proven", 1), 1),
    ("RAILS_NOT_PROVEN", not_proven, 1),
    ("RAIL_WIRING", left_cut, 9),
    ("RAIL_UNHEALTHY", unhealthy, 1),
)


def ready(mode):
    world = bring(st.READY)
    world.mode = mode
    return world.run(20)


def named(world, name):
    """What goes with it: uncalibrated is not verified either; without a mode none is asked."""
    also = {"NOT_CALIBRATED": ["CALIBRATION_NOT_VERIFIED"]}.get(name, [])
    expected = [name] + (also if world.mode == st.MODE_BACKWARD else [])
    return sorted(world.blockers()) == sorted(expected)


def refuses_to_arm(world):
    held = world.start
    world.start = False
    world.run(250)
    world.press(100)
    world.run(1500)
    return held or world.sup.state == st.READY


def blocks(name, cause, ticks, mode):
    def test():
        world = ready(mode)
        assert world.blockers() == [], "healthy before"
        cause(world)
        for _ in range(ticks):
            world.tick()
        assert named(world, name), world.blockers()
        assert world.sup.state == st.READY, "latches nothing"
        assert refuses_to_arm(world), world
        assert world.memory.latch_code == 0

    return test


def blocks_not(cause, ticks):
    def test():
        world = ready(st.MODE_FORWARD)
        cause(world)
        for _ in range(ticks):
            world.tick()
        assert world.blockers() == []
        world.press(100)
        assert world.sup.state == st.ARMING

    return test


def generate():
    for name, cause, ticks in BOTH:
        for mode in (st.MODE_FORWARD, st.MODE_BACKWARD):
            claim = "test_" + name.lower() + "_blocks_" + st.MODE_NAMES[mode]
            globals()[claim] = blocks(name, cause, ticks, mode)
    for name, cause, ticks in BACKWARD:
        claim = "test_" + name.lower()
        globals()[claim + "_blocks_backward"] = blocks(name, cause, ticks, st.MODE_BACKWARD)
        globals()[claim + "_does_not_block_forward"] = blocks_not(cause, ticks)


generate()


# tests/firmware/test_options.py has them.
OF_OPTIONS = (
    "SECOND_STOP_FEEDBACK", "HALLS_SWAPPED", "HALL_B_FITTED", "SECOND_STOP_FITTED",
    "KEY_SENSE_FITTED", "INCLINE_FITTED", "INCLINE_WRONG_CHIP", "INCLINE_NOT_ZEROED",
    "RESTART_NEEDED",
)  # fmt: skip


def test_every_block_of_the_fault_table_is_here():
    here = [row[0] for row in BOTH + BACKWARD]
    for _, name, fault_class, _, _ in f.TABLE:
        if fault_class == f.BLOCK and name not in OF_OPTIONS:
            assert name in here, name


def test_everything_wrong_is_named_at_once():
    world = ready(st.MODE_BACKWARD)
    for name, cause, _ in BOTH + BACKWARD:
        if name not in ("NO_MODE", "START_STUCK", "RAIL_UNHEALTHY", "CALIBRATION_NOT_VERIFIED"):
            cause(world)
    world.start = True
    for _ in range(110):
        world.period_us = 100000
        world.tick()
    unhealthy(world)
    world.memory.sensor_not_proven = 1
    hand_turn(world)
    delaying(world)
    world.sup.pending.offer(world.sample.now_ms)
    world.tick()
    everything = [row[0] for row in BOTH + BACKWARD if row[0] != "NO_MODE"]
    assert sorted(world.blockers()) == sorted(everything)


def test_a_fresh_board_says_what_it_needs():
    world = World(fresh=True)
    world.power_on().idle(5000)
    assert sorted(world.blockers()) == [
        "CALIBRATION_NOT_VERIFIED",
        "NOT_CALIBRATED",
        "NOT_CONFIGURED",
        "RAILS_NOT_PROVEN",
        "STOP_TEST_DUE",
    ]
    assert world.memory.latch_code == 0
    assert world.sup.state == st.READY


def test_nobody_has_said_that_it_is_configured():
    from guard.core.events import EventRing
    from guard.core.guard import Guard
    from guard.core.memory import Memory
    from guard.core.parameters import Settings

    board = Guard(Settings(), Memory(), EventRing())
    assert board.supervisor.blockers.not_configured
    assert board.supervisor.relay_command == st.OPEN
    assert board.supervisor.state == st.SELF_TEST


def test_a_blocker_goes_with_its_cause():
    for name, value, healthy, ticks in (
        ("mode", st.MODE_NONE, st.MODE_BACKWARD, 1), ("estop", True, False, 1),
        ("feedback", True, None, 2), ("hall_permille", 0, 800, 9), ("left", 0, True, 12),
    ):  # fmt: skip
        world = ready(st.MODE_BACKWARD)
        setattr(world, name, value)
        for _ in range(ticks):
            world.tick()
        assert world.blockers() != [], name
        setattr(world, name, healthy)
        world.run(120)
        assert world.blockers() in ([], ["RAILS_NOT_PROVEN"]), name


def test_one_reading_of_feedback_or_two_of_the_hall_line_do_not_block():
    world = ready(st.MODE_BACKWARD)
    world.feedback = True
    world.tick()
    assert world.blockers() == []
    world = ready(st.MODE_BACKWARD)
    world.align(2)
    world.hall_permille = 0
    world.run(60)
    assert world.blockers() == []
    world.run(10)
    assert world.blockers() == ["HALL_WIRING"]


def test_the_relay_stays_open_for_3_s_after_each_opening():
    world = bring(st.BACKWARD)
    world.host_stop = True
    world.tick()
    opened_us = world.us
    world.run_to(st.READY)
    world.tick()
    while "RESTART_DELAY" in world.blockers():
        world.tick()
    assert world.us - opened_us == 3000000
    world = bring(st.WAIT_BELT)
    world.host_stop = True
    world.run(20)
    world.run_to(st.READY)
    world.run(2960)
    assert "RESTART_DELAY" in world.blockers()
    world.run(20)
    assert "RESTART_DELAY" not in world.blockers()


def test_forward_is_slow_and_empty_while_something_is_unproven():
    for cause, limit in (
        (None, 3333),
        (setting("calibration", 1), 1118),
        (stored("stop_test_due", 1), 1118),
        (stored("sensor_not_proven", 1), 1118),
    ):
        world = ready(st.MODE_FORWARD)
        if cause:
            cause(world)
        world.run(20)
        world.press(100)
        world.run_to(st.WAIT_BELT)
        assert world.sup.limit_mm_s == limit


def test_a_slow_forward_limit_stays_as_it_is():
    world = World(forward_limit_mm_s=900, calibration=1)
    world.mode = st.MODE_FORWARD
    world.to_ready()
    world.press(100)
    world.run_to(st.WAIT_BELT)
    assert world.sup.limit_mm_s == 900


def test_mounting_takes_the_lower_of_its_limit_and_the_backward_one():
    for mount, backward, acting in ((447, 833, 447), (833, 500, 500)):
        world = bring(st.WAIT_BELT, mount_limit_mm_s=mount, backward_limit_mm_s=backward)
        assert world.sup.limit_mm_s == acting
        world.belt(300)
        world.run_to(st.MOUNTING)
        world.run(300)
        world.turn()
        world.run_to(st.BACKWARD)
        assert world.sup.limit_mm_s == backward
        assert world.guard.speed.v_ref_mm_s == backward + max(backward // 10, 70)


def test_each_blocker_that_appears_while_arming_ends_it():
    for name, cause, ticks in BOTH + BACKWARD:
        if name in ("CHANGE_PENDING", "HAND_TURN", "RESTART_DELAY", "RELAY_FEEDBACK",
                    "START_STUCK"):  # fmt: skip
            continue  # cannot appear there, or is another test
        world = ready(st.MODE_BACKWARD)
        world.press(100)
        world.run(200)
        assert world.sup.state == st.ARMING
        cause(world)
        for _ in range(ticks):
            world.tick()
        assert world.sup.state == st.READY, name
        assert world.sup.relay_command == st.OPEN
        assert world.memory.mark == 0
        world.run(20)
        assert world.stored.mark == 0, "no session was cut short"
        assert world.sup.fault == 0


# A belt that starts while the relay is open


def stop_failed(world):
    world.obeys = False
    world.host_stop = True
    return world.run_to(st.LOCKOUT).belt(0)


def stored_lockout(world):
    world.memory.latch_code = world.stored.latch_code = f.RELAY_WELDED
    world.belt(0)
    return world.power_cycle().run(200)


def test_a_belt_that_starts_in_the_tick_that_ends_a_lockout_locks_out_again():
    for lock in (stop_failed, stored_lockout):
        for speed, latch in ((290, 0), (800, f.UNEXPECTED_MOTION)):
            world = prove(lock(bring(st.BACKWARD))).run_to(st.READY)
            world.obeys = False
            world.to_edge_nm = 1  # a magnet passes at once
            world.belt(speed).run(3000)
            assert world.memory.latch_code == latch, (lock, speed)
