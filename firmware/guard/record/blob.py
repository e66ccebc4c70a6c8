# SPDX-License-Identifier: MIT
"""Memory as one blob of 128 bytes: magic u16, schema u8, fields, a counter per fault, CRC-32.

Little-endian. Written whole, so it is the old one or the new one after a power cut.
"""

from binascii import crc32

from micropython import const

from guard.core import faults
from guard.core.memory import FIELDS

BLOB_SIZE = const(128)
_MAGIC = const(0x5447)
_SCHEMA = const(1)
_COUNTERS_AT = const(40)
_CRC_AT = const(124)


def pack(memory, buf):
    """Write all of it into buf."""
    for i in range(BLOB_SIZE):
        buf[i] = 0
    _put(buf, 0, _MAGIC, 2)
    buf[2] = _SCHEMA
    at = 3
    for name, width in FIELDS:
        _put(buf, at, getattr(memory, name), width)
        at += width
    for code in range(faults.CODES):
        buf[_COUNTERS_AT + code] = memory.counters[code]
    _put(buf, _CRC_AT, crc32(memoryview(buf)[:_CRC_AT]), 4)


def unpack(memory, buf):
    """Read all of it; False, and nothing taken, when magic, schema or CRC are wrong."""
    if len(buf) != BLOB_SIZE or _get(buf, 0, 2) != _MAGIC or buf[2] != _SCHEMA:
        return False
    if _get(buf, _CRC_AT, 4) != crc32(memoryview(buf)[:_CRC_AT]) & 0xFFFFFFFF:
        return False
    at = 3
    for name, width in FIELDS:
        setattr(memory, name, _get(buf, at, width))
        at += width
    for code in range(faults.CODES):
        memory.counters[code] = buf[_COUNTERS_AT + code]
    return True


def _put(buf, at, value, width):
    for i in range(width):
        buf[at + i] = value & 0xFF
        value >>= 8


def _get(buf, at, width):
    value = 0
    for i in range(width):
        value |= buf[at + i] << (8 * i)
    return value
