# SPDX-License-Identifier: MIT
"""Every interlock of DESIGN section 8 in one table, and the same tests for each.

A row says what to change in a healthy session and in which tick the relay must open for it.
From each row and each state it applies in come: the twin that stays allowed, the very tick of
the decision, no fault but its own, what its class latches, what clears it, and both wraps.
"""

from guard.core import faults as f
from guard.core import states as st
from guard.core.events import STATE, STOP
from tests.support.stream import MASK, PERIOD, SPEED, bring, settle

CLOSED = (st.WAIT_BELT, st.FORWARD, st.MOUNTING, st.BACKWARD)
MOVING = (st.FORWARD, st.MOUNTING, st.BACKWARD)
HANDS = (st.MOUNTING, st.BACKWARD)
BACK_ONLY = (st.BACKWARD,)

# A silence is named a stop below this speed and a dead sensor above it (d 70 mm, 3 m/s2).
SLOW = 300


class Row:
    """One interlock.

    fault and its class; states it applies in; cause = the attributes that change in one tick;
    ticks = the decision is made in exactly this one, counted from the change; channel = the
    analogue channel the first of them reads; settings it needs; stands = the cause stays until
    somebody mends it, and forbids the reset; speed of the belt before.
    """

    def __init__(self, fault, states, ticks, cause, **more):
        self.fault = fault
        self.name = f.name(fault)
        self.states = states
        self.ticks = ticks
        self.cause = cause
        self.label = more.get("label", "")
        self.channel = more.get("channel", 0)
        self.settings = more.get("settings", {})
        self.stands = more.get("stands", False)
        self.speed = more.get("speed", SPEED)
        self.edges = more.get("edges", None)
        self.silence_ms = more.get("silence_ms", None)
        self.from_entry_ms = more.get("from_entry_ms", None)

    def title(self, state):
        return (self.name + self.label + "_in_" + st.STATE_NAMES[state]).lower()


