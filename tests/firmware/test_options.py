# SPDX-License-Identifier: MIT
"""Every rule of every option in one table, and the same tests for each.

A row says what to change in a healthy session with everything fitted and between which ticks
the relay must open. From it come: the twin that stays allowed for a minute, the decision in its
time and with its name, what its class latches, what clears it, and both wraps of the clock.
"""

from guard.core import faults as f
from guard.core import states as st
from guard.core.events import SECOND_STOP
from tests.support.options_stream import OptionWorld
from tests.support.stream import MASK, PERIOD, SPEED, lock_out, prove, settle

MOVING = (st.FORWARD, st.MOUNTING, st.BACKWARD)
HANDS = (st.MOUNTING, st.BACKWARD)
CLOSED = (st.WAIT_BELT,) + MOVING


class Row:
    """A fault, where it applies, the change, first and last tick of the decision."""

    def __init__(self, fault, states, first, last, cause, label="", **settings):
        self.fault = fault
        self.states = states
        self.first = first
        self.last = last
        self.cause = cause
        self.label = label
        self.settings = settings

    def title(self, state):
        return (f.name(self.fault) + self.label + "_in_" + st.STATE_NAMES[state]).lower()


# 70 mm at 800 mm/s: an edge every 87.5 ms. Four of the other sensor's: 263 to 350 ms.
ROWS = (
    Row(f.SENSOR_LOST, MOVING, 20, 36, {"sensor": False}, "_a"),
    Row(f.SENSOR_LOST, MOVING, 20, 36, {"sensor_b": False}, "_b"),
    Row(f.SENSOR_LOST, (st.BACKWARD,), 25, 56, {"sensor_b": False}, "_b_coarse",
        distance_per_edge_um=200000),
    Row(f.HALL_B_WIRING, CLOSED, 5, 10, {"hall_b_permille": 1000}),
    Row(f.SENSOR_NOISE, CLOSED, 3, 3, {"count_ahead_b": 2}, "_b_counter"),
    Row(f.BELT_REVERSED, MOVING, 20, 36, {"b_quarters": 3}),
    Row(f.CHANNELS_DISAGREE, MOVING, 20, 72, {"magnets_lost": (1,)}),
    Row(f.OVERSPEED_EXTREME, HANDS, 1, 12, {"speed": 2500, "sensor": False}, "_b"),
    Row(f.SECOND_STOP_OPEN, CLOSED, 51, 51, {"contactor_feedback": True}, "_500_ms"),
    Row(f.INCLINE_TOO_STEEP, HANDS, 41, 150, {"front_mg": 110}),
    Row(f.INCLINE_TOO_STEEP, HANDS, 41, 150, {"front_mg": -110}, "_downhill"),
    Row(f.INCLINE_TOO_STEEP, HANDS, 41, 150, {"front_mg": 60}, "_of_5", incline_limit_permille=50),
    Row(f.INCLINE_LOST, HANDS, 9, 12, {"incline_answers": False}, "_silent"),
    Row(f.INCLINE_LOST, HANDS, 32, 40, {"shake_mg": 900}, "_shaken"),
    Row(f.INCLINE_LOST, HANDS, 90, 260, {"up_mg": -1000}, "_upside_down"),
    Row(f.INCLINE_LOST, HANDS, 90, 260, {"up_mg": 700}, "_no_gravity"),
)  # fmt: skip
HEALTHY = {
    "sensor": True, "sensor_b": True, "hall_b_permille": 800, "count_ahead_b": 0,
    "contactor_feedback": None, "front_mg": 0, "up_mg": 1000, "incline_answers": True,
    "shake_mg": 0, "magnets_lost": (),
}  # fmt: skip


def bring(state, **values):
    world = OptionWorld(**values)
    if state == st.READY:
        return world.to_ready()
    if state == st.WAIT_BELT:
        return world.to_wait_belt()
    if state == st.FORWARD:
        world.mode = st.MODE_FORWARD
    if state == st.BACKWARD:
        return world.to_backward(SPEED)
    return world.to_moving(SPEED)


