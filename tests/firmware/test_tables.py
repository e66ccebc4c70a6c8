# SPDX-License-Identifier: MIT
"""Parameters, faults, memory, events, ticks: what the tables promise."""

from guard.core import events, faults, parameters, sounds, states
from guard.core.memory import FIELDS, Memory
from guard.core.ticks import Persisted, Reads, since
from tests.support.stream import PERIOD

# Parameters


def test_every_default_is_inside_its_hard_range():
    for name, _, default, lowest, highest, _ in parameters.TABLE:
        assert lowest <= default <= highest, name
        assert parameters.check(name, default) is None


def test_hard_ranges_end_where_they_say_and_only_integers_pass():
    for name, _, _, lowest, highest, _ in parameters.TABLE:
        assert parameters.check(name, lowest) is None
        assert parameters.check(name, highest) is None
        for value in (lowest - 1, highest + 1, True, "1", None):
            sentence = parameters.check(name, value)
            assert sentence, (name, value)
            assert name in sentence


def test_the_hard_ceilings_of_the_design():
    rows = {row[0]: row for row in parameters.TABLE}
    for name, default, lowest, highest in (
        ("backward_limit_mm_s", 833, 140, 1118), ("mount_limit_mm_s", 447, 140, 1118),
        ("forward_limit_mm_s", 3333, 140, 5556), ("overspeed_margin_permille", 100, 50, 150),
        ("overspeed_travel_mm", 30, 15, 60), ("rail_grace_ms", 400, 100, 600),
        ("one_hand_grace_ms", 3000, 500, 5000), ("session_limit_min", 15, 1, 60),
        ("relay_settle_ms", 50, 40, 250), ("mount_timeout_s", 90, 30, 180),
        ("start_timeout_s", 45, 20, 90), ("turn_confirm_ms", 2000, 1000, 5000),
        ("distance_per_edge_um", 100000, 20000, 260000), ("magnets_per_turn", 4, 1, 8),
    ):  # fmt: skip
        assert rows[name][2:5] == (default, lowest, highest), name


def test_an_unknown_name_is_refused():
    assert parameters.row_of("speed") is None
    assert "speed" in parameters.check("speed", 1)


def test_settings_take_what_is_valid_and_name_what_is_not():
    settings = parameters.Settings()
    refused = settings.load({"rail_grace_ms": 601, "turn_confirm_ms": 3000, "other": 1})
    assert refused == ["rail_grace_ms"]
    assert settings.rail_grace_ms == 400
    assert settings.turn_confirm_ms == 3000
    copy = parameters.Settings()
    assert copy.load(settings.as_dict()) == []
    assert copy.as_dict() == settings.as_dict()


def test_settings_have_no_other_names():
    assert not hasattr(parameters.Settings(), "speed_limit")


def complete(**values):
    all_values = parameters.Settings().as_dict()
    all_values.update(values)
    return all_values


def test_two_magnets_are_refused():
    for magnets in (1, 3, 4, 8):
        assert parameters.cross_check(complete(magnets_per_turn=magnets)) is None
    name, sentence = parameters.cross_check(complete(magnets_per_turn=2))
    assert name == "magnets_per_turn"
    assert "second hall" in sentence


def test_a_belt_that_cannot_show_three_edges_in_4_s_is_refused():
    for d_um, lowest in ((100000, 140), (200000, 150), (250000, 188), (260000, 195)):
        good = complete(distance_per_edge_um=d_um, backward_limit_mm_s=lowest)
        assert parameters.cross_check(good) is None
        if lowest > 140:
            bad = complete(distance_per_edge_um=d_um, backward_limit_mm_s=lowest - 1)
            refused = parameters.cross_check(bad)
            assert refused, d_um
            assert "more magnets" in refused[1]


# Faults


def test_every_code_has_one_row_and_one_name():
    codes = [row[0] for row in faults.TABLE]
    names = [row[1] for row in faults.TABLE]
    assert sorted(codes) == list(range(1, faults.CODES))
    assert len(set(names)) == len(names)
    for code, name, fault_class, clears, debounce_ms in faults.TABLE:
        assert getattr(faults, name) == code
        assert faults.name(code) == name
        assert faults.code_of(name) == code
        assert faults.fault_class(code) == fault_class
        assert 0 <= fault_class <= 3
        assert clears
        assert debounce_ms >= 0
    assert faults.code_of("NO_SUCH") == 0
    assert faults.fault_class(0) == faults.BLOCK
    assert faults.name(0) in ("", "NONE")


