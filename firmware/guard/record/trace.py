# SPDX-License-Identifier: MIT
"""A session at a glance: four bytes every 2 s, for up to an hour, in a preallocated buffer.

Byte 0, 1  highest speed, mm/s
Byte 2     highest lead, mm
Byte 3     state (4 bits), bit 4 left rail held throughout, bit 5 right rail held throughout
"""

import struct

from micropython import const

from guard.record.buffers import TRACE_BYTES, take
from guard.record.frames import BLOCK_PAYLOAD, TRACE_HEADER, TRACE_RECORDS, block

SCHEMA = const(1)
RECORD_BYTES = const(4)
RECORDS = const(1800)
TICKS_PER_RECORD = const(200)
MAGIC = b"TGTR"
HEADER = "<4sBBHHIII"


class Trace:
    def __init__(self):
        self.buf = take(TRACE_BYTES)
        self.clear()

    def clear(self):
        """Begin a new session."""
        self.records = 0
        self.beyond = 0  # records that found the buffer full
        self._saved = -1
        self._begin_record()

    def _begin_record(self):
        self._ticks = 0
        self._v = 0
        self._lead_us = 0
        self._left = 0x10
        self._right = 0x20

    def sample(self, s, speed):
        """One tick of a closed state. Allocates nothing."""
        if speed.v_mm_s > self._v:
            self._v = speed.v_mm_s
        if speed.lead_us > self._lead_us:
            self._lead_us = speed.lead_us
        if s.left != 1:
            self._left = 0
        if s.right != 1:
            self._right = 0
        self._ticks += 1
        if self._ticks >= TICKS_PER_RECORD:
            self._store(s, speed)

    def _store(self, s, speed):
        if self.records < RECORDS:
            at = self.records * RECORD_BYTES
            v = self._v if self._v < 65535 else 65535
            lead_mm = (self._lead_us // 100) * speed.v_ref_mm_s // 10000
            self.buf[at] = v & 255
            self.buf[at + 1] = v >> 8
            self.buf[at + 2] = lead_mm if lead_mm < 255 else 255
            self.buf[at + 3] = s.state | self._left | self._right
            self.records += 1
        elif self.beyond < 65535:
            self.beyond += 1
        self._begin_record()

    def save_piece(self, files, name, session, boot, start_ms):
        """Write the next piece of at most 512 bytes; True while more is left."""
        if self._saved < 0:
            head = struct.pack(
                HEADER,
                MAGIC,
                SCHEMA,
                RECORD_BYTES,
                self.records,
                self.beyond,
                session,
                boot,
                start_ms,
            )
            files.write(name, block(TRACE_HEADER, 0, head))
            self._saved = 0
            return True
        total = self.records * RECORD_BYTES
        at = self._saved * BLOCK_PAYLOAD
        if at < total:
            payload = bytes(self.buf[at : min(total, at + BLOCK_PAYLOAD)])
            files.append(name, block(TRACE_RECORDS, self._saved, payload))
            self._saved += 1
            if at + len(payload) < total:
                return True
        self.clear()
        return False
