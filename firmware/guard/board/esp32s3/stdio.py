# SPDX-License-Identifier: MIT
"""The console of an ESP32-S3, where a write can stall: UART0 and the chip's own USB get each byte.

MicroPython waits up to half a second a byte for a laptop that has opened the USB port and does
not read. poll() is no help: it calls the console ready all the while, because UART0 is. So the
USB is switched off at the start, and the cable belongs into the kit's other socket, UART0 behind
a bridge. Where the switch fails, a byte that stalls is the last until a host is heard again.
"""

from micropython import const

from guard.board import clock
from guard.board.esp32s3 import console

STALL_US = const(100000)  # a full FIFO of UART0 has room again after 10 ms
_TALKING = const(0)
_SILENT = const(1)
_HEARD = const(2)  # again: speaks from the next line on
_NEWLINE = const(10)

_state = bytearray((_TALKING, _NEWLINE))  # and the last byte that was to be written


def _usb_off():
    try:
        console.usb_off()
    except Exception:  # an image without the switch: the stall above is noticed
        pass


_usb_off()


def read_byte():
    """The next byte, or -1."""
    byte = console.read_byte()
    if byte >= 0 and _state[0] == _SILENT:
        _state[0] = _HEARD
    return byte


def write(buf, n):
    """Write the first n bytes of buf, unless nobody takes them."""
    for i in range(n):
        if _state[0] == _HEARD and _state[1] == _NEWLINE:
            _put(_NEWLINE)  # the end of the line that broke
        if _state[0] == _TALKING:
            _put(buf[i])
        _state[1] = buf[i]


def _put(byte):
    start_us = clock.now_us()
    console.put(byte)
    took_us = clock.now_us() - start_us  # pyright: ignore[reportOperatorIssue]
    _state[0] = _SILENT if took_us & 0x3FFFFFFF > STALL_US else _TALKING
