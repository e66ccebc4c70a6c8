# SPDX-License-Identifier: MIT
"""Every reason to stop stands once; codes are for ever; each has its words for people."""

from __future__ import annotations

import re

import pytest

from guard.core import faults as f
from guard.core.memory import Memory
from guard.core.parameters import NAMES
from tests.conftest import ROOT

TEXTS = ROOT / "firmware/guard/texts"
DESIGNED = {
    f.STOP: "ESTOP RAILS_RELEASED ONE_HAND INCLINE_TOO_STEEP SESSION_TIME MODE_CHANGED"
    " MOUNT_TIMEOUT START_TIMEOUT HOST_STOP CTRL_C_STOP START_PRESSED BELT_STOPPED",
    f.TRIP: "OVERSPEED OVERSPEED_EXTREME SENSOR_LOST SENSOR_NOISE HALL_WIRING ACCELERATION"
    " CHANNELS_DISAGREE BELT_REVERSED RAIL_WIRING RELAY_NOT_CLOSED LOOP_OVERRUN FLOW_BROKEN"
    " STATE_CORRUPT WATCHDOG_RESET CRASH SESSION_CUT HALL_B_WIRING SECOND_STOP_OPEN"
    " KEY_SENSE_LOST INCLINE_LOST",
    f.LOCKOUT: "RELAY_WELDED RELAY_SLOW RELAY_TEST_FAILED STOP_FAILED UNEXPECTED_MOTION"
    " MEMORY_DAMAGED SECOND_STOP_STUCK KEY_LOOP_CLOSED",
    f.BLOCK: "NOT_CONFIGURED NOT_CALIBRATED CONFIG_DAMAGED FIRMWARE_DAMAGED STORE_FAILED NO_MODE"
    " START_STUCK RELAY_FEEDBACK RAIL_UNHEALTHY CHANGE_PENDING HAND_TURN SAVING RESTART_DELAY"
    " CALIBRATION_NOT_VERIFIED STOP_TEST_DUE SENSOR_NOT_PROVEN RAILS_NOT_PROVEN"
    " SECOND_STOP_FEEDBACK HALLS_SWAPPED HALL_B_FITTED SECOND_STOP_FITTED KEY_SENSE_FITTED"
    " INCLINE_FITTED INCLINE_WRONG_CHIP INCLINE_NOT_ZEROED RESTART_NEEDED",
}
# Stored in journals, black boxes and NVS: this list only ever grows.
CODES_FOR_EVER = {
    1: "ESTOP",
    4: "OVERSPEED",
    5: "OVERSPEED_EXTREME",
    22: "BELT_STOPPED",
    27: "STOP_FAILED",
    34: "SESSION_CUT",
    35: "NOT_CONFIGURED",
    50: "RAILS_NOT_PROVEN",
    51: "MEMORY_DAMAGED",
    52: "HALL_B_WIRING",
    55: "SECOND_STOP_STUCK",
    59: "KEY_LOOP_CLOSED",
    62: "INCLINE_LOST",
    66: "RESTART_NEEDED",
}


def test_codes_and_names_stand_once_and_leave_no_gap():
    codes = sorted(row[0] for row in f.TABLE)
    assert codes == list(range(1, f.CODES))
    assert len({row[1] for row in f.TABLE}) == len(f.TABLE)


def test_codes_keep_their_meaning():
    assert {code: f.name(code) for code in CODES_FOR_EVER} == CODES_FOR_EVER


@pytest.mark.parametrize("row", f.TABLE, ids=lambda row: row[1])
def test_the_constant_of_a_name_is_its_code(row):
    assert getattr(f, row[1]) == row[0]
    assert f.name(row[0]) == row[1]
    assert f.code_of(row[1]) == row[0]
    assert f.fault_class(row[0]) == row[2]


@pytest.mark.parametrize("fault_class", DESIGNED, ids=lambda c: f.CLASS_NAMES[c])
def test_each_class_holds_exactly_the_designed_faults(fault_class):
    assert {row[1] for row in f.TABLE if row[2] == fault_class} == set(
        DESIGNED[fault_class].split()
    )


def test_a_fault_of_a_higher_class_is_worse_and_order_decides_within_one():
    for i, worse in enumerate(f.TABLE):
        for less in f.TABLE[i + 1 :]:
            assert f.worse(worse[0], less[0])
            assert not f.worse(less[0], worse[0])
            assert worse[2] >= less[2]


def test_no_fault_is_worse_than_itself():
    assert not any(f.worse(row[0], row[0]) for row in f.TABLE)


def test_extreme_overspeed_wins_over_overspeed_because_it_drops_the_second_channel():
    assert f.worse(f.OVERSPEED_EXTREME, f.OVERSPEED)


def test_zero_is_no_fault():
    assert f.name(0) == "NONE"
    assert f.fault_class(0) == f.BLOCK


@pytest.mark.parametrize("code", [f.CODES, 200, 255])
def test_a_latch_stored_by_another_version_is_taken_for_the_worst(code):
    assert f.fault_class(code) == f.LOCKOUT
    assert f.name(code) == f"FAULT_{code}"
    Memory().count(code)  # and does not stop the board from starting


def test_a_counter_stays_at_255():
    memory = Memory()
    for _ in range(300):
        memory.count(f.ESTOP)
    assert memory.counters[f.ESTOP] == 255


def test_after_a_sensor_fault_the_sensor_is_not_believed():
    doubted = {row[1] for row in f.TABLE if f.is_sensor_fault(row[0])}
    assert doubted == {"SENSOR_LOST", "SENSOR_NOISE", "HALL_WIRING", "HALL_B_WIRING"}
    assert {row[1] for row in f.TABLE if f.is_silence(row[0])} == {"SENSOR_LOST", "BELT_STOPPED"}


# Texts for people: data, streamed from the board as they are.


def rows_of(name):
    lines = (TEXTS / name).read_text("ascii").splitlines()
    return [line.split("|") for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize(("name", "cells"), [("faults.txt", 4), ("parameters.txt", 3)])
def test_texts_fit_the_line_they_are_streamed_in(name, cells):
    for line in (TEXTS / name).read_text("ascii").splitlines():
        assert len(line) <= 440
        assert re.fullmatch(r"[ -~]*", line)
        assert '"' not in line
        assert "\\" not in line
    for row in rows_of(name):
        assert len(row) == cells, row
        assert all(cell.strip() == cell and cell for cell in row), row


def test_every_fault_has_its_text_and_every_text_its_fault():
    assert sorted(row[0] for row in rows_of("faults.txt")) == sorted(row[1] for row in f.TABLE)


def test_every_parameter_has_its_text_and_every_text_its_parameter():
    assert [row[0] for row in rows_of("parameters.txt")] == list(NAMES)


def test_a_text_tells_what_to_do_in_sentences():
    for _, *cells in rows_of("faults.txt") + rows_of("parameters.txt"):
        assert all(cell.endswith((".", ";", "?")) for cell in cells), cells
