# SPDX-License-Identifier: MIT
"""The world of stream.py with every option fitted, healthy until a test changes one thing."""

from guard.core.options import fit
from guard.core.states import CLOSED, HOLD, TOGGLE_ONLY
from tests.support.stream import HALL_GOOD, NEVER, World

ALL = {
    "hall_sensors": 2,
    "hall_mounting": 1,
    "second_stop_fitted": 1,
    "key_sense_fitted": 1,
    "incline_sensor": 2,
}
INCLINE_EVERY_MS = 20


class OptionWorld(World):
    def __init__(self, **values):
        given = dict(ALL)
        given.update(values)
        World.__init__(self, **given)
        self.options = fit(self.guard)
        self.sensor_b = True
        self.hall_b_permille = HALL_GOOD
        self.count_ahead_b = 0
        self.b_quarters = 1  # of the distance between magnets, behind A
        self.to_b_nm = 0
        self.edges_b = 0
        self.front_mg = 0
        self.up_mg = 1000
        self.incline_answers = True
        self.shake_mg = 0
        self.noise = 0
        self.incline_errors = 0
        self.to_incline_ms = 0
        self.contactor = False
        self.contactor_welded = False
        self.contactor_feedback = None  # True: dropped, whatever it is
        self.contactor_ms = 0
        self.shorted = False
        self.bypassed = False
        self.key_shown = None
        self.sample.incline_mg = [0, 0, 0]
        self.place_b()

    def place_b(self):
        d_nm = self.settings.distance_per_edge_um * 1000
        self.to_b_nm = self.to_edge_nm + d_nm * self.b_quarters // 4
        return self

    def turn_over(self):
        """From now on the belt runs the other way."""
        self.b_quarters = 3
        return self.place_b()

    def _read(self, s):
        World._read(self, s)
        s.hall_b_permille = self.hall_b_permille
        s.count_ahead_b = self.count_ahead_b
        self._move_contactor()
        dropped = not self.contactor
        s.second_dropped = dropped if self.contactor_feedback is None else self.contactor_feedback
        closed = self.bypassed or (self.contact and not self.estop)
        s.key_closed = closed if self.key_shown is None else self.key_shown
        self._read_incline(s)

    def _read_incline(self, s):
        s.incline_fresh = False
        self.to_incline_ms -= self.period_us // 1000
        if self.to_incline_ms > 0:
            return
        self.to_incline_ms = INCLINE_EVERY_MS
        if not self.incline_answers:
            self.incline_errors += 1
        else:
            self.incline_errors = 0
            s.incline_fresh = True
            self.noise = (self.noise * 5 + 3) % 7
            self.shake_mg = -self.shake_mg
            s.incline_mg[0] = self.front_mg + self.shake_mg + self.noise - 3
            s.incline_mg[1] = self.noise - 3
            s.incline_mg[2] = self.up_mg + 3 - self.noise
        s.incline_errors = self.incline_errors

    def _move_contactor(self):
        """K2 hangs on the pump: it wants both, and follows 50 ms later."""
        command = self.sup.relay_command
        pumped = command in (CLOSED, TOGGLE_ONLY)
        wanted = self.options.second.on and pumped and command != HOLD and not self.estop
        if self.contactor_welded and self.contactor:
            return
        if wanted == self.contactor:
            self.contactor_ms = 0
            return
        self.contactor_ms += self.period_us // 1000
        if self.contactor_ms >= 50:
            self.contactor = wanted

    def _move_belt(self, start_us):
        if self.shorted and not self.contactor:
            self.shorted = False  # without mains even a shorted driver coasts
            self.accel_mm_s2 = 0
            self.obeys = True
        World._move_belt(self, start_us)
        if not self.speed:
            return
        at_us = start_us
        while True:
            needed_us = (self.to_b_nm + self.speed - 1) // self.speed
            if at_us + needed_us > self.us:
                self.to_b_nm -= (self.us - at_us) * self.speed
                return
            at_us += needed_us
            self.to_b_nm += self.settings.distance_per_edge_um * 1000
            self.to_b_nm -= needed_us * self.speed
            if self.sensor_b:
                self.edge_b(at_us)

    def edge_b(self, at_us, n=1):
        self.edges_b += n
        stamp_us = (self.origin_us + at_us) & 0x3FFFFFFF
        self.options.hall.edge(stamp_us, n, self.sample.now_ms)


__all__ = ("ALL", "NEVER", "OptionWorld")
