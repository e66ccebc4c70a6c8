# SPDX-License-Identifier: MIT
"""Which moves are tried from a state, and every combination of inputs at once.

moves() is for each state: hands, button and belt, and each thing that can go wrong or be asked
for on top. A move to a boundary counts three times: what stands after its first tick and after
its contacts have settled are states of their own (search.py). combinations() is for the first
state of each kind (keys.kind): the product of all inputs, three ticks long, so that whatever
needs two or three reads decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from guard.core import states as st
from guard.core.states import HELD, MODE_BACKWARD, MODE_FORWARD, MODE_NONE, RELEASED, WIRING
from tests.explore import inputs as i
from tests.explore.inputs import FOLLOWS, STUCK_CLOSED, STUCK_OPEN, Levels, Move

BOTH, NONE = (HELD, HELD), (RELEASED, RELEASED)
LEFT, RIGHT, CUT = (HELD, RELEASED), (RELEASED, HELD), (WIRING, HELD)
ALL_RAILS = (BOTH, NONE, LEFT, RIGHT, CUT)

CLOSED_EDGES = (i.EDGE, i.SLOWING, i.EARLY, i.EXTREME, i.BLANKED, i.RUN, i.SURGE)
EDGES = {
    st.SELF_TEST: (i.EDGE, i.RUN), st.READY: (i.PUSH, i.EDGE, i.RUN), st.ARMING: (i.EDGE,),
    st.WAIT_BELT: CLOSED_EDGES, st.FORWARD: CLOSED_EDGES, st.MOUNTING: CLOSED_EDGES,
    st.BACKWARD: CLOSED_EDGES, st.STOPPING: (i.EDGE, i.SLOWING, i.EARLY, i.RUN),
    st.TRIPPED: (i.EDGE, i.RUN), st.LOCKOUT: (i.PUSH,),
}  # fmt: skip
RAILS = {
    st.READY: ALL_RAILS, st.TRIPPED: (BOTH, CUT), st.LOCKOUT: (BOTH, NONE, LEFT, RIGHT),
    st.ARMING: (BOTH, NONE, CUT),
}  # fmt: skip
PRESSES = (st.SELF_TEST, st.READY, st.TRIPPED, st.LOCKOUT)
RESETS = (i.POWER_CUT, i.WATCHDOG, i.CRASH)
PROGRAM = (i.FLOW_BROKEN, i.FLIP_STATE, i.FLIP_COMMAND, i.FLIP_LIMIT, i.FLIP_INVERSE)
ASKED = (i.HOST_STOP, i.CTRL_C)
MEASURED = (i.LATE, i.AHEAD, i.HALL_BAD)
STORES = (i.SLOW_FILES, i.FILES_FAIL, i.NVS_FAILS)


def moves(world) -> Iterator[Move]:
    state = world.sup.state
    if state == st.MAINTENANCE:
        yield Move(i.TICK, Levels())
    else:
        yield from _walking(world, state)
        yield from _wrong(world, state)
        yield from _asked(world, state)
    yield from (Move(i.TICK, Levels(), event) for event in RESETS)


def _walking(world, state) -> Iterator[Move]:
    """Belt, hands, button and mode switch as they come."""
    rails = _rails(world, state)
    mode = own_mode(world)
    for hands in rails:
        yield Move(i.WAIT, Levels(*hands, False, False, mode))
        if state in PRESSES:
            yield Move(i.WAIT, Levels(*hands, True, False, mode))
    few = rails if st.is_closed(state) else rails[:2]
    for belt, hands in product(EDGES[state], few):
        if belt not in (i.RUN, i.SURGE) or hands == BOTH or st.is_closed(state):
            yield Move(belt, Levels(*hands, False, False, mode))
    if state == st.READY:
        for start in (False, True):
            yield Move(i.WAIT, Levels(*BOTH, start, False, MODE_FORWARD))
    elif state not in PRESSES:
        yield Move(i.SETTLE, Levels(*BOTH, True, False, mode))


def _rails(world, state):
    if state in RAILS:
        return RAILS[state]
    if not st.is_closed(state):
        return (BOTH, NONE)
    return ALL_RAILS if world.sup.session_mode == MODE_BACKWARD else (BOTH,)


def _wrong(world, state) -> Iterator[Move]:
    """One thing wrong at a time."""
    mode = own_mode(world)
    held = Levels(HELD, HELD, False, False, mode)
    other = MODE_BACKWARD if mode == MODE_FORWARD else MODE_FORWARD
    yield Move(i.WAIT, held._replace(estop=True))
    yield Move(i.WAIT, held._replace(feedback=STUCK_CLOSED))
    yield Move(i.WAIT, held._replace(feedback=STUCK_OPEN))
    yield Move(i.SETTLE, held._replace(mode=MODE_NONE))
    yield Move(i.SETTLE, held._replace(mode=other))
    yield from (Move(i.TICK, held, event) for event in PROGRAM)
    if st.is_closed(state):
        yield from (Move(i.SETTLE, held, event) for event in MEASURED)
        yield Move(i.EDGE, held, i.LATE)
        yield Move(i.EDGE, held._replace(estop=True))
        return
    yield Move(i.SETTLE, held, i.HALL_BAD)
    for event in STORES:
        yield Move(i.WAIT, held, event)
    if state in PRESSES:
        yield Move(i.SETTLE, held._replace(start=True, estop=True))
        yield Move(i.SETTLE, held._replace(start=True), i.FLIP_INVERSE)


def _asked(world, state) -> Iterator[Move]:
    """What the laptop asks for."""
    held = Levels(HELD, HELD, False, False, own_mode(world))
    yield from (Move(i.SETTLE, held, event) for event in ASKED)
    yield Move(i.SETTLE, held._replace(estop=True), i.CTRL_C)
    if state == st.READY:
        yield Move(i.WAIT, held, i.OFFER)
        yield Move(i.SETTLE, held._replace(start=True), i.OFFER)


def combinations(world) -> Iterator[Move]:
    """The product of what can stand at the inputs in the same three ticks."""
    state = world.sup.state
    if state == st.MAINTENANCE:
        return
    closed = st.is_closed(state)
    mode = own_mode(world)
    belts = (i.TICK, i.EARLY, i.EXTREME, i.BLANKED) if closed else (i.TICK, i.EDGE)
    rails = (BOTH, NONE, CUT)
    modes = (mode, MODE_NONE) if closed else (MODE_NONE, MODE_FORWARD, MODE_BACKWARD)
    asked = (0, *ASKED, i.OFFER) if state == st.READY else (0, *ASKED)
    inside = (0, i.LATE, i.AHEAD, i.FLIP_INVERSE) if closed else (0, i.FLIP_INVERSE, i.NVS_FAILS)
    contact = (FOLLOWS, STUCK_OPEN if closed else STUCK_CLOSED)
    levels = product(rails, (False, True), (False, True), modes, contact)
    events = [a | b | c for a, b, c in product(asked, inside, (0, i.HALL_BAD))]
    for (hands, start, estop, mode_now, feedback), belt, event in product(levels, belts, events):
        yield Move(belt, Levels(*hands, start, estop, mode_now, feedback), event, True)


def own_mode(world) -> int:
    """The mode of the session that goes on, or backward."""
    if st.is_closed(world.sup.state) or world.sup.state == st.ARMING:
        return world.sup.session_mode
    return MODE_BACKWARD
