# SPDX-License-Identifier: MIT
"""The state table of the design review: what leaves a state, and that nothing else does."""

from guard.core import faults as f
from guard.core import sounds
from guard.core import states as st
from guard.core.events import ARM, SESSION, STATE
from tests.support.stream import bring, lock_out, prove, settle, tripped

# What may happen to a board whose relay is open.


def short_press(world):
    world.press(100)


def hold_1_s(world):
    world.press(1000)


def hold_3_s(world):
    world.press(3000)


def hold_5_s(world):
    world.press(5000)


def requests(world):
    world.host_stop = world.ctrl_c = True
    world.run(50)


def e_stop(world):
    world.estop = True
    world.run(200)
    world.estop = False
    world.run(200)


def mode_moved(world):
    world.mode = st.MODE_NONE
    world.run(200)
    world.mode = st.MODE_FORWARD
    world.run(200)
    world.mode = st.MODE_BACKWARD


def hands(world):
    world.grip()


def wiring(world):
    world.left, world.right, world.hall_permille = 0, 1000, 1000
    world.run(200)
    world.left = world.right = False
    world.hall_permille = 800


def feedback(world):
    world.feedback = True
    world.run(200)
    world.feedback = None


def slow_belt(world):
    world.obeys = False
    world.belt(290).run(4000)
    world.belt(0).run(1500)


def fast_belt(world):
    world.obeys = False
    world.belt(800).run(4000)
    world.belt(0).run(1500)


def noise(world):
    for _ in range(20):
        world.edge(world.us, 9)
        world.edge(world.us + 1)
        world.tick()
    world.run(1500)


def late(world):
    world.late_us = 400000
    world.run(200)
    world.late_us = 0


def broken_flow(world):
    world.flow_broken = True
    world.run(100)
    world.flow_broken = False


def maintenance(world):
    world.sup.maintenance_asked = True
    world.run(100)


def maintenance_with_e_stop(world):
    world.estop = True
    world.run(20)
    world.sup.maintenance_asked = world.sup.may_maintain(world.sample)
    world.run(20)
    world.estop = False


def time(world):
    world.idle(100000)


STIMULI = (
    short_press, hold_1_s, hold_3_s, hold_5_s, requests, e_stop, mode_moved, hands, wiring,
    feedback, slow_belt, fast_belt, noise, late, broken_flow, maintenance,
    maintenance_with_e_stop, time,
)  # fmt: skip


def in_ready():
    return bring(st.READY)


def in_tripped():
    return tripped(bring(st.READY)).run(250)


def in_lockout():
    return lock_out(bring(st.READY)).run(250)


def in_maintenance():
    world = bring(st.READY)
    maintenance_with_e_stop(world)
    return world.run(250)


# (state, how to get there, what leaves it and where to)
OPEN_ROWS = (
    (st.READY, in_ready, {
        short_press: st.ARMING, fast_belt: st.LOCKOUT, maintenance_with_e_stop: st.MAINTENANCE}),
    (st.TRIPPED, in_tripped, {
        hold_1_s: st.SELF_TEST, hold_3_s: st.SELF_TEST, hold_5_s: st.SELF_TEST,
        fast_belt: st.LOCKOUT, maintenance_with_e_stop: st.MAINTENANCE}),
    (st.LOCKOUT, in_lockout, {maintenance_with_e_stop: st.MAINTENANCE}),
    (st.MAINTENANCE, in_maintenance, {}),
)  # fmt: skip


def leaves(state, make, stimulus, leads_to):
    def test():
        world = make()
        assert world.sup.state == state, "healthy before"
        latched = world.memory.latch_code
        stimulus(world)
        assert world.sup.state == leads_to, world
        assert world.sup.relay_command != st.CLOSED
        if leads_to in (state, st.MAINTENANCE):
            assert world.memory.latch_code == latched

    return test


def generate():
    for state, make, exits in OPEN_ROWS:
        for stimulus in STIMULI:
            leads_to = exits.get(stimulus, state)
            verb = "_stays_after_" if leads_to == state else "_is_left_by_"
            name = "test_" + st.STATE_NAMES[state].lower() + verb + stimulus.__name__
            globals()[name] = leaves(state, make, stimulus, leads_to)


generate()


# ARMING


def arming():
    world = bring(st.READY)
    world.press(100)
    return world.run_to(st.ARMING).run(100)


def test_arming_leads_to_wait_belt_within_its_second():
    world = arming()
    began_us = world.us
    world.run_to(st.WAIT_BELT)
    assert 900000 < world.us - began_us < 1200000
    assert world.events_of(ARM)[0][2] == st.MODE_BACKWARD


