# SPDX-License-Identifier: MIT
"""What outlives a reset: one NVS blob, and an RTC breadcrumb for resets that keep power."""

from esp32 import NVS
from machine import RTC
from micropython import const

_SPACE = "treadguard"
_KEY = "memory"
_MAGIC = const(0x54)
_NOT_FOUND = const(-0x1102)  # ESP_ERR_NVS_NOT_FOUND
CRUMB_SIZE = 16


class NvsBlob:
    """One blob; NVS writes the new version before it drops the old."""

    def __init__(self, size):
        self._nvs = NVS(_SPACE)
        self.buf = bytearray(size)

    def load(self):
        """Fill buf with what is stored; False on a new board. What cannot be read is damaged."""
        try:
            self._nvs.get_blob(_KEY, self.buf)
        except OSError as error:
            return error.args[0] != _NOT_FOUND
        return True

    def save(self):
        """Write buf. OSError when the partition refuses."""
        self._nvs.set_blob(_KEY, self.buf)
        self._nvs.commit()


class Crumb:
    """Sixteen bytes in RTC memory: magic, state, fault, session, crash. Kept by a watchdog."""

    def __init__(self):
        self._rtc = RTC()
        self._buf = bytearray(CRUMB_SIZE)
        stored = self._rtc.memory()
        self.found = len(stored) == CRUMB_SIZE and self._sound(stored)
        self.state = stored[1] if self.found else 0
        self.fault = stored[2] if self.found else 0
        self.crashed = bool(self.found and stored[3])

    def _sound(self, stored):
        return stored[0] == _MAGIC and stored[4] == stored[1] ^ stored[2] ^ stored[3] ^ 0x5A

    def drop(self, state, fault, crashed):
        """Write the crumb; allocates nothing."""
        buf = self._buf
        buf[0] = _MAGIC
        buf[1] = state
        buf[2] = fault
        buf[3] = crashed
        buf[4] = state ^ fault ^ crashed ^ 0x5A
        self._rtc.memory(buf)
