# SPDX-License-Identifier: MIT
"""The black box of a board with options: beside the samples, what the options' rules read.

Second stop and key sense need one bit each, a new reading of the inclinometer a third: they are
in bits that a sample has to spare. The second hall sensor has a ring of its own in step with the
samples, 3 bytes a tick: edges, bit 4 counter ahead, bit 5 several edges, bit 6 line out of its
bands, as in byte 0 of a sample; us from the last edge. The inclinometer has a ring of readings,
some more than the samples' ticks bring: a checkpoint's means are made of those before it.

All three share the memory of the plain box, so that they hold fewer seconds: 14 with a second
sensor or an inclinometer, 11 with both, 5 of them after the stop.
"""

import struct

from micropython import const

from guard.core.incline import ERRORS
from guard.core.interlocks import hall_band_good
from guard.core.sample import HALL_DIAG
from guard.record.blackbox import SAMPLE_BYTES, BlackBox, ring_blocks
from guard.record.buffers import RING_BYTES, made
from guard.record.frames import block

BOX_OPTIONS = const(7)
BOX_HALL_B = const(8)
BOX_INCLINE = const(9)
OPTIONS = "<BH"
HALL_B = "<BH"
READING = "<hhh"
HALL_B_BYTES = const(3)
READING_BYTES = const(6)
READINGS_BEFORE = const(80)  # the oldest tick: more than a mean's
NO_READING = const(-32768)  # to the front: ERRORS readings in a row have failed
NO_READING_HIGH = const(0x80)
WARM_UP_TICKS = const(150)  # before the first checkpoint: a whole mean of readings is stored
DROPPED_BIT = const(0x40)  # of byte 0
KEY_BIT = const(0x80)
READING_BIT = const(0x80)  # of byte 4
_HALL_B_PAYLOAD = const(495)
_READINGS_PAYLOAD = const(492)
_LONGEST_US = const(65535)
_MOST_MG = const(32767)


class OptionBox(BlackBox):
    def __init__(self, plain, options):
        """Takes the place of a plain box, and its ring."""
        self.hall = options.hall
        self.incline = options.incline
        self.fitted = (
            (options.hall is not None)
            | (options.second is not None) << 1
            | (options.key is not None) << 2
            | (options.incline is not None) << 3
        )
        self._bad_b = 0
        made[RING_BYTES] = plain.ring
        BlackBox.__init__(self)
        self._divide()

    def _divide(self):
        """One ring for all: a board with every option has no memory for three."""
        hall_bytes = HALL_B_BYTES if self.hall is not None else 0
        mg_bytes = READING_BYTES >> 1 if self.incline is not None else 0  # every second tick
        before = READINGS_BEFORE * READING_BYTES if mg_bytes else 0
        most = (RING_BYTES - before) // (SAMPLE_BYTES + hall_bytes + mg_bytes) & ~1
        self.most = most
        self.end = most * SAMPLE_BYTES
        after_hall = self.end + most * hall_bytes
        ring = memoryview(self.ring)
        self.hall_ring = ring[self.end : after_hall]
        self.readings = ring[after_hall : after_hall + most * mg_bytes + before]

    def clear(self):
        BlackBox.clear(self)
        self.reading_at = 0
        self.held = 0  # readings
        self._silent = False
        if self.incline is not None:
            self._to_checkpoint = WARM_UP_TICKS
        if self.hall is not None:
            self.hall.tick_edges = 0

    # The guard path.

    def sample(self, s, speed, fault, edges, last_us):
        """Store one tick. Allocates nothing."""
        if self.frozen:
            return
        at = self.at
        if self.hall is not None:
            self._put_hall(s, (at >> 3) * HALL_B_BYTES)
        BlackBox.sample(self, s, speed, fault, edges, last_us)
        ring = self.ring
        if s.second_dropped:
            ring[at] |= DROPPED_BIT
        if s.key_closed:
            ring[at] |= KEY_BIT
        if self.incline is not None and self._put_incline(s):
            ring[at + 4] |= READING_BIT

    def _put_hall(self, s, at):
        hall = self.hall
        ring = self.hall_ring
        edges = hall.tick_edges
        age_us = 0
        if edges:
            hall.tick_edges = 0
            age_us = (s.now_us - hall.tick_us) & 0x3FFFFFFF
            if age_us > _LONGEST_US:
                age_us = _LONGEST_US
            if edges > 1:
                edges = (edges if edges < 16 else 15) | 0x20
        if s.count_ahead_b > 1:
            edges |= 0x10
        if s.channel == HALL_DIAG:
            self._bad_b = 0 if hall_band_good(s.hall_b_permille) else 0x40
        ring[at] = edges | self._bad_b
        ring[at + 1] = age_us & 255
        ring[at + 2] = age_us >> 8

    def _put_incline(self, s):
        """True when this tick has a reading, or is the one since which there is none."""
        if s.incline_fresh:
            mg = s.incline_mg
            self._silent = False
            self._put(mg[0], 0)
            self._put(mg[1], 2)
            self._put(mg[2], 4)
        elif s.incline_errors >= ERRORS and not self._silent:
            self._silent = True
            at = self.reading_at
            self.readings[at] = 0
            self.readings[at + 1] = NO_READING_HIGH
        else:
            return False
        at = self.reading_at + READING_BYTES
        self.reading_at = at if at < len(self.readings) else 0
        if self.held * READING_BYTES < len(self.readings):
            self.held += 1
        return True

    def _put(self, mg, offset):
        if mg > _MOST_MG:
            mg = _MOST_MG
        elif mg < -_MOST_MG:
            mg = -_MOST_MG
        at = self.reading_at + offset
        self.readings[at] = mg & 255
        self.readings[at + 1] = mg >> 8 & 255

    # Saving: relay open, belt still.

    def rings(self):
        """What the options read comes before the samples."""
        yield block(BOX_OPTIONS, 0, struct.pack(OPTIONS, self.fitted, self.held))
        if self.hall is not None:
            end = (self.at >> 3) * HALL_B_BYTES
            total = self.filled * HALL_B_BYTES
            yield from ring_blocks(BOX_HALL_B, self.hall_ring, end, total, _HALL_B_PAYLOAD)
        end = self.reading_at
        total = self.held * READING_BYTES
        yield from ring_blocks(BOX_INCLINE, self.readings, end, total, _READINGS_PAYLOAD)
        yield from BlackBox.rings(self)
