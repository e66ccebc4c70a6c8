# SPDX-License-Identifier: MIT
"""Treadmills of the real world, as numbers.

Travel per pulse is published by people who measured their own machine (peers' configuration
files); acceleration, lag and overshoot are one such project's measured defaults: 1 km/h per
2 s, 400 ms from command to motion, 0.2 km/h over for about 2 s. Coasting after the key is
pulled lies between 800 and 1300 mm/s2 with a person on the belt; an empty belt coasts longer.

`recommended_4_magnet` is what the build guide asks for: four magnets on a roller of 280 mm
circumference (one project's roller has 276.3 mm), 70 mm per edge. Finer than 70 mm gains
nothing, because then the 30 mm of overspeed travel decide, not the waiting for an edge.
"""

COMMON = {
    "circumference_um": 280000,
    "magnets": 4,
    "uneven_permille": 0,  # largest deviation of one magnet's spacing
    "pulse_um": 9000,  # belt travel while a magnet holds the hall low
    "edge_jitter_us": 0,  # a stamp is late by up to this
    "missed_permille": 0,
    "bounce_permille": 0,  # edges followed by a second one 0.5 to 3 ms later
    "accel_mm_s2": 139,
    "slow_down_mm_s2": 139,
    "console_stop_mm_s2": 400,
    "coast_mm_s2": 1000,
    "coast_empty_permille": 700,
    "lag_ms": 400,
    "overshoot_mm_s": 56,
    "overshoot_ms": 2000,
    "max_mm_s": 5000,
    "loop_delay_ms": 40,  # from the open key loop to the motor off; -1 never
    "ripple_permille": 30,  # typical peak of the gait's speed ripple
    "waveform": 0,  # 0 heel strike, 1 skewed sine, 2 push-off
    "step_ms": 600,
    "asymmetry_permille": 80,
    "regulation_permille": 8,
    "bias_permille": 0,
}

PROFILES = {
    "taurus_9_5": {"circumference_um": 250000, "magnets": 1, "coast_mm_s2": 900},
    "nordictrack_t12_2": {"circumference_um": 153300, "magnets": 1, "coast_mm_s2": 1100},
    "sole_f85": {"circumference_um": 152000, "magnets": 1, "coast_mm_s2": 1300},
    "generic_174": {"circumference_um": 174000, "magnets": 1, "coast_mm_s2": 800},
    "recommended_4_magnet": {},
}

DEFAULT = "recommended_4_magnet"


def treadmill(profile, overrides):
    """One complete set of numbers; overrides win."""
    numbers = {}
    for part in (COMMON, PROFILES[profile], overrides):
        for key in part:
            if key not in COMMON:
                raise ValueError("a treadmill has no " + key)
            numbers[key] = part[key]
    return numbers


def distance_per_edge_um(numbers):
    return numbers["circumference_um"] // numbers["magnets"]
