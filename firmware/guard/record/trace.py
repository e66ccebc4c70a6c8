# SPDX-License-Identifier: MIT
"""A session at a glance: four bytes every 2 s, for up to an hour, in a preallocated buffer.

Bytes 0-1 highest speed mm/s, 2 highest lead mm, 3 state and hands (bits 4-5).
"""

import struct
from binascii import crc32

from micropython import const

RECORD_BYTES = const(4)
RECORDS = const(1800)
TICKS_PER_RECORD = const(200)
PIECE_BYTES = const(512)
MAGIC = 0x54475431
SCHEMA = const(1)


class Trace:
    def __init__(self):
        self.buf = bytearray(RECORDS * RECORD_BYTES)
        self.clear()

    def clear(self):
        self.records = 0
        self._ticks = 0
        self._v = 0
        self._lead = 0
        self._hands = 3
        self._saved = 0
        self._crc = 0

    def sample(self, s, speed):
        """One tick of a closed state."""
        if speed.v_mm_s > self._v:
            self._v = speed.v_mm_s
        if speed.lead_us > self._lead:
            self._lead = speed.lead_us
        self._hands &= (s.left == 1) | (s.right == 1) << 1
        self._ticks += 1
        if self._ticks >= TICKS_PER_RECORD:
            self._store(s, speed)

    def _store(self, s, speed):
        if self.records < RECORDS:
            at = self.records * RECORD_BYTES
            v = self._v if self._v < 65535 else 65535
            lead_mm = (self._lead // 100) * speed.v_ref_mm_s // 10000
            self.buf[at] = v & 255
            self.buf[at + 1] = v >> 8
            self.buf[at + 2] = lead_mm if lead_mm < 255 else 255
            self.buf[at + 3] = s.state | self._hands << 4
            self.records += 1
        self._ticks = 0
        self._v = 0
        self._lead = 0
        self._hands = 3

    def save_piece(self, files, name, session, boot, start_ms):
        """Append the next piece to name; True while more is left."""
        total = self.records * RECORD_BYTES
        if self._saved == 0:
            header = struct.pack(
                "<IBBHIII", MAGIC, SCHEMA, RECORD_BYTES, self.records, session, boot, start_ms
            )
            files.write(name, header)
            self._crc = crc32(header)
            self._saved = 1
            return True
        done = self._saved - 1
        if done < total:
            piece = memoryview(self.buf)[done : min(total, done + PIECE_BYTES)]
            files.append(name, piece)
            self._crc = crc32(piece, self._crc)
            self._saved += len(piece)
            return True
        files.append(name, struct.pack("<I", self._crc & 0xFFFFFFFF))
        self.clear()
        return False
