# SPDX-License-Identifier: MIT
"""No state is a trap: from each one the documented way out is walked, by the real core.

What a person does who knows the guide and has a healthy board: wait, press START, hold it, grip
the rails, prove what has to be proven, confirm the change that is due, restart a board whose
store failed or that is in MAINTENANCE. It ends in ARMING for backward mode, with no blocker.
"""

from __future__ import annotations

from guard.core import faults as f
from guard.core import states as st
from guard.core.states import HELD, MODE_BACKWARD, MODE_FORWARD, RELEASED
from tests.explore import inputs as i
from tests.explore.inputs import Levels
from tests.explore.keys import Key, key

MOST_STEPS = 60
TICK_US, LONG_US = 10000, 150000
BELT_US = 210000  # 400 mm/s: fast enough for a stop test


class WayOut:
    """Walks it; where it was walked once from a state after standing still, not again."""

    def __init__(self):
        self.walked: set[Key] = set()

    def __call__(self, world) -> str:
        """Empty, or where it got stuck."""
        world.broken.clear()
        on_the_way = []
        for _ in range(MOST_STEPS):
            if _arms(world) or (on_the_way and on_the_way[-1] in self.walked):
                self.walked.update(on_the_way)
                return ""
            if world.sup.state not in MOVING:
                wait(world, 1290)
                on_the_way.append(key(world))
                if on_the_way[-1] in self.walked:
                    continue
            STEPS[world.sup.state](world)
            if world.broken:
                return f"on the way out: {world.broken[0]}"
        names = ", ".join(world.sup.blockers.names()) or "no blocker"
        latch = f.name(world.memory.latch_code)
        return f"TRAP: {st.STATE_NAMES[world.sup.state]}, latch {latch}, {names}"


def _arms(world) -> bool:
    return world.sup.state == st.ARMING and world.sup.session_mode == MODE_BACKWARD


def wait(world, ms: int, hands=RELEASED, mode=MODE_BACKWARD, **held) -> None:
    """Let time pass, ticks of 10 ms first, so that every contact is read."""
    levels = Levels(hands, hands, mode=mode, **held)
    for _ in range(min(9, ms // 10)):
        world.tick(TICK_US, levels)
    for _ in range((ms - 90) // 150):
        world.tick(LONG_US, levels)


def press(world, ms: int, hands=RELEASED, mode=MODE_BACKWARD) -> None:
    """START let go for as long as is fresh, pressed, let go."""
    wait(world, 390, hands, mode)
    wait(world, ms, hands, mode, start=True)
    wait(world, 20, hands, mode)


def edges(world, count: int, every_us: int, hands=HELD, mode=MODE_BACKWARD) -> None:
    levels = Levels(hands, hands, mode=mode)
    for _ in range(count):
        world.tick(every_us - TICK_US, levels)
        world.tick(TICK_US, levels, 0, world.us + 1)


def _stand(world) -> None:
    """Time does the rest."""
    wait(world, 1290)


def _closed(world) -> None:
    """Any press stops; one that was down before the relay closed has to be let go first."""
    mode = world.sup.session_mode
    wait(world, 20, HELD, mode)
    wait(world, 20, HELD, mode, start=True)
    wait(world, 20, HELD, mode)


def _tripped(world) -> None:
    press(world, 1290)


def _lockout(world) -> None:
    """The static proof at the board, then START held 5 s: T1 to T3."""
    wait(world, 3090)
    show_proof(world)
    _test(world)


def show_proof(world) -> None:
    """E-stop, both rails, the belt pushed by hand, START held 5 s."""
    wait(world, 90, estop=True)
    wait(world, 90, HELD)
    wait(world, 90)
    edges(world, 3, 500000, RELEASED)
    wait(world, 1290)
    press(world, 5340)


def _test(world) -> None:
    """T1 to T3, while they run."""
    for _ in range(40):
        if world.sup.state not in (st.ARMING, st.LOCKOUT):
            return
        wait(world, 90)


def _ready(world) -> None:
    sup, memory = world.sup, world.memory
    if sup.blockers.store_failed:
        _restart(world)
        return
    if sup.delaying:
        wait(world, 3090)
    elif sup.pending.standing or sup.hand_turn.open:
        press(world, 100)
    elif sup.blockers.not_configured or sup.blockers.config_damaged or _uncalibrated(world):
        world.tick(TICK_US, Levels(), i.OFFER)
        press(world, 3390)
    elif memory.sensor_not_proven:
        wait(world, 90, HELD)
        edges(world, 4, 500000)
    elif memory.stop_test_due:
        _stop_test(world)
    else:
        wait(world, 90, HELD)
        press(world, 100, HELD)


def _uncalibrated(world) -> bool:
    return world.settings.calibration < 2


def _stop_test(world) -> None:
    """Forward, nobody on the belt, ended by START at 400 mm/s."""
    press(world, 100, RELEASED, MODE_FORWARD)
    for _ in range(60):
        if world.sup.state != st.ARMING:
            break
        wait(world, 50, RELEASED, MODE_FORWARD)
    if world.sup.state == st.WAIT_BELT:
        edges(world, 4, BELT_US, RELEASED, MODE_FORWARD)
        _closed(world)


def _arming(world) -> None:
    """A forward session that is about to begin: let it, then stop it."""
    wait(world, 90, RELEASED, MODE_FORWARD)


def _restart(world) -> None:
    world.tick(TICK_US, Levels(), i.POWER_CUT)


MOVING = (*st.CLOSED_STATES, st.ARMING, st.MAINTENANCE)
STEPS = {
    st.SELF_TEST: _stand, st.READY: _ready, st.ARMING: _arming, st.WAIT_BELT: _closed,
    st.FORWARD: _closed, st.MOUNTING: _closed, st.BACKWARD: _closed, st.STOPPING: _stand,
    st.TRIPPED: _tripped, st.LOCKOUT: _lockout, st.MAINTENANCE: _restart,
}  # fmt: skip
