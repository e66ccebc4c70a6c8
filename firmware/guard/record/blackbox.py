# SPDX-License-Identifier: MIT
"""Every tick of the last 20 s, 8 bytes each, in a ring that never allocates.

Byte 0 edges of this tick; 1-2 us from the last edge to the tick; 3 contacts; 4 state and flags;
5 fault; 6-7 speed in mm/s. docs/records.md has the bits.
"""

import struct
from binascii import crc32

from micropython import const

SAMPLES = const(2000)
SAMPLE_BYTES = const(8)
AFTER_TICKS = const(500)
PIECE_BYTES = const(512)
SCHEMA = const(1)
MAGIC = 0x42475431
HEADER = "<IBBHIIHHHHHHBBBBII"  # 40 bytes, then CRC-32 over header and samples at the end


class BlackBox:
    def __init__(self):
        self.ring = bytearray(SAMPLES * SAMPLE_BYTES)
        self.clear()

    def clear(self):
        self.at = 0
        self.filled = 0
        self.left = -1  # ticks until it freezes; -1 = no stop seen
        self.frozen = False
        self._saved = 0
        self._crc = 0

    def trigger(self):
        """A stop: go on for 5 s, then freeze."""
        if self.left < 0:
            self.left = AFTER_TICKS

    def sample(self, s, speed, fault, edges, last_us):
        """Store one tick."""
        if self.frozen:
            return
        at = self.at
        ring = self.ring
        ring[at] = edges if edges < 255 else 255
        age_us = 0
        if edges:
            age_us = (s.now_us - last_us) & 0x3FFFFFFF
            if age_us > 65535:
                age_us = 65535
        ring[at + 1] = age_us & 255
        ring[at + 2] = age_us >> 8
        ring[at + 3] = (
            s.left | s.right << 2 | s.mode << 4 | s.estop_pressed << 6 | s.start_down << 7
        )
        ring[at + 4] = s.state | s.feedback_closed << 4 | (s.late_us > 25000) << 5
        ring[at + 5] = fault
        v = speed.v_mm_s
        ring[at + 6] = v & 255
        ring[at + 7] = (v >> 8) & 255
        at += SAMPLE_BYTES
        self.at = at if at < 16000 else 0
        if self.filled < SAMPLES:
            self.filled += 1
        if self.left > 0:
            self.left -= 1
            if self.left == 0:
                self.frozen = True

    def header(self, settings, memory, stop, limit_mm_s, now_ms):
        """The header's bytes: what a reader needs to make sense of the samples."""
        return struct.pack(
            HEADER,
            MAGIC,
            SCHEMA,
            SAMPLE_BYTES,
            self.filled,
            memory.boot,
            memory.session,
            limit_mm_s,
            settings.overspeed_margin_permille,
            settings.overspeed_travel_mm,
            settings.rail_grace_ms,
            settings.one_hand_grace_ms,
            stop.v0_mm_s,
            memory.cause,
            memory.latch_code,
            settings.rails_fitted,
            settings.magnets_per_turn,
            settings.distance_per_edge_um,
            now_ms,
        )

    def save_piece(self, files, name, header):
        """Append the next piece to name; True while more is left. Oldest sample first."""
        if self._saved == 0:
            files.write(name, header)
            self._crc = crc32(header)
            self._saved = 1
            return True
        total = self.filled * SAMPLE_BYTES
        done = self._saved - 1
        if done < total:
            start = (self.at - total + done) % len(self.ring)
            n = min(PIECE_BYTES, total - done, len(self.ring) - start)
            piece = memoryview(self.ring)[start : start + n]
            files.append(name, piece)
            self._crc = crc32(piece, self._crc)
            self._saved += n
            return True
        files.append(name, struct.pack("<I", self._crc & 0xFFFFFFFF))
        self.clear()
        return False
