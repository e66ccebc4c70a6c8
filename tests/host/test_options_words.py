# SPDX-License-Identifier: MIT
"""Options in words: what is not fitted is not spoken of, what is wrong is named with its plug."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core import faults, phase
from tests.host.conftest import CommandLine
from tests.support.fake_board import FakeBoard
from treadguard import errors, firmware, options
from treadguard.setting_up import answers, sensors

HALLS = {"speed_b_mm_s": 0, "edges_b": 0, "hall_b_permille": 800, "missing": "none"}
QUADRATURE = {**HALLS, "phase_permille": 250, "forward_mm": 1200, "backward_mm": 0}


def test_a_standard_board_says_nothing_of_options():
    assert options.lines({"state": "READY"}) == []


def test_each_option_has_its_line_and_no_other():
    assert options.lines({"options": {"fitted": 1, **HALLS}}) == [
        "sensor B  at most 0 mm/s (0.0 km/h, 0.0 mph), 0 edges"
    ]
    (line,) = options.lines({"options": {"fitted": 17, **QUADRATURE}})
    assert line.endswith("belt forward; forward 1.2 m, backward 0.0 m")
    told = {"fitted": 2, "second_stop": "open", "second_dropped": False}
    assert options.lines({"options": told}) == [
        "stop 2    told to be open, the contactor has not dropped"
    ]
    assert options.lines({"options": {"fitted": 4, "key_loop": "closed"}}) == ["key loop  closed"]


@pytest.mark.parametrize(
    ("permille", "said"), [(95, "9.5 %"), (0, "0.0 %"), (-12, "-1.2 %"), (None, "unknown")]
)
def test_an_incline_that_is_not_known_is_not_flat(permille, said):
    (line,) = options.lines({"options": {"fitted": 8, "incline_permille": permille}})
    assert line.startswith(f"incline   {said}")


def test_status_shows_them(treadguard: CommandLine, port: str, board: FakeBoard):
    board.status = {"options": {"fitted": 8, "incline_permille": 31, "incline_raw_permille": 40}}
    ran = treadguard("status", "--port", port)
    assert ran.code == errors.OK
    assert "incline   3.1 %" in ran.out.splitlines()
    assert json.loads(treadguard("status", "--json", "--port", port).out)["options"]["fitted"] == 8


@given(permille=st.integers(0, 1000))
def test_every_place_of_an_edge_is_forward_reverse_or_out_of_order_as_the_firmware_counts(
    permille,
):
    counted = phase.Phase()
    counted.configure(4)
    counted._count(permille)
    words = options.phase_words(permille)
    assert (words == "belt forward") == (counted.forward_edges == 1)
    assert (words == "belt in reverse") == (counted.backward_edges == 1)


@given(edges=st.integers(8, 400), apart=st.integers(-40, 40))
def test_the_sensor_that_counts_less_is_named_with_its_plug(edges, apart):
    problem = options.hall_problem({}, edges, max(0, edges + apart), 4)
    if abs(max(0, edges + apart) - edges) <= options.EDGES_APART:
        assert problem == ""
    elif apart < 0:
        assert "plug J12 and the gap of sensor B" in problem
    else:
        assert "plug J5 and the gap of sensor A" in problem


@pytest.mark.parametrize(
    ("permille", "word"), [(250, ""), (750, "swap plugs J5"), (125, "move it to a quarter")]
)
def test_order_and_place_of_the_second_sensor_are_told(permille, word):
    problem = options.hall_problem({**QUADRATURE, "phase_permille": permille}, 20, 20, 4)
    assert word in problem
    assert bool(problem) == bool(word)


def test_a_belt_pulled_by_hand_speaks_of_the_second_sensor_only_with_one():
    assert options.pulled({}, {}, 40, 4) == []
    before, after = {"options": {**HALLS, "edges_b": 7}}, {"options": {**HALLS, "edges_b": 47}}
    assert options.pulled(before, after, 40, 4) == ["second sensor: 40 edges, as it should be"]
    (line,) = options.pulled(before, after, 80, 4)
    assert "A counted 80 edges and B 40" in line


@pytest.mark.parametrize(
    ("raised", "axis", "word"),
    [
        (20, 0, ""),
        (95, 3, ""),
        (-20, 0, "incline_axis to 1 (minus X)"),
        (-60, 3, "incline_axis to 2 (Y)"),
        (19, 0, "incline_axis to 2 (Y)"),
        (-19, 3, "incline_axis to 1 (minus X)"),
    ],
)
def test_a_raised_deck_tells_the_axis(raised, axis, word):
    problem = sensors.axis_problem(raised, axis)
    assert word in problem
    assert bool(problem) == bool(word)


def test_every_option_that_blocks_unset_can_be_set_by_setup():
    unset = {row[1] for row in faults.TABLE if row[3] == "a setting, then a restart"}
    assert unset == set(options.UNSET) == set(sensors.SETTINGS)
    assert {name.lower() for name in unset} <= set(answers.KEYS)
    for settings in sensors.SETTINGS.values():
        assert set(settings) <= set(firmware.parameters())


def test_a_board_without_options_passes_the_step_untouched(
    treadguard: CommandLine, port: str, board: FakeBoard
):
    ran = treadguard("setup", "sensors", "--port", port, "--yes")
    assert ran.code == errors.OK, ran.err
    assert "nothing is fitted beyond the standard build" in ran.out + ran.err
    assert "config.set" not in board.done


def test_a_change_of_what_is_fitted_asks_for_the_restart(
    treadguard: CommandLine, port: str, board: FakeBoard
):
    board.status = {"blockers": ["RESTART_NEEDED"]}
    ran = treadguard("setup", "sensors", "--port", port, "--yes")
    assert ran.code == errors.REFUSED
    assert "switch the box off and on" in ran.err


@pytest.mark.parametrize(
    ("counted", "word"), [(90, "90 edges, as it should be"), (45, "plug J12")]
)
def test_calibrating_by_laps_says_what_the_second_sensor_counted(
    treadguard: CommandLine, port: str, board: FakeBoard, monkeypatch, counted: int, word: str
):
    board.hand_turn_edges = [5, 5, 20, 95]
    status = board._status

    def with_second(message):
        answer = status(message)
        edges_b = counted * (answer["edges"] - 5) // 90
        return {**answer, "options": {"fitted": 1, **HALLS, "edges_b": edges_b}}

    monkeypatch.setattr(board, "_status", with_second)
    ran = treadguard(
        "calibrate", "laps", "--belt-length", "2.8 m", "--port", port, "--yes", "--dry-run"
    )
    assert "second sensor: " in ran.err
    assert word in ran.err
