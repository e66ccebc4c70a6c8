# SPDX-License-Identifier: MIT
"""Journal frames: length u8, seq u32, boot u16, uptime ms u32, kind u8, a b c i32, text, CRC-32.

Little-endian; length counts the whole frame. docs/records.md says how to read them.
"""

import struct
from binascii import crc32

from micropython import const

_HEAD = "<BIHIBiii"
HEAD_SIZE = const(24)
CRC_SIZE = const(4)
SMALLEST = const(28)
LARGEST = const(255)


def frame(seq, boot, uptime_ms, kind, a, b, c, text):
    """One frame as bytes; text is cut to what fits."""
    text = text[: LARGEST - SMALLEST]
    length = SMALLEST + len(text)
    body = struct.pack(_HEAD, length, seq, boot & 0xFFFF, uptime_ms, kind, a, b, c) + text
    return body + struct.pack("<I", crc32(body) & 0xFFFFFFFF)


def frame_at(data, at):
    """The frame at an offset as (seq, boot, uptime_ms, kind, a, b, c, text), or None if torn."""
    if at + SMALLEST > len(data):
        return None
    length = data[at]
    if length < SMALLEST or at + length > len(data):
        return None
    body = data[at : at + length - CRC_SIZE]
    if struct.unpack("<I", data[at + length - CRC_SIZE : at + length])[0] != crc32(body):
        return None
    head = struct.unpack(_HEAD, body[:HEAD_SIZE])
    return head[1:] + (bytes(body[HEAD_SIZE:]),)
