# SPDX-License-Identifier: MIT
"""A flash whose growing files lie in one piece of memory, made before anything is weighed.

A board's files are no part of its heap. The plain virtual flash keeps them there, and copies one
whenever it grows, which a heap as small as the board's has no room for.
"""

from treadguard.virtual.flash import Flash

SLOTS = 4
SLOT_BYTES = 24 << 10


class Shelf(Flash):
    def __init__(self, world):
        super().__init__(world, world.flash.rng)
        self.slots = [bytearray(SLOT_BYTES) for _ in range(SLOTS)]
        self.held = {}  # path: [slot, length]

    def append(self, path, data):
        if path not in self.held:
            old = self.files.get(path, b"")
            slot = self.slots.pop()
            slot[: len(old)] = old
            self.held[path] = [slot, len(old)]
        self._check(len(data))
        self._erase(self._extend, path, data)

    def _extend(self, path, data):
        held = self.held[path]
        for byte in data:
            held[0][held[1]] = byte
            held[1] += 1
        self.files[path] = memoryview(held[0])[: held[1]]

    def read(self, path):
        found = super().read(path)
        return None if found is None else bytes(found)

    def read_part(self, path, offset, n):
        return bytes(super().read_part(path, offset, n))

    def _store(self, path, data):
        self._free(path)
        super()._store(path, data)

    def _move(self, old, new):
        self._free(new)
        if old in self.held:
            self.held[new] = self.held.pop(old)
        super()._move(old, new)

    def _free(self, path):
        if path in self.held:
            self.slots.append(self.held.pop(path)[0])
