# SPDX-License-Identifier: MIT
"""The two frames of everything on flash, each with its own CRC-32, little-endian.

Journal frame: length u8, seq u32, boot u16, uptime ms u32, kind u8, a b c i32, text, CRC-32.
Block of a black box or trace: length u16, kind u8, index u8, payload, CRC-32.
Both lengths count the whole frame. docs/records.md says how to read them.
"""

import struct
from binascii import crc32

from micropython import const

_HEAD = "<BIHIBiii"
HEAD_SIZE = const(24)
CRC_SIZE = const(4)
SMALLEST = const(28)
LARGEST = const(96)
_I32_MAX = 0x7FFFFFFF

BLOCK_HEAD = const(4)
BLOCK_PAYLOAD = const(496)  # 62 black box samples; with head and CRC one piece of flash
PIECE_BYTES = const(512)

BOX_HEADER = const(1)
BOX_SETTINGS = const(2)
BOX_CHECKPOINT = const(3)
BOX_SAMPLES = const(4)
TRACE_HEADER = const(5)
TRACE_RECORDS = const(6)


def _i32(value):
    return min(max(value, -_I32_MAX), _I32_MAX)


def frame(seq, boot, uptime_ms, kind, a, b, c, text):
    """One journal frame as bytes; text is cut to what fits."""
    text = text[: LARGEST - SMALLEST]
    length = SMALLEST + len(text)
    head = struct.pack(
        _HEAD, length, seq, boot & 0xFFFF, uptime_ms, kind, _i32(a), _i32(b), _i32(c)
    )
    body = head + text
    return body + struct.pack("<I", crc32(body) & 0xFFFFFFFF)


def frame_at(data, at):
    """The journal frame at an offset as (seq, boot, uptime_ms, kind, a, b, c, text), or None."""
    if at + SMALLEST > len(data):
        return None
    length = data[at]
    if not SMALLEST <= length <= LARGEST or at + length > len(data):
        return None
    body = data[at : at + length - CRC_SIZE]
    stated = struct.unpack("<I", data[at + length - CRC_SIZE : at + length])[0]
    if stated != crc32(body) & 0xFFFFFFFF:
        return None
    return struct.unpack(_HEAD, body[:HEAD_SIZE])[1:] + (bytes(body[HEAD_SIZE:]),)


def seq_of(made):
    """The number of a frame that was made here."""
    return struct.unpack("<I", made[1:5])[0]


def block(kind, index, payload):
    """One block as bytes."""
    body = struct.pack("<HBB", BLOCK_HEAD + len(payload) + CRC_SIZE, kind, index) + payload
    return body + struct.pack("<I", crc32(body) & 0xFFFFFFFF)


def block_at(data, at):
    """The block at an offset as (length, kind, index, payload), or None if torn or damaged."""
    if at + BLOCK_HEAD + CRC_SIZE > len(data):
        return None
    length, kind, index = struct.unpack("<HBB", data[at : at + BLOCK_HEAD])
    end = at + length
    if not BLOCK_HEAD + CRC_SIZE <= length <= PIECE_BYTES or end > len(data):
        return None
    body = data[at : end - CRC_SIZE]
    if struct.unpack("<I", data[end - CRC_SIZE : end])[0] != crc32(body) & 0xFFFFFFFF:
        return None
    return length, kind, index, bytes(body[BLOCK_HEAD:])


def number_of(name, kind):
    """The number in a record file's name, like 7 of b00000007.bin; 0 for any other file."""
    if len(name) != 13 or name[0] != kind or not name.endswith(".bin"):
        return 0
    digits = name[1:9]
    return int(digits) if digits.isdigit() else 0


def names_hash(names):
    """CRC-32 that tells a reader whether a row of numbers means what it thinks."""
    return crc32(",".join(names).encode()) & 0xFFFFFFFF
