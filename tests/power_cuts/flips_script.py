# SPDX-License-Identifier: MIT
# ruff: noqa: E402
"""MicroPython only: flips_script.py ROOT FLIPS SEED. One flipped bit anywhere in the flash, and
what the board that starts on it reads: wrong is only what is not told."""

import gc
import json
import sys

sys.path[:0] = [sys.argv[1] + "/firmware", sys.argv[1]]

# Leaves first: MicroPython compiles on the stack, and nested imports run out of it.
for _leaf in ("states", "faults", "events", "memory", "parameters", "supervisor", "guard"):
    __import__("guard.core." + _leaf)

from binascii import crc32

from guard.board import files
from guard.record import config_store
from guard.record.frames import frame_at, number_of
from tests.power_cuts.board import Board
from tests.power_cuts.check import SETTING, is_whole
from tests.power_cuts.nor_flash import BLOCK
from tests.power_cuts.story import story

WALKS = 2


def main(flips, seed):
    _, flash, known = story(WALKS)
    used = [i for i in range(len(flash.contents)) if flash.contents[i] != b"\xff" * BLOCK]
    setting = known.settings[-1][2]
    done = {"flips": 0, "not_mounted": 0, "told": 0, "wrong": []}
    for _ in range(flips):
        seed = (seed * 1103515245 + 12345) & 0x3FFFFFFF
        block = used[(seed >> 8) % len(used)]
        seed = (seed * 1103515245 + 12345) & 0x3FFFFFFF
        at = (seed >> 6) % (BLOCK * 8)
        flipped = flash.copy()
        torn = bytearray(flipped.contents[block])
        torn[at >> 3] ^= 1 << (at & 7)
        flipped.contents[block] = torn
        done["flips"] += 1
        verdict = look(flipped, known, setting)
        if verdict in ("not_mounted", "told"):
            done[verdict] += 1
        elif verdict:
            done["wrong"].append(f"block {block} bit {at}: {verdict}")
        gc.collect()
    print(json.dumps(done))


def look(flash, known, setting):
    """not_mounted, told, "" for no effect, or what reads wrong in silence."""
    try:
        board = Board(flash, None)
    except OSError:
        return "not_mounted"
    told = board.recorder.store_failed or board.config_status != config_store.OK
    if board.config_status == config_store.OK and getattr(board.settings, SETTING) != setting:
        return "settings"
    try:
        for name, _ in files.listing():
            data = files.read(name)
            if number_of(name, "j"):
                damaged = wrong_frames(data, known)
                if damaged < 0:
                    return "an event of " + name
                told = told or damaged > 0
            elif name in known.files and crc32(data) != known.files[name][1]:
                if is_whole(data):
                    return name
                told = True
    except OSError:
        told = True
    return "told" if told else ""


def wrong_frames(data, known):
    """Damaged bytes; -1 when an intact frame is not what was written under its number."""
    at = damaged = 0
    while at < len(data):
        if frame_at(data, at) is None:
            at += 1
            damaged += 1
            continue
        frame = data[at : at + data[at]]
        seq = int.from_bytes(frame[1:5], "little")
        if seq in known.frames and known.frames[seq][1] != frame:
            return -1
        at += data[at]
    return damaged


main(int(sys.argv[2]), int(sys.argv[3]))
