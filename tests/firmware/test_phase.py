# SPDX-License-Identifier: MIT
"""Quadrature at its limits: one permille, one edge, one us on either side."""

from guard.core.phase import Phase
from guard.core.ticks import MASK

HALF = 1 << 29
FORWARD, BACKWARD, ODD = "forward", "backward", "odd"


def judged(offset_us, interval_us=1000, origin_us=5000):
    """What one edge of B so far after A's makes of the direction."""
    phase = Phase()
    phase.edge_a(origin_us & MASK, 1)
    phase.edge_b((origin_us + offset_us) & MASK, 1)
    phase.edge_a((origin_us + interval_us) & MASK, 1)
    return phase


def direction(phase):
    runs = (phase.forward_edges, phase.backward_edges, phase.odd)
    return {(1, 0, 0): FORWARD, (0, 1, 0): BACKWARD, (0, 0, 1): ODD, (0, 0, 0): None}[runs]


def belt(phase, offset_us, turns=1, from_us=0):
    """A runs on at 1000 us an edge, B behind it by offset_us. Returns where it ended."""
    for _ in range(turns):
        phase.edge_a(from_us, 1)
        phase.edge_b(from_us + offset_us, 1)
        from_us += 1000
    phase.edge_a(from_us, 1)
    return from_us


def test_a_new_phase_knows_nothing():
    phase = Phase()
    assert (phase.forward_edges, phase.backward_edges, phase.odd) == (0, 0, 0)
    assert (phase.forward_run, phase.reverse_run, phase.permille) == (0, 0, -1)
    assert not phase.reversed()
    assert not phase.out_of_order()


def test_the_direction_is_told_to_the_permille():
    for permille, told in (
        (0, ODD), (179, ODD), (180, FORWARD), (250, FORWARD), (320, FORWARD), (321, ODD),
        (500, ODD), (679, ODD), (680, BACKWARD), (750, BACKWARD), (820, BACKWARD), (821, ODD),
        (1000, ODD),
    ):  # fmt: skip
        for origin_us in (5000, MASK - 400):
            phase = judged(permille, origin_us=origin_us)
            assert direction(phase) == told, permille
            assert phase.permille == permille


def test_an_edge_of_b_beside_the_interval_says_nothing():
    at_its_end = judged(1000)
    at_its_end.edge_a(7000, 1)
    assert direction(at_its_end) == ODD, "once"
    assert direction(judged(1001)) is None
    assert direction(judged(0, 0)) is None, "two stamps of A at the same time"
    assert judged(1001).permille == -1


def test_slow_belts_are_measured_in_coarser_steps_from_half_a_second_on():
    assert direction(judged(90000, 500000)) == FORWARD
    assert direction(judged(90001, 500001)) == ODD
    assert judged(90001, 500001).permille == 179
    assert judged(250001, 1000001).permille == 249
    assert direction(judged(2000000, 8000000)) == FORWARD
    assert direction(judged(6000000, 8000000)) == BACKWARD


def test_b_is_judged_at_once_when_as_next_edge_came_first():
    for permille, told in ((179, ODD), (180, FORWARD), (680, BACKWARD), (999, ODD)):
        for origin_us in (0, MASK - 500):
            phase = Phase()
            phase.edge_a(origin_us, 1)
            phase.edge_a((origin_us + 1000) & MASK, 1)
            phase.edge_b((origin_us + permille) & MASK, 1)
            assert direction(phase) == told, permille
            phase.edge_a((origin_us + 2000) & MASK, 1)
            assert direction(phase) == told, "and only once"


def test_an_edge_with_as_opens_the_next_interval():
    phase = Phase()
    phase.edge_a(0, 1)
    phase.edge_a(1000, 1)
    phase.edge_b(1000, 1)
    assert direction(phase) is None
    phase.edge_a(2000, 1)
    assert (phase.permille, direction(phase)) == (0, ODD)


def test_an_edge_is_before_as_when_it_is_half_a_period_after_it():
    for after_us, waits in ((HALF - 1, True), (HALF, False)):
        phase = Phase()
        phase.edge_a(0, 1)
        phase.edge_b(after_us, 1)
        assert phase.b_waits == waits


