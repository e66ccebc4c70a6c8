# SPDX-License-Identifier: MIT
# ruff: noqa: E402
"""MicroPython only: full_script.py ROOT LEFT BOXES. Somebody's own files fill the flash up to
LEFT bytes while it holds BOXES black boxes; then the box starts, a setting changes, and a walk
ends in a trip. Prints what became of everything."""

import json
import sys

sys.path[:0] = [sys.argv[1] + "/firmware", sys.argv[1]]

# Leaves first: MicroPython compiles on the stack, and nested imports run out of it.
for _leaf in ("states", "faults", "events", "memory", "parameters", "supervisor", "guard"):
    __import__("guard.core." + _leaf)

from binascii import crc32

from guard.board import files
from guard.core import events as e
from guard.record import notes
from guard.record.frames import frame_at, number_of
from guard.record.journal import is_carried
from tests.power_cuts.board import Board, fresh, mount
from tests.power_cuts.check import SETTING, is_whole
from tests.power_cuts.nor_flash import BLOCK, NorFlash

BLOCKS = 256
TICKS = 900
FOREIGN = "holiday.jpg"


def main(left, boxes):
    flash = fresh(BLOCKS, NorFlash)
    mount(flash)
    board = Board(flash, None)
    board.change(SETTING, 11)
    for _ in range(boxes):
        board.walk(TICKS)
    before = frames()
    had = records()
    foreign = fill(left)
    room = files.free_bytes()
    board = Board(flash, board.nvs)
    board.settle()
    board.change(SETTING, 12)
    board.walk(TICKS)
    ready = not (board.recorder.store_failed or board.recorder.saving)
    again = Board(flash, board.nvs)
    after = frames()
    have = records()
    print(
        json.dumps(
            {
                "room": room,
                "ready": ready and not board.supervisor.blockers.store_failed,
                "starts_again": not again.recorder.store_failed,
                "setting": getattr(again.settings, SETTING),
                "lost": [seq for seq in before if after.get(seq) != before[seq]],
                "kept_of_the_walk": [frame_at(made, 0)[3] for seq, made in sorted(after.items())
                                     if seq not in before and matters(made)],
                "gone": sorted([name for name in had if name not in have]),
                "new": sorted([name for name in have if name not in had]),
                "torn": [name for name in have if not is_whole(files.read(name))],
                "told": [(chr(b), c) for a, b, c in noted(after) if a == notes.MADE_ROOM],
                "foreign": crc32(files.read(FOREIGN)) == foreign,
            }
        )
    )  # fmt: skip


def fill(left):
    """Append to a foreign file until only `left` bytes are free."""
    crc = 0
    piece = bytes(BLOCK // 2)
    try:
        while files.free_bytes() > left:
            files.append(FOREIGN, piece)
            crc = crc32(piece, crc)
    except OSError as error:
        if error.args[0] != 28:
            raise
    return crc


def frames():
    """Every event of the journal by its number."""
    found = {}
    for name, _ in files.listing():
        if number_of(name, "j"):
            data = files.read(name)
            at = 0
            while frame_at(data, at) is not None:
                made = data[at : at + data[at]]
                found[int.from_bytes(made[1:5], "little")] = made
                at += data[at]
    return found


def records():
    return [name for name, _ in files.listing() if number_of(name, "b") or number_of(name, "t")]


def matters(made):
    """A trip or a change of settings: never given up for space."""
    _, _, _, kind, a, _, _, _ = frame_at(made, 0)
    return kind in (e.STOP, e.CONFIG) and is_carried(kind, a)


def noted(found):
    for _, made in sorted(found.items()):
        _, _, _, kind, a, b, c, _ = frame_at(made, 0)
        if kind == e.NOTE:
            yield a, b, c


main(int(sys.argv[2]), int(sys.argv[3]))
