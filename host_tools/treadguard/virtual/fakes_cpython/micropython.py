# SPDX-License-Identifier: MIT
"""The parts of the built-in `micropython` module that the firmware uses, for CPython only."""


def const(value):
    return value


def kbd_intr(code):
    pass
