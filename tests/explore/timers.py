# SPDX-License-Identifier: MIT
"""Every timer that runs in a state, how far it is, and the boundaries at which it decides.

Time is cut at these: below, at and beyond each. A wait goes to the nearest boundary ahead, so no
boundary is jumped over. All are multiples of a tick with the settings of world.py, or rounded up.
"""

from __future__ import annotations

from bisect import bisect_left

from guard.core import states as st
from guard.core.gestures import (
    CONFIRM_MS,
    FRESH_MS,
    PROOF_MS,
    RESET_MS,
    SHORT_MAX_MS,
    SHORT_MIN_MS,
    STUCK_MS,
)
from guard.core.interlocks import OneHand, RailsReleased, RelayNotClosed
from guard.core.proof import GAP_MAX_MS, GAP_MIN_MS
from guard.core.rails import GRIP_VALID_MS, UNHEALTHY_HELD_MS
from guard.core.ready import HAND_TURN_MS, MOTION_MS, PENDING_MS, RESTART_DELAY_MS
from guard.core.relay_test import RUNNING, STEPS
from guard.core.stopping import DROP_MAX_MS, DROPPING, WELDED_MS, limit_ms_for

MASK = (1 << 30) - 1
OPEN_STATES = (st.SELF_TEST, st.READY, st.ARMING, st.STOPPING, st.TRIPPED, st.LOCKOUT)
CAUSE_DUE_MS = 200
PUMP_IDLE_MS = 300
RETRY_MS = 1000
SELF_TEST_MOTION_MS = 30000
FAST_MM_S, SLOW_MM_S = 300, 150  # UNEXPECTED_MOTION, and where rails begin to count
HOLDS = {
    st.READY: (SHORT_MIN_MS, SHORT_MAX_MS, CONFIRM_MS, STUCK_MS),
    st.TRIPPED: (RESET_MS, STUCK_MS),
    st.LOCKOUT: (PROOF_MS, STUCK_MS),
}
RULES = (RailsReleased, OneHand, RelayNotClosed)

Timer = tuple[str, int, tuple[int, ...]]


