# SPDX-License-Identifier: MIT
"""The board's file functions on a dict, with the two ways a store fails: power and errors.

`cut_after` bytes written, the power goes: the write under way is torn there, and PowerCut says
so. `broken` makes every write raise OSError. Runs on MicroPython too.
"""


class PowerCut(Exception):
    """The supply went away in the middle of a write."""


class MemoryFiles:
    def __init__(self, files=None, free=1 << 20):
        self.files = dict(files or {})
        self.free = free
        self.cut_after = -1
        self.broken = False
        self.largest = 0
        self.writes = 0

    def size(self, name):
        return len(self.files[name]) if name in self.files else -1

    def read(self, name):
        return bytes(self.files[name]) if name in self.files else None

    def read_part(self, name, offset, n):
        if name not in self.files:
            raise OSError(2)
        return bytes(self.files[name][offset : offset + n])

    def write(self, name, data):
        self._store(name, b"", data)

    def append(self, name, data):
        self._store(name, self.files.get(name, b""), data)

    def rename(self, old, new):
        self._spend(1)
        self.files[new] = self.files.pop(old)

    def remove(self, name):
        self._spend(1)
        if name not in self.files:
            raise OSError(2)
        del self.files[name]

    def names(self):
        return list(self.files)

    def listing(self):
        return [(name, len(self.files[name])) for name in sorted(self.files)]

    def free_bytes(self):
        return self.free - sum([len(data) for data in self.files.values()])

    def _store(self, name, before, data):
        data = bytes(data)
        self.largest = max(self.largest, len(data))
        self.writes += 1
        kept = self._spend(len(data), name, before, data)
        self.files[name] = before + data[:kept]

    def _spend(self, n, name=None, before=b"", data=b""):
        """How many of n bytes still get through before the power goes."""
        if self.broken:
            raise OSError(28)
        if self.cut_after < 0:
            return n
        if n <= self.cut_after:
            self.cut_after -= n
            return n
        kept = self.cut_after
        self.cut_after = 0
        if name is not None:
            self.files[name] = before + data[:kept]
        raise PowerCut
