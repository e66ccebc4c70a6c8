# SPDX-License-Identifier: MIT
"""How footfalls make a belt surge, and a regulator drift: a factor on the belt's mean speed.

Three zero-mean waveforms over one step, peak 1000: a sharp heel-strike dip with rebound, a
skewed sine, a push-off surge. Each step draws its own period (CV 3 %) and amplitude (CV 18 %,
at most 1.6 times the typical one, one step in 500 twice), left and right differ. A is the typical
peak, so single steps reach 1.8 A and more.
"""

HEEL_STRIKE = (
    -99, -264, -664, -1000, -805, -315, 5, 143, 232, 317, 392, 447, 470, 458, 413, 343,
    260, 177, 103, 44, 1, -28, -46, -57, -62, -65, -66, -66, -67, -67, -67, -67,
)  # fmt: skip
SKEWED_SINE = (
    0, 310, 585, 800, 939, 1000, 991, 928, 829, 710, 586, 466, 355, 254, 163, 80,
    0, -80, -163, -254, -355, -466, -586, -710, -829, -928, -991, -1000, -939, -800, -585, -310,
)  # fmt: skip
PUSH_OFF = (
    -55, -67, -85, -110, -143, -183, -229, -279, -326, -367, -396, -408, -403, -380, -344, -298,
    -248, -196, -136, -47, 113, 371, 693, 950, 1000, 816, 513, 241, 73, -4, -30, -36,
)  # fmt: skip
WAVEFORMS = (HEEL_STRIKE, SKEWED_SINE, PUSH_OFF)
POINTS = 32


class Gait:
    """factor() is the belt's deviation from its mean, in 1/100000."""

    def __init__(self, numbers, rng):
        self.rng = rng
        self.wave = WAVEFORMS[numbers["waveform"]]
        self.typical = numbers["ripple_permille"] * 100
        self.step_us = numbers["step_ms"] * 1000
        self.asymmetry = numbers["asymmetry_permille"]
        self.regulation = numbers["regulation_permille"] * 100
        self.bias = numbers["bias_permille"] * 100
        self.phase_us = 0
        self.period_us = self.step_us
        self.amplitude = 0
        self.slow = self.bias
        self.left_foot = False
        self.walking = False
        self.steps = 0

    def factor(self, dt_us):
        """Advance by dt_us (at most 10 ms)."""
        phase_us = self.phase_us + dt_us
        if phase_us >= self.period_us:
            phase_us -= self.period_us
            self._footfall()
        self.phase_us = phase_us
        if not self.amplitude:
            return self.slow
        return self.wave[phase_us * 32 // self.period_us] * self.amplitude // 1000 + self.slow

    def _footfall(self):
        rng = self.rng
        self.steps += 1
        self.left_foot = not self.left_foot
        # The regulator's error wanders: first order, rms as given, a few steps long.
        error = self.slow - self.bias
        self.slow = self.bias + error * 3 // 4 + rng.bell(self.regulation * 66 // 100)
        self.period_us = self.step_us + rng.bell(self.step_us * 3 // 100)
        if not self.walking:
            self.amplitude = 0
            return
        permille = 1000 + rng.bell(180)
        if permille > 1600:
            permille = 1600
        if rng.below(500) == 0:
            permille = 2000
        permille += self.asymmetry if self.left_foot else -self.asymmetry
        self.amplitude = self.typical * permille // 1000
