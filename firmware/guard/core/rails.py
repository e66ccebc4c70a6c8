# SPDX-License-Identifier: MIT
"""Handrail contacts: raw readings -> held, released or wiring fault, per rail.

Letting go counts at the first reading, gripping at the second: a doubtful hand is no hand.
"""

from micropython import const

from guard.core.sample import LEFT_RAIL, RIGHT_RAIL
from guard.core.states import HELD, RELEASED, WIRING

# Bands in permille of 3.3 V: 10k pull-up, 3k3 in series with the contact, 10k end-of-line.
# Nominal 199 held, 500 released; a short reads 0, a cut lead 1000.
HELD_LOW = const(160)
HELD_HIGH = const(340)
RELEASED_LOW = const(420)
RELEASED_HIGH = const(600)

GRIP_READS = const(2)
FAULT_READS = const(3)
GRIP_VALID_MS = const(120000)
UNHEALTHY_HELD_MS = const(1200000)
# A released pad's baseline follows drift by 1/64 a reading, about 2 s at 31 ms.
BASELINE_SHIFT = const(6)


class ContactBand:
    """Dry contact with end-of-line resistor."""

    def classify(self, raw):
        if HELD_LOW <= raw <= HELD_HIGH:
            return HELD
        if RELEASED_LOW <= raw <= RELEASED_HIGH:
            return RELEASED
        return WIRING


class TouchBand:
    """ESP32 touch pad: the count falls on touch; 0 or an error (-1) is a fault."""

    def __init__(self, threshold_permille):
        self.threshold_permille = threshold_permille
        self.baseline = 0

    def classify(self, raw):
        if raw <= 0:
            return WIRING
        if raw > self.baseline:
            self.baseline = raw
        if raw * 1000 < self.baseline * self.threshold_permille:
            return HELD  # baseline frozen: a 15 min hold must not drift to "released"
        self.baseline -= (self.baseline - raw) >> BASELINE_SHIFT
        return RELEASED


class Rail:
    def __init__(self, band, channel):
        self.band = band
        self.channel = channel
        self.contact = RELEASED
        self.held_reads = 0
        self.bad_reads = 0
        self.since_held_ms = 0
        self.held_too_long = False
        self.stamp_anew = False
        self.let_go = True
        # Seen released, then gripped: since the relay opened, and since the belt was seen.
        self.seen_released = False
        self.grip_fresh = False
        self.let_go_since_belt = False
        self.regripped = False

    def read(self, raw, now_ms):
        """Take one fresh reading."""
        band = self.band.classify(raw)
        self.bad_reads = self.bad_reads + 1 if band == WIRING else 0
        self.held_reads = self.held_reads + 1 if band == HELD else 0
        if self.bad_reads >= FAULT_READS:
            self.contact = WIRING
            self.bad_reads = FAULT_READS
        elif band != HELD:
            self._release(band == RELEASED)
        elif self.held_reads >= GRIP_READS:
            self.held_reads = GRIP_READS
            self._grip(now_ms)

    def _release(self, surely):
        if self.contact == WIRING and self.bad_reads:
            return  # one odd reading more is no cure
        self.contact = RELEASED
        if surely:  # an odd reading is no hand, but proves no release either
            self.let_go = True
            self.seen_released = True
            self.let_go_since_belt = True
            self.held_too_long = False

    def _grip(self, now_ms):
        self.contact = HELD
        if not self.let_go:
            return  # held all along, or an odd reading in between: no new grip
        self.let_go = False
        self.since_held_ms = now_ms
        self.stamp_anew = False
        self.grip_fresh = self.seen_released
        self.regripped = self.let_go_since_belt

    def age(self, now_ms):
        """Let a grip grow old: 120 s prove nothing any more, 20 min look like tape."""
        if self.stamp_anew:
            self.stamp_anew = False
            self.since_held_ms = now_ms
        held_ms = (now_ms - self.since_held_ms) & 0x3FFFFFFF
        if held_ms > GRIP_VALID_MS:
            self.grip_fresh = False
        if self.contact == HELD and held_ms >= UNHEALTHY_HELD_MS:
            self.held_too_long = True

    def relay_opened(self):
        self.seen_released = self.contact == RELEASED
        self.grip_fresh = False
        self.stamp_anew = True  # holding on through a session is no tape

    def belt_seen(self):
        self.let_go_since_belt = self.contact == RELEASED
        self.regripped = False


class Rails:
    """Both handrails, or one bar on the left input."""

    def __init__(self, settings):
        self.settings = settings
        self.left = Rail(self._band(), LEFT_RAIL)
        self.right = Rail(self._band(), RIGHT_RAIL)

    def _band(self):
        if self.settings.rail_kind:
            return TouchBand(self.settings.touch_threshold_permille)
        return ContactBand()

    def configure(self):
        """Settings have changed (relay open)."""
        self.left.band = self._band()
        self.right.band = self._band()

    def read(self, s):
        """Classify the fresh channel into s.left and s.right."""
        if s.channel == LEFT_RAIL:
            self.left.read(s.left_raw, s.now_ms)
        elif s.channel == RIGHT_RAIL:
            self.right.read(s.right_raw, s.now_ms)
        s.left = self.left.contact
        s.right = self.right.contact

    def age(self, now_ms):
        self.left.age(now_ms)
        self.right.age(now_ms)

    def relay_opened(self):
        self.left.relay_opened()
        self.right.relay_opened()

    def belt_seen(self):
        self.left.belt_seen()
        self.right.belt_seen()

    def two_fitted(self):
        return self.settings.rails_fitted == 2

    def hands(self):
        """How many fitted rails are held: 0, 1 or 2."""
        count = 1 if self.left.contact == HELD else 0
        if self.right.contact == HELD and self.settings.rails_fitted == 2:
            count += 1
        return count

    def all_held(self):
        return self.hands() == self.settings.rails_fitted

    def proven(self):
        """Each rail was seen released, then gripped, and that grip is fresh."""
        return self.left.grip_fresh and (self.right.grip_fresh or not self.two_fitted())

    def regripped(self):
        """Each rail was let go and gripped again since the belt was seen: the turn does it."""
        return self.left.regripped and (self.right.regripped or not self.two_fitted())

    def wiring_bad(self):
        return self.left.contact == WIRING or (self.right.contact == WIRING and self.two_fitted())

    def unhealthy(self):
        return self.left.held_too_long or (self.right.held_too_long and self.two_fitted())
