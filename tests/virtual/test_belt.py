# SPDX-License-Identifier: MIT
"""Belt, console, key loop, magnets: do they move as the measured machines do?"""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard.virtual import actions
from treadguard.virtual.gait import WAVEFORMS
from treadguard.virtual.profiles import PROFILES, distance_per_edge_um
from treadguard.virtual.world import World


def world(loop: bool = True, **treadmill: int) -> World:
    """A treadmill with nobody on it, its key loop bridged unless told otherwise."""
    numbers = {"ripple_permille": 0, "regulation_permille": 0, **treadmill}
    made = World({"treadmill": numbers})
    made.bypassed = loop
    made.update_loop()
    return made


def run(made: World, ms: int) -> World:
    made.run_to(made.now + ms * 1000)
    return made


def edges_of(made: World, ms: int) -> list[int]:
    made.truth.edges = []
    return run(made, ms).truth.edges


def test_the_console_refuses_to_start_with_the_loop_open() -> None:
    made = world(loop=False)
    assert not made.belt.console_speed(800)
    assert run(made, 5000).belt.mean_um_s == 0


def test_a_start_lags_400_ms_then_gains_1_km_h_in_2_s() -> None:
    made = world()
    made.belt.console_speed(833)
    assert run(made, 400).belt.mean_um_s == 0
    assert 270000 <= run(made, 2000).belt.mean_um_s <= 280000


def test_a_new_setpoint_overshoots_by_56_mm_s_for_about_2_s() -> None:
    made = world()
    made.belt.console_speed(833)
    speeds = [run(made, 100).belt.mean_um_s for _ in range(150)]
    assert max(speeds) == 889000
    assert 19 <= speeds.count(889000) <= 21
    assert speeds[-1] == 833000


def test_slowing_down_undershoots() -> None:
    made = world()
    made.belt.console_speed(833)
    run(made, 15000)
    made.belt.console_speed(500)
    assert min(run(made, 100).belt.mean_um_s for _ in range(100)) == 444000


def test_an_open_loop_coasts_the_belt_and_resets_the_console() -> None:
    made = world(coast_mm_s2=1000, coast_empty_permille=1000)
    made.belt.console_speed(833)
    run(made, 15000)
    made.bypassed = False
    made.update_loop()
    assert run(made, 40).belt.mean_um_s == 833000
    assert 330000 <= run(made, 500).belt.mean_um_s <= 340000
    assert run(made, 500).belt.mean_um_s == 0
    made.bypassed = True
    made.update_loop()
    assert run(made, 5000).belt.mean_um_s == 0  # it must be started again


def test_an_empty_belt_coasts_longer() -> None:
    stopping = []
    for on in (True, False):
        made = world()
        made.belt.console_speed(833)
        made.walker.step_on(on)
        run(made, 15000)
        made.bypassed = False
        made.update_loop()
        stopping.append(next(ms for ms in range(0, 4000, 10) if not run(made, 10).belt.moving))
    assert stopping[1] > stopping[0] * 13 // 10


@pytest.mark.parametrize(("obeys_ms", "moving"), [(40, False), (1500, True), (-1, True)])
def test_a_loop_may_obey_late_or_never(obeys_ms: int, moving: bool) -> None:
    made = world()
    made.belt.console_speed(833)
    run(made, 15000)
    made.belt.obeys_ms = obeys_ms
    made.bypassed = False
    made.update_loop()
    assert run(made, 1300).belt.moving is moving


def test_a_shorted_driver_runs_away_with_the_loop_open_until_the_plug_is_pulled() -> None:
    made = world(loop=False)
    actions.do(made, "short_driver", {})
    assert run(made, 10000).belt.mean_um_s == 5000000
    actions.do(made, "mains", {"to": "off"})
    assert run(made, 10000).belt.moving is False


def test_a_runaway_obeys_the_loop() -> None:
    made = world()
    made.belt.console_speed(833)
    run(made, 15000)
    actions.do(made, "runaway", {"mm_s": 1666})
    assert run(made, 10).belt.mean_um_s == 1666000
    made.bypassed = False
    made.update_loop()
    assert run(made, 3500).belt.moving is False


def test_a_ramp_has_the_acceleration_asked_for() -> None:
    made = world()
    made.belt.console_speed(833)
    run(made, 15000)
    actions.do(made, "runaway", {"mm_s": 3000, "accel_mm_s2": 139})
    assert run(made, 2000).belt.mean_um_s == pytest.approx((833 + 278) * 1000, abs=2000)


def test_a_foot_moves_a_belt_whose_motor_is_off() -> None:
    made = world(loop=False)
    actions.do(made, "push", {"mm_s": 300, "ms": 3000})
    run(made, 3000)
    assert 800000 <= made.belt.travel_um <= 900000
    assert run(made, 1000).belt.moving is False


