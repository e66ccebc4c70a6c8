# SPDX-License-Identifier: MIT
"""Append-only events in bounded segments. Queued in RAM, written at standstill in pieces."""

from micropython import const

from guard.core import events as e
from guard.record.frames import frame, frame_at

SEGMENT_BYTES = const(16384)
SEGMENTS = const(16)
PIECE_BYTES = const(512)
QUEUE = const(96)
KEPT = "jkept.bin"
KEPT_BYTES = const(8192)
# Evicted segments leave these behind: why it ever stopped for good, and what was ever changed.
KEPT_KINDS = (e.LOCKED, e.CONFIG, e.STOP, e.PROOF, e.STOP_TEST)


def segment_name(seq):
    return "j{:08d}.bin".format(seq)


class Journal:
    def __init__(self, files):
        self.files = files
        self.boot = 0
        self.next_seq = 1
        self.queue = []
        self.lost = 0
        self.torn = 0
        self._names = []
        self._size = 0

    def open(self, boot, next_seq):
        """Find the end of what is stored; a torn tail is cut off and counted."""
        self.boot = boot
        self.next_seq = max(1, next_seq)
        self._names = sorted(n for n in self.files.names() if n[0] == "j" and n != KEPT)
        if not self._names:
            return
        name = self._names[-1]
        data = self.files.read(name) or b""
        at = 0
        last = int(name[1:9]) - 1
        while at < len(data):
            found = frame_at(data, at)
            if found is None:
                self.torn = len(data) - at
                self._cut(name, data[:at])
                break
            last = found[0]
            at += data[at]
        self._size = at
        self.next_seq = max(self.next_seq, last + 1)

    def _cut(self, name, good):
        self.files.write("j.tmp", good)
        self.files.rename("j.tmp", name)

    @property
    def first_seq(self):
        return int(self._names[0][1:9]) if self._names else self.next_seq

    def segments(self):
        """[(name, size)], oldest first, what was kept of evicted ones before them."""
        names = ([KEPT] if self.files.size(KEPT) >= 0 else []) + self._names
        return [(name, self.files.size(name)) for name in names]

    def append(self, uptime_ms, kind, a, b, c, text=b""):
        """Queue one event; the oldest queued is counted as lost when nobody saves."""
        if len(self.queue) >= QUEUE:
            self.queue.pop(0)
            self.lost += 1
        self.queue.append(frame(self.next_seq, self.boot, uptime_ms, kind, a, b, c, text))
        self.next_seq += 1

    def save_piece(self):
        """Write at most 512 bytes; True while more is queued. OSError when the store fails."""
        if not self.queue:
            return False
        piece = b""
        taken = 0
        while taken < len(self.queue) and len(piece) + len(self.queue[taken]) <= PIECE_BYTES:
            piece += self.queue[taken]
            taken += 1
        if not self._names or self._size + len(piece) > SEGMENT_BYTES:
            self._names.append(segment_name(self.next_seq - len(self.queue)))
            self._size = 0
        self.files.append(self._names[-1], piece)
        self._size += len(piece)
        self.queue = self.queue[taken:]
        return bool(self.queue)

    def evict_piece(self):
        """Drop the oldest segment when there are too many; True when one was dropped."""
        if len(self._names) <= SEGMENTS:
            return False
        data = self.files.read(self._names[0]) or b""
        kept = self.files.read(KEPT) or b""
        at = 0
        while True:
            found = frame_at(data, at)
            if found is None:
                break
            if found[3] in KEPT_KINDS:
                kept += data[at : at + data[at]]
            at += data[at]
        while len(kept) > KEPT_BYTES:
            kept = kept[kept[0] :]
        self.files.write("j.tmp", kept)
        self.files.rename("j.tmp", KEPT)
        self.files.remove(self._names[0])
        del self._names[0]
        return True