def test_arming_goes_back_to_ready_for_each_refusal():
    for name, value in (
        ("host_stop", True), ("ctrl_c", True), ("estop", True), ("mode", st.MODE_FORWARD),
        ("mode", st.MODE_NONE), ("start", True),
    ):  # fmt: skip
        world = arming()
        setattr(world, name, value)
        world.run(20)
        assert world.sup.state == st.READY, name
        assert world.stored.mark == 0
        assert world.heard[-1][1] == sounds.REFUSED


def test_arming_refuses_in_its_very_last_tick():
    ticks = 0
    world = arming()
    while world.sup.state == st.ARMING:
        world.tick()
        ticks += 1
    world = arming()
    for _ in range(ticks - 1):
        world.tick()
    world.host_stop = True
    world.tick()
    assert world.sup.state == st.READY
    assert world.sup.relay_command == st.OPEN


def test_arming_is_not_left_by_anything_healthy():
    world = arming()
    world.left = False  # back on the rail later: the hand that pressed START
    world.late_us = 400000
    world.run(300)
    assert world.sup.state == st.ARMING
    world.left = True
    world.run_to(st.WAIT_BELT)


# The closed states: test_sweeps.py has what opens; here is the way forward.


def test_wait_belt_leads_to_the_state_of_its_mode_with_its_sound():
    for state, mode in ((st.FORWARD, st.MODE_FORWARD), (st.MOUNTING, st.MODE_BACKWARD)):
        world = bring(state)
        assert world.sup.session_mode == mode
        assert world.heard[-1][1] == sounds.BELT_SEEN
        states = [e[2] for e in world.events_of(STATE)]
        assert states[-2:] == [st.WAIT_BELT, state]


def test_wait_belt_never_says_belt_seen_above_the_limit():
    for mm_s, allowed in ((910, True), (918, False), (1200, False)):
        world = bring(st.WAIT_BELT)
        world.belt(mm_s)
        world.run(20000)
        heard = sounds.BELT_SEEN in [chirp for _, chirp in world.heard]
        assert heard == allowed, mm_s
        if not allowed:
            assert world.stops() == [f.OVERSPEED]


def test_one_edge_is_not_a_belt():
    world = bring(st.WAIT_BELT)
    world.edge(world.us)
    world.run(10000)
    assert world.sup.state == st.WAIT_BELT


def test_from_the_first_movement_on_a_hand_is_on_a_rail():
    world = bring(st.WAIT_BELT)
    world.left = world.right = False
    world.run(3000)
    assert world.allowed(), "the belt stands"
    world.belt(300)
    world.run_to_edge()
    edge_us = world.us
    world.run_to(st.STOPPING)
    assert world.sup.fault == f.RAILS_RELEASED
    assert world.us - edge_us in (410000, 400000)


def test_mounting_leads_to_backward_after_the_turn_and_both_hands():
    world = bring(st.MOUNTING, turn_confirm_ms=1000)
    world.run(3000)
    assert world.sup.state == st.MOUNTING, "both hands held, but nobody turned"
    world.left = False
    world.run(60)
    world.left = True
    world.run(3000)
    assert world.sup.state == st.MOUNTING, "only the left hand"
    world.right = False
    world.run(60)
    world.right = True
    world.run(60)
    confirmed_us = world.us
    world.run_to(st.BACKWARD)
    assert abs(world.us - confirmed_us - 1000000) <= 60000
    assert world.heard[-1][1] == sounds.BACKWARD_ON


def test_a_grip_from_before_the_belt_was_seen_is_no_turn():
    for first, second in (("left", "right"), ("right", "left")):
        world = bring(st.MOUNTING, turn_confirm_ms=1000)
        setattr(world, first, False)
        world.run(60)
        setattr(world, first, True)
        world.run(3000)
        assert world.sup.state == st.MOUNTING, "only " + first
        setattr(world, second, False)
        world.run(60)
        setattr(world, second, True)
        world.run_to(st.BACKWARD)


def test_the_turn_is_confirmed_in_the_very_tick():
    for confirm_ms in (1000, 2000, 5000):
        world = bring(st.MOUNTING, turn_confirm_ms=confirm_ms)
        world.turn()
        rails = world.guard.rails
        assert rails.regripped()
        assert rails.all_held()
        confirmed_ms = world.sup.turned.since_ms
        world.run_to(st.BACKWARD)
        assert world.sample.now_ms - confirmed_ms == confirm_ms


def test_a_hand_that_lets_go_begins_the_turn_confirmation_anew():
    world = bring(st.MOUNTING, turn_confirm_ms=1000)
    world.turn()
    world.run(800)
    world.left = False
    world.run(60)
    world.left = True
    world.run(900)
    assert world.sup.state == st.MOUNTING
    world.run(200)
    assert world.sup.state == st.BACKWARD


