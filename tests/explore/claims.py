# SPDX-License-Identifier: MIT
"""What must hold after every tick: I1, I2 and I6 of the design, and the order of states.

Each claim is one function; what it finds goes to world.broken as a sentence that begins with the
claim's name. They read the observer's own books (watch.py), the state, the command and memory.
"""

from __future__ import annotations

from guard.core import events as e
from guard.core import faults as f
from guard.core import states as st
from guard.core.memory import MARK_OPEN
from guard.core.relay_test import STEPS

LAST_STEP = len(STEPS) - 1
ALLOWED = dict.fromkeys(range(11), (st.OPEN,))
ALLOWED.update(dict.fromkeys(st.CLOSED_STATES, (st.CLOSED,)))
ALLOWED[st.STOPPING] = (st.OPEN, st.HOLD)
TESTING = (st.OPEN, st.EN_ONLY, st.A_ONLY, st.A_EN, st.B_ONLY, st.B_EN, st.TOGGLE_ONLY)
ALLOWED[st.ARMING] = ALLOWED[st.LOCKOUT] = TESTING
ENTERED_FROM = {
    st.ARMING: (st.READY,),
    st.WAIT_BELT: (st.ARMING,),
    st.FORWARD: (st.WAIT_BELT,),
    st.MOUNTING: (st.WAIT_BELT,),
    st.BACKWARD: (st.MOUNTING,),
}
LATCH_OF = {st.TRIPPED: f.TRIP, st.LOCKOUT: f.LOCKOUT}
PERMITTED = (st.READY, st.ARMING, *st.CLOSED_STATES)
PINS = {st.A_ONLY: "a", st.A_EN: "a", st.B_ONLY: "b", st.B_EN: "b", st.TOGGLE_ONLY: "ab"}
ENABLED = (st.EN_ONLY, st.A_EN, st.B_EN, st.HOLD)


def judge(world, before):
    """After each tick. before = latch, store_failed and state as the tick found them."""
    sup = world.sup
    state, command, latch = sup.state, sup.relay_command, world.memory.latch_code
    if command not in ALLOWED[state]:
        say(world, "I1", f"{command} is driven in {st.STATE_NAMES[state]}")
    if not sup.intact():
        say(world, "I1", "state words and complements differ after a tick")
    if state in LATCH_OF:
        if f.fault_class(latch) != LATCH_OF[state]:
            say(world, "I6", f"{st.STATE_NAMES[state]} with the latch {f.name(latch)}")
    elif latch and state in PERMITTED:
        say(world, "I6", f"{st.STATE_NAMES[state]} with the latch {f.name(latch)}")
    if command != world.watch.last_command:
        drives(world, state, command, world.watch.last_command)
    if command == st.OPEN and not sup.blob_wanted and not sup.cause_due:
        keeps(world)
    if latch != before[0]:
        latches(world, before[0], latch)
    old, cause = before[2], 0
    for kind, new, _, _ in world.happened:
        if kind == e.STOP or kind == e.LOCKED:
            cause = new
        elif kind == e.STATE:
            world.trail.append((old, new, cause))
            enters(world, old, new, cause, before[1])
            old, cause = new, 0


def say(world, claim, text):
    world.broken.append(f"{claim}: {text}")


def drives(world, state, command, last):
    """I1: RELAY_EN never changes together with a pump pin, and the pump was idle before."""
    if state == st.ARMING or state == st.LOCKOUT:
        enable_changes = (command in ENABLED) != (last in ENABLED)
        pins_change = PINS.get(command) != PINS.get(last)
        if command != st.OPEN and enable_changes and pins_change:
            say(world, "I1", f"RELAY_EN changes with a pump pin, {last} to {command}")
        if 0 <= world.watch.idle_ms < 300:
            say(world, "I1", f"RELAY_EN rises {world.watch.idle_ms} ms after a pump pin changed")
    if command == st.HOLD and state == st.STOPPING:
        if world.sup.stop.cause not in (f.BELT_STOPPED, f.START_TIMEOUT):
            say(world, "I1", f"T5 after {f.name(world.sup.stop.cause)}")
    if command == st.CLOSED and last != st.OPEN:
        say(world, "I1", f"closed straight from {last}")