def rails_released(ms):
    # Left is read in the first tick, right in the second; then the grace is exceeded.
    more = {"settings": {"rail_grace_ms": ms}, "label": f"_{ms}"}
    return Row(f.RAILS_RELEASED, HANDS, 3 + ms // 10, {"left": False, "right": False}, **more)


def one_hand(ms, rail):
    more = {"settings": {"one_hand_grace_ms": ms}, "label": f"_{rail}_{ms}"}
    more["channel"] = 0 if rail == "left" else 1
    return Row(f.ONE_HAND, BACK_ONLY, 2 + ms // 10, {rail: False}, **more)


def relay_not_closed(ms):
    more = {"settings": {"relay_settle_ms": ms}, "label": f"_{ms}"}
    return Row(f.RELAY_NOT_CLOSED, CLOSED, 1 + ms // 10, {"feedback": False}, **more)


ROWS = (
    Row(f.ESTOP, CLOSED, 2, {"estop": True}),
    rails_released(100),
    rails_released(400),
    rails_released(600),
    one_hand(500, "left"),
    one_hand(3000, "right"),
    one_hand(5000, "left"),
    # 1400 mm/s is over the limit and under 1.5 times it where the limit is 1118.
    Row(f.OVERSPEED, HANDS, None, {"speed": 1400}, edges=4, settings={
        "mount_limit_mm_s": 1118, "backward_limit_mm_s": 1118}),
    Row(f.OVERSPEED, (st.FORWARD,), None, {"speed": 1400}, edges=4,
        settings={"forward_limit_mm_s": 1118}),
    Row(f.OVERSPEED_EXTREME, HANDS, None, {"speed": 2500}, edges=1),
    Row(f.OVERSPEED_EXTREME, (st.FORWARD,), None, {"speed": 5500}, edges=2),
    Row(f.OVERSPEED_EXTREME, (st.WAIT_BELT,), None, {"speed": 2500}, edges=2, speed=0),
    Row(f.SENSOR_LOST, MOVING, None, {"sensor": False}, silence_ms=400),
    Row(f.BELT_STOPPED, MOVING, None, {"sensor": False}, silence_ms=583, speed=SLOW),
    Row(f.SENSOR_NOISE, MOVING, None, {"bounce_us": 1000}, edges=6, label="_bounce"),
    Row(f.SENSOR_NOISE, CLOSED, 3, {"count_ahead": 2}, label="_counter"),
    Row(f.HALL_WIRING, CLOSED, 7, {"hall_permille": 1000}, channel=2, stands=True),
    Row(f.ACCELERATION, (st.FORWARD,), None, {"accel_mm_s2": 2000}, edges=11,
        settings={"forward_limit_mm_s": 5556}),
    Row(f.RAIL_WIRING, (st.WAIT_BELT, st.MOUNTING, st.BACKWARD), 7, {"left": 1000},
        stands=True, label="_left"),
    Row(f.RAIL_WIRING, (st.WAIT_BELT, st.MOUNTING, st.BACKWARD), 7, {"right": 0},
        channel=1, stands=True, label="_right"),
    Row(f.SESSION_TIME, BACK_ONLY, None, {}, from_entry_ms=60000,
        settings={"session_limit_min": 1}),
    Row(f.MODE_CHANGED, CLOSED, 3, {"mode": st.MODE_NONE}),
    Row(f.MOUNT_TIMEOUT, (st.MOUNTING,), None, {}, from_entry_ms=30000,
        settings={"mount_timeout_s": 30}),
    Row(f.START_TIMEOUT, (st.WAIT_BELT,), None, {}, from_entry_ms=20000,
        settings={"start_timeout_s": 20}),
    Row(f.HOST_STOP, CLOSED, 1, {"host_stop": True}),
    Row(f.CTRL_C_STOP, CLOSED, 1, {"ctrl_c": True}),
    Row(f.START_PRESSED, CLOSED, 2, {"start": True}),
    relay_not_closed(40),
    relay_not_closed(50),
    relay_not_closed(250),
    Row(f.LOOP_OVERRUN, CLOSED, 1, {"late_us": 25001}),
    Row(f.FLOW_BROKEN, CLOSED, 1, {"flow_broken": True}),
)  # fmt: skip

# What stands when a row's cause is mended.
HEALTHY = {
    "estop": False, "left": False, "right": False, "speed": 0, "accel_mm_s2": 0, "sensor": True,
    "bounce_us": 0, "count_ahead": 0, "hall_permille": 800, "mode": st.MODE_BACKWARD,
    "start": False, "feedback": None, "late_us": 0, "flow_broken": False,
}  # fmt: skip

# The twin lives 60 s; times that would end it sooner are as long as they go.
LONG = {"start_timeout_s": 90, "mount_timeout_s": 180, "session_limit_min": 60}


def healthy(row, state, **origin):
    """A session in this state, allowed; the next tick is the one that changes."""
    values = dict(row.settings)
    values.update(origin)
    world = bring(state, row.speed, **values)
    if row.edges is None and row.from_entry_ms is None:
        world.align(row.channel)
    elif row.edges:
        if state != st.WAIT_BELT:
            world.run_to_edge()
    assert world.allowed(), world
    world.edges = 0
    return world


def change(row, world):
    for name in row.cause:
        setattr(world, name, row.cause[name])


def decide(row, world):
    """Live to the decision: in the very tick the row names, relay closed all the way."""
    before = world.ticks
    edges = 0
    while world.allowed():
        assert world.ticks - before < 7000, f"no decision: {world}"
        edges = world.edges
        world.tick()
    assert world.sup.state == st.STOPPING, world
    assert world.sup.fault == row.fault, world
    if row.ticks:
        assert world.ticks - before == row.ticks, world.ticks - before
    elif row.edges:
        assert edges < row.edges <= world.edges, world.edges
    elif row.silence_ms:
        late_us = world.us - world.last_edge_us - row.silence_ms * 1000
        assert 0 < late_us <= 10000, late_us
    else:
        entered_ms = [e[0] for e in world.events_of(STATE)][-2]
        assert (world.sample.now_ms - entered_ms) & MASK == row.from_entry_ms


def stopped_by(row, state, **origin):
    world = healthy(row, state, **origin)
    change(row, world)
    decide(row, world)
    return world


def mend(world):
    for name, value in HEALTHY.items():
        setattr(world, name, value)
    return settle(world)


_twins = {}


def stays_allowed(row, state):
    """The same session, unchanged, for 60 s. Lived once for all rows with the same settings."""
    values = {name: row.settings[name] for name in row.settings if name not in LONG}
    values.update(LONG)
    key = (state, row.speed if state != st.WAIT_BELT else 0) + tuple(sorted(values.items()))
    if key not in _twins:
        world = bring(state, row.speed, **values)
        world.run(60000)
        _twins[key] = world.allowed() and not world.stops() and world.sup.state == state
    return _twins[key]


# The generated tests


def sweep_twin(row, state):
    def test():
        assert stays_allowed(row, state)

    return test


_ended = {}


def ended(row, state):
    """A session stopped by the row, mended, STOPPING over. Lived once, only looked at."""
    key = row.title(state)
    if key not in _ended:
        world = stopped_by(row, state)
        decided_us = world.us
        mend(world)
        world.run(50)
        _ended[key] = (world, decided_us)
    return _ended[key]


def sweep_boundary(row, state):
    """decide() has asserted the tick; from it on the relay was never commanded closed again."""

    def test():
        world, decided_us = ended(row, state)
        assert world.opened_us == decided_us
        assert world.sup.relay_command != st.CLOSED

    return test


def sweep_name(row, state):
    def test():
        world, _ = ended(row, state)
        assert world.stops() == [row.fault], world.log
        counted = [code for code in range(f.CODES) if world.memory.counters[code]]
        assert counted == [row.fault]

    return test


def sweep_class(row, state):
    trip = f.fault_class(row.fault) == f.TRIP

    def test():
        world, _ = ended(row, state)
        assert world.sup.state == (st.TRIPPED if trip else st.READY), world
        assert world.memory.latch_code == (row.fault if trip else 0)
        assert world.stored.latch_code == world.memory.latch_code
        assert world.stored.cause == row.fault

    return test


def sweep_power(row, state):
    trip = f.fault_class(row.fault) == f.TRIP

    def test():
        world, _ = ended(row, state)
        world = world.power_cycle().idle(2000)
        assert world.sup.state == (st.TRIPPED if trip else st.READY), world
        assert world.sup.fault == (row.fault if trip else 0), world

    return test


def sweep_cut_short(row, state):
    """Power goes 250 ms after the decision, before the belt is still."""
    trip = f.fault_class(row.fault) == f.TRIP

    def test():
        world = stopped_by(row, state)
        world.run(250)
        assert world.stored.cause == row.fault, world
        world = world.power_cycle()
        mend(world)
        world.idle(2000)
        assert world.sup.state == (st.TRIPPED if trip else st.READY), world
        assert world.sup.fault == row.fault or not trip, world

    return test


def sweep_trip_clears(row, state):
    def test():
        world = stopped_by(row, state)
        if row.stands:
            settle(world)
            world.run(250).press(1000)
            assert world.sup.state == st.TRIPPED, "reset with the cause still standing"
        mend(world)
        world.idle(20000)
        assert world.sup.state == st.TRIPPED, "time cleared it"
        world.run(250).press(500)
        assert world.sup.state == st.TRIPPED, "a short press cleared it"
        world.run(250).press(990)
        assert world.sup.state == st.TRIPPED, "990 ms cleared it"
        world.run(250).press(1000)
        assert world.sup.state == st.SELF_TEST, world
        world.run_to(st.READY)
        assert world.memory.latch_code == 0
        assert world.stored.latch_code == 0
        world.idle(5000)
        assert world.sup.state == st.READY, "a reset never starts"

    return test


def sweep_trip_not_by_old_press(row, state):
    def test():
        world = stopped_by(row, state)
        mend(world)
        world.start = True  # down from the tick after TRIPPED was entered: not fresh
        world.run(1500)
        world.start = False
        world.run(100)
        assert world.sup.state == st.TRIPPED, world

    return test


def sweep_stop_needs_start(row, state):
    def test():
        world = stopped_by(row, state)
        mend(world)
        assert world.sup.state == st.READY
        if row.states != (st.FORWARD,):
            assert not world.sup.blockers.judge(
                world.sample, world.sup.button, False, False, world.sup.delaying
            )
        world.idle(3500)
        world.run(250).grip()
        world.idle(5000)
        assert world.sup.state == st.READY, "it armed by itself"
        world.press(100)
        assert world.sup.state == st.ARMING, world

    return test


def sweep_wrap_us(row, state):
    """The counter reads 1 in the deciding tick: what was noted before it is larger."""

    def test():
        _, us = ended(row, state)
        world = stopped_by(row, state, origin_us=PERIOD - us + 1)
        assert world.us == us

    return test


def sweep_wrap_ms(row, state):
    def test():
        _, us = ended(row, state)
        world = stopped_by(row, state, origin_ms=PERIOD - us // 1000 + 1)
        assert world.us == us

    return test


def sweep_mended_in_time(row, state):
    """One tick before the boundary the cause goes away: the session goes on.

    A hand is believed at the second reading of its rail, which takes up to six ticks.
    """
    early = 6 if row.fault in (f.RAILS_RELEASED, f.ONE_HAND) else 0

    def test():
        world = healthy(row, state)
        before = {name: getattr(world, name) for name in row.cause}
        change(row, world)
        for _ in range(row.ticks - 1 - early):
            world.tick()
        for name, value in before.items():
            setattr(world, name, value)
        world.run(400)
        assert world.allowed(), world
        assert world.stops() == []

    return test


SWEEP = (
    ("unchanged_stays_allowed", sweep_twin),
    ("decides_in_its_very_tick", sweep_boundary),
    ("names_itself_and_nothing_else", sweep_name),
    ("latches_as_its_class_says", sweep_class),
    ("outlives_a_power_cycle", sweep_power),
    ("is_durable_250_ms_later", sweep_cut_short),
    ("wrap_of_ticks_us", sweep_wrap_us),
    ("wrap_of_ticks_ms", sweep_wrap_ms),
)
TRIP_SWEEP = (
    ("clears_by_its_rule_only", sweep_trip_clears),
    ("is_not_cleared_by_a_press_under_way", sweep_trip_not_by_old_press),
)
STOP_SWEEP = (("needs_a_new_start", sweep_stop_needs_start),)


def generate():
    """Each test under its own name, for pytest and for run.py alike."""
    for row in ROWS:
        trip = f.fault_class(row.fault) == f.TRIP
        sweeps = SWEEP + (TRIP_SWEEP if trip else STOP_SWEEP)
        if row.ticks and row.ticks > 1:
            sweeps += (("mended_in_time_goes_on", sweep_mended_in_time),)
        for state in row.states:
            for claim, make in sweeps:
                name = "test_" + row.title(state) + "_" + claim
                assert name not in globals(), name
                globals()[name] = make(row, state)


generate()

# No row for these: other hardware, or tests of their own.
NOT_FITTED = (  # tests/firmware/test_options.py
    "CHANNELS_DISAGREE", "BELT_REVERSED", "INCLINE_TOO_STEEP", "HALL_B_WIRING",
    "SECOND_STOP_OPEN", "KEY_SENSE_LOST", "INCLINE_LOST",
)  # fmt: skip
ELSEWHERE = (
    "STATE_CORRUPT",  # test_state_words.py
    "WATCHDOG_RESET", "CRASH", "SESSION_CUT",  # test_boot_cause.py
)  # fmt: skip


def test_every_stop_and_trip_of_the_fault_table_is_swept():
    swept = [row.name for row in ROWS]
    for code, name, fault_class, _, _ in f.TABLE:
        if fault_class in (f.STOP, f.TRIP) and name not in NOT_FITTED + ELSEWHERE:
            assert name in swept, name
            assert code


def test_every_rule_of_the_default_build_is_swept_in_every_state_it_judges():
    from guard.core.interlocks import DEFAULT_BUILD

    assert len(DEFAULT_BUILD) == 16, "a new rule needs a row here"


def test_of_two_faults_in_one_tick_class_then_table_order_decides():
    world = bring(st.BACKWARD)
    world.host_stop = True
    world.late_us = 25001
    world.tick()
    assert world.sup.fault == f.LOOP_OVERRUN
    world = bring(st.BACKWARD)
    world.host_stop = world.ctrl_c = True
    world.tick()
    assert world.stops() == [f.CTRL_C_STOP]
    assert len(world.events_of(STOP)) == 1