def healthy(row, state, **origin):
    values = dict(row.settings)
    values.update(origin)
    world = bring(state, **values)
    world.run(1500)  # the drift, the phase and the mean of the incline are settled
    assert world.allowed(), world
    return world


def change(row, world):
    for name in row.cause:
        setattr(world, name, row.cause[name])
    if "b_quarters" in row.cause:
        world.place_b()


def stopped_by(row, state, **origin):
    world = healthy(row, state, **origin)
    change(row, world)
    before = world.ticks
    while world.allowed():
        assert world.ticks - before <= row.last, f"no decision: {world}"
        world.tick()
    assert world.sup.fault == row.fault, world
    assert world.ticks - before >= row.first, world.ticks - before
    return world


def mend(world):
    for name, value in HEALTHY.items():
        setattr(world, name, value)
    return settle(world)


_twins = {}


def sweep_twin(row, state):
    def test():
        key = (state,) + tuple(sorted(row.settings.items()))
        if key not in _twins:
            world = healthy(row, state, start_timeout_s=90, mount_timeout_s=180)
            world.run(60000)
            _twins[key] = world.allowed() and not world.stops() and world.sup.state == state
        assert _twins[key]

    return test


def sweep_decides(row, state):
    def test():
        stopped_by(row, state)

    return test


def sweep_latch(row, state):
    def test():
        world = mend(stopped_by(row, state))
        trip = f.fault_class(row.fault) == f.TRIP
        assert world.sup.state == (st.TRIPPED if trip else st.READY), world
        assert world.memory.latch_code == (row.fault if trip else 0)
        world.idle(40000)
        assert world.sup.state == (st.TRIPPED if trip else st.READY), world

    return test


def sweep_reset(row, state):
    def test():
        world = mend(stopped_by(row, state))
        world.idle(5000)
        world.period_us = 10000
        world.run(3000)
        world.press(1200)
        world.idle(3000)
        assert world.sup.state == st.READY, world
        assert world.memory.latch_code == 0

    return test


def sweep_wraps(row, state):
    def test():
        for origin in ({"origin_us": PERIOD - 12000000}, {"origin_ms": PERIOD - 12000}):
            stopped_by(row, state, **origin)

    return test


def generate():
    for row in ROWS:
        for state in row.states:
            title = row.title(state)
            globals()["test_twin_of_" + title] = sweep_twin(row, state)
            globals()["test_" + title] = sweep_decides(row, state)
        state = row.states[-1]
        title = row.title(state)
        globals()["test_class_of_" + title] = sweep_latch(row, state)
        globals()["test_wraps_" + title] = sweep_wraps(row, state)
        if f.fault_class(row.fault) == f.TRIP:
            globals()["test_reset_after_" + title] = sweep_reset(row, state)


generate()


# The stop, measured by whoever still sees the belt


def test_the_other_sensor_measures_the_stop():
    world = bring(st.BACKWARD).run(1500)
    world.sensor = False
    while world.allowed():
        world.tick()
    assert world.sup.stop.proven
    assert world.sup.stop.speed is world.options.hall.b
    settle(world)
    assert world.sup.stop.edges_after() > 2
    assert world.sup.stop.still_ms < 3000


def test_two_sensors_that_fall_silent_together_are_a_stop():
    world = bring(st.BACKWARD).run(1500)
    world.speed = 0
    while world.allowed():
        world.tick()
    assert world.sup.fault in (f.BELT_STOPPED, f.SENSOR_LOST)


def test_a_belt_that_coasts_to_a_halt_is_an_ordinary_end():
    world = bring(st.BACKWARD).run(1500)
    while world.allowed():
        world.speed = max(0, world.speed - 8)
        world.tick()
    assert world.sup.fault == f.BELT_STOPPED, world
    assert mend(world).sup.state == st.READY


def test_one_missed_edge_of_either_is_survived():
    for name in ("sensor", "sensor_b"):
        world = bring(st.BACKWARD).run(1500)
        setattr(world, name, False)
        world.run(90)
        setattr(world, name, True)
        world.run(5000)
        assert world.allowed(), name


