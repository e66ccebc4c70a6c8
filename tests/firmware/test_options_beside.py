# SPDX-License-Identifier: MIT
"""What the state machine asks of the options: each fitted alone, and the other sensor's word."""

from guard.core import events as e
from guard.core import faults as f
from guard.core import sounds
from guard.core import states as st
from tests.support.options_stream import ALL, OptionWorld
from tests.support.stream import SPEED, World, settle, tripped

ALONE = (
    ("hall_sensors", "hall_mounting"),
    ("second_stop_fitted",),
    ("key_sense_fitted",),
    ("incline_sensor",),
)


class SomeOptions(OptionWorld):
    """An OptionWorld in which some of the parts may be missing."""

    def _move_contactor(self):
        if self.options.second is not None:
            OptionWorld._move_contactor(self)

    def edge_b(self, at_us, n=1):
        if self.options.hall is not None:
            OptionWorld.edge_b(self, at_us, n)


def fitted_alone(names):
    values = {name: ALL[name] if name in names else 0 for name in ALL}
    values["hall_sensors"] = 2 if "hall_sensors" in names else 1
    return SomeOptions(**values)


def test_a_session_needs_no_more_than_the_options_that_are_fitted():
    for names in ALONE:
        world = fitted_alone(names).to_backward(SPEED).run(1000)
        assert world.allowed(), names
        world.host_stop = True
        settle(world.run(10))
        assert world.sup.state == st.READY, names
        assert world.sup.fault == f.HOST_STOP
        assert len(world.options.fitted) == 1


def other_sensor_alone(mm_s, **values):
    """READY with everything fitted, the first sensor dead and a belt that moves by itself."""
    world = OptionWorld(**values).to_ready()
    world.sensor = False
    world.obeys = False
    return world.belt(mm_s)


# The belt moves when the other sensor says so


def test_a_belt_that_only_the_other_sensor_sees_is_moving():
    for sensor_b, moving in ((False, False), (True, True)):
        world = other_sensor_alone(200)
        world.sensor_b = sensor_b
        world.run(1000)
        world.estop = True
        world.run(30)
        assert not world.guard.speed.known
        assert world.sup.moving() == moving
        assert world.sup.may_maintain(world.sample) != moving
        assert world.sup.state == st.READY


def test_unexpected_motion_is_found_by_the_other_sensor_alone():
    for speed, locked in ((290, False), (800, True)):
        world = other_sensor_alone(speed)
        world.run(4000)
        assert (world.sup.state == st.LOCKOUT) == locked, speed
        assert world.memory.latch_code == (f.UNEXPECTED_MOTION if locked else 0)


def test_in_tripped_the_other_sensor_alone_finds_it_too():
    world = tripped(OptionWorld().to_ready()).run(1500)
    world.sensor = False
    world.obeys = False
    world.belt(800).run(4000)
    assert world.memory.latch_code == f.UNEXPECTED_MOTION


# Sounds


def test_a_deck_near_its_limit_is_heard_and_speed_comes_first():
    world = OptionWorld().to_backward(SPEED).run(1500)
    assert world.sup.drone == sounds.SILENT
    world.front_mg = 102  # beyond the limit of 10 %, within the 3 permille that trip nothing
    world.run(1500)
    assert world.allowed(), world
    assert world.sup.drone == sounds.INCLINE_WARNING
    world.guard.speed.lead_us = world.guard.speed.allow_us
    world.tick()
    assert world.sup.drone == sounds.SPEED_WARNING


# The sensor proof needs both


def pushed(world, sensors):
    """Three pushes in READY, seen by these sensors."""
    world.memory.sensor_not_proven = 1
    for _ in range(3):
        world.run(500)
        if "b" in sensors:
            world.edge_b(world.us)
        if "a" in sensors:
            world.edge(world.us)
    return world.run(20)


def test_a_push_proves_the_sensors_when_both_have_seen_it():
    for sensors, due in (("a", 1), ("b", 1), ("ab", 0)):
        world = pushed(OptionWorld().to_ready(), sensors)
        assert world.memory.sensor_not_proven == due, sensors
        proofs = [event[2] for event in world.events_of(e.PROOF)]
        assert proofs == ([] if due else [f.SENSOR_NOT_PROVEN])


