# SPDX-License-Identifier: MIT
"""Key sense: an opto on the load side of the key loop.

Closed although the relay is open: a welded pole or a bypass, found while still. A belt that runs
although it shows open: key sense is not connected, or the loop is bypassed beyond it.
"""

from micropython import const

from guard.core import faults as f
from guard.core.interlocks import Rule
from guard.core.states import CLOSED, READY, STOPPING, TRIPPED
from guard.core.ticks import Persisted, Reads, since

CLOSED_MS = const(1000)
SEEN_READS = const(2)
JUDGED = (STOPPING, READY, TRIPPED)


class KeySense:
    def __init__(self, guard):
        self.sup = guard.supervisor
        self.closed = Persisted()  # although the relay is open
        self.reads = Reads()
        self.seen_closed = False
        self.shows_closed = False
        self.rules = [KeySenseLost(self, guard)]

    def parts(self):
        return (self, self.closed, self.reads)

    def closing(self):
        self.seen_closed = False
        self.reads.count = 0

    def tick(self, s):
        sup = self.sup
        self.shows_closed = s.key_closed
        if sup.relay_command == CLOSED:
            if self.reads.of(s.key_closed) >= SEEN_READS:
                self.seen_closed = True
        judged = sup.state in JUDGED and not s.feedback_closed
        self.closed.ms(s.key_closed and judged, s.now_ms)

    def lockout(self, s):
        standing = self.closed.standing
        return f.KEY_LOOP_CLOSED if standing and self._ms(s) >= CLOSED_MS else 0

    def _ms(self, s):
        return since(s.now_ms, self.closed.since_ms)


class KeySenseLost(Rule):
    """The belt is seen, and the loop was never seen closed."""

    def __init__(self, key, guard):
        Rule.__init__(self, guard.settings, guard.speed, guard.rails)
        self.key = key

    def judge(self, s):
        return f.KEY_SENSE_LOST if self.speed.seen and not self.key.seen_closed else 0
