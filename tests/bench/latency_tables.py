# SPDX-License-Identifier: MIT
"""Latency trials -> tables, requirements and numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.bench.peers import PEERS
from tests.bench.report import Part, Requirement, Table, finite, number, share

if TYPE_CHECKING:
    from tests.bench.latency import Case, Decision, Trial

OURS = "treadguard"
PHYSICAL = "physical bound"
MM_S_PER_KM_H = 1000 / 3.6


def part(cases: list[Case]) -> Part:
    return Part(
        "latency",
        tables=[ours_table(cases), *[peers_table(cases, ripple) for ripple in (0, 50)]],
        requirements=requirements(cases),
        numbers={"cases": [case_numbers(case) for case in cases]},
    )


def requirements(cases: list[Case]) -> list[Requirement]:
    trials = [trial for case in cases for trial in case.trials]
    undecided = sum(trial.ours.delay_ms is None and not trial.ours.before for trial in trials)
    too_soon = sum(trial.ours.before for trial in trials)
    judged = [t for t in trials if t.bound_ms is not None and t.ours.delay_ms is not None]
    late = [t for t in judged if _slack(t) < 0]
    closest = min(map(_slack, judged))
    impossible = sum(_ms(t.ours) < _ms(t.physical) for t in trials if t.ours.delay_ms is not None)
    return [
        Requirement("every hazard opens the relay", f"{undecided} of {len(trials)} missed",
                    undecided == 0),
        Requirement("no healthy belt is stopped", f"{too_soon} of {len(trials)} stopped before "
                    "the hazard", too_soon == 0),
        Requirement("never later than the formula", f"{len(late)} of {len(judged)} later, "
                    f"least slack {closest:.1f} ms", not late),
        Requirement("never before the physical bound (else the bench is wrong)",
                    f"{impossible} of {len(trials)} earlier", impossible == 0),
    ]  # fmt: skip


def _slack(trial: Trial) -> float:
    return (trial.bound_ms or 0.0) - _ms(trial.ours)


def _ms(decision: Decision) -> float:
    return float("inf") if decision.delay_ms is None else decision.delay_ms


def ours_table(cases: list[Case]) -> Table:
    rows = []
    for case in cases:
        slacks = [_slack(t) for t in case.trials if t.bound_ms is not None]
        rows.append([
            f"{case.treadmill}, {case.d_mm:.0f} mm",
            case.hazard.name,
            f"{case.ripple_permille // 10} %",
            number(share((t.physical.delay_ms for t in case.trials), 95)),
            number(share((t.ours.delay_ms for t in case.trials), 95)),
            number(share((t.ours.delay_ms for t in case.trials), 100)),
            number(case.formula_ms) if not case.ripple_permille else "",
            number(min(slacks)) if slacks else "-",
            number(share((t.ours.speed_mm_s for t in case.trials), 95) / MM_S_PER_KM_H, 2),
            number(share((t.ours.travel_mm for t in case.trials), 95)),
        ])  # fmt: skip
    return Table(
        "Ours: from the first moment above the limit to the decision, ms",
        ["treadmill, per edge", "hazard", "ripple", "physical 95 %", "ours 95 %", "ours worst",
         "formula", "least slack", "km/h at the trip 95 %", "extra travel mm 95 %"],
        rows,
        "`formula` is the promised worst case of a belt without ripple. With ripple each trial "
        "has a bound of its own, from the travel its belt really gained. `least slack`: how much "
        "earlier than its bound the closest trial was decided.",
    )  # fmt: skip


def peers_table(cases: list[Case], ripple_permille: int) -> Table:
    """Each estimator's 95 % over all trials of the profile where it is slowest."""
    columns = [PHYSICAL, OURS, *PEERS]
    rows = []
    hazards = {case.hazard.name: case.hazard for case in cases}
    for hazard in hazards.values():
        own = [c for c in cases if c.hazard == hazard and c.ripple_permille == ripple_permille]
        for what, read, digits in READINGS:
            worst = [max(_share_of(case, name, read) for case in own) for name in columns]
            rows.append([f"{hazard.name}: {what}", *[number(value, digits) for value in worst]])
    healthy = [c for c in cases if c.ripple_permille == ripple_permille]
    shares = [_tripped_before(healthy, name) for name in columns]
    rows.append(["healthy belts stopped in 12 s", "-", *[f"{s:.0%}" for s in shares[1:]]])
    return Table(
        f"Against other estimators, gait ripple {ripple_permille // 10} %, 95 % at the slowest "
        "profile",
        ["", *columns],
        rows,
        "All trip at limit + 10 %. A peer that had already stopped the healthy belt is given the "
        "benefit: what counts is its first trip after the hazard began.",
    )


def of(trial: Trial, name: str) -> Decision:
    return {PHYSICAL: trial.physical, OURS: trial.ours}.get(name) or trial.peers[name]


def _share_of(case: Case, name: str, read: Callable[[Decision], float | None]) -> float:
    return share((read(of(trial, name)) for trial in case.trials), 95)


def _tripped_before(cases: list[Case], name: str) -> float:
    trials = [trial for case in cases for trial in case.trials]
    return sum(of(trial, name).before for trial in trials) / len(trials)


def _km_h(decision: Decision) -> float | None:
    return None if decision.speed_mm_s is None else decision.speed_mm_s / MM_S_PER_KM_H


READINGS: tuple[tuple[str, Callable[[Decision], float | None], int], ...] = (
    ("delay, ms", lambda decision: decision.delay_ms, 0),
    ("km/h at the trip", _km_h, 2),
    ("extra travel, mm", lambda decision: decision.travel_mm, 0),
)


def case_numbers(case: Case) -> dict[str, Any]:
    estimators = {}
    for name in (PHYSICAL, OURS, *PEERS):
        decisions = [of(trial, name) for trial in case.trials]
        estimators[name] = {
            "delay_ms_95": finite(share((d.delay_ms for d in decisions), 95)),
            "delay_ms_worst": finite(share((d.delay_ms for d in decisions), 100)),
            "speed_mm_s_95": finite(share((d.speed_mm_s for d in decisions), 95)),
            "extra_travel_mm_95": finite(share((d.travel_mm for d in decisions), 95)),
            "never": sum(d.delay_ms is None for d in decisions),
            "tripped_before": sum(d.before for d in decisions),
        }
    judged = [trial for trial in case.trials if trial.bound_ms is not None]
    return {
        "treadmill": case.treadmill,
        "distance_per_edge_mm": case.d_mm,
        "hazard": case.hazard.name,
        "ripple_permille": case.ripple_permille,
        "trials": len(case.trials),
        "formula_applies_to": len(judged),
        "formula_ms": finite(case.formula_ms),
        "least_slack_ms": finite(min(map(_slack, judged), default=None)),
        "named": dict(Counter(trial.fault for trial in case.trials)),
        "estimators": estimators,
    }