def test_a_session_proves_the_sensors_when_both_counted_20_edges():
    for lost, due in ((0, 0), (30, 1)):
        world = OptionWorld()
        world.mode = st.MODE_FORWARD
        world.to_moving(SPEED).run(3000)
        world.memory.sensor_not_proven = 1
        world.host_stop = True
        world.run(10)
        world.options.hall.b.edges -= lost
        assert world.guard.speed.edges >= 20
        settle(world)
        assert world.sup.state == st.READY
        assert world.memory.sensor_not_proven == due


# What keeps a trip


def test_a_trip_stays_while_the_other_sensors_lead_is_cut():
    for permille, state in ((1000, st.TRIPPED), (800, st.SELF_TEST)):
        world = OptionWorld().to_backward(SPEED).run(1500)
        world.hall_b_permille = 1000
        world.run_to(st.STOPPING)
        settle(world)
        assert world.sup.fault == f.HALL_B_WIRING
        world.hall_b_permille = permille
        world.run(1500)
        world.press(1100)
        assert world.sup.state == state


# One sensor measures a stop


def measured_by(world):
    """(edges, sensor) of every interval the stop is told in its first 300 ms."""
    told = []
    stop = world.sup.stop
    stop.interval = lambda n, dt_us, start_us: told.append((n, stop.speed))
    world.run(300)
    return told


def test_a_stop_is_told_the_intervals_of_one_sensor_only():
    for lost in ("sensor", "sensor_b"):
        world = OptionWorld().to_backward(SPEED).run(1500)
        world.obeys = False
        setattr(world, lost, False)
        while world.allowed():
            world.tick()
        world.sensor = world.sensor_b = True  # it comes back: nobody believes it any more
        hall = world.options.hall
        seen = hall.b if lost == "sensor" else hall.a
        edges = seen.edges
        told = measured_by(world)
        assert world.sup.stop.speed is seen
        assert [n for n, _ in told] == [1] * (seen.edges - edges), lost
        assert len(told) >= 3


def test_what_a_second_sensor_was_certain_of_ends_with_its_stop():
    for certain, name in ((True, f.SENSOR_LOST), (False, f.SENSOR_NOISE)):
        stop = World().sup.stop
        assert not stop.certain
        stop.speed.dt_us = 100000
        stop.begin(f.SENSOR_LOST, 0, 0)
        stop.certain = True
        if not certain:
            stop.begin(f.SENSOR_LOST, 5000000, 5000)
        stop.interval(1, 100000, 5001000)
        assert stop.cause == name


# Blockers


def test_blockers_of_the_options_and_of_the_core_never_make_up_for_each_other():
    world = OptionWorld().to_ready()
    sup, hall = world.sup, world.options.hall

    def free():
        return sup.blockers.judge(world.sample, sup.button, False, False, False)

    for mode in (st.MODE_FORWARD, st.MODE_BACKWARD):
        world.sample.mode = mode
        for swapped in (False, True):
            for until_restart in ((), (f.RESTART_NEEDED,), (f.RESTART_NEEDED, f.INCLINE_FITTED)):
                for pressed in (False, True):
                    for damaged in (False, True):
                        hall.swapped = swapped
                        sup.blockers.until_restart = until_restart
                        world.sample.estop_pressed = pressed
                        sup.blockers.config_damaged = damaged
                        blocked = swapped or until_restart or pressed or damaged
                        assert free() == (not blocked)


# Settings


def test_new_settings_reach_the_other_sensor_too():
    world = OptionWorld().to_ready()
    hall = world.options.hall
    world.settings.distance_per_edge_um = 80000
    world.settings.magnets_per_turn = 3
    world.guard.configure()
    assert (hall.a.d_um, hall.b.d_um) == (80000, 80000)
    assert hall.b.surge.turn_edges == 3
    world = fitted_alone(("incline_sensor",)).to_ready()
    world.settings.distance_per_edge_um = 80000
    world.guard.configure()
    assert world.guard.speed.d_um == 80000


def test_the_other_sensor_alone_finds_a_belt_that_starts_in_the_tick_that_ends_a_stop():
    world = OptionWorld().to_backward(SPEED).run(1000)
    world.host_stop = True
    settle(world.run(10))
    assert world.sup.state == st.READY
    world.sensor = world.obeys = False
    world.to_b_nm = 1
    world.belt(800).run(3000)
    assert world.memory.latch_code == f.UNEXPECTED_MOTION
