# SPDX-License-Identifier: MIT
# ruff: noqa: E402
"""MicroPython only: wear_script.py ROOT WALKS. A year of walks on the board's 2 MB, and what each
flash block has been through."""

import gc
import json
import os
import sys

sys.path[:0] = [sys.argv[1] + "/firmware", sys.argv[1]]

# Leaves first: MicroPython compiles on the stack, and nested imports run out of it.
for _leaf in ("states", "faults", "events", "memory", "parameters", "supervisor", "guard"):
    __import__("guard.core." + _leaf)

from guard.board import files
from guard.record.frames import number_of
from tests.power_cuts.board import Board, fresh, mount
from tests.power_cuts.nor_flash import BLOCK, NorFlash

BLOCKS = 512
FIRMWARE_BYTES = 200000
FULL_BOX = 2000


def main(walks):
    flash = fresh(BLOCKS, NorFlash)
    mount(flash)
    for part in range(FIRMWARE_BYTES // 4096):
        files.write(f"firmware{part}.mpy", bytes(4096))
    board = Board(flash, None)
    board.change("session_limit_min", 12)
    at_first = list(flash.erases)
    programmed = flash.programmed_bytes
    saves = 0
    most = 0
    for _ in range(walks):
        before = sum(flash.erases)
        board = Board(flash, board.nvs)  # a session is a start of the box
        board.walk(FULL_BOX)
        saves += board.saves
        most = max(most, sum(flash.erases) - before)
        gc.collect()
    worn = [flash.erases[i] - at_first[i] for i in range(BLOCKS)]
    reads = flash.reads
    rows = list(files.listing())
    listing_reads = flash.reads - reads
    free = os.statvfs("/flash")[3] * BLOCK
    print(
        json.dumps(
            {
                "walks": walks,
                "erases": sum(worn),
                "most_in_a_walk": most,
                "busiest_block": max(worn),
                "programmed_bytes": flash.programmed_bytes - programmed,
                "blob_writes": saves,
                "boxes": len([row for row in rows if number_of(row[0], "b")]),
                "traces": len([row for row in rows if number_of(row[0], "t")]),
                "journal_bytes": sum([row[1] for row in rows if number_of(row[0], "j")]),
                "free_bytes": free,
                "files": len(rows),
                "listing_reads": listing_reads,
                "unclean": flash.unclean,
            }
        )
    )


main(int(sys.argv[2]))
