# SPDX-License-Identifier: MIT
"""`micropython` for CPython only; MicroPython has its own built in."""

kbd_intr_character = 3


def const(value):
    return value


def native(function):
    return function


def viper(function):
    return function


def kbd_intr(character):
    """Which byte interrupts the program; -1 none."""
    global kbd_intr_character
    kbd_intr_character = character


def alloc_emergency_exception_buf(size):
    pass


def opt_level(level=None):
    return 0


def heap_lock():
    return 0


def heap_unlock():
    return 0


def schedule(function, argument):
    function(argument)


def mem_info(verbose=None):
    pass
