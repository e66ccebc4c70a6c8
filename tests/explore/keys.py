# SPDX-License-Identifier: MIT
"""When two states are one: what the decisions still to come can tell apart.

Per state of the machine the key holds what is alive in it: timers as below, at or beyond their
boundaries, rails without telling left from right, faults by what becomes of them. Small things
that count reads or milliseconds (`doubts`) are kept when one of them stands; when several stand,
only how many. The first state found with a key stands for all of them.
"""

from __future__ import annotations

from guard.core import faults as f
from guard.core import states as st
from guard.core.boot_cause import found_at_boot
from guard.core.ready import CHANGE_CONFIRMED
from guard.core.states import MODE_BACKWARD
from tests.explore.timers import place, timers

Key = tuple

PRESSED = (st.READY, st.TRIPPED, st.LOCKOUT)  # where the length of a press means something
# Doubts that matter to the meaning of a press.
UNDER_A_PRESS = (19, 20, 21, 23, 24, 25, 40, 41)
# Timers and their numbers in a key; those up to 5 always count, the others are doubts.
NUMBERS = {
    "in state": 1, "turned": 2, "dropping": 3, "test": 4, "held": 5, "up": 6, "edge": 7,
    "delay": 8, "motion": 9, "pending": 10, "push": 11, "left": 12, "right": 12, "opened": 13,
    "stopping": 14, "RailsReleased": 15, "OneHand": 16, "RelayNotClosed": 17, "hand turn": 18,
    "pump": 19, "retry": 32,
}  # fmt: skip


def fate(code: int) -> int:
    """Faults that are treated alike: none, stop, quiet stop, dead sensor, ..., lockout."""
    if not code:
        return 0
    if code in (f.BELT_STOPPED, f.START_PRESSED, f.SENSOR_LOST, f.RAIL_WIRING, f.START_TIMEOUT):
        return 10 + code
    return (
        4 + (code > f.CODES) + f.fault_class(code)
        if f.is_sensor_fault(code)
        else (f.fault_class(code))
    )


def key(world) -> Key:
    """Rails fitted, state, memory, what always counts in this state, and the doubts."""
    sup = world.sup
    main, doubts = PARTS[sup.state](world, sup)
    if sup.button.down and sup.state in (st.READY, st.LOCKOUT):
        doubts = [doubt for doubt in doubts if doubt[0] in UNDER_A_PRESS]
    return (
        world.settings.rails_fitted, sup.state, *_memory(world, sup), *main,
        *_few([doubt for doubt in doubts if doubt[1]]),
    )  # fmt: skip


def kind(world) -> Key:
    """What every combination of inputs is tried from once."""
    sup, speed = world.sup, world.guard.speed
    state = sup.state
    if st.is_closed(state):
        belt = (speed.known, speed.seen, speed.lead_us > 0)
        return (state, sup.session_mode, sup.button.down, *belt)
    facts = (sup.proof_running, sup.hand_turn.open, sup.pending.standing, sup.delaying)
    driven = sup.relay_command != st.OPEN
    return (state, sup.button.down, speed.known, *facts, world.memory.latch_code > 0, driven)


def _memory(world, sup) -> Key:
    """What is proven, what is latched, and what a power cut now or a little later would find."""
    memory = world.memory
    proofs = (world.settings.calibration, memory.stop_test_due, memory.sensor_not_proven)
    if st.is_closed(sup.state):
        return proofs[1:]
    proofs = (*proofs, _configured(sup))
    if sup.state not in (st.READY, st.ARMING, st.STOPPING):
        proofs = (proofs == (2, 0, 0, True),) if sup.state == st.SELF_TEST else ()
    now = f.fault_class(found_at_boot(world.stored, False, False))
    later = f.fault_class(found_at_boot(memory, False, False))
    if sup.state == st.READY or sup.state == st.STOPPING:
        now = now != later and sup.blob_wanted
    return (*proofs, fate(memory.latch_code), now, later, sup.blob_wanted)


def _configured(sup) -> bool:
    return not (sup.blockers.not_configured or sup.blockers.config_damaged)


def _few(doubts: list[Key]) -> Key:
    """Which doubt stands, when it is one; how many, when there are more."""
    if len(doubts) <= 1:
        return tuple(doubts)
    return (len(doubts), max(doubts))


def _clocks(world) -> tuple[Key, list[Key]]:
    """(timers that always count, the doubts among them)."""
    places = [
        (NUMBERS[name], place(ms, bounds))
        for name, ms, bounds in timers(world)
        if name != "held" or world.sup.state in PRESSED
    ]
    return tuple(at for at in places if at[0] <= 5), [at for at in places if at[0] > 5]


def _button(sup) -> int:
    """Nothing, a fresh start possible, a press that counts, one that does not."""
    button = sup.button
    if not button.down:
        return int(button._up_long)
    return 2 + (button._counts and not button.stuck)


def _aside(world, sup) -> list[Key]:
    """Doubts of every state with the relay open."""
    blockers, speed = sup.blockers, world.guard.speed
    return [
        (20, min(blockers.hall_bad.count, 3)), (21, min(blockers.feedback.count, 2)),
        (22, sup.button.down_reads == 1), (23, sup.button.stuck), (24, speed.known),
        (25, sup.delaying), (26, blockers.saving),
        (28, blockers.store_failed + world.nvs_failed), (29, sup.maintenance_asked),
        (33, world.sample.estop_pressed),
    ]  # fmt: skip