def test_the_class_of_every_fault_is_the_designs():
    lockouts = (
        "RELAY_WELDED RELAY_SLOW RELAY_TEST_FAILED STOP_FAILED UNEXPECTED_MOTION MEMORY_DAMAGED "
        "SECOND_STOP_STUCK KEY_LOOP_CLOSED"
    )
    trips = (
        "OVERSPEED OVERSPEED_EXTREME SENSOR_LOST SENSOR_NOISE HALL_WIRING ACCELERATION "
        "CHANNELS_DISAGREE BELT_REVERSED RAIL_WIRING RELAY_NOT_CLOSED LOOP_OVERRUN FLOW_BROKEN "
        "STATE_CORRUPT WATCHDOG_RESET CRASH SESSION_CUT HALL_B_WIRING SECOND_STOP_OPEN "
        "KEY_SENSE_LOST INCLINE_LOST"
    )
    stops = (
        "ESTOP RAILS_RELEASED ONE_HAND INCLINE_TOO_STEEP SESSION_TIME MODE_CHANGED MOUNT_TIMEOUT "
        "START_TIMEOUT HOST_STOP CTRL_C_STOP START_PRESSED BELT_STOPPED"
    )
    for fault_class, names in (
        (faults.LOCKOUT, lockouts),
        (faults.TRIP, trips),
        (faults.STOP, stops),
    ):
        in_table = [row[1] for row in faults.TABLE if row[2] == fault_class]
        assert sorted(in_table) == sorted(names.split())


def test_class_decides_then_table_order():
    for i, row in enumerate(faults.TABLE):
        for j, other in enumerate(faults.TABLE):
            if i != j:
                first = row[2] > other[2] or (row[2] == other[2] and i < j)
                assert faults.worse(row[0], other[0]) == first
        assert not faults.worse(row[0], row[0])


def test_faults_after_which_a_sensor_proves_nothing_and_names_of_silence():
    sensor = ("SENSOR_LOST", "SENSOR_NOISE", "HALL_WIRING", "HALL_B_WIRING")
    silence = ("SENSOR_LOST", "BELT_STOPPED")
    for code, name, _, _, _ in faults.TABLE:
        assert faults.is_sensor_fault(code) == (name in sensor), name
        assert faults.is_silence(code) == (name in silence), name
    assert not faults.is_sensor_fault(0)
    assert not faults.is_silence(0)


# Memory


def test_a_new_memory_owes_a_stop_test_and_nothing_else():
    memory = Memory()
    for name, width in FIELDS:
        assert getattr(memory, name) == (1 if name == "stop_test_due" else 0)
        assert width in (1, 2, 4)
    assert sum(memory.counters) == 0


def test_counters_saturate_at_255():
    memory = Memory()
    for _ in range(300):
        memory.count(faults.ESTOP)
    assert memory.counters[faults.ESTOP] == 255
    assert sum(memory.counters) == 255


# Events


def test_events_come_out_in_order_once():
    ring = events.EventRing()
    assert ring.take() is None
    for n in range(5):
        ring.put(n, events.STOP, n, n, n)
    assert [ring.take()[0] for _ in range(5)] == [0, 1, 2, 3, 4]
    assert ring.take() is None


def test_a_full_ring_counts_what_it_loses():
    ring = events.EventRing()
    for n in range(events.SLOTS + 3):
        ring.put(n, events.STOP, 0, 0, 0)
    assert ring.waiting == events.SLOTS
    assert ring.lost == 3
    assert ring.take()[0] in (0, 3)


def test_names_stand_beside_their_numbers():
    assert events.KIND_NAMES[events.STOP] == "stop"
    assert events.KIND_NAMES[events.NOTE] == "note"
    assert events.KIND_NAMES[-1] == "incline"
    assert len(events.KIND_NAMES) == events.INCLINE + 1
    assert states.STATE_NAMES[states.MAINTENANCE] == "MAINTENANCE"
    assert [s for s in range(11) if states.is_closed(s)] == list(states.CLOSED_STATES)
    assert states.MODE_NAMES[states.MODE_BACKWARD] == "backward"
    assert states.CONTACT_NAMES[states.WIRING] == "wiring"
    assert sounds.SOUND_NAMES[sounds.READY_CHIRP] == "ready"
    assert len(sounds.SOUND_NAMES) == sounds.INCLINE_WARNING + 1


# Ticks


def test_since_is_right_over_the_wrap():
    for then in (0, 5, PERIOD - 1, PERIOD - 1000):
        for elapsed in (0, 1, 999, PERIOD // 2, PERIOD - 1):
            assert since((then + elapsed) & (PERIOD - 1), then) == elapsed


def test_persisted_counts_from_the_first_sight():
    for origin in (0, PERIOD - 10):
        standing = Persisted()
        assert standing.ms(False, origin) == -1
        assert standing.ms(True, origin) == 0
        assert standing.ms(True, (origin + 30) & (PERIOD - 1)) == 30
        assert standing.ms(False, (origin + 40) & (PERIOD - 1)) == -1
        assert standing.ms(True, (origin + 50) & (PERIOD - 1)) == 0


def test_reads_saturate():
    reads = Reads()
    for _ in range(300):
        reads.of(True)
    assert reads.count == 250
    assert reads.of(False) == 0
