# SPDX-License-Identifier: MIT
"""Boards with options: which are fitted in a session, and the treadmill they are fitted to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.campaign.draw import STANDING, Draw

if TYPE_CHECKING:
    from tests.campaign.hazards import Hazard

CHIPS = ("lis3dh", "mpu6050", "adxl345")
HALL, QUADRATURE, STOP, KEY, INCLINE = (
    "hall_b",
    "quadrature",
    "second_stop",
    "key_sense",
    "incline",
)
NAMES = (HALL, STOP, KEY, INCLINE)
# In quadrature B's edge must show within a quarter of a spacing: late stamps may take so much of
# it at the limit, and the build guide's magnets are this even.
LATE_PERMILLE = 30
UNEVEN_PERMILLE = 20


def fit(d: Draw, hazard: Hazard) -> None:
    """Each option as likely as not, and at least one; what the hazard needs is always there."""
    wanted = {name for name in NAMES if d.chance(0.5)} | {*hazard.needs} - {QUADRATURE}
    wanted -= {*hazard.avoids}
    left = [name for name in NAMES if name not in hazard.avoids]
    if not wanted:
        wanted = {d.rng.choice(left)}
    if HALL in wanted or QUADRATURE in hazard.needs:
        wanted.add(HALL)
        _hall(d, QUADRATURE in hazard.needs)
    if STOP in wanted:
        d.fitted.append("second_stop")
        d.config["second_stop_fitted"] = 1
    if KEY in wanted:
        d.fitted.append("key_sense")
        d.config["key_sense_fitted"] = 1
    if INCLINE in wanted:
        _incline(d)
    d.facts["options"] = sorted(wanted)


def _hall(d: Draw, quadrature: bool) -> None:
    quarter = quadrature or d.chance(0.7)
    d.fitted.append("hall_b" if quarter else "hall_b_half_way")
    d.config["hall_sensors"] = 2
    d.config["hall_mounting"] = 1 if quarter else 0
    d.config["discrepancy_ms"] = d.rng.choice((500, d.between(100, 1000)))
    if quarter:
        d.treadmill["uneven_permille"] = min(d.treadmill["uneven_permille"], UNEVEN_PERMILLE)
        most_us = LATE_PERMILLE * d.distance_um // max(1, d.limit_mm_s())
        d.treadmill["edge_jitter_us"] = min(d.treadmill["edge_jitter_us"], most_us)
        d.refresh()


def _incline(d: Draw) -> None:
    """A deck somewhere below its limit, and a foot that shakes it."""
    d.fitted.append(d.rng.choice(CHIPS))
    d.config["incline_sensor"] = 2
    d.config["incline_limit_permille"] = limit = d.rng.choice((100, d.between(40, 100)))
    d.facts["incline_limit"] = limit
    d.facts["incline_before"] = before = d.between(-20, limit - 10)
    d.facts["blow_mg"] = blow = d.between(50, 250)
    d.first = [
        {"do": "footfalls", "mg": blow, "at_ms": 20},
        {"do": "incline", "permille": before, "at_ms": 30},
    ]


def facts(d: Draw) -> dict[str, int | float | bool]:
    """What the bounds of the options want to know."""
    share = d.numbers["coast_empty_permille"] if d.moment == "WAIT_BELT" else 1000
    return {
        "discrepancy_ms": d.setting("discrepancy_ms"),
        "standing": d.moment == STANDING,
        "seen": d.moment != "WAIT_BELT",
        "gait": d.numbers["ripple_permille"] * 2.2 / 1000 if d.moment != "WAIT_BELT" else 0.0,
        "step_ms": d.numbers["step_ms"],
        "coast": d.numbers["coast_mm_s2"] * share // 1000,
        "loop_delay_ms": d.numbers["loop_delay_ms"],
        "accel_mm_s2": d.numbers["accel_mm_s2"],
    }
