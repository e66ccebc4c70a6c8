# SPDX-License-Identifier: MIT
"""Every tick of the last 20 s, 8 bytes each, in a ring that never allocates.

Byte 0     edges of this tick (0..15), bit 4 counter ahead of the handler, bit 5 several edges:
           the stamps of all but the last are lost
Byte 1, 2  us from the last edge to this tick's reading, 65535 = longer; 0 without an edge
Byte 3     left rail (2 bits), right rail (2), mode (2), e-stop pressed, START down
Byte 4     state (4 bits), feedback closed, more than 25 ms late, hall line out of its bands
Byte 5     fault
Byte 6, 7  us since the reading before, 65535 = longer
The ring freezes 5 s after a stop and thaws when it was saved. docs/records.md has the file.
"""

import struct

from micropython import const

from guard.core.parameters import NAMES
from guard.core.sample import HALL_DIAG
from guard.record import frames
from guard.record.buffers import RING_BYTES, take
from guard.record.checkpoint import EVERY_TICKS, HEAD, Checkpoints
from guard.record.frames import BLOCK_PAYLOAD, block, names_hash

SCHEMA = const(1)
SAMPLES = const(2000)
SAMPLE_BYTES = const(8)
AFTER_TICKS = const(500)
MAGIC = b"TGBB"
HEADER = "<4sBBHIIIIIHHBBBB"
CHECKPOINT = "<IHIIBB"
_LATE_US = const(25000)
_LONGEST_US = const(65535)
_NUMBERS = const(120)  # i32 of one block


