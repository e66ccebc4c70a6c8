# SPDX-License-Identifier: MIT
"""Hazards that key sense and the inclinometer find: how they are drawn, and their bounds."""

from __future__ import annotations

import math

from tests.campaign.draw import STANDING, Draw
from tests.campaign.hazards import Entry, Facts, press_start, welded
from tests.campaign.outcome import Outcome
from treadguard import bounds, bounds_options

# Key sense


def pole(d: Draw) -> list[Entry]:
    return welded("weld_pole1", "pole_key_sense")(d)


def bypass(d: Draw) -> list[Entry]:
    entry: Entry = {"do": "bypass"}
    if d.moment == STANDING:
        return [{**entry, "hazard": "bypassed"}]
    return [entry, *press_start("bypassed")(d)]


def key_locks(_setup: bounds.Setup, facts: Facts, _o: Outcome) -> float:
    if facts["standing"]:
        return bounds_options.key_closed_ms()
    return bounds_options.key_closed_after_start_ms()


def bypass_bound(_setup: bounds.Setup, facts: Facts, _o: Outcome) -> float:
    return math.inf if facts["standing"] else bounds.start_pressed_ms()


# Inclinometer


def raised(d: Draw) -> list[Entry]:
    limit = d.facts["incline_limit"]
    after = d.between(limit + 10, limit + 60)
    rate = d.rng.choice((0, d.between(5, 40)))
    d.facts["incline_after"], d.facts["incline_rate"] = after, rate
    return [{"do": "incline", "permille": after, "per_second": rate, "hazard": "deck_raised"}]


def raised_bound(_setup: bounds.Setup, facts: Facts, _o: Outcome) -> float:
    before, after = facts["incline_before"], facts["incline_after"]
    ms = bounds_options.steep_ms(before, after, facts["incline_limit"], facts["blow_mg"])
    rate = facts["incline_rate"]
    return ms + (after - before) / rate * 1000 if rate else ms


def incline_fault(d: Draw) -> list[Entry]:
    d.facts["incline_fault"] = fault = d.rng.choice(INCLINE_FAULTS)
    return [{"do": "incline_sensor", "fault": fault, "hazard": "incline_fault"}]


def incline_bound(_setup: bounds.Setup, facts: Facts, _o: Outcome) -> float:
    return bounds_options.incline_lost_ms(facts["incline_fault"])


def incline_watch_ms(facts: Facts) -> int:
    """How long a deck takes, beyond what any stop does."""
    rate = facts.get("incline_rate", 0)
    rise = facts.get("incline_after", 0) - facts.get("incline_before", 0)
    return 9000 + (rise * 1000 // rate if rate else 0)


INCLINE_FAULTS = ("unplugged", "stopped", "frozen", "shaken", "loose")
