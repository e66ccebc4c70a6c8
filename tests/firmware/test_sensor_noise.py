# SPDX-License-Identifier: MIT
"""Edges no belt makes: how many, how close together, and what they are measured against."""

from guard.core.noise import NoiseCount
from tests.support.stream import MASK, PERIOD


def noisy(marks, magnets=1, origin_ms=0):
    """After implausible edges at these (ms, edge number)."""
    noise = NoiseCount()
    noise.configure(magnets)
    for ms, edge in marks:
        noise.add((origin_ms + ms) & MASK, edge)
    return noise.tripped()


def test_each_edge_is_judged_with_the_two_before_it():
    """Three that are far apart are forgiven, and the fourth is looked at anew."""
    for origin_ms in (0, 70000, PERIOD - 70000, PERIOD - 25000, PERIOD - 1):
        for last_ms, found in ((25001, True), (29999, True), (30000, True), (30001, False)):
            marks = ((0, 100), (20000, 200), (25000, 300), (last_ms, 400))
            assert not noisy(marks[:3], origin_ms=origin_ms)
            assert noisy(marks, origin_ms=origin_ms) == found, (origin_ms, last_ms)


def test_four_turns_are_those_of_the_magnets_there_are():
    for magnets, edges in ((1, 4), (3, 12), (8, 32)):
        for last, found in ((edges - 1, True), (edges, True), (edges + 1, False)):
            marks = ((0, 100), (20000, 101), (40000, 100 + last))
            assert noisy(marks, magnets) == found, (magnets, last)


def test_the_fourth_edge_counts_its_turns_from_the_second():
    for last, found in ((204, True), (205, False)):
        marks = ((0, 100), (20000, 200), (40000, 201), (60000, last))
        assert not noisy(marks[:3])
        assert noisy(marks) == found


def test_two_are_never_enough():
    assert not noisy(((0, 1), (1, 1)))
    assert noisy(((0, 1), (1, 1), (2, 1)))


def test_what_was_noise_stays_noise_until_the_relay_closes_again():
    noise = NoiseCount()
    noise.configure(1)
    for ms in (0, 1, 2, 900000):
        noise.add(ms, ms)
    assert noise.tripped()
    noise.clear()
    assert not noise.tripped()
    assert noise.total == 0
    noise.add(900001, 5)
    noise.add(900002, 6)
    assert not noise.tripped()
    noise.overflow = True
    assert noise.tripped()


def test_an_interval_is_judged_by_the_two_beside_it_and_by_no_older_one():
    noise = NoiseCount()
    for dt_us in (1000, 2000, 2000, 4000, 4000, 2400, 2400):
        noise.interval(dt_us, 0, 0)
    assert noise.total == 0
    for dt_us in (4800, 2400):
        noise.interval(dt_us, 0, 0)
    assert noise.total == 1
    noise.forget_neighbours()
    for dt_us in (4800, 2400):
        noise.interval(dt_us, 0, 0)
    assert noise.total == 1, "what a standstill parts are no neighbours"