def test_a_sensor_dead_before_the_first_edge_is_found_by_the_other():
    for name in ("sensor", "sensor_b"):
        world = bring(st.WAIT_BELT)
        setattr(world, name, False)
        world.belt(SPEED)
        world.run(600)
        assert world.sup.fault == f.SENSOR_LOST, name
        assert st.MOUNTING not in [event[2] for event in world.log if event[1] == 2]


def test_swapped_sensors_never_say_belt_seen_and_are_named():
    world = bring(st.WAIT_BELT)
    world.turn_over()
    world.belt(SPEED)
    world.run(600)
    assert world.sup.fault == f.BELT_REVERSED, world
    settle(world)
    world.idle(5000)
    world.period_us = 10000
    world.run(200)
    world.press(1200)
    world.idle(3000)
    assert "HALLS_SWAPPED" in world.blockers()
    world.b_quarters = 1
    world.place_b()
    world.contact = False
    world.obeys = False
    world.belt(200)
    world.run(2500)
    world.belt(0)
    world.idle(3000)
    assert "HALLS_SWAPPED" not in world.blockers()


# Second stop


def shorted(world):
    world.obeys = False
    world.accel_mm_s2 = 1500
    world.shorted = True
    while world.allowed():
        world.tick()
    return world


def test_a_belt_that_gains_speed_after_the_opening_loses_its_supply():
    world = shorted(bring(st.BACKWARD).run(1500))
    before = world.us
    while world.contactor:
        assert world.us - before < 400000
        world.tick()
    assert world.events_of(SECOND_STOP)
    settle(world)


def test_a_belt_no_slower_after_800_ms_loses_its_supply():
    world = bring(st.BACKWARD).run(1500)
    world.obeys = False
    world.host_stop = True
    world.run(800)
    assert world.options.second.on
    world.run(60)
    assert not world.options.second.on


def test_an_ordinary_stop_keeps_the_supply_until_still():
    world = bring(st.BACKWARD).run(1500)
    world.host_stop = True
    world.run(300)
    assert world.options.second.on
    assert world.contactor
    settle(world)
    world.run(100)
    assert not world.options.second.on
    assert not world.contactor
    assert not world.events_of(SECOND_STOP)


def test_estop_extreme_and_an_unproven_stop_drop_it_at_once():
    for cause in ({"estop": True}, {"speed": 2500}, {"sensor": False, "sensor_b": False}):
        world = bring(st.BACKWARD).run(1500)
        for name, value in cause.items():
            setattr(world, name, value)
        while world.allowed():
            world.tick()
        world.run(20)
        assert world.sup.stop.phase or not world.options.second.on, cause


def test_it_never_closes_again_before_a_start():
    world = bring(st.BACKWARD).run(1500)
    world.host_stop = True
    world.run(300)
    world.obeys = True
    settle(world)
    for _ in range(2000):
        world.tick()
        assert not world.options.second.on


def test_a_welded_contactor_locks_out_and_only_the_proof_leaves_it():
    world = bring(st.BACKWARD).run(1500)
    world.contactor_welded = True
    world.host_stop = True
    world.run(10)
    settle(world)
    world.run(2000)
    assert world.memory.latch_code == f.SECOND_STOP_STUCK, world
    prove(world)
    world.idle(3000)
    assert world.sup.state == st.LOCKOUT
    world.contactor_welded = False
    world.run(200)
    prove(world)
    world.run(3000)
    assert world.sup.state == st.READY, world


def test_the_self_test_finds_a_contactor_that_pulls_in():
    world = bring(st.READY)
    world.press(100)
    world.run_to(st.ARMING)
    world.contactor_feedback = False
    world.run(30)
    assert world.memory.latch_code == f.RELAY_TEST_FAILED


# Key sense


