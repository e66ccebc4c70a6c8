# SPDX-License-Identifier: MIT
"""How long a belt that becomes too fast stays unnoticed, for every treadmill profile.

Each trial is a belt at its limit of 3 km/h that steps or ramps up at a phase of its own. Ours is
the firmware's deciding core in BACKWARD, through the fast engine: the time of the decision, with
the tick. Peers read the same stamps and trip at the same speed. latency_tables.py prints it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.bench import belts, latency_tables
from tests.bench.peers import PEERS, first_above
from tests.bench.report import Options, Part, progress
from treadguard import bounds, firmware
from treadguard.virtual.profiles import PROFILES, distance_per_edge_um, treadmill

LIMIT_MM_S = 833
RIPPLES_PERMILLE = (0, 50)
TREADMILLS: dict[str, dict[str, Any]] = {name: {} for name in PROFILES}
UNEVEN = "recommended, magnets +-5 %"
TREADMILLS[UNEVEN] = {"uneven_permille": 50}


@dataclass(frozen=True)
class Decision:
    """One estimator on one trial. Delays in ms; None = never while anybody looked."""

    delay_ms: float | None
    speed_mm_s: float | None = None
    travel_mm: float | None = None
    before: bool = False  # it had tripped on the healthy belt


@dataclass(frozen=True)
class Trial:
    """One belt and everyone's decision on it."""

    physical: Decision
    ours: Decision
    fault: str
    bound_ms: float | None  # None: it was never surely too far ahead while anybody looked
    peers: dict[str, Decision]


@dataclass(frozen=True)
class Case:
    """All trials of one treadmill, hazard and ripple."""

    treadmill: str
    d_mm: float
    hazard: belts.Hazard
    ripple_permille: int
    formula_ms: float  # for a belt without ripple
    trials: list[Trial]


def numbers_of(name: str, ripple_permille: int, waveform: int) -> dict[str, Any]:
    """The virtual treadmill's numbers; without ripple its regulator is perfect as well."""
    own = {"ripple_permille": ripple_permille, "waveform": waveform, **TREADMILLS[name]}
    if not ripple_permille:
        own["regulation_permille"] = 0
    return treadmill(name if name in PROFILES else "recommended_4_magnet", own)


def run_case(name: str, hazard: belts.Hazard, ripple: int, options: Options) -> Case:
    trials = []
    for phase in range(options.phases):
        numbers = numbers_of(name, ripple, phase % 3)
        seed = options.seed * 1000 + phase * 7 + ripple + 131 * belts.HAZARDS.index(hazard)
        trials.append(run_trial(numbers, belts.run(numbers, hazard, LIMIT_MM_S, seed)))
    setup = setup_of(numbers)
    return Case(name, setup.d_mm, hazard, ripple, even_bound_ms(setup, hazard), trials)


def setup_of(numbers: dict[str, Any]) -> bounds.Setup:
    return bounds.Setup(
        LIMIT_MM_S,
        distance_per_edge_um(numbers),
        numbers["magnets"],
        uneven=numbers["uneven_permille"] / 1000,
    )


def even_bound_ms(setup: bounds.Setup, hazard: belts.Hazard) -> float:
    """The promised worst case for a belt without ripple, up to the decision."""
    if hazard.factor:
        contact_ms = bounds.overspeed_ms(setup, LIMIT_MM_S * hazard.factor)
    else:
        contact_ms = bounds.ramp_ms(setup, hazard.mm_s2)
    return contact_ms - bounds.RELEASE_MS


def run_trial(numbers: dict[str, Any], belt: belts.Belt) -> Trial:
    d_um = distance_per_edge_um(numbers)
    setup = setup_of(numbers)
    opened_us, fault, too_soon = ours(belt, d_um, numbers["magnets"])
    peers = {}
    for name, estimator in PEERS.items():
        readings = estimator(belt.stamps, d_um, belt.phase_us, LIMIT_MM_S * 1000.0)
        before, at_us = first_above(readings, setup.v_ref_mm_s * 1000, belts.HAZARD_US)
        peers[name] = decision(belt, at_us, before)
    return Trial(
        physical=decision(belt, belt.first_interval_above(d_um, setup.v_ref_mm_s)),
        ours=decision(belt, opened_us, too_soon),
        fault=fault,
        bound_ms=bound_ms(setup, belt, opened_us, numbers),
        peers=peers,
    )


def ours(belt: belts.Belt, d_um: int, magnets: int) -> tuple[int | None, str, bool]:
    """When the guard commands the relay open, and the name it gives."""
    with firmware.importable():
        from guard.core.faults import name
        from treadguard.virtual.engine import STATES, Engine

        start_us = belts.HAZARD_US - belts.HEALTHY_US - belt.phase_us % 10_000
        values = {"distance_per_edge_um": d_um, "magnets_per_turn": magnets, "calibration": 2}
        engine = Engine(values, start_us=start_us)
        engine.edges = belt.stamps_from(start_us)
        engine.start_in(STATES["backward"], LIMIT_MM_S)
        engine.run(belts.HAZARD_US + belt.hazard.watch_s * 1_000_000, stop_when_open=True)
    opened_us = engine.opened_at_us
    if opened_us is None:
        return None, "", False
    return opened_us, name(engine.supervisor.fault), opened_us < belts.HAZARD_US


def decision(belt: belts.Belt, at_us: int | None, before: bool = False) -> Decision:
    if at_us is None or at_us < belts.HAZARD_US:
        return Decision(None, before=before)
    return Decision(
        (at_us - belts.HAZARD_US) / 1000,
        belt.speed_at(at_us),
        belt.travel_beyond_mm(at_us),
        before,
    )


def bound_ms(
    setup: bounds.Setup, belt: belts.Belt, opened_us: int | None, numbers: dict[str, Any]
) -> float | None:
    """The promise for this very belt. With ripple: the first edge after it was surely too far
    ahead, a late stamp and a tick."""
    if not numbers["ripple_permille"]:
        return even_bound_ms(setup, belt.hazard)
    fastest_mm_s = belt.fastest_mm_s(opened_us or belts.HAZARD_US)
    edge_us = belt.edge_after_gaining(setup.v_ref_mm_s, bounds.ahead_mm(setup, fastest_mm_s))
    if edge_us is None:
        return None
    return (edge_us - belts.HAZARD_US) / 1000 + bounds.STAMP_DELAY_MS + bounds.TICK_MS


def run(options: Options) -> Part:
    cases = []
    for name in TREADMILLS:
        for hazard in belts.HAZARDS:
            for ripple in RIPPLES_PERMILLE:
                progress(f"latency: {name}, {hazard.name}, ripple {ripple // 10} %")
                cases.append(run_case(name, hazard, ripple, options))
    return latency_tables.part(cases)
