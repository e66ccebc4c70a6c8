# SPDX-License-Identifier: MIT
"""Flash: files on LittleFS and the NVS partition, with their stalls.

An operation is whole or absent after a power cut, never half: it takes effect in the middle of
its stall. A file operation erases about one block (45 to 60 ms, now and then up to 400); an
NVS write takes a millisecond and erases once in 126. While flash is busy nothing of Python runs
and all edges of a pin melt into one interrupt.
"""

import os

from treadguard import manifest

NVS_PER_PAGE = 126
NVS_WRITE_US = 1000
READ_US = 200
CAPACITY = 2 * 1024 * 1024


class NotFoundError(OSError):
    """ESP_ERR_NVS_NOT_FOUND, as esp32.NVS raises it."""

    def __init__(self):
        super().__init__(-4354, "ESP_ERR_NVS_NOT_FOUND")


class Flash:
    def __init__(self, world, rng):
        self.world = world
        self.rng = rng
        self.files = {}
        self.nvs = {}
        self.nvs_sets = 0
        self.operations = 0
        self.stalled_us = 0
        self.instant = False  # while a scenario is being laid out
        self.failing = False  # every write fails from now on
        self.free = CAPACITY
        self.firmware_dir = ""
        self.manifest = None

    # -- files

    def read(self, path):
        if path in self.files:
            return self.files[path]
        return self._firmware_file(path)

    def read_part(self, path, offset, n):
        """A piece of a file; of the firmware's own without loading the whole."""
        if path in self.files or path == manifest.NAME or not self.firmware_dir:
            data = self.read(path)
            return b"" if data is None else data[offset : offset + n]
        try:
            with open(self.firmware_dir + "/" + path, "rb") as f:
                f.seek(offset)
                return f.read(n)
        except OSError:
            return b""

    def size(self, path):
        """Bytes, or -1 when there is no such file."""
        if path in self.files or path == manifest.NAME or not self.firmware_dir:
            data = self.read(path)
            return -1 if data is None else len(data)
        try:
            return os.stat(self.firmware_dir + "/" + path)[6]
        except OSError:
            return -1

    def _firmware_file(self, path):
        """The board also holds the firmware itself, and the manifest of its deployment."""
        if not self.firmware_dir:
            return None
        if path == manifest.NAME:
            if self.manifest is None:
                self.manifest = manifest.build(self.firmware_dir).encode()
            return self.manifest
        try:
            with open(self.firmware_dir + "/" + path, "rb") as f:
                return f.read()
        except OSError:
            return None

    def write(self, path, data):
        self._check(len(data))
        data = bytes(data)
        self._erase(self._store, path, data)

    def append(self, path, data):
        self._check(len(data))
        self._erase(self._store, path, self.files.get(path, b"") + bytes(data))

    def rename(self, old, new):
        if old not in self.files:
            raise OSError(2)
        self._check(0)
        self._erase(self._move, old, new)

    def remove(self, path):
        if path not in self.files:
            raise OSError(2)
        self._check(0)
        self._erase(self._store, path, None)

    def names(self):
        return sorted(self.files.keys())

    def free_bytes(self):
        used = 0
        for name in self.names():
            used += (len(self.files[name]) + 4095) // 4096 * 4096
        return max(0, self.free - used)

    def _store(self, path, data):
        if data is None:
            del self.files[path]
        else:
            self.files[path] = data

    def _move(self, old, new):
        self.files[new] = self.files.pop(old)

    def _check(self, size):
        if self.failing:
            raise OSError(5)
        if size > self.free_bytes():
            raise OSError(28)

    def _erase(self, effect, first, second):
        """Stall, take effect, stall: a power cut in the first half leaves the old content."""
        self.operations += 1
        if self.instant:
            effect(first, second)
            return
        us = self._erase_us()
        self._stall(us // 2)
        effect(first, second)
        self._stall(us - us // 2)

    def _erase_us(self):
        share = self.rng.below(100)
        if share < 90:
            return self.rng.between(45, 60) * 1000
        if share < 98:
            return self.rng.between(60, 120) * 1000
        return self.rng.between(120, 400) * 1000

    def _stall(self, us):
        self.stalled_us += us
        self.world.stall(us, True)

    # -- NVS

    def nvs_get(self, key):
        if key not in self.nvs:
            raise NotFoundError
        return self.nvs[key]

    def nvs_set(self, key, value):
        if self.failing:
            raise OSError(-4357, "ESP_ERR_NVS_NOT_ENOUGH_SPACE")
        if self.nvs.get(key) == value:
            return  # an unchanged value is not written again
        self.nvs_sets += 1
        if not self.instant:
            self._stall(NVS_WRITE_US)
            if self.nvs_sets % NVS_PER_PAGE == 0:
                self._stall(self._erase_us())
        self.nvs[key] = value

    def nvs_erase(self, key):
        if key not in self.nvs:
            raise NotFoundError
        if not self.instant:
            self._stall(NVS_WRITE_US)
        del self.nvs[key]
