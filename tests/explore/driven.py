# SPDX-License-Identifier: MIT
"""Worlds brought into each state by hands and belt, so that a short exploration sees them all."""

from __future__ import annotations

from guard.core import states as st
from guard.core.states import HELD, MODE_BACKWARD, MODE_FORWARD, RELEASED
from tests.explore import inputs as i
from tests.explore.inputs import Levels
from tests.explore.wayout import BELT_US, TICK_US, edges, press, show_proof, wait
from tests.explore.world import World, roots


def ready(world: World) -> World:
    wait(world, 4590)
    wait(world, 90, HELD)
    return world


def arming(world: World, mode: int = MODE_BACKWARD) -> World:
    press(ready(world), 60, HELD, mode)
    return world


def wait_belt(world: World, mode: int = MODE_BACKWARD) -> World:
    arming(world, mode)
    levels = Levels(HELD, HELD, mode=mode)
    while world.sup.state == st.ARMING:
        world.tick(TICK_US, levels)
    return world


def moving(world: World, mode: int) -> World:
    edges(wait_belt(world, mode), 5, BELT_US, HELD, mode)
    return world


def forward(world: World) -> World:
    return moving(world, MODE_FORWARD)


def backward(world: World) -> World:
    """Each rail let go and gripped again, one after the other."""
    moving(world, MODE_BACKWARD)
    for hands in ((RELEASED, HELD), (HELD, HELD), (HELD, RELEASED)):
        levels = Levels(*hands)
        for _ in range(9):
            world.tick(TICK_US, levels)
        world.tick(BELT_US - 90000 - TICK_US, levels)
        world.tick(TICK_US, levels, 0, world.us + 1)
    edges(world, 8, BELT_US)
    return world


def stopping(world: World) -> World:
    """The belt stopped by itself: T5."""
    backward(world)
    while world.sup.state == st.BACKWARD:
        world.tick(TICK_US, Levels(HELD, HELD))
    return world


def tripped(world: World) -> World:
    backward(world).tick(TICK_US, Levels(HELD, HELD), i.LATE)
    wait(world, 2490)
    return world


def lockout(world: World) -> World:
    arming(world).tick(TICK_US, Levels(HELD, HELD, feedback=i.STUCK_CLOSED))
    return world


def nearly_closed(world: World) -> World:
    """In T3 of ARMING."""
    arming(world)
    while world.sup.relay_command != st.TOGGLE_ONLY:
        world.tick(TICK_US, Levels(HELD, HELD))
    return world


def nearly_proven(world: World) -> World:
    """In LOCKOUT, every step shown, START let go after 5 s, in T3."""
    lockout(world)
    wait(world, 3090)
    show_proof(world)
    while world.sup.relay_command != st.TOGGLE_ONLY:
        world.tick(TICK_US, Levels())
    return world


BROUGHT = {
    st.SELF_TEST: lambda world: world, st.READY: ready, st.ARMING: arming,
    st.WAIT_BELT: wait_belt, st.FORWARD: forward,
    st.MOUNTING: lambda world: moving(world, MODE_BACKWARD), st.BACKWARD: backward,
    st.STOPPING: stopping, st.TRIPPED: tripped, st.LOCKOUT: lockout,
}  # fmt: skip


def bring(state: int) -> World:
    """A commissioned board in this state."""
    world = BROUGHT[state](roots()[0])
    assert world.sup.state == state, (state, world.sup.state)
    return world


def everywhere() -> list[World]:
    """One world in each state, and the boards that are not commissioned."""
    late = [nearly_closed(roots()[0]), nearly_proven(roots()[0])]
    late.append(wait_belt(roots()[0], MODE_FORWARD))
    return [bring(state) for state in BROUGHT] + late + roots()[1:]