def test_one_bar_turns_with_one_release():
    world = bring(st.MOUNTING, rails_fitted=1)
    world.left = False
    world.run(2000)
    assert world.allowed(), "the turn, feet on the side rails"
    world.left = True
    world.run_to(st.BACKWARD)


def test_forward_and_backward_lead_nowhere_but_to_stopping():
    for state in (st.FORWARD, st.BACKWARD):
        world = bring(state)
        world.turn()
        world.run(5000)
        assert world.sup.state == state
        assert world.allowed()


def test_the_limit_of_each_state_acts():
    world = bring(st.MOUNTING, 300, mount_limit_mm_s=447)
    assert (world.sup.limit_mm_s, world.guard.speed.v_ref_mm_s) == (447, 517)
    world.turn()
    world.run_to(st.BACKWARD)
    assert (world.sup.limit_mm_s, world.guard.speed.v_ref_mm_s) == (833, 916)
    world = bring(st.FORWARD)
    assert (world.sup.limit_mm_s, world.guard.speed.v_ref_mm_s) == (3333, 3666)


def test_session_time_is_warned_of_60_30_and_10_s_before():
    world = bring(st.BACKWARD, session_limit_min=2)
    entered_ms = [e[0] for e in world.events_of(STATE)][-1]
    world.run(130000)
    warnings = [ms - entered_ms for ms, chirp in world.heard if chirp == sounds.TIME_WARNING]
    assert warnings == [60000, 90000, 110000]
    assert world.stops() == [f.SESSION_TIME]


def test_warnings_sound_while_they_stand():
    world = bring(st.BACKWARD)
    assert world.sup.drone == sounds.SILENT
    world.left = False
    world.run(60)
    assert world.sup.drone == sounds.HAND_WARNING
    world.left = True
    world.run(60)
    assert world.sup.drone == sounds.SILENT
    world.guard.speed.lead_us = world.guard.speed.allow_us // 2 + 1
    world.tick()
    assert world.sup.drone == sounds.SPEED_WARNING


def test_what_is_heard_in_the_open_states():
    for make, drone in ((in_tripped, sounds.TRIP_DRONE), (in_lockout, sounds.LOCKOUT_DRONE),
                        (arming, sounds.ARMING_TICK), (in_ready, sounds.SILENT)):  # fmt: skip
        assert make().sup.drone == drone
    world = in_ready()
    world.sup.offer_change(world.sample.now_ms)
    world.tick()
    assert world.sup.drone == sounds.CHANGE_PENDING_DRONE
    world = in_ready().run(250)
    world.press(3000)
    assert world.sup.drone == sounds.HAND_TURN_DRONE


# STOPPING


def test_stopping_leads_to_ready_tripped_or_lockout_with_a_summary():
    for name, value, state in (
        ("host_stop", True, st.READY), ("late_us", 30000, st.TRIPPED),
        ("welded", True, st.LOCKOUT),
    ):  # fmt: skip
        world = bring(st.BACKWARD)
        world.run(5000)
        setattr(world, name, value)
        if name == "welded":
            world.host_stop = True
        world.tick()
        world.late_us = 0
        settle(world)
        assert world.sup.state == state
        if state != st.LOCKOUT:
            _, _, walked_s, highest, lead = world.events_of(SESSION)[0]
            assert walked_s == 5
            assert highest in (800, 801)
            assert lead == 0


def test_nothing_pressed_or_asked_leaves_stopping():
    for stimulus in (short_press, hold_1_s, requests, mode_moved, hands, maintenance):
        world = bring(st.BACKWARD)
        world.obeys = False
        world.host_stop = True
        world.tick()
        world.period_us = 10000
        began_us = world.us
        stimulus(world)
        if world.us - began_us < 1500000:
            assert world.sup.state == st.STOPPING, stimulus.__name__
        assert world.sup.state in (st.STOPPING, st.LOCKOUT)


# TRIPPED


def test_a_trip_is_not_reset_with_the_belt_moving():
    world = in_tripped()
    world.obeys = False
    world.belt(200)
    world.run(500)
    world.press(1000)
    assert world.sup.state == st.TRIPPED
    world.belt(0).run(1500)
    world.press(1000)
    assert world.sup.state == st.SELF_TEST


def test_a_trip_is_not_reset_while_saving():
    world = in_tripped()
    world.sup.blockers.saving = True
    world.press(1000)
    assert world.sup.state == st.TRIPPED
    world.sup.blockers.saving = False
    world.run(250).press(1000)
    assert world.sup.state == st.SELF_TEST


def test_after_a_reset_a_session_needs_everything_anew():
    world = in_tripped()
    world.press(1000)
    world.run_to(st.READY)
    world.idle(4000)
    assert world.blockers() == ["RAILS_NOT_PROVEN"]
    world.run(250).grip().press(100)
    world.run_to(st.WAIT_BELT)


# MAINTENANCE


