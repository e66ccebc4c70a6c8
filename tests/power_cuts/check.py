# SPDX-License-Identifier: MIT
"""After a cut: the board starts, and everything that was acknowledged is there and reads right."""

from binascii import crc32

from guard.board import files
from guard.record import config_store
from guard.record.frames import block_at, frame_at, number_of
from tests.power_cuts.board import Board

SETTING = "session_limit_min"


def judge(flash, nvs, known, k):
    """Every complaint about the board that starts on this flash. Empty is good."""
    try:
        board = Board(flash, nvs)
    except OSError as error:
        return [f"the file system does not mount: {error!r}"]
    found = []
    if board.recorder.store_failed or not board.memory_sound:
        found.append("the store has failed")
    found += settings(board, known.settings_at(k))
    found += journal(board, known.frames_at(k), known.old)
    found += boxes(known, k)
    if not found:
        found = goes_on(board, flash)
    return found


def settings(board, allowed):
    """The old ones or the new ones, and never a default in silence."""
    status = board.config_status
    if status == config_store.MISSING:
        return [] if None in allowed else ["the settings are gone"]
    if status != config_store.OK:
        return ["the settings are called " + config_store.STATUS_NAMES[status]]
    value = getattr(board.settings, SETTING)
    return [] if value in allowed else [f"the settings say {value}, not {allowed}"]


def journal(board, wanted, old):
    """Every acknowledged event, byte for byte; nothing between the frames."""
    have = {}
    damaged = 0
    for name, _ in files.listing():
        if number_of(name, "j"):
            data = files.read(name)
            if name in old and old[name][0] == crc32(data):  # as it was: no need to take it apart
                have.update({seq: wanted[seq] for seq in old[name][1] if seq in wanted})
            else:
                damaged += _frames(data, have)
    found = [f"{damaged} bytes of the journal are damaged"] if damaged else []
    lost = [seq for seq in wanted if have.get(seq) != wanted[seq]]
    if lost:
        found.append(f"{len(lost)} acknowledged events are lost, the first is {min(lost)}")
    if wanted and board.recorder.journal.next_seq <= max(wanted):
        found.append(f"the number {max(wanted)} would be used twice")
    return found


def _frames(data, have):
    at = damaged = 0
    while at < len(data):
        if frame_at(data, at) is None:
            at += 1
            damaged += 1
        else:
            frame = data[at : at + data[at]]
            have[int.from_bytes(frame[1:5], "little")] = frame
            at += data[at]
    return damaged


def boxes(known, k):
    """Acknowledged ones as they were; any other that has its name is whole."""
    wanted = known.files_at(k)
    found = []
    present = set()
    for name, _ in files.listing():
        if number_of(name, "b") or number_of(name, "t"):
            present.add(name)
            data = files.read(name)
            right = crc32(data) == wanted[name] if name in wanted else is_whole(data)
            if not right:
                found.append(name + " is not what was written")
    return found + [name + " is lost" for name in wanted if name not in present]


def is_whole(data):
    at = 0
    while at < len(data):
        block = block_at(data, at)
        if block is None:
            return False
        at += block[0]
    return bool(data)


def goes_on(board, flash):
    """The board writes again, and what it writes is there after one more start."""
    board.change(SETTING, 17)
    number = board.recorder.journal.next_seq
    again = Board(flash, board.nvs)
    found = settings(again, [17])
    if again.recorder.journal.next_seq != number or again.recorder.store_failed:
        found.append("it does not go on after the cut")
    return found
