# SPDX-License-Identifier: MIT
"""Numbers that are stored or sent: a later version must read what an older one wrote."""

from guard.core import (
    events,
    faults,
    interlocks,
    parameters,
    proof,
    rails,
    relay_test,
    sounds,
    states,
    stopping,
    ticks,
)
from guard.core import gestures as g
from guard.core import memory as m
from guard.core import ready as r
from guard.core.sample import HALL_DIAG, LEFT_RAIL, RIGHT_RAIL, Sample
from guard.core.ticks import since

CODES = (
    "ESTOP RAILS_RELEASED ONE_HAND OVERSPEED OVERSPEED_EXTREME SENSOR_LOST SENSOR_NOISE "
    "HALL_WIRING ACCELERATION CHANNELS_DISAGREE BELT_REVERSED RAIL_WIRING RAIL_UNHEALTHY "
    "INCLINE_TOO_STEEP SESSION_TIME MODE_CHANGED MOUNT_TIMEOUT START_TIMEOUT HOST_STOP "
    "CTRL_C_STOP START_PRESSED BELT_STOPPED RELAY_NOT_CLOSED RELAY_WELDED RELAY_SLOW "
    "RELAY_TEST_FAILED STOP_FAILED UNEXPECTED_MOTION LOOP_OVERRUN FLOW_BROKEN STATE_CORRUPT "
    "WATCHDOG_RESET CRASH SESSION_CUT NOT_CONFIGURED NOT_CALIBRATED CONFIG_DAMAGED "
    "FIRMWARE_DAMAGED STORE_FAILED NO_MODE START_STUCK RELAY_FEEDBACK HAND_TURN CHANGE_PENDING "
    "SAVING RESTART_DELAY CALIBRATION_NOT_VERIFIED STOP_TEST_DUE SENSOR_NOT_PROVEN "
    "RAILS_NOT_PROVEN MEMORY_DAMAGED HALL_B_WIRING HALLS_SWAPPED HALL_B_FITTED "
    "SECOND_STOP_STUCK SECOND_STOP_OPEN SECOND_STOP_FEEDBACK SECOND_STOP_FITTED "
    "KEY_LOOP_CLOSED KEY_SENSE_LOST KEY_SENSE_FITTED INCLINE_LOST INCLINE_WRONG_CHIP "
    "INCLINE_NOT_ZEROED INCLINE_FITTED RESTART_NEEDED"
).split()
DEFAULT_BUILD = 50  # the codes of the options and what came after are in test_declared_options
OPTIONAL = ("CHANNELS_DISAGREE", "BELT_REVERSED", "INCLINE_TOO_STEEP")
KINDS = (
    "BOOT STATE ARM STOP RENAMED STOPPED SESSION LOCKED RESET PROOF STOP_TEST CONFIG CLOCK NOTE "
    "SECOND_STOP INCLINE"
)
STATES = (
    "SELF_TEST READY ARMING WAIT_BELT FORWARD MOUNTING BACKWARD STOPPING TRIPPED LOCKOUT "
    "MAINTENANCE"
)


def values(module, names):
    return [getattr(module, name) for name in names.split()]


def test_a_fault_keeps_the_code_it_was_stored_with():
    for code, name in enumerate(CODES, 1):
        assert faults.code_of(name) == code, name
        assert faults.name(code) == name
    assert len(CODES) == faults.CODES - 1


def test_a_code_of_another_version_has_a_name_and_is_the_worst():
    assert faults.name(faults.CODES) == "FAULT_" + str(faults.CODES)
    assert faults.name(255) == "FAULT_255"
    assert faults.name(faults.CODES - 1)[:6] != "FAULT_"
    assert faults.fault_class(faults.CODES) == faults.LOCKOUT
    assert faults.fault_class(0) == faults.BLOCK
    assert faults.name(0) == "NONE"


def test_what_is_no_code_at_all_is_the_worst_too():
    for code in (-1, -faults.CODES, 256):
        assert faults.fault_class(code) == faults.LOCKOUT
        assert faults.name(code) == "FAULT_" + str(code)


def test_fault_classes_rise_with_what_they_ask_for():
    assert values(faults, "BLOCK STOP TRIP LOCKOUT") == [0, 1, 2, 3]
    assert faults.CLASS_NAMES == ("block", "stop", "trip", "lockout")


def test_a_record_keeps_the_kind_it_was_stored_with():
    assert values(events, KINDS) == list(range(1, 17))
    assert events.KIND_NAMES == (
        "none", "boot", "state", "arm", "stop", "renamed", "stopped", "session", "lockout",
        "reset", "proof", "stop_test", "config", "clock", "note", "second_stop", "incline",
    )  # fmt: skip


