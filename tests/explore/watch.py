# SPDX-License-Identifier: MIT
"""An observer that keeps its own books, from raw inputs and from what is driven.

It asks the core for nothing but its state and its command, so that a claim like "a fresh press"
is judged by what the button did and not by what the core made of it.
"""

from __future__ import annotations

from guard.core.relay_test import STEPS
from guard.core.states import ARMING, CLOSED, LOCKOUT, OPEN, TOGGLE_ONLY, is_closed

NEVER = -(1 << 40)
TEST_COMMANDS = tuple(command for command, _ in STEPS)
PUMPING = (CLOSED, TOGGLE_ONLY)
PUMP_PINS = {3: 1, 4: 1, 5: 2, 6: 2, 7: 3}  # A_ONLY, A_EN, B_ONLY, B_EN, TOGGLE_ONLY
ENABLED = (1, 2, 4, 6, 8)  # CLOSED, EN_ONLY, A_EN, B_EN, HOLD


class Watch:
    def __init__(self):
        self.state = 0
        self.command = OPEN
        self.last_command = OPEN
        # START: since when it is up in this state, and the press that goes on or just ended.
        self.up_ms = NEVER
        self.down_ms = NEVER
        self.down = False
        self.fresh = False
        self.held_ms = -1  # length of a fresh press that ended in this tick
        # Rails: 1 let go since the relay opened, 2 gripped after that, and when.
        self.left_stage = 0
        self.left_ms = NEVER
        self.right_stage = 0
        self.right_ms = NEVER
        self.closed_ms = NEVER  # last tick commanded closed, or boot
        self.edge_ms = NEVER
        self.pump_ms = NEVER  # last change of a pump pin
        self.idle_ms = -1  # for how long the pump was idle when RELAY_EN rose in this tick
        self.test_step = -1  # how far T1 to T3 have come; -1: not run
        # Static proof since LOCKOUT began: 1 first half seen, 2 done.
        self.shown_estop = 0
        self.shown_left = 0
        self.shown_right = 0
        self.pushes = 0
        self.latch_at_boot = 0

    def boot(self, now_ms, latch):
        self.__init__()
        self.up_ms = now_ms
        self.closed_ms = now_ms
        self.latch_at_boot = latch

    def discard(self, now_ms):
        """A press under way must mean nothing any more."""
        self.up_ms = now_ms
        self.fresh = False

    def note(self, world, now_ms, edge_us):
        """After each tick."""
        sup, s = world.sup, world.sample
        self._button(s.start_down, now_ms)
        self._rails(s, now_ms)
        if edge_us >= 0:
            self.edge_ms = now_ms
            self.pushes += 1
        self.last_command = self.command
        self._relay(sup.relay_command, now_ms)
        if self.state == LOCKOUT:
            self._proof(s)
        if sup.state != self.state:
            self._entered(sup.state, now_ms)

    def _button(self, down, now_ms):
        self.held_ms = -1
        if down and not self.down:
            self.fresh = now_ms - self.up_ms >= 200
            self.down_ms = now_ms
        elif self.down and not down:
            self.held_ms = now_ms - self.down_ms if self.fresh else -1
            self.up_ms = now_ms
        self.down = down

    def _rails(self, s, now_ms):
        self.left_stage, self.left_ms = _grip(self.left_stage, self.left_ms, s.left_raw, now_ms)
        self.right_stage, self.right_ms = _grip(
            self.right_stage, self.right_ms, s.right_raw, now_ms
        )

    def _relay(self, command, now_ms):
        if command == CLOSED:
            self.closed_ms = now_ms
        rose = command in ENABLED and self.command not in ENABLED
        self.idle_ms = now_ms - self.pump_ms if rose and command != CLOSED else -1
        if command in PUMPING or PUMP_PINS.get(command) != PUMP_PINS.get(self.command):
            self.pump_ms = now_ms
        if self.state in (ARMING, LOCKOUT) and command != self.command:
            step = self.test_step + 1
            if step < len(TEST_COMMANDS) and TEST_COMMANDS[step] == command:
                self.test_step = step
            elif command == EN_FIRST:
                self.test_step = 0
            elif command == OPEN and step < len(TEST_COMMANDS):
                self.test_step = -1
        self.command = command

    def _proof(self, s):
        if s.estop_pressed:
            self.shown_estop = max(self.shown_estop, 1)
        elif self.shown_estop:
            self.shown_estop = 2
        self.shown_left = _shown(self.shown_left, s.left_raw)
        self.shown_right = _shown(self.shown_right, s.right_raw)

    def _entered(self, state, now_ms):
        if is_closed(self.state) and not is_closed(state):
            self.left_stage = self.right_stage = 0
            self.left_ms = self.right_ms = NEVER
        self.state = state
        self.discard(now_ms)
        if state in (ARMING, LOCKOUT):
            self.test_step = -1
        if state == LOCKOUT:
            self.shown_estop = self.shown_left = self.shown_right = self.pushes = 0


EN_FIRST = TEST_COMMANDS[0]


def _grip(stage, since_ms, raw, now_ms):
    """Let go, then gripped; a grip is as old as its first reading."""
    if 420 <= raw <= 600:
        return (1, since_ms) if stage < 1 or stage == 2 else (stage, since_ms)
    if stage == 1 and 160 <= raw <= 340:
        return 2, now_ms
    return stage, since_ms


def _shown(stage, raw):
    if 160 <= raw <= 340:
        return max(stage, 1)
    return 2 if stage and 420 <= raw <= 600 else stage
