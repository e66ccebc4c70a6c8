# SPDX-License-Identifier: MIT
"""What a person beside the box, and a laptop on its cable, can see and hear.

Beeps belong together when less than 400 ms of silence lies between them; a group is logged once
it is over, by the name that the firmware's own table has for it, or as lengths of sound and
silence in ms, rounded to 10 ("100 100 100" is two beeps). A group that repeats is logged once,
until something else is heard or 5 s of silence have passed.
"""

import json

from treadguard.virtual.canon import dump

GROUP_GAP_MS = 400
GROUP_MAX = 15
REPEAT_MS = 5000
LOGGED_MAX = 240


class Observer:
    def __init__(self, world):
        self.world = world
        self.state = ""
        self.fault = ""
        self.latched = ""
        self.lines = 0
        self.bad_lines = 0
        self.beeps = []
        self.since_ms = 0
        self.round = 0
        self.last_group = ""
        self.last_group_ms = -REPEAT_MS
        self.patterns = ()  # (name, on and off times in ms), from the firmware's table
        self.blinks = 0

    # -- sound and light

    def sound(self, on):
        now_ms = self.world.now // 1000
        self.round += 1
        if on and not self.beeps:
            self.beeps = [0]
        elif self.beeps:
            length_ms = (now_ms - self.since_ms + 5) // 10 * 10
            if self.beeps[0]:
                self.beeps.append(length_ms)
            else:
                self.beeps[0] = length_ms
        self.since_ms = now_ms
        if not on:
            if len(self.beeps) >= GROUP_MAX:
                self._group()
            else:
                self.world.call_in(GROUP_GAP_MS * 1000, self._quiet, self.round)

    def _quiet(self, round_):
        if round_ == self.round and self.beeps:
            self._group()

    def _group(self):
        beeps = self.beeps
        self.beeps = []
        cut = self._chirp_in(beeps)
        if cut:
            self._heard(self.name_of(beeps[: cut - 1]))  # a drone that the chirp cut short
        self._heard(self.name_of(beeps[cut:]))

    def _heard(self, name):
        now_ms = self.world.now // 1000
        repeated = name == self.last_group and now_ms - self.last_group_ms < REPEAT_MS
        self.last_group = name
        self.last_group_ms = now_ms
        if not repeated:
            self.world.log("sound", name)

    def _chirp_in(self, beeps):
        """Where a chirp begins that ends this group; 0 when all of it is one sound."""
        if self._known(beeps):
            return 0
        for cut in range(2, len(beeps), 2):
            if self._known(beeps[cut:]):
                return cut
        return 0

    def _known(self, beeps):
        for _, pattern in self.patterns:
            if alike(beeps, pattern):
                return True
        return False

    def name_of(self, beeps):
        """The firmware's name for a group, or its lengths in ms."""
        for name, pattern in self.patterns:
            if alike(beeps, pattern):
                return name
        return " ".join([str(length) for length in beeps])

    def light(self, on):
        self.blinks += on

    # -- the link

    def line(self, text):
        """One line has come out of the UART."""
        if text.endswith(b"\r"):
            text = text[:-1]
        self.lines += 1
        star = text.rfind(b"*")
        if not text.startswith(b"{") or star < 0:
            if text:
                self.world.log("console", printable(text))
            return
        try:
            message = json.loads(text[:star])
        except ValueError:
            self.bad_lines += 1
            self.world.log("console", printable(text))
            return
        event = message.get("ev")
        if event == "watch":
            return
        self.world.log("link", dump(message)[:LOGGED_MAX])
        if event == "state":
            self._state(message)

    def _state(self, message):
        state = message.get("state") or ""
        fault = message.get("fault") or ""
        stops_again = state != self.state and state in ("STOPPING", "LOCKOUT")
        if fault and (fault != self.fault or stops_again):
            self.world.log("fault", fault)
        self.fault = fault
        self.latched = message.get("latched") or ""
        if state != self.state:
            self.state = state
            self.world.log("state", state)


def alike(beeps, pattern):
    """Is this group the pattern, or (a drone with short gaps) three or more pieces of it?"""
    period = len(pattern)
    if period % 2 == 0 and pattern[-1] >= GROUP_GAP_MS:
        period -= 1  # a drone whose last gap ends the group
    elif period % 2 == 0 and len(beeps) >= 3:
        return all(near(beeps[i], pattern[i % period]) for i in range(len(beeps)))
    if len(beeps) != period:
        return False
    return all(near(beeps[i], pattern[i]) for i in range(period))


def near(length_ms, wanted_ms):
    return -15 < length_ms - wanted_ms < 15


def printable(text):
    """ASCII for the log, whatever came out."""
    out = ""
    for byte in text[:LOGGED_MAX]:
        out += chr(byte) if 32 <= byte < 127 else "."
    return out