@pytest.mark.parametrize("profile", sorted(PROFILES))
@given(speed=st.integers(140, 1500))
def test_edges_come_once_per_published_distance(profile: str, speed: int) -> None:
    made = World({"profile": profile, "treadmill": {"regulation_permille": 0}})
    made.belt.force(speed, 0)
    times = edges_of(made, 20000)
    per_edge_um = distance_per_edge_um(made.numbers)
    assert abs(len(times) - speed * 20000 // per_edge_um) <= 1
    expected_us = per_edge_um * 1000 // speed
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert all(abs(gap - expected_us) <= 40 for gap in gaps)


def test_travel_is_kept_to_the_micrometre_however_time_is_cut() -> None:
    whole, cut = world(), world()
    for made in (whole, cut):
        made.belt.force(777, 0)
    run(whole, 10000)
    for i in range(10000):
        cut.run_to(cut.now + 1000 + (i % 7) - 3)
    run(cut, (whole.now - cut.now) // 1000)
    assert abs(whole.belt.travel_um - cut.belt.travel_um) < 50


def test_uneven_magnets_deviate_at_most_as_asked_and_a_turn_is_a_turn() -> None:
    for seed in range(50):
        made = World({"seed": seed, "treadmill": {"uneven_permille": 50}})
        gaps = made.hall.gaps_nm
        assert sum(gaps) == 280000000
        assert all(0.95 * 70e6 <= gap <= 1.05 * 70e6 for gap in gaps)


def test_a_lost_magnet_leaves_a_double_gap() -> None:
    made = world()
    made.belt.force(700, 0)
    actions.do(made, "lose_magnet", {"index": 1})
    times = edges_of(made, 5000)
    gaps = {round((b - a) / 100000) for a, b in itertools.pairwise(times)}
    assert gaps == {1, 2}


@pytest.mark.parametrize("fault", ["dead", "stuck_low", "cut", "short", "odd"])
def test_a_failed_sensor_is_silent_while_the_belt_moves(fault: str) -> None:
    made = world()
    made.belt.force(800, 0)
    actions.do(made, "sensor", {"fault": fault})
    assert edges_of(made, 3000) == []
    assert made.belt.travel_um > 2000000


def test_the_diagnosis_line_shows_magnets_and_faults_in_their_bands() -> None:
    made = world()
    made.belt.force(100, 0)
    seen = {run(made, 10).hall.diag_permille() for _ in range(700)}
    assert seen == {190, 820}
    for fault, permille in (("cut", 1000), ("short", 0), ("odd", 500), ("stuck_low", 190)):
        made.hall.fault = fault
        assert made.hall.diag_permille() == permille


def test_bounce_bursts_and_missed_pulses_change_the_count_as_asked() -> None:
    made = world()
    made.belt.force(700, 0)
    clean = len(edges_of(made, 10000))
    actions.do(made, "edges", {"bounce_permille": 1000})
    assert abs(len(edges_of(made, 10000)) - 2 * clean) <= 2
    actions.do(made, "edges", {"missed_permille": 1000})
    assert edges_of(made, 1000) == []
    actions.do(made, "burst", {"count": 7, "gap_us": 100})
    assert len(edges_of(made, 1000)) == 7


def test_a_shrinking_pulse_ends_in_missed_edges() -> None:
    made = world()
    made.belt.force(700, 0)
    actions.do(made, "edges", {"shrink_um": 100})
    first, last = len(edges_of(made, 5000)), len(edges_of(made, 20000)[-40:])
    assert first == 50
    assert len(edges_of(made, 5000)) == 0
    assert last <= 40


@pytest.mark.parametrize("wave", [0, 1, 2])
def test_gait_waveforms_have_zero_mean_and_peak_1000(wave: int) -> None:
    assert sum(WAVEFORMS[wave]) == 0
    assert max(abs(point) for point in WAVEFORMS[wave]) == 1000


@pytest.mark.parametrize("ripple", [30, 80, 120])
def test_ripple_has_the_asked_size_and_does_not_move_the_mean(ripple: int) -> None:
    made = world(ripple_permille=ripple)
    made.belt.force(833, 0)
    made.walker.step_on(True)
    speeds = [run(made, 10).belt.true_um_s for _ in range(12000)]
    peak = max(abs(speed - 833000) for speed in speeds) / 833
    assert ripple * 1.2 <= peak <= ripple * 2.3
    assert abs(sum(speeds) / len(speeds) - 833000) < 2500


def test_the_regulator_wanders_by_0_8_percent_rms() -> None:
    made = world(regulation_permille=8)
    made.belt.force(1000, 0)
    speeds = [run(made, 300).belt.true_um_s for _ in range(3000)]
    rms = (sum((speed - 1000000) ** 2 for speed in speeds) / len(speeds)) ** 0.5
    assert 6000 <= rms <= 10000
