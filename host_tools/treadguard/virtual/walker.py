# SPDX-License-Identifier: MIT
"""The walker: feet, pace and place on the deck; and the hands on the rails.

The place drifts whenever belt and feet disagree. A healthy walker follows the belt within a few
tenths of a second. From a hazard on the pace is what it was (nobody adapts to a runaway, least
of all backward), or nothing at all for someone who has fallen or let go.
"""

RELEASED_PERMILLE = 500
HELD_PERMILLE = 199
TOUCH_FRESH_US = 31000


class Walker:
    def __init__(self, world):
        self.world = world
        self.on_belt = False
        self.pace_um_s = 0
        self.rest_nm = 0
        self.place_mm = 0
        self.in_hazard = False
        self.carried_mm = 0
        self.carried_rest_nm = 0

    def step_on(self, on):
        self.on_belt = on
        self.place_mm = 0
        self.rest_nm = 0
        self.world.belt.gait.walking = on
        self.pace_um_s = self.world.belt.mean_um_s if on else 0

    def hazard(self, fallen):
        """From now on count how far the belt carries this person."""
        self.in_hazard = True
        self.carried_mm = 0
        self.carried_rest_nm = 0
        belt = self.world.belt
        pace_um_s = belt.before_jump_um_s if belt.before_jump_um_s >= 0 else belt.mean_um_s
        self.pace_um_s = 0 if fallen else pace_um_s

    def safe(self):
        self.in_hazard = False

    def carried_um(self):
        return self.carried_mm * 1000 + self.carried_rest_nm // 1000

    def carry(self, belt, dt_us):
        """The belt has moved belt.nm in dt_us."""
        pace_um_s = self.pace_um_s
        drift_nm = belt.nm - pace_um_s // 10 * (dt_us // 10) // 10
        rest_nm = self.rest_nm + drift_nm
        if rest_nm >= 1000000 or rest_nm <= -1000000:
            self.place_mm += rest_nm // 1000000
            rest_nm %= 1000000
        self.rest_nm = rest_nm
        if not self.in_hazard:
            self.pace_um_s = pace_um_s + (belt.true_um_s - pace_um_s) // 10 * (dt_us // 10) // 1600
        elif drift_nm > 0:
            rest_nm = self.carried_rest_nm + drift_nm
            self.carried_mm += rest_nm // 1000000
            self.carried_rest_nm = rest_nm % 1000000


class Hand:
    """One rail's contact as the board's input sees it."""

    def __init__(self, world, side, rng):
        self.world = world
        self.side = side
        self.rng = rng
        self.held = False
        self.taped = False
        self.chattering = 0  # ends when the number changes
        self.override_permille = -1
        self.touch_free, self.touch_held, self.touch_step = world.variant.touch
        self.touch = self.touch_free
        self.touch_slot = -1
        self.touch_fault = ""

    def set(self, held):
        self.chattering += 1
        self._contact(held)

    def _contact(self, held):
        if held != self.held:
            self.held = held
            self.world.log("hand", self.side + (" on" if held else " off"))

    def slip(self, ms):
        """Off, and back after ms."""
        self.set(False)
        self.world.call_in(ms * 1000, self._back, self.chattering)

    def _back(self, round_):
        if round_ == self.chattering:
            self._contact(True)

    def chatter(self, period_ms, times):
        """A contact that opens and closes `times` times and ends held."""
        self.chattering += 1
        for i in range(times):
            self.world.call_in(2 * i * period_ms * 1000, self._flap, (self.chattering, False))
            self.world.call_in((2 * i + 1) * period_ms * 1000, self._flap, (self.chattering, True))

    def _flap(self, order):
        if order[0] == self.chattering:
            self.held = order[1]

    def permille(self):
        """What the ADC would read, with a little noise."""
        if self.override_permille >= 0:
            return self.override_permille
        if self.held or self.taped:
            return HELD_PERMILLE - 3 + self.rng.below(7)
        return RELEASED_PERMILLE - 3 + self.rng.below(7)

    def touch_count(self):
        """The touch pad's count, fresh every 31 ms: falls on touch, or rises on an S3."""
        slot = self.world.tick_us // TOUCH_FRESH_US
        if slot != self.touch_slot:
            self.touch_slot = slot
            self.touch = self.touch_held if self.held or self.taped else self.touch_free
            self.touch += (self.rng.below(9) - 4) * self.touch_step
        if self.touch_fault == "error":
            raise ValueError("Touch pad error")
        return 0 if self.touch_fault == "zero" else self.touch
