# SPDX-License-Identifier: MIT
"""The bound that the bench holds the guard to, against belts computed in exact fractions.

The rule itself is written out here once more, without rounding: edges come at exact times, early
ones add up, and the first edge on which the belt is too far ahead decides.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench import formula

EXACT = {"late": Fraction(3, 1000), "tick": Fraction(10, 1000)}
distances_mm = st.integers(20, 260)
limits_mm_s = st.integers(140, 1118)
shares = st.fractions(0, Fraction(999, 1000), max_denominator=1000)


def exact_rule(d_mm, limit_mm_s=833, **more):
    return formula.rule(Fraction(d_mm), limit_mm_s, **{**EXACT, **more})


def decided_at(edges, r):
    """When the rule decides on these exact edge times, with the tick; the first one counts from
    the edge before it."""
    lead = Fraction(0)
    for before, edge in pairwise(edges):
        lead = max(Fraction(0), lead + r.d / Fraction(r.v_ref) - (edge - before))
        if lead * r.v_ref > r.travel or (edge - before) * r.extreme < r.d:
            return edge + r.tick
    return None


def step_edges(r, v, passed, late):
    """Edges of a belt that goes from the limit to v at time 0, `passed` of the way to the next
    magnet; stamps come late as told. The clean edges before it bring the lead to zero."""
    first = (1 - passed) * r.d / v
    before = -passed * r.d / Fraction(r.limit)
    stamps = [before] + [first + i * r.d / v for i in range(300)]
    return [stamp + late(i) for i, stamp in enumerate(stamps)]


@given(distances_mm, limits_mm_s, st.fractions(Fraction(101, 100), 4, max_denominator=500), shares)
def test_a_step_is_decided_before_the_bound_at_every_phase(d_mm, limit_mm_s, factor, passed):
    r = exact_rule(d_mm, limit_mm_s)
    v = r.v_ref * factor
    bound = formula.constant(r, v)
    decided = decided_at(step_edges(r, v, passed, lambda i: 0), r)
    assert decided is None or decided <= bound
    assert decided is not None or bound > 299 * r.d / v


@given(distances_mm, st.fractions(Fraction(21, 20), 3, max_denominator=500), shares, st.data())
def test_stamps_up_to_3_ms_late_are_inside_the_bound(d_mm, factor, passed, data):
    r = exact_rule(d_mm)
    v = r.v_ref * factor
    lates = data.draw(st.lists(st.fractions(0, r.late, max_denominator=10**6), min_size=1))
    decided = decided_at(step_edges(r, v, passed, lambda i: lates[i % len(lates)]), r)
    assert decided is not None
    assert decided <= formula.constant(r, v)


@given(distances_mm, shares)
def test_the_bound_is_no_looser_than_one_interval(d_mm, passed):
    """The worst phase, a magnet passed just before the step, comes that close to it."""
    r = exact_rule(d_mm, late=0)
    v = r.v_ref * Fraction(11, 10)
    decided = decided_at(step_edges(r, v, Fraction(999, 1000), lambda i: 0), r)
    assert formula.constant(r, v) - decided <= r.d / v


@given(distances_mm, st.integers(100, 4000), shares)
def test_a_ramp_is_decided_before_the_bound_at_every_phase(d_mm, mm_s2, passed):
    r = exact_rule(d_mm)
    edges = ramp_edges(r, mm_s2, passed)
    assert decided_at(edges, r) <= Fraction(formula.ramp(r, mm_s2)) + Fraction(1, 10**9)


def ramp_edges(r, mm_s2, passed):
    """limit * t + a/2 * t**2 = travel, solved to 40 digits."""
    edges = [-passed * r.d / Fraction(r.limit)]
    with localcontext(prec=40):
        for i in range(120):
            travel = (1 - passed + i) * r.d
            root = Fraction((Decimal(r.limit) ** 2 + 2 * mm_s2 * decimal(travel)).sqrt())
            edges.append((root - r.limit) / mm_s2)
    return edges


def decimal(fraction):
    return Decimal(fraction.numerator) / Decimal(fraction.denominator)


# The study's table of section 6, ms: it adds 3 ms for late stamps, and no tick.
STUDY = {
    35: (771, 424, 230, 59, 45),
    70: (807, 494, 262, 115, 88),
    141: (887, 568, 394, 230, 173),
    250: (1047, 754, 466, 404, 304),
}
STUDY_FACTORS = (
    Fraction(115, 100),
    Fraction(12, 10),
    Fraction(13, 10),
    Fraction(15, 10),
    Fraction(2),
)


@pytest.mark.parametrize("d_mm", STUDY)
def test_the_numbers_are_the_study_s(d_mm):
    r = exact_rule(d_mm, late=0, tick=0)
    for factor, printed in zip(STUDY_FACTORS, STUDY[d_mm], strict=True):
        v = max(
            r.limit * factor, r.extreme + Fraction(1, 1000) if factor == Fraction(15, 10) else 0
        )
        assert abs(formula.constant(r, v) * 1000 + 3 - printed) <= 1.5


@pytest.mark.parametrize(
    ("d_mm", "slow", "fast"),
    [(35, 1338, 295), (70, 1414, 372), (141, 1569, 527), (250, 1807, 764)],
)
def test_the_ramps_are_the_study_s(d_mm, slow, fast):
    r = exact_rule(d_mm, late=0, tick=0)
    assert abs(formula.ramp(r, 1000 / 7.2) * 1000 + 3 - slow) <= 4
    assert abs(formula.ramp(r, 2000) * 1000 + 3 - fast) <= 1.5


def test_at_v_ref_and_below_nothing_is_promised():
    r = exact_rule(70)
    assert formula.constant(r, r.v_ref) is None
    assert formula.constant(r, r.v_ref - 1) is None
    assert formula.constant(r, r.v_ref + 1) is not None


def test_above_half_as_much_again_two_intervals_are_the_bound():
    r = exact_rule(70)
    assert formula.constant(r, 1666) == Fraction(2 * 70, 1666) + r.late + r.tick


def test_just_above_half_as_much_again_a_late_stamp_hides_the_interval():
    r = exact_rule(20)
    v = r.extreme * Fraction(101, 100)
    edges = step_edges(r, v, Fraction(3, 10), lambda i: r.late if i == 2 else 0)
    assert 2 * r.d / v + r.late + r.tick < decided_at(edges, r) <= formula.constant(r, v)
