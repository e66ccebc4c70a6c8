# SPDX-License-Identifier: MIT
"""Lines towards the host: written into a ring, summed, drained at most 100 bytes a tick.

A line may be begun and taken back until its first byte was fetched; only a file transfer
fetches an unfinished line. Everything that leaves is printable ASCII and LF.
"""

from binascii import crc32

from micropython import const

SIZE = const(2048)
_MASK = const(2047)
_SHORT = const(24)
TF = ("false", "true")


def quoted(name):
    """A name from the tables as JSON, null for none."""
    return '"%s"' % name if name else "null"


def plain(text):
    """Text of unknown origin, fit to stand between quotes."""
    odd = '"' in text or "\\" in text
    data = text.encode()
    if not odd and (not data or (min(data) >= 32 and max(data) <= 126)):
        return text
    return "".join([chr(c) if 32 <= c <= 126 and c not in (34, 92) else "?" for c in data])


class Outgoing:
    def __init__(self):
        self._ring = bytearray(SIZE)
        self._view = memoryview(self._ring)
        self._head = 0  # next byte to write; both only ever grow within 30 bits
        self._tail = 0  # next byte to fetch
        self._begun = 0
        self._summed = 0
        self._crc = 0
        self._open = False  # a line is begun and can still be taken back
        self.rest = None  # what a handler wants to send after its fields

    def waiting(self):
        return (self._head - self._tail) & 0x3FFFFFFF

    def room(self):
        return SIZE - self.waiting()

    def begin(self):
        """A line starts here."""
        self._begun = self._head
        self._summed = self._head
        self._crc = 0
        self._open = True

    def take_back(self):
        """Forget what was written since begin(), if that line is not ended."""
        if self._open:
            self._head = self._begun
        self._open = False
        self.rest = None

    def hold(self):
        """The line may be fetched before it is ended."""
        self._open = False

    def add(self, text):
        """Printable text from our own formats."""
        self.raw(text.encode())

    def raw(self, data):
        """Bytes as they are. ValueError when they do not fit."""
        n = len(data)
        if n > self.room():
            raise ValueError
        at = self._head & _MASK
        if n < _SHORT:  # a slice would be an object
            for i in range(n):
                self._ring[(at + i) & _MASK] = data[i]
        elif at + n <= SIZE:
            self._view[at : at + n] = data
        else:
            first = SIZE - at
            self._view[at:] = data[:first]
            self._view[: n - first] = data[first:]
        self._head = (self._head + n) & 0x3FFFFFFF

    def number(self, n):
        """A small number without an allocation."""
        if n > 9:
            self.number(n // 10)
        if not self.room():
            raise ValueError
        self._ring[self._head & _MASK] = 48 + n - n // 10 * 10
        self._head = (self._head + 1) & 0x3FFFFFFF

    def sum(self):
        """Take what was written since the last call into the line's CRC."""
        at = self._summed & _MASK
        n = (self._head - self._summed) & 0x3FFFFFFF
        self._summed = self._head
        if at + n <= SIZE:
            self._crc = crc32(self._view[at : at + n], self._crc)
        else:
            self._crc = crc32(self._view[at:], self._crc)
            self._crc = crc32(self._view[: at + n - SIZE], self._crc)

    def end(self):
        """Star, CRC, line end."""
        self.sum()
        self.add("*%08x\n" % (self._crc & 0xFFFFFFFF))
        self._open = False

    def line(self):
        """What was written since begin(), as bytes."""
        at = self._begun & _MASK
        n = (self._head - self._begun) & 0x3FFFFFFF
        if at + n <= SIZE:
            return bytes(self._view[at : at + n])
        return bytes(self._view[at:]) + bytes(self._view[: at + n - SIZE])

    def take(self, buf):
        """Fill buf with the next bytes and return how many. Allocates nothing."""
        n = self.waiting()
        if n > len(buf):
            n = len(buf)
        ring = self._ring
        tail = self._tail
        for i in range(n):
            buf[i] = ring[(tail + i) & _MASK]
        self._tail = (tail + n) & 0x3FFFFFFF
        return n