def timers(world) -> list[Timer]:
    """(name, ms that have passed, boundaries in ms) of each timer that runs."""
    sup = world.sup
    now_ms = (world.us // 1000) & MASK
    running = _button(sup, now_ms)
    running += _speed(world)
    if sup.delaying and sup.state in OPEN_STATES:
        running.append(("delay", now_ms - sup.opened_ms, (RESTART_DELAY_MS,)))
    if world.nvs_failed and sup.relay_command == st.OPEN:
        running.append(("retry", world.us // 1000 - world.tried_ms, (RETRY_MS,)))
    own = BY_STATE.get(sup.state)
    if own:
        running += own(world, sup, now_ms)
    return [(name, ms & MASK, bounds) for name, ms, bounds in running]


def to_next_us(world, belt_too: bool = True) -> int:
    """How long until the nearest boundary ahead; 0 when no timer runs."""
    ahead = [
        bounds[at] - ms
        for name, ms, bounds in timers(world)
        if (at := bisect_left(bounds, ms + 1)) < len(bounds) and (belt_too or name != "edge")
    ]
    return (min(ahead) + 9) // 10 * 10000 if ahead else 0


def place(ms: int, bounds: tuple[int, ...]) -> int:
    """Below, at or beyond each boundary: 0, 1, 2, ..."""
    at = bisect_left(bounds, ms)
    return 2 * at + (at < len(bounds) and bounds[at] == ms)


def _button(sup, now_ms) -> list[Timer]:
    button = sup.button
    if button.down:
        if button.stuck:
            return []
        holds = HOLDS.get(sup.state, (STUCK_MS,))
        return [("held", now_ms - button._down_ms, holds)]
    return [] if button._up_long else [("up", now_ms - button._up_ms, (FRESH_MS,))]


def _speed(world) -> list[Timer]:
    speed = world.guard.speed
    if not speed.known:
        return []
    ms = ((world.us - speed.last_us) & MASK) // 1000
    if not speed.closed:
        ends_us = speed.open_still_us
    else:
        ends_us = speed.silence_us() if speed.seen else speed.closed_still_us
    bounds = {ends_us // 10000 * 10 + 10}
    if speed.dt_us:
        judged = SLOW_MM_S if speed.closed else FAST_MM_S
        slow_us = max(speed.dt_us, speed.d_um * 1000 // judged)
        bounds.add(slow_us // 10000 * 10 + 10)
    return [("edge", ms, tuple(sorted(bounds)))]


def _motion(sup, now_ms, limit_ms) -> list[Timer]:
    standing = sup.motion.standing
    return [("motion", now_ms - standing.since_ms, (limit_ms,))] if standing.standing else []


def _self_test(world, sup, now_ms) -> list[Timer]:
    still_ms = world.guard.speed.open_still_us // 1000
    limit_ms = limit_ms_for(world.settings.stop_a_min_mm_s2, 0)
    bounds = tuple(sorted({still_ms, limit_ms + 10}))
    motion = _motion(sup, now_ms, SELF_TEST_MOTION_MS)
    return [("in state", now_ms - sup.entered_ms, bounds), *motion]


def _ready(world, sup, now_ms) -> list[Timer]:
    found = _motion(sup, now_ms, MOTION_MS) + _pump(world)
    if sup.pending.standing:
        found.append(("pending", now_ms - sup.pending.since_ms, (PENDING_MS,)))
    if sup.hand_turn.open:
        found.append(("hand turn", now_ms - sup.hand_turn.since_ms, (HAND_TURN_MS,)))
    found += _push("push", sup.sensor_proof.push, now_ms)
    for name, rail in (("left", world.guard.rails.left), ("right", world.guard.rails.right)):
        held_ms = now_ms - rail.since_held_ms
        if rail.grip_fresh:
            found.append((name, held_ms, (GRIP_VALID_MS + 10,)))
        elif rail.contact == st.HELD and not rail.held_too_long:
            found.append((name, held_ms, (UNHEALTHY_HELD_MS,)))
    return found


def _pump(world) -> list[Timer]:
    """The observer's own: T1 may begin when the pump has been idle for so long."""
    idle_ms = world.us // 1000 - world.watch.pump_ms
    return [("pump", max(idle_ms, 1), (PUMP_IDLE_MS,))] if idle_ms <= PUMP_IDLE_MS else []


def _push(name, push, now_ms) -> list[Timer]:
    return [(name, now_ms - push.last_ms, (GAP_MIN_MS, GAP_MAX_MS + 10))] if push.edges else []


def _test(world, sup, now_ms) -> list[Timer]:
    test = sup.relay_test
    if test.result != RUNNING:
        return []
    return [("test", now_ms - test.step_ms, (STEPS[test.step][1],))]


def _closed(world, sup, now_ms) -> list[Timer]:
    settings = world.settings
    ends_ms = {
        st.WAIT_BELT: settings.start_timeout_s * 1000,
        st.MOUNTING: settings.mount_timeout_s * 1000,
        st.BACKWARD: settings.session_limit_min * 60000,
    }
    found: list[Timer] = []
    if sup.state in ends_ms:
        found.append(("in state", now_ms - sup.entered_ms, (ends_ms[sup.state],)))
    if sup.state == st.MOUNTING and sup.turned.standing:
        found.append(("turned", now_ms - sup.turned.since_ms, (settings.turn_confirm_ms,)))
    # The two rail rules are exceeded one tick later, the relay's is reached.
    graces_ms = (
        settings.rail_grace_ms + 10, settings.one_hand_grace_ms + 10, settings.relay_settle_ms
    )  # fmt: skip
    for rule in sup.interlocks.rules:
        if type(rule) in RULES and rule.standing.standing:
            at = RULES.index(type(rule))
            since_ms = now_ms - rule.standing.since_ms
            found.append((RULES[at].__name__, since_ms, (graces_ms[at],)))
    return found


def _stopping(world, sup, now_ms) -> list[Timer]:
    stop = sup.stop
    began_ms = now_ms - stop.began_ms
    if stop.phase == DROPPING:
        return [("dropping", began_ms, (DROP_MAX_MS,))]
    bounds = (CAUSE_DUE_MS, WELDED_MS) if sup.cause_due else (WELDED_MS,)
    found: list[Timer] = [("opened", now_ms - stop.opened_ms, bounds)]
    if world.guard.speed.known or not stop.proven:
        found.append(("stopping", began_ms, tuple(sorted({stop.halving_ms + 10, stop.limit_ms}))))
    return found


def _lockout(world, sup, now_ms) -> list[Timer]:
    found = _push("push", sup.proof.push, now_ms) + _pump(world)
    return found + _test(world, sup, now_ms) if sup.proof_running else found


def _tripped(world, sup, now_ms) -> list[Timer]:
    return _motion(sup, now_ms, MOTION_MS)


BY_STATE = {
    st.SELF_TEST: _self_test, st.READY: _ready, st.ARMING: _test, st.WAIT_BELT: _closed,
    st.FORWARD: _closed, st.MOUNTING: _closed, st.BACKWARD: _closed, st.STOPPING: _stopping,
    st.TRIPPED: _tripped, st.LOCKOUT: _lockout,
}  # fmt: skip
