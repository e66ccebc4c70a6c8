# SPDX-License-Identifier: MIT
"""The bytes of an S3's console, one at a time, and the switch of its own USB."""

import select
import sys

import machine

_one = bytearray(1)
_poll = select.poll()
_poll.register(sys.stdin, select.POLLIN)


def read_byte():
    """The next byte, or -1. ipoll and readinto of one byte allocate nothing."""
    for _ in _poll.ipoll(0):
        if sys.stdin.buffer.readinto(_one):
            return _one[0]
    return -1


def put(byte):
    """One byte out. With the chip's own USB in use it may take half a second."""
    _one[0] = byte
    sys.stdout.buffer.write(_one)


def usb_off():
    """Only what was switched on by us can be switched off: both, one after the other."""
    device = machine.USBDevice()  # pyright: ignore[reportAttributeAccessIssue]
    device.builtin_driver = device.BUILTIN_DEFAULT
    device.active(True)
    device.active(False)