def test_maintenance_needs_the_e_stop_a_still_belt_and_no_proof():
    for make in (in_ready, in_tripped, in_lockout):
        world = make()
        assert not world.sup.may_maintain(world.sample)
        world.estop = True
        world.run(20)
        assert world.sup.may_maintain(world.sample)
        world.edge(world.us)
        assert not world.sup.may_maintain(world.sample)
    world = lock_out(bring(st.READY))
    prove(world)
    world.sample.estop_pressed = True
    assert world.sup.proof_running
    assert not world.sup.may_maintain(world.sample)


def test_maintenance_is_never_entered_from_other_states():
    for make in (arming, lambda: bring(st.BACKWARD), lambda: bring(st.READY).power_cycle()):
        world = make()
        world.sup.maintenance_asked = True
        world.sample.estop_pressed = True
        assert not world.sup.may_maintain(world.sample)
        world.run(50)
        assert world.sup.state != st.MAINTENANCE


def test_maintenance_asked_and_the_e_stop_released_is_forgotten():
    world = in_ready()
    world.sup.maintenance_asked = True
    world.run(20)
    world.estop = True
    world.run(100)
    assert world.sup.state == st.READY


def test_maintenance_keeps_the_relay_open():
    world = in_maintenance()
    assert world.sup.state == st.MAINTENANCE
    world.sup.relay_command = st.EN_ONLY
    world.sup._seal()
    world.sup.tick(world.sample)
    assert world.sup.relay_command == st.OPEN


def test_a_second_session_knows_nothing_of_the_first():
    world = bring(st.BACKWARD)
    world.run(5000)
    world.host_stop = True
    settle(world.run(10))
    assert world.sup.fault == f.HOST_STOP, "why the relay opened last"
    world.idle(4000)
    world.run(250).grip().press(100)
    assert world.sup.state == st.ARMING
    assert world.sup.fault == 0
    assert world.memory.cause == 0
    world.run_to(st.WAIT_BELT)
    world.belt(300)
    world.run_to(st.MOUNTING)
    world.run(1000)
    assert world.allowed()
    world.host_stop = True
    settle(world.run(10))
    _, _, walked_s, highest, lead = world.events_of(SESSION)[1]
    assert walked_s == 0
    assert highest in (299, 300)
    assert lead == 0


def test_each_session_tells_its_own_highest_speed_and_lead():
    world = bring(st.BACKWARD)
    world.belt(1000).run(100)
    world.belt(500).run(2000)
    world.host_stop = True
    settle(world.run(10))
    _, _, _, highest, lead = world.events_of(SESSION)[0]
    assert 900 <= highest <= 1000
    assert 1 <= lead <= 30


def test_what_a_rule_counted_in_one_session_is_forgotten_in_the_next():
    """The contact closes late, as after the trip: no time of the first session is left over."""
    world = bring(st.BACKWARD)
    world.feedback = False
    world.run_to(st.STOPPING)
    assert world.sup.fault == f.RELAY_NOT_CLOSED
    settle(world)
    world.feedback = None
    world.run(250).press(1000)
    world.run_to(st.READY)
    world.idle(4000)
    world.run(250).grip().press(100)
    world.run_to(st.WAIT_BELT)
    world.feedback = False
    world.run(50)
    assert world.allowed()
    world.feedback = None
    world.run(500)
    assert world.allowed()


# Settings


def test_changed_settings_act_from_the_next_session_on():
    world = bring(st.READY)
    values = {"distance_per_edge_um": 140000, "magnets_per_turn": 1, "backward_limit_mm_s": 500}
    assert world.settings.load(values) == []
    world.guard.configure()
    assert world.guard.speed.blanking_us == 20000
    assert world.guard.speed.surge.turn_edges == 1
    world.press(100)
    world.run_to(st.WAIT_BELT)
    assert world.sup.limit_mm_s == 500
    assert world.guard.speed.due_us == 140000 * 1000 // 570


# One whole day


def test_a_normal_day_is_two_sessions_and_nothing_latched():
    world = bring(st.BACKWARD)
    for session in (1, 2):
        world.run(20000)
        world.sensor = True
        world.accel_mm_s2 = 0
        world.belt(0)
        world.sensor = False
        settle(world.run_to(st.STOPPING))
        world.sensor = True
        world.memory.latch_code = 0
        if world.sup.state == st.TRIPPED:  # an instant stop at 800 mm/s looks like a dead sensor
            world.run(250).press(1000)
            world.memory.sensor_not_proven = 0
        world.run_to(st.READY)
        assert world.memory.session == session
        world.idle(4000)
        world.run(250).grip().press(100)
        world.run_to(st.WAIT_BELT)
        world.belt(800).run_to(st.MOUNTING).run(300)
        world.turn()
        world.run_to(st.BACKWARD)
    assert world.memory.session == 3
