# SPDX-License-Identifier: MIT
"""One change of settings at a time: staged over the link, decided by START at the board."""

from binascii import crc32

from micropython import const

from guard.core import parameters
from guard.core.ticks import since

STAGE_MS = const(30000)

# Not offered over the link: only a stop test writes them.
MEASURED = ("stop_a_min_mm_s2", "stop_a_max_mm_s2")
# A change of one of these makes an earlier verification and stop test worthless.
VOIDING = ("distance_per_edge_um", "magnets_per_turn", "relay_settle_ms", "hall_sensors")


class Changes:
    def __init__(self, settings):
        self.settings = settings
        self.staged = {}
        self.pending = {}  # the complete new values, once the last part has come
        self.hash = None
        self._parts = 0
        self._since_ms = 0

    def tick(self, now_ms):
        """A stage that nobody completes for 30 s lapses."""
        parts = len(self.staged)
        if self.pending or parts != self._parts:
            self._parts = parts
            self._since_ms = now_ms
        elif parts and since(now_ms, self._since_ms) >= STAGE_MS:
            self.drop()

    def drop(self):
        self.staged = {}
        self.pending = {}
        self.hash = None

    def stage(self, values, more):
        """Take a part of a change. None, or (error code, sentence, field)."""
        if self.pending:
            self.drop()
        for name in values:
            reason = self._objection(name, values[name])
            if reason:
                self.staged = {}
                return reason
        self.staged.update(values)
        if more:
            return None
        complete = self.settings.as_dict()
        complete.update(self.staged)
        crossed = parameters.cross_check(complete)
        if crossed:
            self.staged = {}
            return "OUT_OF_RANGE", crossed[1], crossed[0]
        self.pending = complete
        self.hash = self._hash(complete)
        return None

    def _objection(self, name, value):
        if name in MEASURED or name not in parameters.NAMES:
            return "UNKNOWN_NAME", "There is no parameter %s that can be set." % name, name
        reason = parameters.check(name, value)
        return ("OUT_OF_RANGE", reason, name) if reason else None

    def _hash(self, values):
        text = ",".join("%s=%d" % (name, values[name]) for name in parameters.NAMES)
        return "%08x" % (crc32(text.encode()) & 0xFFFFFFFF)

    def apply(self, memory):
        """Make the pending change the settings; the list of (name, old, new) that changed."""
        new = self.pending
        old = self.settings.as_dict()
        if any(new[name] != old[name] for name in VOIDING):
            self._void(new, old, memory)
        if new["incline_axis"] != old["incline_axis"] and "incline_sensor" not in self.staged:
            new["incline_sensor"] = min(new["incline_sensor"], 1)  # zero it anew
        self.settings.load(new)
        self.drop()
        return [
            (name, old[name], new[name]) for name in parameters.NAMES if new[name] != old[name]
        ]

    def _void(self, new, old, memory):
        """A restored backup may bring its calibration along; the stop test is due either way."""
        measured = new["distance_per_edge_um"] != old["distance_per_edge_um"]
        measured = measured or new["magnets_per_turn"] != old["magnets_per_turn"]
        measured = measured or new["hall_sensors"] > old["hall_sensors"]
        if "calibration" not in self.staged:
            new["calibration"] = 1 if measured else min(new["calibration"], 1)
        for name in MEASURED:
            new[name] = 0
        memory.stop_test_due = 1
