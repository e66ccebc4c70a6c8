# SPDX-License-Identifier: MIT
"""OVERSPEED against exact arithmetic: never later than the study's formula, never for nothing.

`reference/estimator_study.md` section 6 states the bound; the oracle here is the same bucket
in fractions of a millimetre.
"""

from __future__ import annotations

import math
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as some

from guard.core.parameters import Settings
from guard.core.speed import Speed

TICK_MS = 10
BACKWARD = some.integers(140, 1118)
DISTANCES = some.sampled_from([20000, 35000, 70000, 141000, 250000, 260000])


class Guarded:
    """A Speed with the relay just closed, fed with edge times in exact us."""

    def __init__(self, d_um: int, limit: int, travel_mm: int = 30) -> None:
        values = Settings()
        assert not values.load({"distance_per_edge_um": d_um, "overspeed_travel_mm": travel_mm})
        self.speed = Speed(values)
        self.speed.relay_closing()
        self.speed.set_limit(limit, True)
        self.d_mm = Fraction(d_um, 1000)
        self.limit = limit
        self.v_ref = self.speed.v_ref_mm_s
        self.x_mm = travel_mm

    def edge(self, at_s: Fraction) -> bool:
        """True when this edge decides."""
        us = int(at_s * 1000000)
        self.speed.edge(us & 0x3FFFFFFF, 1, us // 1000)
        return self.speed.lead_us > self.speed.allow_us or self.speed.extreme

    def rounding_mm(self, edges: int) -> Fraction:
        """What whole microseconds may hide: two an edge, one in the allowance."""
        return Fraction((2 * edges + 2) * self.v_ref, 1000000)


def decision_s(guarded: Guarded, edges: list[Fraction], from_s: Fraction) -> Fraction | None:
    """Time from from_s to the end of the tick that judges the deciding edge."""
    for at_s in edges:
        if guarded.edge(at_s):
            return at_s - from_s + Fraction(TICK_MS, 1000)
    return None


@given(DISTANCES, BACKWARD, some.integers(1001, 3000), some.integers(0, 999))
@settings(max_examples=150)
def test_a_step_is_seen_within_the_studys_bound(d_um, limit, permille, phase):
    """Belt at half the limit, then at a constant v over v_ref from a random phase on."""
    guarded = Guarded(d_um, limit)
    v = Fraction(guarded.v_ref * permille, 1000)
    d = guarded.d_mm
    quiet = [n * d / Fraction(limit, 2) for n in range(4)]
    from_s = quiet[-1] + Fraction(phase, 1000) * d / Fraction(limit, 2)
    left_mm = d - Fraction(phase, 1000) * d
    q = d * (1 - guarded.v_ref / v)
    count = math.ceil(guarded.x_mm / q) if q else 0
    count = math.ceil((guarded.x_mm + guarded.rounding_mm(count + 2)) / q)
    if count > 3000:
        return
    edges = quiet + [from_s + (left_mm + n * d) / v for n in range(count + 2)]
    waited_s = decision_s(guarded, edges, from_s)
    assert waited_s is not None
    assert waited_s <= d / v * (1 + count) + Fraction(TICK_MS, 1000)


@given(DISTANCES, BACKWARD, some.integers(1000, 4000), some.integers(0, 999))
@settings(max_examples=100)
def test_a_runaway_is_seen_in_its_first_complete_interval(d_um, limit, permille, phase):
    """v over limit + max(limit / 2, 139): at most two intervals and a tick."""
    guarded = Guarded(d_um, limit)
    d = guarded.d_mm
    v = Fraction((limit + max(limit // 2, 139)) * permille, 1000) + 2
    if v > 7000:
        return
    quiet = [n * d / Fraction(limit, 2) for n in range(4)]
    from_s = quiet[-1] + Fraction(phase, 1000) * d / Fraction(limit, 2)
    left_mm = d - Fraction(phase, 1000) * d
    # The last us of a dt may be cut off either way: v has to show it.
    if d / v * 1000000 + 2 > Fraction(guarded.speed.fast_us):
        return
    edges = quiet + [from_s + (left_mm + n * d) / v for n in range(3)]
    waited_s = decision_s(guarded, edges, from_s)
    assert waited_s is not None
    assert waited_s <= 2 * d / v + Fraction(TICK_MS, 1000)


@given(DISTANCES, BACKWARD, some.integers(80, 3000), some.integers(0, 999))
@settings(max_examples=100)
def test_a_ramp_is_seen_within_the_studys_bound(d_um, limit, a, phase):
    """From the limit on, a mm/s2: the n-th edge comes when limit t + a t^2 / 2 is its travel."""
    guarded = Guarded(d_um, limit)
    d = d_um / 1000
    start_s = 3 * d / (limit / 2) + 1
    for n in range(4):
        assert not guarded.edge(Fraction(int(n * d / (limit / 2) * 1000000), 1000000))
    bound_s = (guarded.v_ref - limit) / a + math.sqrt(2 * (guarded.x_mm + 0.1) / a)
    bound_s += 2 * d / guarded.v_ref + TICK_MS / 1000
    t = travel = 0.0
    n = 0
    while t <= bound_s + 1e-4:
        travel = d * (1 - phase / 1000) + n * d
        t = (math.sqrt(limit * limit + 2 * a * travel) - limit) / a
        if guarded.edge(Fraction(int((start_s + t) * 1000000), 1000000)):
            break
        n += 1
    assert t + TICK_MS / 1000 <= bound_s + 1e-4


INTERVALS = some.lists(some.integers(-400, 400), min_size=1, max_size=60)


@given(DISTANCES, BACKWARD, some.integers(15, 60), INTERVALS)
@settings(max_examples=150)
def test_the_bucket_is_the_exact_bucket_to_a_microsecond_an_edge(d_um, limit, travel, permilles):
    """Random trains around v_ref against the same bucket in fractions."""
    guarded = Guarded(d_um, limit, travel)
    speed = guarded.speed
    exact = Fraction(0)
    due = Fraction(d_um * 1000, guarded.v_ref)
    allow = Fraction(travel * 1000000, guarded.v_ref)
    us = 5
    speed.edge(us, 1, 0)
    for n, permille in enumerate(permilles):
        dt_us = int(due * (1000 + permille) / 1000)
        us += dt_us
        speed.edge(us & 0x3FFFFFFF, 1, us // 1000)
        exact = max(Fraction(0), exact + due - dt_us)
        assert exact - (n + 1) <= speed.lead_us <= exact
        if speed.lead_us > speed.allow_us:
            assert exact > allow - 1
        if exact > allow + n + 2:
            assert speed.lead_us > speed.allow_us


@given(
    some.sampled_from([35000, 70000, 141000]),
    BACKWARD,
    some.lists(some.integers(-50, 50), min_size=1, max_size=8),
    some.integers(500, 1000),
)
@settings(max_examples=100)
def test_a_belt_at_v_ref_or_below_never_trips_however_uneven_its_magnets(
    d_um, limit, offsets, permille
):
    """What uneven spacing borrows it pays back within the turn: it must fit the 30 mm."""
    mean = Fraction(sum(offsets), len(offsets))
    gaps = [Fraction(d_um, 1000) * (1 + (o - mean) / 1000) for o in offsets]
    highest = max(
        sum(Fraction(d_um, 1000) - gaps[(start + k) % len(gaps)] for k in range(count))
        for start in range(len(gaps))
        for count in range(len(gaps) + 1)
    )
    guarded = Guarded(d_um, limit)
    v = Fraction(guarded.v_ref * permille, 1000)
    if highest > 29:
        return
    at_s = Fraction(0)
    guarded.edge(at_s)
    for n in range(40 * len(gaps)):
        at_s += gaps[n % len(gaps)] / v
        assert not guarded.edge(at_s), guarded.speed.lead_mm()


def test_the_table_of_the_study():
    """Bounds printed in section 6 for limit 833, in ms, tick not included; 0 to 2 ms off."""
    for d_um, columns in (
        (35000, {"1.15": 771, "1.3": 230, "2": 45}),
        (70000, {"1.15": 807, "1.3": 262, "2": 88}),
        (141000, {"1.15": 887, "1.3": 394, "2": 173}),
        (250000, {"1.15": 1047, "1.3": 466, "2": 304}),
    ):
        for factor, bound_ms in columns.items():
            worst = Fraction(0)
            for phase in range(0, 1000, 50):
                guarded = Guarded(d_um, 833)
                d, v = guarded.d_mm, Fraction(factor) * 833
                quiet = [n * d / 400 for n in range(4)]
                from_s = quiet[-1] + Fraction(phase, 1000) * d / 400
                left = d - Fraction(phase, 1000) * d
                edges = quiet + [from_s + (left + n * d) / v for n in range(60)]
                waited_s = decision_s(guarded, edges, from_s)
                assert waited_s is not None
                worst = max(worst, waited_s)
            assert worst * 1000 - TICK_MS <= bound_ms + 2, (d_um, factor, float(worst))
