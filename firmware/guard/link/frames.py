# SPDX-License-Identifier: MIT
"""One line = one JSON object, `*`, its CRC-32 in eight hex digits. Printable ASCII both ways.

The assembler sees every byte but 0x03, which the caller acts on first. Control bytes are not
even stored: a UART break is a 0x00. What is not a request is noise, counted and skipped.
"""

import json
from binascii import crc32

from micropython import const

LINE_MAX = const(200)
_CR = const(13)
_LF = const(10)
_BRACE = const(0x7B)
_STAR = const(0x2A)
_CRC_DIGITS = const(8)
_STARTS_TRIED = const(3)  # each one costs a CRC

# What a line turned out to be.
NOISE = const(0)  # boot messages, tracebacks, half lines, an echo of our own
GOOD = const(1)
PLAIN = const(2)  # an object without CRC: a person at a terminal
BAD_LINE = const(3)
BAD_CRC = const(4)


class Line:
    """A line buffer that is never longer than a request may be."""

    def __init__(self):
        self.buf = bytearray(LINE_MAX)
        self.n = 0
        self.too_long = False

    def clear(self):
        self.n = 0
        self.too_long = False

    def feed(self, byte):
        """Take one byte; True when it ends a line that holds something."""
        if byte == _LF or byte == _CR:
            return self.n > 0
        if byte < 0x20:
            return False
        if self.n >= LINE_MAX:
            self.too_long = True
            return False
        self.buf[self.n] = byte
        self.n += 1
        return False


def crc_of(data):
    """CRC-32 as an unsigned number, on every MicroPython and on CPython."""
    return crc32(data) & 0xFFFFFFFF


def encode(message):
    """The bytes of one line, newline included."""
    body = json.dumps(message, separators=(",", ":")).encode()
    return body + b"*%08x\n" % crc_of(body)


def decode(line):
    """(verdict, object, crc) of a finished line; the object is None unless GOOD or PLAIN.

    A half line may stand before a request: the object is looked for behind each brace.
    """
    if line.too_long:
        return BAD_LINE, None, 0
    view = memoryview(line.buf)[: line.n]
    start = _find(line, _BRACE, 0)
    if start < 0:
        return NOISE, None, 0
    star = line.n - _CRC_DIGITS - 1
    stated = _hex(line.buf, star + 1) if star > start and line.buf[star] == _STAR else -1
    if stated < 0:
        return _plain(view[start:])
    for _ in range(_STARTS_TRIED):
        if start < 0 or start > star:
            break
        if crc_of(view[start:star]) == stated:
            found = _object(view[start:star])
            return (GOOD if found is not None else BAD_LINE), found, stated
        start = _find(line, _BRACE, start + 1)
    return BAD_CRC, None, 0


def _plain(view):
    found = _object(view)
    return (PLAIN if found is not None else BAD_LINE), found, 0


def _object(view):
    """The JSON object, or None. Whatever the parser raises, the line is bad."""
    try:
        found = json.loads(bytes(view))
    except Exception:
        return None
    return found if isinstance(found, dict) else None


def _find(line, byte, start):
    for i in range(start, line.n):
        if line.buf[i] == byte:
            return i
    return -1


def _hex(buf, at):
    """Eight hex digits as a number, or -1."""
    value = 0
    for i in range(at, at + _CRC_DIGITS):
        byte = buf[i] | 0x20
        if 0x30 <= byte <= 0x39 and buf[i] == byte:
            digit = byte - 0x30
        elif 0x61 <= byte <= 0x66:
            digit = byte - 0x57
        else:
            return -1
        value = value << 4 | digit
    return value


def printable(text, most=40):
    """A string that came from outside, fit for the wire: ASCII, short, nothing else."""
    shown = ""
    for char in text[:most]:
        shown += char if " " <= char <= "~" else "?"
    return shown
