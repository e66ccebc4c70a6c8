# SPDX-License-Identifier: MIT
"""Settings on flash, two generations. Damage falls back to the older one and blocks arming."""

import json
from binascii import crc32

from micropython import const

CURRENT = "config.json"
OLDER = "config.old"
SCHEMA = const(1)

OK = const(0)
MISSING = const(1)
FELL_BACK = const(2)
DAMAGED = const(3)


def encode(values, generation):
    """One line of JSON, then its CRC-32 in hex."""
    text = json.dumps({"schema": SCHEMA, "generation": generation, "values": values}).encode()
    return text + b"\n" + b"%08x" % (crc32(text) & 0xFFFFFFFF)


def decode(data):
    """The stored object, or None when anything about it is wrong."""
    try:
        text, crc = data.split(b"\n")
        if b"%08x" % (crc32(text) & 0xFFFFFFFF) != crc:
            return None
        found = json.loads(text)
        return found if found["schema"] == SCHEMA and found["values"] else None
    except (ValueError, KeyError, TypeError):
        return None


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
        found = decode(current) if current is not None else None
        if found:
            self.generation = found["generation"]
            return found["values"], OK
        found = decode(older) if older is not None else None
        if found:
            self.generation = found["generation"]
            return found["values"], FELL_BACK
        return {}, DAMAGED

    def save(self, values):
        """Keep the good current one as the older, then replace it whole."""
        current = self.files.read(CURRENT)
        if current is not None and decode(current):
            self.files.write("config.tmp", current)
            self.files.rename("config.tmp", OLDER)
        self.generation += 1
        self.files.write("config.tmp", encode(values, self.generation))
        self.files.rename("config.tmp", CURRENT)
