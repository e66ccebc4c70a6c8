# SPDX-License-Identifier: MIT
"""The walks of healthy_full.py on a board with every option: uphill, with a heavy foot."""

from __future__ import annotations

import random
from typing import Any

from tests.campaign import healthy_full
from tests.campaign.options import CHIPS, LATE_PERMILLE, UNEVEN_PERMILLE
from treadguard.virtual.profiles import distance_per_edge_um, treadmill

STEEPEST_PERMILLE = 90  # the limit is 10 %
HILLS = 6


def scenario(seed: int, number: int) -> dict[str, Any]:
    """The same walk as without options, and of its own: mounting, chip, footfalls, hills."""
    plan = healthy_full.scenario(seed, number)
    rng = random.Random(f"treadguard options walk {seed} {number}")
    plan["name"] = f"healthy with options {seed} {number}"
    quadrature = rng.random() < 0.7
    hall = "hall_b" if quadrature else "hall_b_half_way"
    plan["fitted"] = [hall, "second_stop", "key_sense", rng.choice(CHIPS)]
    config = plan["board"]["config"]
    config |= {
        "hall_sensors": 2,
        "hall_mounting": 1 if quadrature else 0,
        "second_stop_fitted": 1,
        "key_sense_fitted": 1,
        "incline_sensor": 2,
    }
    if quadrature:
        even_enough(plan, config["backward_limit_mm_s"])
    # Behind the walk: an entry waits for the one above it, and hills have times of their own.
    plan["timeline"] += hills(rng)
    return plan


def even_enough(plan: dict[str, Any], limit_mm_s: int) -> None:
    """Magnets and stamps as a quarter of their distance asks for."""
    own = plan["treadmill"]
    distance_um = distance_per_edge_um(treadmill(plan["profile"], own))
    own["uneven_permille"] = min(own["uneven_permille"], UNEVEN_PERMILLE)
    most_us = LATE_PERMILLE * distance_um // limit_mm_s
    own["edge_jitter_us"] = min(own["edge_jitter_us"], most_us)


def hills(rng: random.Random) -> list[dict[str, Any]]:
    """Up and down at the pace of a treadmill's motor, and often at the steepest."""
    blow = rng.choice((150, rng.randint(50, 250)))
    entries: list[dict[str, Any]] = [
        {"do": "footfalls", "mg": blow, "at_ms": 20},
        {"do": "incline", "permille": rng.randint(-20, STEEPEST_PERMILLE), "at_ms": 30},
    ]
    at_ms = 10_000
    for _ in range(HILLS):
        at_ms += rng.randint(60_000, 140_000)
        to = rng.choice((STEEPEST_PERMILLE, rng.randint(-20, STEEPEST_PERMILLE)))
        rate = rng.randint(5, 20)
        entries.append({"do": "incline", "permille": to, "per_second": rate, "at_ms": at_ms})
    return entries