def test_states_modes_contacts_and_commands_keep_their_numbers():
    assert values(states, STATES) == list(range(11))
    assert states.STATE_NAMES == tuple(STATES.split())
    assert states.CLOSED_STATES == (3, 4, 5, 6)
    assert values(states, "MODE_NONE MODE_FORWARD MODE_BACKWARD") == [0, 1, 2]
    assert states.MODE_NAMES == ("none", "forward", "backward")
    assert values(states, "RELEASED HELD WIRING") == [0, 1, 2]
    assert states.CONTACT_NAMES == ("released", "held", "wiring")
    commands = "OPEN CLOSED EN_ONLY A_ONLY A_EN B_ONLY B_EN TOGGLE_ONLY HOLD"
    assert values(states, commands) == list(range(9))


def test_every_sound_has_its_own_number_and_name():
    names = sounds.SOUND_NAMES
    assert [getattr(sounds, n) for n in (
        "SILENT", "ARMING_TICK", "HAND_WARNING", "SPEED_WARNING", "TRIP_DRONE", "LOCKOUT_DRONE",
        "CHANGE_PENDING_DRONE", "HAND_TURN_DRONE", "BELT_SEEN", "BACKWARD_ON", "TIME_WARNING",
        "STOPPED", "REFUSED", "HOLD_REACHED", "CONFIRMED", "PROOF_STEP", "READY_CHIRP",
    )] == list(range(17))  # fmt: skip
    assert len(set(names)) == len(names) >= 17
    assert names[sounds.STOPPED] == "stopped"
    assert names[sounds.TRIP_DRONE] == "trip"


def test_memory_is_packed_as_it_always_was():
    assert m.FIELDS[:13] == (
        ("boot", 4), ("session", 4), ("latch_code", 1), ("cause", 1), ("mark", 1),
        ("stop_test_due", 1), ("sensor_not_proven", 1), ("drop_time_ms", 2),
        ("journal_next_seq", 4), ("box_next", 4), ("proof_epoch_min", 4), ("sessions_total", 4),
        ("backward_minutes_total", 4),
    )  # fmt: skip
    assert values(m, "MARK_NONE MARK_OPEN MARK_OPENED MARK_CLOSED") == [0, 1, 2, 3]


def test_a_counter_of_every_code_and_of_no_other():
    memory = m.Memory()
    memory.count(faults.CODES - 1)
    memory.count(faults.CODES)
    assert len(memory.counters) == faults.CODES
    assert sum(memory.counters) == memory.counters[faults.CODES - 1] == 1


def test_parameters_not_named_elsewhere_keep_their_ranges():
    rows = {row[0]: row[1:] for row in parameters.TABLE}
    assert rows["rails_fitted"] == ("", 2, 1, 2, "rails")
    assert rows["rail_kind"] == ("", 0, 0, 1, "rails")
    assert rows["touch_threshold_permille"] == ("permille", 700, 300, 950, "rails")
    assert rows["calibration"] == ("", 0, 0, 2, "calibration")
    for name in ("stop_a_min_mm_s2", "stop_a_max_mm_s2"):
        assert rows[name] == ("mm/s2", 0, 0, 10000, "measured")
    assert len(rows) == len(parameters.NAMES)


def test_a_value_fits_a_known_name_an_integer_and_its_range():
    fits = parameters.fits
    assert fits("rail_grace_ms", 100)
    assert fits("rail_grace_ms", 600)
    for name, value in (
        ("rail_grace_ms", 99), ("rail_grace_ms", 601), ("rail_grace_ms", "400"),
        ("rail_kind", True), ("rail_kind", None), ("speed", 1), ("rails", 1),
    ):  # fmt: skip
        assert not fits(name, value), (name, value)


def test_a_refusal_says_name_range_unit_and_what_helps():
    check = parameters.check
    assert check("rail_grace_ms", 601) == "rail_grace_ms must be 100..600 ms."
    assert check("magnets_per_turn", 0) == "magnets_per_turn must be 1..8."
    assert (
        check("magnets_per_turn", "4") == "magnets_per_turn must be a whole number in steps of 1."
    )
    assert check("rail_grace_ms", True) == "rail_grace_ms must be a whole number in ms."
    coarse = "distance_per_edge_um must be 20000..260000 um."
    assert check("distance_per_edge_um", 260001) == coarse + " Fit more magnets."
    assert check("distance_per_edge_um", 19999) == coarse
    assert check("backward_limit_mm_s", 1119) == "backward_limit_mm_s must be 140..1118 mm/s."
    assert check("speed", 1) == "There is no parameter speed."


def test_the_slowest_limit_that_shows_three_edges_in_4_s_is_rounded_up():
    for d_um, lowest in ((202666, 152), (202667, 153), (204000, 153), (204001, 154)):
        all_values = parameters.Settings().as_dict()
        all_values["distance_per_edge_um"] = d_um
        all_values["backward_limit_mm_s"] = lowest
        assert parameters.cross_check(all_values) is None, d_um
        all_values["backward_limit_mm_s"] = lowest - 1
        assert parameters.cross_check(all_values), d_um


