# SPDX-License-Identifier: MIT
"""After SENSOR_LOST or SENSOR_NOISE the sensor has to prove itself before backward mode."""

from guard.core import faults as f
from guard.core import states as st
from guard.core.events import PROOF
from guard.core.proof import HandPush
from tests.support.stream import MASK, PERIOD, bring, copy_of, settle


def not_proven(mode=st.MODE_BACKWARD):
    world = bring(st.READY)
    world.memory.sensor_not_proven = 1
    world.stored = copy_of(world.memory)
    world.mode = mode
    world.left = world.right = True
    return world.run(30)


def push(world, *gaps_ms):
    for gap_ms in gaps_ms:
        world.run(gap_ms)
        world.edge(world.us)
    return world.run(10)


def proven(world):
    assert world.stored.sensor_not_proven == world.memory.sensor_not_proven
    return world.memory.sensor_not_proven == 0


def test_three_pushed_edges_with_both_hands_on_the_rails():
    world = push(not_proven(), 500, 500)
    assert not proven(world)
    push(world, 500)
    assert proven(world)
    assert world.events_of(PROOF)[0][2] == f.SENSOR_NOT_PROVEN
    assert world.blockers() == []


def test_gaps_of_100_ms_to_5_s_count():
    for gap_ms, good in ((90, False), (100, True), (5000, True), (5010, False)):
        assert proven(push(not_proven(), 300, gap_ms, gap_ms)) == good, gap_ms


def test_hand_push_counts_to_its_boundaries_and_over_the_wrap():
    for origin in (0, PERIOD - 150):
        for gap_ms, good in ((99, False), (100, True), (5000, True), (5001, False)):
            hand = HandPush()
            now = origin
            assert not hand.edge(now)
            now = (now + 500) & MASK
            assert not hand.edge(now)
            now = (now + gap_ms) & MASK
            assert hand.edge(now) == good
    hand = HandPush()
    hand.edge(0)
    hand.tick(5000)
    assert hand.edges == 1
    hand.tick(5001)
    assert hand.edges == 0
    hand.tick(9999)


def test_a_fast_or_late_edge_begins_the_count_anew():
    world = push(not_proven(), 500, 500, 50, 500)
    assert not proven(world)
    push(world, 500)
    assert proven(world)


def test_a_bouncing_sensor_does_not_prove_itself():
    """Edges 1 ms apart are not 100 ms to 5 s apart, inside the blanking or not."""
    world = not_proven()
    for _ in range(6):
        push(world, 500)
        world.edge(world.us - 9000)
    assert not proven(world)


def test_without_both_hands_nothing_counts():
    world = not_proven()
    world.right = False
    world.run(30)
    assert not proven(push(world, 500, 500, 500, 500))
    world.right = True
    world.run(60)
    assert not proven(push(world, 500, 500)), "the count began with both hands"
    assert proven(push(world, 500))


def test_by_hand_in_the_hand_turn_window():
    world = not_proven()
    world.left = world.right = False
    world.run(60)
    world.run(250).press(3000)
    assert world.sup.hand_turn.open
    assert proven(push(world, 500, 500, 500))


def test_edges_without_a_proof_due_prove_nothing():
    world = bring(st.READY)
    push(world, 500, 500, 500)
    assert world.events_of(PROOF) == []


def forward(edges, end="host_stop"):
    world = not_proven(st.MODE_FORWARD)
    world.press(100)
    world.run_to(st.WAIT_BELT)
    assert world.sup.limit_mm_s == 1118, "slow and empty"
    world.belt(900)
    while world.guard.speed.edges < edges:
        world.tick()
    world.sensor = False
    if end:
        setattr(world, end, True)
    world.tick()
    world.run(10)
    return settle(world) if end else world


def test_a_forward_session_of_20_edges_proves_the_sensor():
    for edges, good in ((19, False), (20, True)):
        assert proven(forward(edges).run(20)) == good


def test_a_forward_session_that_ends_in_a_sensor_fault_does_not():
    world = forward(40, None)
    settle(world.run_to(st.STOPPING))
    assert world.sup.fault == f.SENSOR_LOST
    assert not proven(world.run(20))


def test_a_backward_session_proves_nothing():
    world = bring(st.BACKWARD)
    world.memory.sensor_not_proven = 1
    world.run(5000)
    world.host_stop = True
    settle(world.run(10))
    assert not proven(world.run(20))


def test_each_sensor_fault_asks_for_the_proof_and_a_reset_does_not_give_it():
    for name, value in (("sensor", False), ("bounce_us", 1000), ("hall_permille", 1000)):
        healthy = getattr(bring(st.READY), name)
        world = bring(st.BACKWARD)
        setattr(world, name, value)
        while world.allowed():
            world.tick()
        setattr(world, name, healthy)
        world.belt(0)
        settle(world)
        assert world.sup.state == st.TRIPPED, name
        world.idle(3000)
        world.run(250).press(1000)
        world.run_to(st.READY)
        world.run(20).grip()
        assert world.blockers() == ["SENSOR_NOT_PROVEN"], name


def test_an_ordinary_end_asks_for_no_proof():
    world = bring(st.BACKWARD, 300)
    world.sensor = False
    settle(world.run_to(st.STOPPING))
    assert world.sup.fault == f.BELT_STOPPED
    assert world.memory.sensor_not_proven == 0
