# SPDX-License-Identifier: MIT
"""Buzzer and LED. A pattern is a tuple of ms: on, off, on, off ...; drones repeat."""

from machine import Pin
from micropython import const

from guard.board import pins
from guard.core import sounds

# In the order of sounds.SOUND_NAMES.
PATTERNS = (
    (),  # silent
    (30, 220),  # arming_tick: ticking, the relay is about to close
    (120, 120),  # hand_warning: quick, put the hand back
    (60, 60),  # speed_warning: very quick, the belt runs ahead of the limit
    (400, 1600),  # trip: slow, someone must look
    (800, 200, 100, 900),  # lockout: long-short, do not use
    (50, 100, 50, 1300),  # change_pending: double tick, hold START 3 s or press shortly
    (20, 1980),  # hand_turn: a tick every 2 s
    (80, 60, 80, 60, 300),  # belt_seen: short short long, you may step on
    (200, 100, 200),  # backward_on: two beeps
    (60, 60, 60, 60, 60, 60, 60),  # time_warning: four quick
    (600,),  # stopped: one long
    (40, 40, 40, 40, 40),  # refused: three very short
    (250,),  # hold_reached: one medium, let go of START
    (80, 60, 200),  # confirmed: short, longer
    (40, 80, 40),  # proof_step: two ticks, this step of the proof is seen
    (60, 60, 120),  # ready
    (90, 70, 90, 450),  # incline_warning: lower the deck
)
# Silence between a drone and a chirp, either way, so that an ear can tell them apart.
GAP_MS = const(420)
# One LED pattern per state, in the order of states.STATE_NAMES.
LIGHTS = (
    (100, 100),  # SELF_TEST
    (50, 1950),  # READY
    (50, 200),  # ARMING
    (500, 500),  # WAIT_BELT
    (1000,),  # FORWARD
    (250, 250),  # MOUNTING
    (1000,),  # BACKWARD
    (50, 50),  # STOPPING
    (400, 1600),  # TRIPPED
    (800, 400, 100, 400),  # LOCKOUT
    (50, 50, 50, 850),  # MAINTENANCE
)


class Player:
    """Plays one pattern on a pin, a step at a time."""

    def __init__(self, gpio):
        self._pin = Pin(gpio, Pin.OUT, value=0)
        self.pattern = ()
        self._repeat = False
        self._step = 0
        self._since_ms = 0
        self._level = 0
        self._gap_ms = 0

    def play(self, pattern, repeat, now_ms, gap_ms=0):
        """Play from the start, after a silence of gap_ms."""
        self.pattern = pattern
        self._repeat = repeat
        self._step = 0
        self._since_ms = now_ms
        self._gap_ms = gap_ms
        self._set(1 if pattern and not gap_ms else 0)

    def _set(self, level):
        if level != self._level:
            self._level = level
            self._pin.value(level)

    def tick(self, now_ms):
        """Advance; True while the pattern sounds."""
        pattern = self.pattern
        if not pattern:
            return False
        if self._gap_ms:
            if (now_ms - self._since_ms) & 0x3FFFFFFF >= self._gap_ms:
                self._gap_ms = 0
                self._since_ms = now_ms
                self._set(1)
            return True
        if (now_ms - self._since_ms) & 0x3FFFFFFF < pattern[self._step]:
            return True
        self._since_ms = now_ms
        self._step += 1
        if self._step == len(pattern):
            self._step = 0
            if not self._repeat:
                self.pattern = ()
                self._set(0)
                return False
        self._set(1 - (self._step & 1))
        return True


class Panel:
    def __init__(self):
        self._buzzer = Player(pins.BUZZER)
        self._led = Player(pins.LED)
        self.drone = sounds.SILENT
        self.chirp = sounds.SILENT
        self._lit = -1

    def tick(self, supervisor, now_ms):
        """Sound a new chirp at once, else the drone; show the state."""
        if supervisor.chirp:
            self.chirp = supervisor.chirp
            supervisor.chirp = sounds.SILENT
            gap_ms = GAP_MS if self.drone else 0
            self._buzzer.play(PATTERNS[self.chirp], False, now_ms, gap_ms)
        sounding = self._buzzer.tick(now_ms)
        if self.chirp:
            if sounding:
                self._show(supervisor.state, now_ms)
                return
            self.chirp = sounds.SILENT
            self.drone = supervisor.drone
            self._buzzer.play(PATTERNS[self.drone], True, now_ms, GAP_MS)
        elif supervisor.drone != self.drone:
            self.drone = supervisor.drone
            self._buzzer.play(PATTERNS[self.drone], True, now_ms)
        self._show(supervisor.state, now_ms)

    def _show(self, state, now_ms):
        if state != self._lit:
            self._lit = state
            self._led.play(LIGHTS[state], True, now_ms)
        self._led.tick(now_ms)
