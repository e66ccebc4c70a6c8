# SPDX-License-Identifier: MIT
"""Tests of the deciding core in MicroPython's subset: pytest and run.py run the same files.

FAST names the files that together take about two seconds: the subset for the mutation gate.
What they leave out, test_sweeps and test_options, a surviving mutant then has to pass too.
"""

FAST = (
    "test_interlocks",
    "test_speed",
    "test_rails",
    "test_gestures",
    "test_ready_blockers",
    "test_relay_test",
    "test_stopping",
    "test_supervisor",
    "test_boot_cause",
    "test_sensor_proof",
    "test_lockout_proof",
    "test_state_words",
    "test_tables",
    "test_power_on",
    "test_told",
    "test_in_their_tick",
    "test_to_the_unit",
    "test_declared",
    "test_declared_options",
    "test_sensor_noise",
    "test_proof_steps",
    "test_small_clocks",
    "test_incline",
    "test_key_sense",
    "test_option_parts",
    "test_option_tables",
    "test_options_asked",
    "test_options_beside",
    "test_phase",
    "test_second_hall",
    "test_second_stop",
    "test_worst",
)
