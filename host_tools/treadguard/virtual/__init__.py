# SPDX-License-Identifier: MIT
"""The virtual board: the chip, the relay, the treadmill and the walker, in integers.

Everything here but check.py and serve.py is written in MicroPython's subset, so that a run
is the same on CPython and on 32-bit MicroPython.
"""