def test_the_ring_of_events_keeps_all_five_numbers_and_loses_the_oldest():
    ring = events.EventRing()
    for n in range(150):
        ring.put(n, 1, n + 1000, n + 2000, n + 3000)
    assert (ring.waiting, ring.lost) == (64, 86)
    for n in range(86, 150):
        assert ring.take() == (n, 1, n + 1000, n + 2000, n + 3000)
    assert ring.take() is None
    ring.put(7, 2, 3, 4, 5)
    assert (ring.head, ring.waiting) == (151 & 63, 1)
    assert ring.take() == (7, 2, 3, 4, 5)


def test_a_sample_before_the_first_reading_permits_nothing():
    s = Sample()
    assert s.estop_pressed
    asked = (s.start_down, s.start_pressed, s.host_stop, s.ctrl_c, s.feedback_closed)
    assert asked == (False, False, False, False, False)
    assert (s.mode, s.session_mode, s.state) == (states.MODE_NONE, states.MODE_NONE, 0)
    assert (s.left, s.right) == (states.RELEASED, states.RELEASED)
    numbers = (s.now_us, s.now_ms, s.late_us, s.left_raw, s.right_raw, s.hall_permille)
    assert numbers == (0, 0, 0, 0, 0, 0)
    assert (s.count_ahead, s.limit_mm_s, s.entered_ms) == (0, 0, 0)
    assert (LEFT_RAIL, RIGHT_RAIL, HALL_DIAG) == (s.channel, 1, 2) == (0, 1, 2)


def test_the_times_a_person_is_told_are_the_designs():
    assert values(g, "SHORT_MIN_MS SHORT_MAX_MS RESET_MS CONFIRM_MS PROOF_MS STUCK_MS") == [
        50, 800, 1000, 3000, 5000, 10000,
    ]  # fmt: skip
    assert (r.HAND_TURN_MS, r.PENDING_MS, r.RESTART_DELAY_MS) == (300000, 30000, 3000)
    assert (r.CHANGE_NONE, r.CHANGE_CONFIRMED, r.CHANGE_DISCARDED) == (0, 1, 2)
    assert (proof.GAP_MIN_MS, proof.GAP_MAX_MS) == (100, 5000)
    assert (rails.GRIP_VALID_MS, rails.UNHEALTHY_HELD_MS) == (120000, 1200000)
    assert (relay_test.RUNNING, relay_test.PASSED, relay_test.FAILED) == (0, 1, 2)


def test_the_times_in_the_fault_table_are_those_the_rules_use():
    debounce_ms = {row[1]: row[4] for row in faults.TABLE}
    default = parameters.Settings()
    at_once = dict.fromkeys(CODES[:DEFAULT_BUILD], 0)
    for name in OPTIONAL:
        del at_once[name]
    waits = {
        "RELAY_WELDED": stopping.WELDED_MS,
        "UNEXPECTED_MOTION": r.MOTION_MS,
        "RELAY_SLOW": stopping.DROP_MAX_MS,
        "HALL_WIRING": interlocks.HALL_READS * 30,
        "RAIL_WIRING": rails.FAULT_READS * 30,
        "RELAY_NOT_CLOSED": default.relay_settle_ms,
        "LOOP_OVERRUN": interlocks.LATE_US // 1000,
        "ESTOP": interlocks.ESTOP_READS * 10,
        "RAILS_RELEASED": default.rail_grace_ms,
        "ONE_HAND": default.one_hand_grace_ms,
        "START_PRESSED": g.PRESS_READS * 10,
        "MODE_CHANGED": interlocks.MODE_READS * 10,
        "START_STUCK": g.STUCK_MS,
        "RELAY_FEEDBACK": 20,
        "RAIL_UNHEALTHY": rails.UNHEALTHY_HELD_MS,
    }
    at_once.update(waits)
    for name, ms in at_once.items():
        assert debounce_ms[name] == ms, name


def test_the_steps_of_the_relay_test_last_as_long_as_the_design_says():
    for origin_ms in (0, ticks.MASK - 500):
        test = relay_test.RelayTest()
        test.begin(origin_ms)
        stood = []
        ms = 0
        while test.result == relay_test.RUNNING:
            assert ms < 10000, "it ends"
            command = test.tick(False, (origin_ms + ms) & ticks.MASK)
            if not stood or stood[-1][0] != command:
                stood.append([command, 0])
            stood[-1][1] += 1
            ms += 1
        assert test.result == relay_test.PASSED
        assert [tuple(one) for one in stood[:-1]] == [
            (states.EN_ONLY, 150), (states.OPEN, 20), (states.A_ONLY, 300), (states.A_EN, 50),
            (states.A_ONLY, 20), (states.OPEN, 20), (states.B_ONLY, 300), (states.B_EN, 50),
            (states.B_ONLY, 20), (states.OPEN, 20), (states.TOGGLE_ONLY, 200),
        ]  # fmt: skip


def test_the_mask_is_the_largest_time_that_can_pass():
    assert since(0, 1) == ticks.MASK == (1 << 30) - 1
