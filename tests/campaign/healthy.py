# SPDX-License-Identifier: MIT
"""Hours of healthy walking on the deciding core: nothing may open the relay, and the names at
the end are counted.

The tape of a session (walk.py) goes through the fast engine from WAIT_BELT on. `Quick` is that
engine with its own loop unrolled, and without the ticks in which nothing can be decided: the
belt walks on, both hands are on, no timer runs, and neither an edge nor a change comes before
the silence would be judged. Tested equal to the engine that judges every tick.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from guard.core.faults import name as fault_name
from guard.core.memory import Memory
from guard.core.states import BACKWARD, CLOSED, FORWARD, MODE_FORWARD, STOPPING, WAIT_BELT
from tests.campaign import walk
from tests.campaign.groups import BY_NAME, Group
from treadguard.virtual.engine import MASK, TICK_US, Engine
from treadguard.virtual.profiles import treadmill

FAR = 1 << 62
AFTER_STILL_US = 16_000_000
RELEASE_US = 9_000
SETTLED_US = 150_000  # after a change of the hands: three readings of each channel
ENTERED_MS = 1000  # START counts as up for long by then
WARNED_MS = 61_000  # before the session's end
STOP_TESTS = 9
# How a true stop may end: well named, wrongly named, or by a walker who lets go a little early.
ENDS = ("BELT_STOPPED", "SENSOR_LOST", "SENSOR_NOISE", "RAILS_RELEASED", "ONE_HAND")
HOUR_US = 3_600_000_000


class Quick(Engine):
    """Engine.run without a call per step, and without the ticks that cannot matter."""

    changed_us = -FAR

    def run(self, until_us: int, stop_when_open: bool = False) -> None:
        s, guard, sup, events = self.sample, self.guard, self.supervisor, self.events
        edges, changes = self.edges, self.changes
        edge_at, now_us, channel = self._edge_at, self.now_us, s.channel
        next_edge = edges[edge_at] if edge_at < len(edges) else FAR
        next_change = changes[self._change_at][0] if self._change_at < len(changes) else FAR
        guard_tick, guard_edge, feedback = guard.tick, guard.edge, self._feedback
        while now_us + TICK_US <= until_us:
            now_us += TICK_US
            s.now_us = now_us & MASK
            s.now_ms = now_ms = (now_us // 1000) & MASK
            s.channel = channel = channel + 1 if channel < 2 else 0
            if next_change <= now_us:
                self._apply_changes(now_us)
                self.changed_us = now_us
                at = self._change_at
                next_change = changes[at][0] if at < len(changes) else FAR
            s.feedback_closed = feedback(now_us)
            while next_edge <= now_us:
                guard_edge(next_edge & MASK, 1, now_ms)
                edge_at += 1
                next_edge = edges[edge_at] if edge_at < len(edges) else FAR
            guard_tick(s)
            s.host_stop = False
            self.ticks += 1
            if sup.relay_command != self._command or sup.blob_wanted or events.waiting:
                self.now_us = now_us
                self._after(now_us)
                if stop_when_open and self.opened_at_us is not None:
                    break
            elif next_edge - now_us > TICK_US:
                idle = self._idle_ticks(now_us, min(next_edge - 1, next_change - 1, until_us))
                now_us += idle * TICK_US
                self.ticks += idle
                s.channel = channel = (channel + idle) % 3
        self.now_us = now_us
        self._edge_at = edge_at

    def _idle_ticks(self, now_us: int, until_us: int) -> int:
        """How many ticks from here on, none after until_us, can decide nothing."""
        sup, speed = self.supervisor, self.guard.speed
        walks = sup.state == FORWARD or (sup.state == BACKWARD and self.guard.rails.all_held())
        if not walks or sup.relay_command != CLOSED or not self.sample.feedback_closed:
            return 0
        if now_us - self.changed_us < SETTLED_US or not (speed.seen and speed.known):
            return 0
        left_ms = sup.settings.session_limit_min * 60_000 - sup.backward_ms
        in_state_ms = (self.sample.now_ms - sup.entered_ms) & MASK
        if in_state_ms < ENTERED_MS or left_ms < WARNED_MS:
            return 0
        silent_us = speed.silence_us() - ((now_us - speed.last_us) & MASK)
        return max(0, min(until_us - now_us, silent_us) // TICK_US)


@dataclass
class Walked:
    """One session: how long the relay was closed, and what ended it."""

    group: str
    number: int
    profile: str
    closed_us: int
    false_stop: str = ""  # the fault, when the belt and the walker did nothing wrong
    at_us: int = 0
    named: str = ""  # what the true stop was called in the end
    max_lead_mm: int = 0

    def name_end(self, name: str) -> None:
        """A stop for any other reason is none that the belt's end explains."""
        self.named = name
        self.false_stop = "" if name in ENDS else name

    def row(self) -> dict[str, Any]:
        return dict(vars(self))


def run(group_name: str, seed: int, number: int, quick: bool = True) -> Walked:
    """Walk one session."""
    return walk_through(walk.draw(BY_NAME[group_name], seed, number), group_name, number, quick)


def walk_through(tape: walk.Tape, group_name: str, number: int, quick: bool = True) -> Walked:
    engine = engine_of(tape, BY_NAME[group_name], Quick if quick else Engine)
    engine.run(tape.stop_us, stop_when_open=True)
    walked = Walked(group_name, number, tape.profile, engine.now_us)
    opened = engine.opened_at_us
    if opened is not None:
        walked.false_stop = fault_name(engine.supervisor.fault)
        walked.at_us = opened
    else:
        come_to_rest(engine, tape)
        walked.closed_us = engine.opened_at_us or engine.now_us
        walked.name_end(name_at_the_end(engine))
    walked.max_lead_mm = engine.guard.speed.max_lead_mm()
    return walked


def come_to_rest(engine: Engine, tape: walk.Tape) -> None:
    """The console stops the belt; once the relay is open, the belt coasts."""
    loop_us = RELEASE_US + tape.numbers["loop_delay_ms"] * 1000
    for now_us in tape.ending():
        engine.run(now_us)
        opened = engine.opened_at_us
        if tape.walk and opened is not None and now_us - opened >= loop_us:
            tape.walk.cut()
    engine.run(tape.still_us + AFTER_STILL_US)


def engine_of(tape: walk.Tape, group: Group, make: type[Engine]) -> Engine:
    memory = Memory()
    memory.stop_test_due = 0
    strongest = strongest_stop(tape.profile, tape.test % STOP_TESTS)
    values = {**tape.config, "stop_a_max_mm_s2": strongest}
    engine = make(values, memory=memory)
    engine.edges, engine.changes = tape.edges, tape.changes
    if group.forward:
        engine.sample.mode = MODE_FORWARD
        engine.start_in(FORWARD, tape.limit_mm_s)
    else:
        limit = min(tape.config["mount_limit_mm_s"], tape.config["backward_limit_mm_s"])
        engine.start_in(WAIT_BELT, limit)
    return engine


def name_at_the_end(engine: Engine) -> str:
    if engine.opened_at_us is None:
        return "never opened"
    if engine.supervisor.state == STOPPING:
        return "still stopping"
    return str(fault_name(engine.supervisor.stop.cause))


@functools.cache
def strongest_stop(profile: str, test: int) -> int:
    """stop_a_max_mm_s2 as one of this treadmill's stop tests measures it."""
    from tests.bench.naming import stop_test

    return stop_test(treadmill(profile, {}), 1000 + test)
