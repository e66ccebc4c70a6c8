# SPDX-License-Identifier: MIT
"""What a careful builder adds: second hall, second stop, key sense, inclinometer.

Each is loaded only where it is fitted. Options.tick() comes before the supervisor's judgement;
an option adds its rules to the interlocks and its reasons to the blockers, and names the
lockouts that are its own. The hall is asked first: it says which sensor measures the stop.
"""

from guard.core.states import READY, STOPPING, TRIPPED

LOCKABLE = (STOPPING, READY, TRIPPED)


class Options:
    def __init__(self, guard, hall, second, key, incline):
        self.hall = hall
        self.second = second
        self.key = key
        self.incline = incline
        self.fitted = tuple([part for part in (hall, second, key, incline) if part])
        sup = guard.supervisor
        for part in self.fitted:
            sup.interlocks.rules.extend(part.rules)
        sup.options = self
        sup.blockers.options = self
        guard.options = self

    def parts(self):
        """All that carries numbers from tick to tick, for checkpoints."""
        found = []
        for part in self.fitted:
            found.extend(part.parts())
        return found

    def configure(self):
        if self.hall:
            self.hall.configure()

    def tick(self, s):
        for part in self.fitted:
            part.tick(s)

    def set_limit(self, limit_mm_s, backward):
        if self.hall:
            self.hall.b.set_limit(limit_mm_s, backward)

    def closing(self):
        for part in self.fitted:
            part.closing()

    def opened(self, fault, s):
        if self.hall:
            self.hall.opened(fault, s)
        if self.second:
            self.second.opened(fault)
        if self.incline:
            self.incline.opened(s)

    def seen(self):
        """Whoever says that the belt moves must be both of the sensors."""
        return not self.hall or self.hall.seen()

    def moving(self):
        return self.hall is not None and self.hall.b.known

    def runs_for_ms(self, s, judged):
        return self.hall.motion.ms(s, judged) if self.hall else 0

    def pushed(self):
        """The other sensor, too, has seen a belt pushed by hand."""
        return not self.hall or self.hall.pushed

    def edges(self, edges):
        return min(edges, self.hall.b.edges) if self.hall else edges

    def contact(self, s):
        """Closed in T1 to T3, what must stay open."""
        return s.feedback_closed or (self.second is not None and not s.second_dropped)

    def stopping_command(self, s):
        return self.second.command(s) if self.second else 0

    def lockout(self, s, state):
        """A lockout of an option's own, or 0."""
        if state not in LOCKABLE:
            return 0
        code = self.second.lockout(s) if self.second else 0
        return code or (self.key.lockout(s) if self.key else 0)

    def judge(self, blockers, s, backward):
        """How many blockers of the options stand."""
        standing = self.hall.judge(blockers) if self.hall else 0
        if self.second:
            standing += self.second.judge(blockers, s)
        if self.incline:
            standing += self.incline.judge(blockers, backward)
        return standing

    def cause_gone(self, code):
        gone = not self.hall or self.hall.cause_gone(code)
        return gone and (not self.incline or self.incline.cause_gone(code))

    def provable(self):
        proven = not self.second or self.second.provable()
        return proven and not (self.key and self.key.shows_closed)

    def drone(self):
        return self.incline.drone() if self.incline else 0


def fit(guard):
    """Load what the settings say is fitted."""
    settings = guard.settings
    hall = second = key = incline = None
    if settings.hall_sensors == 2:
        from guard.core.second_hall import SecondHall

        hall = SecondHall(guard)
    if settings.second_stop_fitted:
        from guard.core.second_stop import SecondStop

        second = SecondStop(guard)
    if settings.key_sense_fitted:
        from guard.core.key_sense import KeySense

        key = KeySense(guard)
    if settings.incline_sensor:
        from guard.core.incline import Incline

        incline = Incline(guard)
    return Options(guard, hall, second, key, incline)