def test_a_loop_closed_beside_the_open_relay_locks_out():
    world = bring(st.READY)
    world.bypassed = True
    world.run(1000)
    assert world.sup.state == st.READY
    world.run(30)
    assert world.memory.latch_code == f.KEY_LOOP_CLOSED
    prove(world)
    world.idle(2000)
    assert world.sup.state == st.LOCKOUT
    world.bypassed = False
    world.run(100)
    prove(world)
    world.run(3000)
    assert world.sup.state == st.READY, world


def test_a_belt_seen_with_an_open_loop_trips_before_anyone_mounts():
    world = bring(st.READY)
    world.key_shown = False
    world.press(100)
    world.run_to(st.WAIT_BELT).run(30)
    world.belt(SPEED)
    world.run(600)
    assert world.sup.fault == f.KEY_SENSE_LOST, world


# Blockers


def blocked_by(name, mode=st.MODE_BACKWARD, **more):
    values = more.pop("values", {})
    world = OptionWorld(**values)
    world.mode = mode
    for attribute, value in more.items():
        setattr(world, attribute, value)
    world.power_on()
    world.idle(4000)
    world.period_us = 10000
    world.run(3000)
    found = world.blockers()
    if name in found:
        assert not world.run(10).allowed()
    return name in found


def test_each_option_set_and_not_fitted_is_named():
    assert blocked_by("HALL_B_WIRING", hall_b_permille=1000)
    assert blocked_by("SECOND_STOP_FEEDBACK", contactor_feedback=False)
    assert blocked_by("INCLINE_LOST", incline_answers=False)
    assert not blocked_by("HALL_B_WIRING")
    assert not blocked_by("SECOND_STOP_FEEDBACK")
    assert not blocked_by("INCLINE_LOST")


def test_what_concerns_the_incline_blocks_backward_only():
    for name, more in (
        ("INCLINE_TOO_STEEP", {"front_mg": 110}),
        ("INCLINE_NOT_ZEROED", {"values": {"incline_sensor": 1}}),
        ("INCLINE_LOST", {"incline_answers": False}),
    ):
        assert blocked_by(name, **dict(more)), name
        assert not blocked_by(name, mode=st.MODE_FORWARD, **dict(more)), name


def test_a_wrong_chip_is_named_in_place_of_its_silence():
    world = OptionWorld()
    world.options.incline.wrong_chip = True
    world.incline_answers = False
    world.power_on()
    world.idle(4000)
    world.period_us = 10000
    world.run(3000)
    assert "INCLINE_WRONG_CHIP" in world.blockers()
    assert "INCLINE_LOST" not in world.blockers()


def test_what_stands_until_the_restart_blocks_by_its_name():
    for code in (f.HALL_B_FITTED, f.SECOND_STOP_FITTED, f.KEY_SENSE_FITTED, f.INCLINE_FITTED,
                 f.RESTART_NEEDED):  # fmt: skip
        world = bring(st.READY)
        world.sup.blockers.until_restart = (code,)
        world.run(30)
        assert world.blockers() == [f.name(code)]
        world.press(100)
        world.run(500)
        assert world.sup.state == st.READY


def test_a_crooked_mount_is_zeroed():
    world = OptionWorld(incline_zero_permille=50)
    world.front_mg = 50
    world.power_on()
    world.idle(4000)
    world.period_us = 10000
    world.run(2000)
    assert -4 <= world.options.incline.permille <= 4
    world.front_mg = 150
    world.run(1500)
    assert 95 <= world.options.incline.permille <= 103, world.options.incline.permille


def test_the_lockout_proof_works_with_everything_fitted():
    world = prove(lock_out(bring(st.READY)))
    world.run(3000)
    assert world.sup.state == st.READY, world


def test_every_stop_and_trip_of_the_options_is_swept():
    swept = {f.name(row.fault) for row in ROWS} | {"KEY_SENSE_LOST"}
    for name in ("CHANNELS_DISAGREE", "BELT_REVERSED", "INCLINE_TOO_STEEP", "HALL_B_WIRING",
                 "SECOND_STOP_OPEN", "KEY_SENSE_LOST", "INCLINE_LOST"):  # fmt: skip
        assert name in swept
    assert MASK
