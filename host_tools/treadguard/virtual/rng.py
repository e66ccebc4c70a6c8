# SPDX-License-Identifier: MIT
"""Pseudo-random numbers that are the same on every interpreter."""


class Lcg:
    """Two small generators added (Wichmann and Hill's first two): all products stay below 2**30,
    so that 32-bit MicroPython needs no big ints and no heap."""

    def __init__(self, seed):
        self.a = seed % 30268 + 1
        self.b = (seed // 30268 + seed * 7) % 30306 + 1
        for _ in range(8):
            self.below(2)

    def below(self, n):
        """0..n-1, for n up to 30000."""
        a = self.a * 171 % 30269
        b = self.b * 172 % 30307
        self.a = a
        self.b = b
        return (a + b) % 30269 * n // 30269

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def bell(self, sigma):
        """Roughly normal, mean 0, standard deviation sigma (up to 300000), at most 3 sigma."""
        return (self.below(2001) + self.below(2001) + self.below(2001) - 3000) * sigma // 1000
