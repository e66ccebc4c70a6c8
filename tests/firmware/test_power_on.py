# SPDX-License-Identifier: MIT
"""What a new core holds, and what a new session starts from: nothing that was never shown."""

from guard.core import faults as f
from guard.core import states as st
from guard.core.events import EventRing
from guard.core.guard import Guard
from guard.core.memory import Memory
from guard.core.parameters import Settings
from guard.core.rails import TouchBand
from guard.core.sample import Sample
from guard.core.stopping import OPENED
from guard.core.ticks import Persisted, Reads


def new_guard(**values):
    settings = Settings()
    assert settings.load(values) == []
    return Guard(settings, Memory(), EventRing())


def holds(thing, zero, **other):
    """Every attribute named is 0, False or, of the others, what is said."""
    for name in zero.split():
        assert getattr(thing, name) == 0, name
    for name, value in other.items():
        assert getattr(thing, name) == value, name


def spoil(thing, names):
    """Nothing is as it was in a new one."""
    for name in names.split():
        setattr(thing, name, 77)


SPEED = "known last_us dt_us dt_before_us v_mm_s lead_us max_lead_us edges seen extreme"
NOISE = "total overflow noisy"
SURGE = "tripped before_us before_mm_s edges us"


def test_a_new_supervisor_has_the_relay_open_and_nothing_asked_or_found():
    holds(
        new_guard().supervisor,
        "state fault found chirp drone session_mode limit_mm_s max_speed_mm_s backward_ms"
        " time_warnings entered_ms opened_ms cause_due blob_wanted settings_measured"
        " maintenance_asked proof_running relay_command",
        delaying=True,
    )
    assert new_guard().supervisor.intact()


def test_boot_counts_the_restart_delay_and_the_silence_from_power_on():
    sup = new_guard().supervisor
    sup.boot(1234, f.CRASH)
    holds(sup, "state relay_command", entered_ms=1234, opened_ms=1234, found=f.CRASH)


def test_a_new_estimator_knows_no_edge():
    speed = new_guard().speed
    holds(speed, SPEED + " closed")
    holds(speed.noise, NOISE, window_edges=16)
    holds(speed.surge, SURGE, turn_edges=4, d_um=100000)


def test_closing_the_relay_forgets_every_edge_before_it():
    speed = new_guard().speed
    spoil(speed, SPEED)
    spoil(speed.noise, NOISE)
    spoil(speed.surge, SURGE)
    speed.relay_closing()
    holds(speed, SPEED, closed=True)
    holds(speed.noise, NOISE)
    holds(speed.surge, SURGE)


def test_new_settings_reach_every_part_of_the_estimator():
    guard = new_guard()
    guard.settings.distance_per_edge_um = 70000
    guard.settings.magnets_per_turn = 3
    spoil(guard.speed.surge, SURGE)
    guard.configure()
    holds(guard.speed, "", d_um=70000, blanking_us=10000)
    holds(guard.speed.noise, "", window_edges=12)
    holds(guard.speed.surge, SURGE, d_um=70000, turn_edges=3)


def test_new_rails_are_released_and_prove_nothing():
    rails = new_guard().rails
    for rail, channel in ((rails.left, 0), (rails.right, 1)):
        holds(
            rail,
            "held_reads bad_reads since_held_ms held_too_long stamp_anew seen_released grip_fresh"
            " let_go_since_belt regripped",
            contact=st.RELEASED,
            channel=channel,
            let_go=True,
        )
    holds(TouchBand(700), "baseline", threshold_permille=700)


def test_a_new_button_has_been_seen_neither_up_nor_down():
    holds(
        new_guard().supervisor.button,
        "down_reads down stuck pressed",
        booting=True,
        released_ms=-1,
    )


def test_new_blockers_block_until_the_controller_says_that_it_is_configured():
    blockers = new_guard().supervisor.blockers
    holds(blockers, "config_damaged firmware_damaged store_failed saving", not_configured=True)
    assert list(blockers.flags) == [0] * f.CODES
    holds(blockers.hall_bad, "count")
    holds(blockers.feedback, "count")


def test_nothing_pends_and_nothing_is_proven_in_a_new_core():
    sup = new_guard().supervisor
    holds(sup.pending, "standing since_ms answer")
    holds(sup.hand_turn, "open since_ms edges")
    holds(sup.motion, "first_edge")
    holds(sup.sensor_proof.push, "edges last_ms")
    holds(sup.proof, "steps stood_still estop_seen estop_done belt_done")
    for rail in (sup.proof.left, sup.proof.right):
        holds(rail, "free gripped done")
    holds(sup.relay_test, "step result step_ms")
    holds(sup.turned, "standing since_ms")


def test_a_new_stop_has_nothing_measured():
    holds(
        new_guard().supervisor.stop,
        "cause v0_mm_s began_ms began_us dt_before_us opened_ms contact_open first_edge failed"
        " still_ms limit_ms halving_ms",
        phase=OPENED,
        drop_ms=-1,
        proven=True,
    )


def test_new_timers_stand_still():
    holds(Persisted(), "standing since_ms")
    holds(Reads(), "count")


def test_a_new_memory_owes_a_stop_test_and_nothing_else():
    memory = Memory()
    holds(
        memory,
        "boot session latch_code cause mark sensor_not_proven drop_time_ms journal_next_seq"
        " box_next proof_epoch_min sessions_total backward_minutes_total",
        stop_test_due=1,
    )
    assert list(memory.counters) == [0] * f.CODES


def test_a_new_event_ring_is_empty():
    ring = EventRing()
    holds(ring, "head waiting lost")
    assert ring.take() is None


def test_a_sample_nobody_filled_in_says_stop():
    holds(
        Sample(),
        "now_us now_ms late_us channel left_raw right_raw hall_permille start_down mode"
        " feedback_closed count_ahead host_stop ctrl_c left right start_pressed state"
        " session_mode limit_mm_s entered_ms",
        estop_pressed=True,
    )
