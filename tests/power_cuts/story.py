# SPDX-License-Identifier: MIT
"""What the board writes while its power is cut: story(blocks) on a nearly full journal.

Settings, sessions with black boxes and traces, a journal that begins a new segment and gives up
its oldest one, and a flash so small that the oldest boxes have to go.
"""

from binascii import crc32

from guard.board import files
from guard.core import events as e
from guard.core import faults as f
from guard.record.frames import frame
from guard.record.journal import SEGMENT_BYTES, SEGMENTS, segment_name
from tests.power_cuts.board import Board, fresh, mount
from tests.power_cuts.check import SETTING
from tests.power_cuts.nor_flash import NorFlash

BLOCKS = 90  # 360 KB: the journal, two boxes, and what eviction keeps free
TICKS = 640


def old_segment(first_seq):
    """A full segment of an earlier year, with a trip and a change in it, and its next number."""
    made = b""
    seq = first_seq
    while len(made) <= SEGMENT_BYTES - 28:
        kind, a = (e.STATE, 3)
        if seq == first_seq + 100:
            kind, a = e.STOP, f.OVERSPEED
        elif seq == first_seq + 200:
            kind, a = e.CONFIG, 4
        made += frame(seq, 1, seq, kind, a, 0, 0, b"")
        seq += 1
    return made, seq


def story(walks):
    """(the flash as it was at first, the operations, what was acknowledged and when)"""
    flash = fresh(BLOCKS, NorFlash)
    mount(flash)
    seq = 1
    carried = {}
    old = {}
    for _ in range(SEGMENTS - 1):
        made, following = old_segment(seq)
        files.write(segment_name(seq), made)
        old[segment_name(seq)] = crc32(made), (seq + 100, seq + 200)
        for offset in (100, 200):
            carried[seq + offset] = (0, made[offset * 28 : offset * 28 + 28])
        seq = following
    made, following = old_segment(seq)
    files.write(segment_name(seq), made[: 28 * 570])  # the newest: almost full
    first = flash.copy()
    flash.log = []
    board = Board(flash, None)
    board.known.frames.update(carried)
    board.known.old.update(old)
    board.settle()
    for number in range(walks):
        board.change(SETTING, 10 + number)
        board.walk(TICKS)
    return first, flash, board.known
