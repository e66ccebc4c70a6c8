# SPDX-License-Identifier: MIT
"""Incline of the deck in permille, from gravity averaged over a second.

A footfall shakes the deck and leaves it where it was: over whole steps its acceleration adds up
to nothing, so a plain mean over a second is right and anything that clips peaks is not. What is
no gravity at all (wrong length, not upright, silent, shaken all the time) is a fault, not 0 %.
"""

from micropython import const

from guard.core import events as e
from guard.core import faults as f
from guard.core import sounds
from guard.core.interlocks import Rule
from guard.core.states import MODE_BACKWARD, WAIT_BELT
from guard.core.ticks import Persisted, since

READINGS = const(50)  # one every 20 ms
STEEP_TICKS = const(30)  # more steep ones than others: footfalls ripple the mean by 1 %
WARNING_PERMILLE = const(1)  # beyond the limit: a deck that stands at it is quiet
SLACK_PERMILLE = const(3)
ERRORS = const(5)  # readings in a row that failed or brought nothing new: 0.1 s
FROZEN = const(250)  # the same three numbers for 5 s: noise alone changes them
GRAVITY_LOW = const(722500)  # (850 mg) squared
GRAVITY_HIGH = const(1322500)
ODD_MS = const(1000)
SHAKEN_MG = const(1000)  # from one reading to the next
SHAKEN_MOST = const(15)  # of a second's readings; footfalls make less than 8
START_MS = const(2000)
WARNED_TICKS = const(100)  # a second at least: a warning that flickers is none
UPRIGHT = const(25000)  # 500 mg over all readings


class Incline:
    def __init__(self, guard):
        self.sup = guard.supervisor
        self.settings = guard.settings
        self.front = [0] * READINGS
        self.across = [0] * READINGS
        self.up = [0] * READINGS
        self.shaken = bytearray(READINGS)
        self.sum_front = 0
        self.sum_across = 0
        self.sum_up = 0
        self.sum_shaken = 0
        self.at = 0
        self.filled = 0
        self.same = 0
        self.known = False
        self.raw_permille = 0  # before the zero is taken off
        self.permille = 0
        self.most_permille = 0  # of this session
        self.odd = Persisted()
        self.lost = False
        self.warned = 0
        self.began_ms = -1
        self.wrong_chip = False
        self.rules = [TooSteep(self, guard), InclineLost(self, guard)]

    def parts(self):
        """Without the readings: the black box has them."""
        return (self, self.odd)

    def tick(self, s):
        if self.began_ms < 0:
            self.began_ms = s.now_ms
        if s.incline_fresh:
            self._take(s.incline_mg)
        self._judge(s)

    def _take(self, mg):
        at = self.at
        before = at - 1  # of the first: -1, the last
        front = mg[0]
        jump = front - self.front[before]
        shaken = 1 if self.filled and not -SHAKEN_MG < jump < SHAKEN_MG else 0
        same = jump == 0 and mg[1] == self.across[before] and mg[2] == self.up[before]
        self.same = self.same + 1 if same else 0
        self.sum_front += front - self.front[at]
        self.sum_across += mg[1] - self.across[at]
        self.sum_up += mg[2] - self.up[at]
        self.sum_shaken += shaken - self.shaken[at]
        self.front[at] = front
        self.across[at] = mg[1]
        self.up[at] = mg[2]
        self.shaken[at] = shaken
        at += 1
        self.at = at if at < READINGS else 0
        self.filled = min(self.filled + 1, READINGS)
        if self.filled == READINGS:
            self._measure()

    def _measure(self):
        if self.sum_up < UPRIGHT:
            self.known = False  # no deck is that steep: not a slope but a fault
            return
        raw = min(max(self.sum_front * 1000 // self.sum_up, -2000), 2000)
        zero = self.settings.incline_zero_permille
        self.raw_permille = raw
        self.permille = (raw - zero) * 1000 // (1000 + raw * zero // 1000)
        self.known = True
        if self.sup.state >= WAIT_BELT:
            self.most_permille = max(self.most_permille, abs(self.permille))

    def _judge(self, s):
        odd = self.filled == READINGS and not self._is_gravity()
        odd_ms = self.odd.ms(odd, s.now_ms)
        late = self.filled < READINGS and since(s.now_ms, self.began_ms) > START_MS
        self.lost = (
            s.incline_errors >= ERRORS
            or self.same >= FROZEN
            or self.sum_shaken > SHAKEN_MOST
            or odd_ms >= ODD_MS
            or late
        )
        if s.incline_errors >= ERRORS and self.filled:
            self._forget(s.now_ms)

    def _forget(self, now_ms):
        """What comes after a gap is not averaged with what was before it."""
        for i in range(READINGS):
            self.front[i] = 0
            self.across[i] = 0
            self.up[i] = 0
            self.shaken[i] = 0
        self.sum_front = self.sum_across = self.sum_up = self.sum_shaken = 0
        self.filled = self.at = self.same = 0
        self.known = False
        self.began_ms = now_ms

    def _is_gravity(self):
        front = self.sum_front // READINGS
        across = self.sum_across // READINGS
        up = self.sum_up // READINGS
        squared = front * front + across * across + up * up
        return self.sum_up >= UPRIGHT and GRAVITY_LOW <= squared <= GRAVITY_HIGH

    def too_steep(self, slack_permille):
        limit = self.settings.incline_limit_permille + slack_permille
        return self.known and not -limit <= self.permille <= limit

    def closing(self):
        self.most_permille = 0
        self.warned = 0

    def opened(self, s):
        self.sup.events.put(s.now_ms, e.INCLINE, self.permille, self.most_permille, 0)

    def judge(self, blockers, backward):
        zeroed = self.settings.incline_sensor == 2
        return (
            blockers._set(f.INCLINE_WRONG_CHIP, backward and self.wrong_chip)
            + blockers._set(f.INCLINE_LOST, backward and self.lost and not self.wrong_chip)
            + blockers._set(f.INCLINE_NOT_ZEROED, backward and not zeroed)
            + blockers._set(
                f.INCLINE_TOO_STEEP, backward and zeroed and self.too_steep(SLACK_PERMILLE)
            )
        )

    def cause_gone(self, code):
        return code != f.INCLINE_LOST or not self.lost

    def drone(self):
        warns = self.sup.session_mode == MODE_BACKWARD and self.too_steep(WARNING_PERMILLE)
        if warns:
            self.warned = WARNED_TICKS
        elif self.warned:
            self.warned -= 1
        return sounds.INCLINE_WARNING if self.warned else 0


class OfTheDeck(Rule):
    def __init__(self, incline, guard):
        Rule.__init__(self, guard.settings, guard.speed, guard.rails)
        self.incline = incline


class TooSteep(OfTheDeck):
    counts = True

    def judge(self, s):
        reads = self.reads
        if s.session_mode == MODE_BACKWARD and self.incline.too_steep(SLACK_PERMILLE):
            reads.of(True)
        elif reads.count:
            reads.count -= 1
        return f.INCLINE_TOO_STEEP if reads.count >= STEEP_TICKS else 0


class InclineLost(OfTheDeck):
    def judge(self, s):
        return f.INCLINE_LOST if s.session_mode == MODE_BACKWARD and self.incline.lost else 0
