# SPDX-License-Identifier: MIT
"""Carry out one move: a handful of real ticks with levels that stand."""

from __future__ import annotations

from guard.core.states import MAINTENANCE, WIRING
from tests.explore import inputs as i
from tests.explore.inputs import Levels, Move
from tests.explore.timers import to_next_us

TICK_US = 10000
MASK = (1 << 30) - 1
NEVER = 1 << 60
EDGE_US, SLOWING_US, PUSH_US = 210000, 300000, 500000  # d 84 mm: 400, 280 and 168 mm/s
SETTLED, SETTLED_WIRING, COMBINED = 6, 9, 3  # ticks; three channels take turns
MOST_EDGES = 320
SURGE_US = 800000


def perform(world, move: Move, passed=None) -> None:
    """passed(TICK or SETTLE) is called where the shorter move would have ended."""
    if move.events & i.RESETS:
        world.tick(TICK_US, move.levels, move.events)
        return
    edge_us = due_us(world, move.belt)
    if move.combined:
        _approach(world, move.levels, edge_us)
    events = move.events
    ticks = _ticks(move)
    for n in range(ticks):
        edge_us = _tick(world, move.levels, events, edge_us)
        events &= ~i.ONCE
        if passed and not n:
            passed(i.TICK)
    if move.combined or world.sup.state == MAINTENANCE:
        return
    if edge_us < NEVER:
        _until_edge(world, move.levels, events, edge_us)
    if move.belt == i.WAIT:
        if passed:
            passed(i.SETTLE)
        wait_us = to_next_us(world)
        if wait_us:
            world.tick(wait_us, move.levels, events)
    elif move.belt == i.RUN:
        _run(world, move.levels, events)
    elif move.belt == i.SURGE:
        _surge(world, move.levels, events)


def _ticks(move: Move) -> int:
    if move.combined:
        return COMBINED
    if move.belt == i.TICK:
        return 1
    cut = WIRING in (move.levels.left, move.levels.right) or move.events & i.HALL_BAD
    return SETTLED_WIRING if cut else SETTLED


def _tick(world, levels: Levels, events: int, edge_us: int) -> int:
    """One tick of 10 ms, with the edge when it is due; when the edge is due from now on."""
    if edge_us > world.us + TICK_US:
        world.tick(TICK_US, levels, events)
        return edge_us
    world.tick(TICK_US, levels, events, max(edge_us, world.us + 1))
    return NEVER


def _until_edge(world, levels, events, edge_us):
    """A long tick, then the one with the edge."""
    ahead_us = (edge_us - world.us - 1) // TICK_US * TICK_US
    if ahead_us > 0:
        world.tick(ahead_us, levels, events)
    _tick(world, levels, events, edge_us)


def _approach(world, levels, edge_us):
    """Nothing but the walker's hands until the edge is due: then everything at once."""
    if edge_us < NEVER and edge_us > world.us + TICK_US:
        ahead_us = (edge_us - world.us - 1) // TICK_US * TICK_US
        quiet = Levels(levels.left, levels.right, False, False, world.sup.session_mode)
        world.tick(ahead_us, quiet)


def _run(world, levels, events):
    """Edges in time until a timer other than the belt's own comes to a boundary."""
    state = world.sup.state
    for _ in range(MOST_EDGES):
        left_us = to_next_us(world, belt_too=False)
        edge_us = due_us(world, i.EDGE)
        if world.sup.state != state or not left_us:
            return
        if edge_us >= world.us + left_us:
            world.tick(left_us, levels, events)
            return
        ahead_us = max((edge_us - world.us + TICK_US - 1) // TICK_US, 1) * TICK_US
        world.tick(ahead_us, levels, events, edge_us)


def _surge(world, levels, events):
    """Edges a tenth later than the limit allows, for longer than a window of ACCELERATION."""
    state = world.sup.state
    ends_us = world.us + SURGE_US
    while world.sup.state == state and world.us < ends_us:
        edge_us = due_us(world, i.SURGE)
        ahead_us = max((edge_us - world.us + TICK_US - 1) // TICK_US, 1) * TICK_US
        world.tick(ahead_us, levels, events, max(edge_us, world.us + 1))


def due_us(world, belt: int) -> int:
    """When the edge of this kind of belt comes; NEVER without one."""
    if belt in (i.TICK, i.SETTLE, i.WAIT):
        return NEVER
    speed = world.guard.speed
    if not speed.known:
        return world.us + TICK_US
    last_us = world.us - ((world.us - speed.last_us) & MASK)
    return last_us + interval_us(speed, belt)


def interval_us(speed, belt: int) -> int:
    if belt == i.EARLY:
        return (speed.due_us + max(speed.fast_us, speed.blanking_us + 2000)) // 2
    if belt == i.SURGE:
        return speed.due_us * 11 // 10
    if belt == i.EXTREME:
        return (speed.fast_us + speed.blanking_us) // 2
    if belt == i.BLANKED:
        return speed.blanking_us // 2
    return {i.SLOWING: SLOWING_US, i.PUSH: PUSH_US}.get(belt, EDGE_US)
