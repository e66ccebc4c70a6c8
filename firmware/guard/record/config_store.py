# SPDX-License-Identifier: MIT
"""Settings on flash, two generations. Damage falls back to the older one and blocks arming.

Each file is one line of JSON and its CRC-32. A new one is written aside, read back and renamed
into place, so that at any moment a power cut leaves a whole current file.
"""

import json
from binascii import crc32

from micropython import const

from guard.core import parameters

CURRENT = "config.json"
OLDER = "config.old"
_TMP = "config.tmp"
SCHEMA = const(1)

OK = const(0)
MISSING = const(1)
FELL_BACK = const(2)
DAMAGED = const(3)
STATUS_NAMES = ("ok", "missing", "fell_back", "damaged")


def encode(values, generation):
    """One line of JSON, then its CRC-32 in hex."""
    text = json.dumps({"schema": SCHEMA, "generation": generation, "values": values}).encode()
    return text + b"\n%08x\n" % (crc32(text) & 0xFFFFFFFF)


def decode(data):
    """(values, generation), or None when anything about it is wrong."""
    try:
        text, stated, rest = data.split(b"\n")
        if rest or b"%08x" % (crc32(text) & 0xFFFFFFFF) != stated:
            return None
        found = json.loads(text)
        if found["schema"] != SCHEMA or type(found["generation"]) is not int:
            return None
        values = _sound(found["values"])
        return None if values is None else (values, found["generation"])
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeError):
        return None


def _sound(stored):
    """The values, or None when one of them may not take effect.

    A name this version does not know is left out; one it misses keeps its default.
    """
    if not isinstance(stored, dict):
        return None
    complete = dict(zip(parameters.NAMES, parameters.DEFAULTS))
    values = {}
    for name in stored:
        if name in complete:
            if not parameters.fits(name, stored[name]):
                return None
            values[name] = stored[name]
    complete.update(values)
    return None if parameters.cross_check(complete) else values


class ConfigStore:
    def __init__(self, files):
        self.files = files
        self.generation = 0

    def load(self):
        """(values, status); values is empty for MISSING and DAMAGED."""
        current = self.files.read(CURRENT)
        older = self.files.read(OLDER)
        if current is None and older is None:
            return {}, MISSING
        for data, status in ((current, OK), (older, FELL_BACK)):
            found = decode(data) if data is not None else None
            if found is not None:
                self.generation = max(self.generation, found[1])
                return found[0], status
        return {}, DAMAGED

    def save(self, values):
        """Keep the good current one as the older, then replace it whole. May raise OSError."""
        current = self.files.read(CURRENT)
        if current is not None and decode(current) is not None:
            self._replace(OLDER, current)
        self._replace(CURRENT, encode(values, self.generation + 1))
        self.generation += 1

    def _replace(self, name, data):
        self.files.write(_TMP, data)
        if self.files.read(_TMP) != data:
            raise OSError(5)  # EIO: what was written does not read back
        self.files.rename(_TMP, name)
