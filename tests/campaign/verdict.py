# SPDX-License-Identifier: MIT
"""Judging a session: was there a hazard, did the relay open, and in time?

in time     opened (and locked out, where that is what must come) within the bound
late        opened, but after its bound
missed      a bound exists and the relay stayed closed, or the lockout never came
no hazard   nothing was promised: within the margin, too slow to judge, a stall of 20 ms
ended       the relay opened before the hazard came, for a reason the noise explains
false       the same, without such a reason: a false stop
not reached the session did not get to its moment
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tests.campaign.outcome import Outcome
from tests.campaign.session import Session
from treadguard import bounds

IN_TIME, LATE, MISSED = "in time", "late", "missed"
NO_HAZARD, ENDED, FALSE, NOT_REACHED = "no hazard", "ended", "false", "not reached"
FAILURES = (LATE, MISSED, FALSE, NOT_REACHED)
# What a sensor that misses edges may be called.
MISSED_EDGES = ("SENSOR_NOISE", "ACCELERATION", "SENSOR_LOST", "BELT_STOPPED")
# The link tells a state only in its next line: full stack only.
LINE_MS = 60


@dataclass(frozen=True)
class Verdict:
    """latency_ms and bound_ms are None where there is nothing to measure or to promise."""

    kind: str
    latency_ms: float | None = None
    bound_ms: float | None = None
    lock_ms: float | None = None
    lock_bound_ms: float | None = None
    stood_ms: float | None = None
    stood_bound_ms: float | None = None
    carried_mm: int | None = None
    opened: bool = False
    fault: str = ""
    well_named: bool = True
    why: str = ""
    false_lockout: str = ""  # its name, where the treadmill did stop

    @property
    def failed(self) -> bool:
        return self.kind in FAILURES


def judge(session: Session, o: Outcome) -> Verdict:
    """The verdict on one finished session."""
    if o.before:
        return _never_came(session, o)
    hazard, setup = session.kind, session.bounds_setup()
    bound = hazard.bound(setup, session.facts, o)
    latency = _ms(o.opened_at_us, o)
    lock_bound = hazard.locks(setup, session.facts, o) if hazard.locks else math.inf
    if session.engine != "core":
        lock_bound += LINE_MS
    lock = _ms(None if o.lockout_ms is None else o.lockout_ms * 1000, o)
    stood_bound = hazard.stands(setup, session.facts, o) if hazard.stands else math.inf
    stood = _ms(None if o.stood_ms is None else o.stood_ms * 1000, o)
    kinds = [_kind(latency, bound), _kind(lock, lock_bound), _kind(stood, stood_bound)]
    may_lock = hazard.locks or hazard.stands
    kind = next((k for k in (MISSED, LATE, IN_TIME) if k in kinds), NO_HAZARD)
    if kind == LATE and session.facts["missed"]:
        kind = ENDED  # the sensor missed edges: nothing is promised about the time
    return Verdict(
        kind,
        latency,
        _finite(bound),
        lock,
        _finite(lock_bound),
        stood if math.isfinite(stood_bound) else None,
        _finite(stood_bound),
        o.carried_mm if o.still_at_us is not None and hazard.opens else None,
        latency is not None,
        o.fault,
        not o.fault or o.fault in hazard.faults,
        false_lockout=o.named if o.lockout_ms is not None and not may_lock else "",
    )


def _never_came(session: Session, o: Outcome) -> Verdict:
    opened = o.first_open_ms is not None
    noisy = session.facts["missed"] and o.fault in MISSED_EDGES
    if opened and session.kind.belt and o.caused_at_ms and o.first_open_ms >= o.caused_at_ms:
        # The drive had run away already, and was stopped before it passed the limit.
        good = o.fault in session.kind.faults
        return Verdict(IN_TIME, opened=True, fault=o.fault, well_named=good)
    if opened:
        why = f"{o.fault} before the hazard"
        return Verdict(ENDED if noisy else FALSE, opened=True, fault=o.fault, why=why)
    if session.kind.belt:
        return Verdict(NO_HAZARD, why="the belt never passed the limit")
    why = "; ".join(o.in_vain) or "the relay never closed"
    return Verdict(NOT_REACHED, fault=o.fault, why=why)


def _kind(latency: float | None, bound: float) -> str:
    if math.isinf(bound):
        return NO_HAZARD
    if latency is None:
        return MISSED
    return IN_TIME if latency <= bound else LATE


def _ms(at_us: int | None, o: Outcome) -> float | None:
    if at_us is None or o.hazard_at_us is None:
        return None
    return (at_us - o.hazard_at_us) / 1000


def _finite(value: float) -> float | None:
    return None if math.isinf(value) else round(value, 1)


__all__ = ["Verdict", "bounds", "judge"]