def keeps(world):
    """I6: with the relay open and nothing to be written, a power cut finds the same latch. A
    write that failed is tried again within a second."""
    stored, memory = world.stored, world.memory
    due = world.nvs_failed and now_ms(world) - world.tried_ms < 1000
    if stored.latch_code != memory.latch_code and not due:
        kept = f.name(stored.latch_code)
        say(world, "I6", f"the latch {f.name(memory.latch_code)} is not stored, but {kept}")


def latches(world, old, new):
    """I6: the first reason is kept, a lockout outranks a trip; cleared only by hand."""
    if not old:
        return
    reasons = {kind for kind, _, _, _ in world.happened}
    if e.RENAMED in reasons and f.is_silence(old):
        return
    if new:
        if f.fault_class(new) <= f.fault_class(old):
            say(world, "I6", f"the latch {f.name(old)} becomes {f.name(new)}")
    elif f.fault_class(old) == f.LOCKOUT:
        proven(world, old)
    else:
        reset_by_hand(world, old)


def reset_by_hand(world, old):
    if world.watch.held_ms < 1000:
        say(world, "I6", f"{f.name(old)} cleared without START held 1 s")


def proven(world, old):
    """A lockout goes by the static proof at the board, T1 to T3 included."""
    watch = world.watch
    rails = watch.shown_left == 2 and (watch.shown_right == 2 or one_bar(world))
    if watch.shown_estop < 2 or not rails or watch.pushes < 3 or watch.test_step < LAST_STEP:
        say(world, "I6", f"{f.name(old)} cleared without the static proof")


def one_bar(world):
    return world.settings.rails_fitted == 1


def enters(world, old, new, cause, store_failed):
    """I2 and the order of states."""
    name = f"{st.STATE_NAMES[old]} to {st.STATE_NAMES[new]}"
    if old not in ENTERED_FROM.get(new, (old,)):
        say(world, "I2", name)
    if st.is_closed(old) and not st.is_closed(new) and new != st.STOPPING:
        say(world, "STOPPING", f"{name} goes past it")
    if new == st.STOPPING and not cause:
        say(world, "STOPPING", f"{name} without a reason")
    if new == st.ARMING:
        armed(world, store_failed)
    elif new == st.WAIT_BELT:
        closes(world)


def armed(world, store_failed):
    """I2: from a fresh short press of START, with nothing in the way."""
    watch, s, memory = world.watch, world.sample, world.memory
    if not 50 <= watch.held_ms <= 820:
        say(world, "I2", f"armed by a press of {watch.held_ms} ms")
    if now_ms(world) - watch.closed_ms < 3000:
        say(world, "I2", "armed within 3 s of an opening")
    in_the_way = (
        s.estop_pressed or s.mode == st.MODE_NONE or world.sup.pending.standing
        or world.sup.hand_turn.open or not world.kept_configured or world.kept_damaged
        or not world.settings.calibration or store_failed
    )  # fmt: skip
    if in_the_way:
        say(world, "I2", "armed with a blocker standing")
    if s.mode == st.MODE_BACKWARD:
        if world.settings.calibration < 2 or memory.stop_test_due or memory.sensor_not_proven:
            say(world, "I2", "armed backward with a proof due")
        if not gripped(world):
            say(world, "I2", "armed backward without fresh grips")


def gripped(world):
    watch = world.watch
    oldest_ms = now_ms(world) - 121000
    left = watch.left_stage and watch.left_ms >= oldest_ms
    right = watch.right_stage and watch.right_ms >= oldest_ms
    return left and (right or one_bar(world))


def closes(world):
    """I2: T1 to T3 all passed, nothing in the way, and the session mark is durable."""
    if world.watch.test_step < LAST_STEP:
        say(world, "I2", f"closed after step {world.watch.test_step} of T1 to T3")
    if world.stored.mark != MARK_OPEN:
        say(world, "I2", "closed without a durable session mark")
    s = world.sample
    if s.estop_pressed or s.mode != world.sup.session_mode or s.feedback_closed:
        say(world, "I2", "closed with a blocker standing")
    if world.guard.speed.lead_us or world.guard.speed.seen:
        say(world, "I2", "closed with an old lead")


def now_ms(world):
    return world.us // 1000