def test_b_is_judged_in_whole_intervals_of_a_only():
    phase = Phase()
    phase.edge_b(100, 1)
    phase.edge_a(1000, 1)
    assert direction(phase) is None, "no edge of A was known"
    phase = Phase()
    phase.edge_a(0, 1)
    phase.edge_b(MASK, 1)
    assert direction(phase) is None, "before A's first edge there is no interval"
    for n in (0, 2):
        phase = Phase()
        phase.edge_a(0, 1)
        phase.edge_b(250, 1)
        phase.edge_a(1000, n)
        phase.edge_a(2000, 1)
        assert direction(phase) is None, "two of A's edges in one are no interval"
        phase.edge_b(2250, 1)
        phase.edge_a(3000, 1)
        assert direction(phase) == FORWARD, "from the merged stamp on there is one again"


def test_after_merged_edges_of_a_the_interval_before_is_not_used():
    phase = Phase()
    phase.edge_a(0, 1)
    phase.edge_a(1000, 1)
    phase.edge_a(3000, 2)
    phase.edge_b(1500, 1)
    assert direction(phase) is None
    phase.edge_a(4000, 1)
    phase.edge_b(3250, 1)
    assert direction(phase) == FORWARD


def test_merged_edges_of_b_take_the_waiting_one_along():
    for n, told in ((1, ODD), (2, None), (0, None)):
        phase = Phase()
        phase.edge_a(0, 1)
        phase.edge_b(250, 1)
        phase.edge_b(500, n)
        phase.edge_a(1000, 1)
        assert direction(phase) == told, n


def test_three_backward_edges_on_end_are_a_reversed_belt():
    phase = Phase()
    at_us = belt(phase, 750, 2)
    assert not phase.reversed()
    assert belt(phase, 250, 1, at_us) == 3000
    assert (phase.forward_run, phase.reverse_run) == (1, 0)
    belt(phase, 750, 2, 10000)
    assert not phase.reversed(), "not on end"
    belt(phase, 750, 1, 20000)
    assert phase.reversed()
    belt(phase, 750, 1, 30000)
    assert phase.reversed()
    assert (phase.forward_run, phase.backward_edges, phase.forward_edges) == (0, 6, 1)


def test_runs_and_edges_are_counted():
    phase = Phase()
    belt(phase, 250, 4)
    assert (phase.forward_run, phase.forward_edges, phase.reverse_run) == (4, 4, 0)


def test_an_odd_place_breaks_no_run():
    phase = Phase()
    belt(phase, 750, 2)
    belt(phase, 500, 1, 10000)
    belt(phase, 750, 1, 20000)
    assert phase.reversed()


def odd_after(good, odd, magnets=None):
    phase = Phase()
    if magnets is not None:
        phase.configure(magnets)
    belt(phase, 250, good)
    belt(phase, 125, odd, 100000)
    return phase.out_of_order()


def test_odd_places_are_out_of_order_at_the_third_or_in_two_turns():
    assert not odd_after(10, 2)
    assert odd_after(10, 3)
    for magnets, most in ((1, 2), (2, 1), (4, 1)):
        assert not odd_after(10, most, magnets), magnets
        assert odd_after(10, most + 1, magnets), magnets


def test_good_places_pay_an_odd_one_back():
    for good, out in ((2, True), (3, False)):
        phase = Phase()
        phase.configure(4)
        belt(phase, 500, 1)
        belt(phase, 250, good - 1, 10000)
        belt(phase, 750, 1, 20000)
        assert phase.odd == 4 - good
        belt(phase, 500, 1, 30000)
        assert phase.out_of_order() == out


def test_forgetting_keeps_the_counts_of_the_session_and_a_restart_does_not():
    for restart in (False, True):
        phase = Phase()
        belt(phase, 250, 2)
        belt(phase, 750, 2, 10000)
        belt(phase, 500, 1, 20000)
        phase.edge_b(21250, 1)
        (phase.restart if restart else phase.forget)()
        counted = (phase.forward_edges, phase.backward_edges)
        assert counted == ((0, 0) if restart else (2, 2))
        assert (phase.forward_run, phase.reverse_run, phase.odd) == (0, 0, 0)
        phase.edge_a(30000, 1)
        assert (phase.forward_run, phase.reverse_run, phase.odd) == (0, 0, 0), "no edge waits"
        phase.edge_b(30250, 1)
        phase.edge_a(31000, 1)
        assert phase.forward_run == 1


def test_an_edge_that_waited_before_is_no_edge_after_forgetting():
    phase = Phase()
    belt(phase, 250, 1)
    phase.edge_b(1250, 1)
    phase.forget()
    phase.edge_a(1300, 1)
    assert not phase.b_waits
    phase.edge_a(1400, 1)
    assert (phase.forward_run, phase.odd) == (0, 0)