def _contacts(world, turned: bool) -> Key:
    rails = world.guard.rails
    sides = []
    for rail in (rails.left, rails.right):
        anew = (rail.regripped, rail.let_go_since_belt) if turned else ()
        sides.append((rail.contact, *anew))
    return tuple(sorted(sides)) if rails.two_fitted() else tuple(sides[:1])


def _grips(world) -> Key:
    """Everything that READY knows of the rails."""
    rails = world.guard.rails
    sides = [
        (rail.contact, rail.grip_fresh, rail.held_too_long,
         rail.contact != st.HELD and rail.seen_released)
        for rail in (rails.left, rails.right)
    ]  # fmt: skip
    return tuple(sorted(sides)) if rails.two_fitted() else tuple(sides[:1])


def _self_test(world, sup):
    main, doubts = _clocks(world)
    doubts += [*_aside(world, sup), (30, sup.button.down)]
    return (fate(sup.found), *main), doubts


def _ready(world, sup):
    main, doubts = _clocks(world)
    memory, rails = world.memory, world.guard.rails
    doubts += [
        *_aside(world, sup), (40, sup.pending.standing), (41, sup.hand_turn.open),
        (42, sup.pending.answer == CHANGE_CONFIRMED), (43, sup.sensor_proof.push.edges),
    ]  # fmt: skip
    due = world.settings.calibration < 2 or memory.stop_test_due or memory.sensor_not_proven
    if due or not _configured(sup):
        hands = rails.all_held() if memory.sensor_not_proven and _configured(sup) else 0
    elif sup.button.down:
        hands = (rails.proven(), rails.wiring_bad(), rails.unhealthy())
    else:
        hands = _grips(world)
    return (hands, _button(sup), *main), doubts


def _arming(world, sup):
    main, doubts = _clocks(world)
    test = sup.relay_test
    hands = sum(rail.contact for rail in (world.guard.rails.left, world.guard.rails.right))
    doubts += [*_aside(world, sup), (50, hands)]
    return (sup.session_mode, test.step, test.result, sup.relay_command, *main), doubts


def _closed(world, sup):
    main, doubts = _clocks(world)
    speed, backward = world.guard.speed, sup.session_mode == MODE_BACKWARD
    doubts += [(60 + n, rule.reads.count) for n, rule in enumerate(sup.interlocks.rules)]
    lead = 0 if not speed.lead_us else 1 + (speed.lead_us * 2 > speed.allow_us)
    doubts += [
        (50, sup.button.down), (51, sup.button.down_reads == 1), (52, sup.time_warnings > 0),
        (53, min(speed.noise.total, 2)), (54, speed.surge.before_us > 0),
    ]  # fmt: skip
    belt = (speed.known, speed.seen, lead, speed.silence_is_a_stop())
    hands = _contacts(world, sup.state == st.MOUNTING) if backward else 0
    return (sup.session_mode, belt, hands, *main), doubts


def _stopping(world, sup):
    main, doubts = _clocks(world)
    stop, speed = sup.stop, world.guard.speed
    tested = stop.v0_mm_s >= 400 and sup.session_mode != MODE_BACKWARD
    doubts += [
        (20, min(sup.blockers.hall_bad.count, 3)), (28, sup.blockers.store_failed),
        (25, sup.delaying), (50, sup.settings_measured), (51, world.contact),
        (52, min(stop.edges_after(), 2)),
    ]  # fmt: skip
    how = (stop.phase, stop.contact_open, stop.proven, stop.failed, sup.cause_due)
    causes = (fate(stop.cause), fate(sup.memory.cause))
    return (*causes, *how, speed.known, tested, sup.relay_command, *main), doubts


def _tripped(world, sup):
    main, doubts = _clocks(world)
    return (_button(sup), world.guard.rails.wiring_bad(), *main), doubts + _aside(world, sup)


def _lockout(world, sup):
    main, doubts = _clocks(world)
    proof, test = sup.proof, sup.relay_test
    sides = [side.free + side.gripped + side.done for side in (proof.left, proof.right)]
    shown = tuple(sorted(sides)) if world.guard.rails.two_fitted() else sides[0]
    steps = (proof.estop_seen + proof.estop_done, proof.belt_done, shown)
    running = (test.step, test.result, sup.relay_command) if sup.proof_running else 0
    doubts += _aside(world, sup)
    if running or proof.complete():
        return (_button(sup), steps, running, *main), doubts
    # Nothing can end the proof yet: only its own steps count.
    doubts = [doubt for doubt in doubts if doubt[0] in (24, 29, 33)]
    doubts += [(30, 0 if proof.belt_done else proof.push.edges), (31, not proof.stood_still)]
    return (sup.button.down, steps), doubts


def _maintenance(_world, _sup):
    return (), []


PARTS = {
    st.SELF_TEST: _self_test, st.READY: _ready, st.ARMING: _arming, st.WAIT_BELT: _closed,
    st.FORWARD: _closed, st.MOUNTING: _closed, st.BACKWARD: _closed, st.STOPPING: _stopping,
    st.TRIPPED: _tripped, st.LOCKOUT: _lockout, st.MAINTENANCE: _maintenance,
}  # fmt: skip
