# SPDX-License-Identifier: MIT
"""The yardstick: reference.py N runs N rounds of a loop that never changes.

One round is 14 of MicroPython's bytecodes: four loads and stores, an addition and a mask, and
what `for` and `range` need.
"""

import sys


def loop(rounds):
    x = 1
    for i in range(rounds):
        x = (x + i) & 0x3FFFFFFF
    return x


print(loop(int(sys.argv[1])))
