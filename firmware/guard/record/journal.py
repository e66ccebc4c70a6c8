# SPDX-License-Identifier: MIT
"""Append-only events in bounded segments. Queued in RAM, written at standstill in pieces.

A segment is named after the number its first event had when it was begun. When there are too
many, the oldest goes; its trips, lockouts and changes of settings are first carried forward,
byte for byte, to the newest one. So numbers in a segment may jump back, and one frame may stand
in two segments after a power cut: a reader sorts by number and takes each once.
"""

from micropython import const

from guard.core import events as e
from guard.core import faults as f
from guard.record import notes
from guard.record.frames import PIECE_BYTES, SMALLEST, frame, frame_at, number_of, seq_of

SCHEMA = const(1)
SEGMENT_BYTES = const(16384)
SEGMENTS = const(16)
CARRIED_BYTES = const(8192)  # of one segment: 90 to 290 trips and changes
QUEUE = const(96)
CARRIED_KINDS = (e.LOCKED, e.CONFIG, e.PROOF, e.STOP_TEST, e.CLOCK)
_TMP = "j.tmp"


def segment_name(seq):
    return "j{:08d}.bin".format(seq)


def is_carried(kind, a):
    """Outlives its segment: why it ever stopped for good, and what was ever changed."""
    return kind in CARRIED_KINDS or (kind == e.STOP and f.fault_class(a) >= f.TRIP)


class Journal:
    def __init__(self, files):
        self.files = files
        self.boot = 0
        self.next_seq = 1
        self.queue = []
        self.lost = 0
        self.torn = 0
        self._lost_told = 0
        self._names = []
        self._size = 0
        self._carry = None

    # Boot.

    def resume(self, boot, next_seq):
        """Find the end of what is stored; a torn tail is cut off and noted."""
        self.boot = boot
        self.next_seq = max(1, next_seq)
        if self.files.size(_TMP) >= 0:
            self.files.remove(_TMP)
        names = [row[0] for row in self.files.listing()]
        self._names = sorted([name for name in names if number_of(name, "j")])
        if self._names:
            self._open_last(self._names[-1])

    def _open_last(self, name):
        first = int(name[1:9])
        following, good = self._scan(name, first)
        self.next_seq = max(self.next_seq, following)
        self._size = good
        self.torn = self.files.size(name) - good
        if self.torn:
            self._cut(name, good)
            self.append(0, e.NOTE, notes.TORN, first, self.torn)

    def _scan(self, name, following):
        """(the number to go on with, end of the last intact frame). Steps over damage."""
        size = self.files.size(name)
        at = 0
        good = 0
        while at + SMALLEST <= size:
            data = self.files.read_part(name, at, PIECE_BYTES)
            i = 0
            while i + SMALLEST <= len(data):
                found = frame_at(data, i)
                if found is not None:
                    following = max(following, seq_of(data[i : i + SMALLEST]) + 1)
                    i += data[i]
                    good = at + i
                elif i and i + data[i] > len(data):
                    break  # may be whole in the next piece
                else:
                    i += 1
            at += max(i, 1)
        return following, good

    def _cut(self, name, good):
        """Keep the first `good` bytes. Until the rename the old file stands."""
        self.files.write(_TMP, self.files.read_part(name, 0, min(good, PIECE_BYTES)))
        for at in range(PIECE_BYTES, good, PIECE_BYTES):
            self.files.append(_TMP, self.files.read_part(name, at, min(PIECE_BYTES, good - at)))
        self.files.rename(_TMP, name)

    # In.

    def append(self, uptime_ms, kind, a, b, c, text=b""):
        """Queue one event. A full queue gives up its oldest unimportant one and says so later."""
        if len(self.queue) >= QUEUE:
            self._give_up_one()
        self.queue.append(frame(self.next_seq, self.boot, uptime_ms, kind, a, b, c, text))
        self.next_seq += 1

    def _give_up_one(self):
        self.lost += 1
        for i in range(len(self.queue)):
            found = frame_at(self.queue[i], 0)
            if found is None or not is_carried(found[3], found[4]):
                self.queue.pop(i)
                return
        self.queue.pop(0)

    # Out: one piece of at most 512 bytes a call, only at standstill.

    def save_piece(self):
        """Write whole frames; True while more is queued. On OSError nothing leaves the queue."""
        if self.lost != self._lost_told and len(self.queue) < QUEUE:
            self.append(0, e.NOTE, notes.LOST, self.lost - self._lost_told, 0)
            self._lost_told = self.lost
        if not self.queue:
            return False
        taken = 0
        length = 0
        while taken < len(self.queue) and length + len(self.queue[taken]) <= PIECE_BYTES:
            length += len(self.queue[taken])
            taken += 1
        self._write(b"".join(self.queue[:taken]), seq_of(self.queue[0]))
        self.queue = self.queue[taken:]
        return bool(self.queue)

    def _write(self, piece, first_seq):
        if not self._names or self._size + len(piece) > SEGMENT_BYTES:
            name = segment_name(first_seq)
            if not self._names or name > self._names[-1]:
                self._names.append(name)
                self._size = 0
        self.files.append(self._names[-1], piece)
        self._size += len(piece)

    # Bounded space.

    def evict_piece(self):
        """One step of removing the oldest segment when there are too many; True while busy."""
        if self._carry is None:
            if len(self._names) <= SEGMENTS:
                return False
            self._carry = Carry(self.files, self._names[0])
        piece = self._carry.step()
        if piece:
            self._write(piece, self.next_seq)
        if self._carry.done:
            name = self._names.pop(0)
            self.files.remove(name)
            self.append(0, e.NOTE, notes.EVICTED, int(name[1:9]), self._carry.carried)
            self._carry = None
        return True

    # For the link.

    @property
    def first_seq(self):
        return int(self._names[0][1:9]) if self._names else self.next_seq


class Carry:
    """Walks a segment twice in pieces: measures what is to be carried, then hands it out.

    Only the newest CARRIED_BYTES go on, so that a journal full of trips still ends.
    """

    def __init__(self, files, name):
        self.files = files
        self.name = name
        self.at = 0
        self.total = 0
        self.skip = 0
        self.carried = 0
        self.measuring = True
        self.done = False

    def step(self):
        """Read one piece; the frames in it to write again, maybe none."""
        data = self.files.read_part(self.name, self.at, PIECE_BYTES)
        kept = b""
        i = 0
        while i + SMALLEST <= len(data):
            found = frame_at(data, i)
            if found is None:
                if i and i + data[i] > len(data):
                    break
                i += 1
                continue
            if is_carried(found[3], found[4]):
                kept += self._take(data, i)
            i += data[i]
        self.at += max(i, 1)
        if self.at + SMALLEST > self.files.size(self.name):
            self._end_of_file()
        return kept

    def _take(self, data, i):
        length = data[i]
        if self.measuring:
            self.total += length
        elif self.skip > 0:
            self.skip -= length
        else:
            self.carried += length
            return data[i : i + length]
        return b""

    def _end_of_file(self):
        self.done = not self.measuring
        self.measuring = False
        self.skip = self.total - CARRIED_BYTES
        self.at = 0