class BlackBox:
    most = SAMPLES
    end = RING_BYTES  # of the samples

    def __init__(self):
        self.ring = take(RING_BYTES)
        self.checkpoints = None
        self._last_us = 0
        self._hall_bad = 0
        self.clear()

    def attach(self, guard):
        """Take checkpoints of this guard, so that a box can be replayed."""
        self.checkpoints = Checkpoints(guard, self.most)

    def clear(self):
        """Begin a new recording."""
        self.at = 0
        self.filled = 0
        self.left = -1  # ticks until it freezes; -1 = no stop seen
        self.frozen = False
        self._deciding_at = 0
        self._now_us = 0
        self._now_ms = 0
        self._tick = 0
        self._to_checkpoint = 0
        self._begun = False
        self._piece = b""
        if self.checkpoints is not None:
            self.checkpoints.clear()

    def trigger(self):
        """A stop, told before its own tick is sampled: go on for 5 s, then freeze."""
        if self.left < 0:
            self.left = AFTER_TICKS
            self._deciding_at = self.at

    # The guard path.

    def sample(self, s, speed, fault, edges, last_us):
        """Store one tick. Allocates nothing."""
        if self.frozen:
            return
        at = self.at
        ring = self.ring
        now_us = s.now_us
        if edges:
            age_us = (now_us - last_us) & 0x3FFFFFFF
            if age_us > _LONGEST_US:
                age_us = _LONGEST_US
            if edges > 1:
                edges = (edges if edges < 16 else 15) | 0x20
            ring[at + 1] = age_us & 255
            ring[at + 2] = age_us >> 8
        else:
            ring[at + 1] = 0
            ring[at + 2] = 0
        if s.count_ahead > 1:
            edges |= 0x10
        ring[at] = edges
        ring[at + 3] = (
            s.left | s.right << 2 | s.mode << 4 | s.estop_pressed << 6 | s.start_down << 7
        )
        if s.channel == HALL_DIAG:
            self._hall(s.hall_permille)
        flags = s.state | s.feedback_closed << 4 | self._hall_bad
        if s.late_us > _LATE_US:
            flags |= 0x20
        ring[at + 4] = flags
        ring[at + 5] = fault
        dt_us = (now_us - self._last_us) & 0x3FFFFFFF
        if dt_us > _LONGEST_US:
            dt_us = _LONGEST_US
        ring[at + 6] = dt_us & 255
        ring[at + 7] = dt_us >> 8
        self._last_us = now_us
        at += SAMPLE_BYTES
        self.at = at if at < self.end else 0
        self._after(s)

    def _hall(self, permille):
        good = 120 <= permille <= 270 or 720 <= permille <= 900
        self._hall_bad = 0 if good else 0x40

    def _after(self, s):
        """Count, take the checkpoint that is due, freeze."""
        self._tick += 1
        if self.filled < self.most:
            self.filled += 1
        if self.left > 0:
            self.left -= 1
            if self.left == 0:
                self.frozen = True
                self._now_us = s.now_us
                self._now_ms = s.now_ms
        self._to_checkpoint -= 1
        if self._to_checkpoint < 0:
            self._to_checkpoint = EVERY_TICKS - 1
            if self.checkpoints is not None:
                self.checkpoints.take(self._tick, s)

    def deciding(self):
        """The 8 bytes of the tick that opened the relay: the text of its STOP event."""
        at = self._deciding_at
        return bytes(self.ring[at : at + SAMPLE_BYTES]) if self.left >= 0 else b""

    # Saving: relay open, belt still.

    def pieces(self, settings, memory, stop, limit_mm_s, now_ms):
        """The whole file, block by block: a busy board has no room for more than one.

        Before the samples comes what a replay needs to decide the same.
        """
        slot = -1
        checkpoints = self.checkpoints
        if checkpoints is not None:
            slot = checkpoints.oldest(self._tick - self.filled + 1)
        head = struct.pack(
            HEADER,
            MAGIC,
            SCHEMA,
            SAMPLE_BYTES,
            self.filled,
            memory.boot,
            memory.session,
            self._now_us,
            self._now_ms,
            now_ms,
            limit_mm_s,
            stop.v0_mm_s,
            memory.cause,
            memory.latch_code,
            1 if slot >= 0 else 0,
            0,
        )
        yield block(frames.BOX_HEADER, 0, head)
        values = [getattr(settings, name) for name in NAMES]
        numbers = struct.pack("<I%di" % len(values), names_hash(NAMES), *values)
        yield block(frames.BOX_SETTINGS, 0, numbers)
        if checkpoints is not None and slot >= 0:
            yield from self._checkpoint_blocks(checkpoints, slot)
        yield from self.rings()

    def _checkpoint_blocks(self, found, slot):
        tick, us, ms, channel = found.values[slot : slot + HEAD]
        after = tick - (self._tick - self.filled)  # samples up to and with the one it follows
        end = slot + found.width
        slot += HEAD
        parts = (end - slot + _NUMBERS - 1) // _NUMBERS
        head = struct.pack(CHECKPOINT, found.hash, after, us, ms, channel, parts)
        yield block(frames.BOX_CHECKPOINT, 0, head)
        for index in range(1, parts + 1):
            part = bytes(found.values[slot : min(slot + _NUMBERS, end)])
            yield block(frames.BOX_CHECKPOINT, index, part)
            slot += _NUMBERS

    def rings(self):
        """The samples, oldest first."""
        ring = memoryview(self.ring)[: self.end]
        return ring_blocks(
            frames.BOX_SAMPLES, ring, self.at, self.filled * SAMPLE_BYTES, BLOCK_PAYLOAD
        )

    def save_piece(self, files, name, pieces):
        """Write the next piece; True while more is left. One that was refused comes again."""
        if not self._piece:
            for piece in pieces:
                self._piece = piece
                break
            else:
                self.clear()
                return False
        if self._begun:
            files.append(name, self._piece)
        else:
            files.write(name, self._piece)
            self._begun = True
        self._piece = b""
        return True


def ring_blocks(kind, ring, end, total, payload):
    """The last `total` bytes before `end`, oldest first."""
    index = 0
    for done in range(0, total, payload):
        n = min(payload, total - done)
        start = (end - total + done) % len(ring)
        piece = bytes(ring[start : start + n])
        yield block(kind, index, piece + bytes(ring[: n - len(piece)]))
        index += 1
