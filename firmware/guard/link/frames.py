# SPDX-License-Identifier: MIT
"""Lines towards the board: bytes -> one JSON object, checked by its CRC-32.

A line is printable ASCII, at most 200 bytes, ended by LF or CR: `{...}` or `{...}*xxxxxxxx`.
What stands before the first `{` is noise. Two buffers: one fills while one waits to be answered.
"""

import json
from binascii import crc32

from micropython import const

LINE_MAX = const(200)
CRC_CHARS = const(9)  # the star and eight hex digits

# What is known of a line when its end has come.
WHOLE = const(0)
TOO_LONG = const(1)
NOT_PRINTABLE = const(2)
NO_OBJECT = const(3)

_LF = const(10)
_CR = const(13)
_BRACE = const(0x7B)
_BRACE_END = const(0x7D)
_STAR = const(0x2A)
_STOP = b'"stop"'


def crc_hex(data, crc=0):
    """CRC-32 as the protocol writes it."""
    return "%08x" % (crc32(data, crc) & 0xFFFFFFFF)


class Lines:
    """Bytes one by one -> whole lines. feed() allocates nothing."""

    def __init__(self):
        self._filling = bytearray(LINE_MAX)
        self._n = 0
        self._kind = NO_OBJECT
        self._heard = False  # anything but line ends
        self.waiting = bytearray(LINE_MAX)
        self.length = -1  # of the waiting line, -1 when there is none
        self.kind = WHOLE
        self.urgent = False  # the waiting line speaks of stop
        self.lost = 0  # lines that came while another was waiting
        self.lost_unsaid = False

    def feed(self, byte):
        """Take one byte."""
        if byte == _LF or byte == _CR:
            if self._heard:
                self._end()
        elif self._kind == NO_OBJECT and byte != _BRACE:
            self._heard = True
        elif self._n >= LINE_MAX:
            self._kind = TOO_LONG
        else:
            self._heard = True
            if self._kind == NO_OBJECT:
                self._kind = WHOLE
            if byte < 32 or byte > 126:
                self._kind = NOT_PRINTABLE
            self._filling[self._n] = byte
            self._n += 1

    def _end(self):
        urgent = self._kind == WHOLE and self._says_stop()
        if self.length >= 0:
            self.lost += 1
            self.lost_unsaid = True
        if self.length < 0 or urgent:
            line = self._filling
            self._filling = self.waiting
            self.waiting = line
            self.length = self._n
            self.kind = self._kind
            self.urgent = urgent
        self._n = 0
        self._kind = NO_OBJECT
        self._heard = False

    def _says_stop(self):
        """A stop neither waits for its turn nor gets lost behind another line."""
        line = self._filling
        matched = 0
        for i in range(self._n):
            if line[i] == _STOP[matched]:
                matched += 1
                if matched == 6:
                    return True
            else:
                matched = 1 if line[i] == _STOP[0] else 0
        return False

    def release(self):
        """The waiting line is answered."""
        self.length = -1


def decode(line, n):
    """(object or None, with CRC, CRC of the body as hex). ValueError: damaged on its way."""
    if not n or line[n - 1] == _BRACE_END:
        body = bytes(memoryview(line)[:n])
        return _object(body), False, crc_hex(body)
    n -= CRC_CHARS
    if n < 2 or line[n] != _STAR:
        return None, False, ""
    body = bytes(memoryview(line)[:n])
    crc = crc_hex(body)
    if bytes(memoryview(line)[n + 1 : n + CRC_CHARS]).lower() != crc.encode():
        raise ValueError
    return _object(body), True, crc


def _object(body):
    try:
        found = json.loads(body)
    except Exception:  # MicroPython's parser has more than ValueError for odd input
        return None
    return found if isinstance(found, dict) else None
