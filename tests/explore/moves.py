# SPDX-License-Identifier: MIT
"""Which moves are tried from a state, and every combination of inputs at once.

moves() is for each state: hands, button and belt in all their combinations, and each thing that
can go wrong on top. combinations() is for the first state of each kind (keys.kind): the full
product of all inputs, three ticks long, so that whatever needs two or three reads decides.
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

QUIET = (i.TICK, i.SETTLE, i.WAIT)
CLOSED_BELTS = (*QUIET, i.EDGE, i.SLOWING, i.EARLY, i.EXTREME, i.BLANKED, i.RUN)
BELTS = {
    st.SELF_TEST: (*QUIET, i.EDGE, i.RUN),
    st.READY: (*QUIET, i.PUSH, i.EDGE, i.RUN),
    st.ARMING: (*QUIET, i.EDGE),
    st.WAIT_BELT: CLOSED_BELTS,
    st.FORWARD: CLOSED_BELTS,
    st.MOUNTING: CLOSED_BELTS,
    st.BACKWARD: CLOSED_BELTS,
    st.STOPPING: (*QUIET, i.EDGE, i.SLOWING, i.EARLY, i.RUN),
    st.TRIPPED: (*QUIET, i.EDGE, i.RUN),
    st.LOCKOUT: (*QUIET, i.PUSH),
}
RAILS = {
    st.READY: ALL_RAILS,
    st.TRIPPED: (BOTH, CUT),
    st.LOCKOUT: (BOTH, NONE, LEFT, RIGHT),
    st.ARMING: (BOTH, NONE, CUT),
}
PRESSES = (st.SELF_TEST, st.READY, st.TRIPPED, st.LOCKOUT, st.STOPPING)
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
    yield from (Move(i.TICK, Levels(), event) for event in RESETS)


def _walking(world, state) -> Iterator[Move]:
    """Belt, hands, button and mode switch as they come."""
    closed = st.is_closed(state)
    backward = world.sup.session_mode == MODE_BACKWARD
    rails = RAILS.get(state, ALL_RAILS if closed and backward else (BOTH, NONE))
    if closed and not backward:
        rails = (BOTH,)
    modes = (MODE_FORWARD, MODE_BACKWARD) if state == st.READY else (own_mode(world),)
    for belt, (left, right), mode in product(BELTS[state], rails, modes):
        yield Move(belt, Levels(left, right, False, False, mode))
        if state in PRESSES or (belt in (i.TICK, i.SETTLE) and (left, right) == BOTH):
            yield Move(belt, Levels(left, right, True, False, mode))


def _wrong(world, state) -> Iterator[Move]:
    """One thing wrong, or asked for, at a time; START up or down where a press means something."""
    mode = own_mode(world)
    other = MODE_BACKWARD if mode == MODE_FORWARD else MODE_FORWARD
    held = Levels(HELD, HELD, False, False, mode)
    lasting = [
        held._replace(estop=True), held._replace(feedback=STUCK_CLOSED),
        held._replace(feedback=STUCK_OPEN), held._replace(mode=MODE_NONE),
        held._replace(mode=other), held._replace(estop=True, left=RELEASED, right=RELEASED),
    ]  # fmt: skip
    for levels, belt in product(lasting, QUIET):
        yield Move(belt, levels)
    for event, belt in product((*PROGRAM, *ASKED), (i.TICK, i.SETTLE)):
        yield Move(belt, held, event)
    for event, belt in product((*MEASURED, *STORES), QUIET):
        yield Move(belt, held, event)
    yield Move(i.TICK, held._replace(estop=True), i.CTRL_C)
    yield Move(i.SETTLE, held._replace(estop=True), i.CTRL_C)
    if st.is_closed(state):
        for levels, event in ((lasting[0], 0), (held, i.LATE), (held, i.CTRL_C)):
            yield Move(i.EDGE, levels, event)
    if state == st.READY:
        yield from (Move(belt, held, i.OFFER) for belt in QUIET)
        yield Move(i.TICK, held._replace(start=True), i.OFFER)
    if state in PRESSES:
        for levels, belt in product(lasting[:2], QUIET):
            yield Move(belt, levels._replace(start=True))
        yield Move(i.SETTLE, held._replace(start=True), i.FLIP_INVERSE)


def combinations(world) -> Iterator[Move]:
    """The full product of what can stand at the inputs in the same three ticks."""
    state = world.sup.state
    if state == st.MAINTENANCE:
        return
    closed = st.is_closed(state)
    mode = own_mode(world)
    belts = (i.TICK, i.EDGE, i.EARLY, i.EXTREME, i.BLANKED) if closed else (i.TICK, i.EDGE)
    rails = (BOTH,) if closed and world.sup.session_mode == MODE_FORWARD else (BOTH, NONE, LEFT, CUT)
    modes = (mode, MODE_NONE) if closed else (MODE_NONE, MODE_FORWARD, MODE_BACKWARD)
    asked = (0, *ASKED) if state != st.READY else (0, *ASKED, i.OFFER)
    inside = (0, i.LATE, i.AHEAD, i.FLIP_INVERSE) if closed else (0, i.FLIP_INVERSE, i.NVS_FAILS)
    levels = product(rails, (False, True), (False, True), modes, (FOLLOWS, STUCK_CLOSED, STUCK_OPEN))
    events = [a | b | c for a, b, c in product(asked, inside, (0, i.HALL_BAD))]
    for (hands, start, estop, mode_now, feedback), belt, event in product(levels, belts, events):
        yield Move(belt, Levels(*hands, start, estop, mode_now, feedback), event, True)


def own_mode(world) -> int:
    """The mode of the session that goes on, or backward."""
    return world.sup.session_mode or MODE_BACKWARD
