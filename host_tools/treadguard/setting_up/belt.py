# SPDX-License-Identifier: MIT
"""How far the belt moves from edge to edge: measured by hand, the relay open."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from treadguard import firmware, options, units
from treadguard.cli.calibrate import BY_HAND, EDGES_MIN, LAPS_MIN
from treadguard.errors import ExpectationFailed, ValueRefused
from treadguard.setting_up import wiring
from treadguard.setting_up.answers import Count
from treadguard.setting_up.visit import Visit

ROLLER = "roller"
LAPS_MAX = 20


def calibrate(visit: Visit) -> dict[str, Any]:
    """By full laps, or by the roller's circumference; stored as `by_hand`."""
    talk = visit.talk
    status = visit.watch.ready()
    talk.say("  The treadmill is unplugged. Measure the length of the whole belt with tape.")
    length_um = talk.ask(
        "belt_length",
        "How long is the whole belt, for example 2.80 m? (roller: too stiff to pull)",
        belt_length,
    )
    magnets = talk.ask(
        "magnets",
        "How many magnets does one turn of the roller have?",
        _magnets,
        str(visit.values()["magnets_per_turn"]),
    )
    d_um = _by_laps(visit, length_um, magnets) if length_um else _by_roller(visit, magnets)
    talk.say(f"    {units.human(d_um, 'um')} per edge")
    units.check_range(d_um, firmware.parameters()["distance_per_edge_um"])
    visit.change(
        {"distance_per_edge_um": d_um, "magnets_per_turn": magnets, "calibration": BY_HAND},
        meant=status.get("calibration") == "none",
    )
    return {"distance_per_edge_um": d_um, "magnets": magnets}


def belt_length(text: str) -> int:
    """A length in um; 0 for `roller`. Raises ValueRefused for what is no treadmill's belt."""
    if text.strip().lower() == ROLLER:
        return 0
    um = units.parse_quantity(text, "um").value
    if not 1_000_000 <= um <= 8_000_000:
        raise ValueRefused(f"a treadmill's belt is 1 m to 8 m long all round, not {text.strip()}")
    return um


def _magnets(text: str) -> int:
    parameter = firmware.parameters()["magnets_per_turn"]
    return Count(parameter.lowest, parameter.highest)(text)


def _circumference(text: str) -> int:
    um = units.parse_quantity(text, "um").value
    if not 50_000 <= um <= 1_000_000:
        raise ValueRefused(f"a roller measures 50 mm to 1 m round, not {text.strip()}")
    return um


def _by_roller(visit: Visit, magnets: int) -> int:
    around_um = visit.talk.ask(
        "circumference",
        "How long is the way round the roller, for example 280 mm?",
        _circumference,
    )
    return units.to_nearest(Fraction(around_um, magnets))


def _by_laps(visit: Visit, length_um: int, magnets: int) -> int:
    laps = visit.talk.ask(
        "laps", "How many full laps will you pull?", Count(LAPS_MIN, LAPS_MAX), str(LAPS_MIN)
    )
    wiring.open_window(visit)
    at_first = visit.watch.status()
    first = int(at_first.get("edges", 0))
    visit.talk.act("pull_laps", f"mark the belt and pull it {laps} full laps by hand")
    edges = [first]
    seen_b = [at_first]

    def pulled(status: dict[str, Any]) -> bool:
        if status.get("hand_turn"):
            edges.append(int(status.get("edges", 0)))
            seen_b.append(status)
        return not status.get("hand_turn")

    pulled(visit.watch.status())
    visit.talk.act("press_start", "when the mark is back where it was, press START shortly")
    visit.watch.until(
        pulled,
        "the press of START after the laps",
        "press START for less than 0.8 s",
        lambda s: f"{int(s.get('edges', 0)) - first} edges seen",
    )
    seen = edges[-1] - first
    visit.talk.say(f"    {seen} edges in {laps} laps")
    for line in options.pulled(at_first, seen_b[-1], seen, magnets):
        visit.talk.say(f"    {line}")
    if seen < EDGES_MIN:
        raise ExpectationFailed(
            f"only {seen} edges in {laps} laps, at least {EDGES_MIN} are needed:"
            " pull more laps or fit more magnets; nothing was changed"
        )
    return units.to_nearest(Fraction(length_um * laps, seen))
