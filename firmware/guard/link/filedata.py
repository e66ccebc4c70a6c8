# SPDX-License-Identifier: MIT
"""Bytes of a file as base64, piece by piece into a line that is already being sent."""

from binascii import b2a_base64, crc32

from micropython import const

PIECE = const(192)  # a multiple of 3: base64 pieces without padding can be joined
ROOM = const(320)


class FileData:
    def __init__(self, read, name, at, n):
        self.read = read
        self.name = name
        self.at = at
        self.left = n
        self.crc = 0

    def put_piece(self, out):
        """Add one piece, and behind the last one its CRC. OSError when the file is gone."""
        n = min(PIECE, self.left)
        if n:
            data = self.read(self.name, self.at, n)
            if len(data) != n:
                raise OSError(2)
            out.raw(memoryview(b2a_base64(data))[:-1])
            self.crc = crc32(data, self.crc)
            self.at += n
            self.left -= n
        if not self.left:
            out.add('","crc":"%08x"' % (self.crc & 0xFFFFFFFF))
        out.sum()
