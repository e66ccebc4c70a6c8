# SPDX-License-Identifier: MIT
"""The firmware's own recorder, settings and memory blob on a NOR flash with the real LittleFS.

What it acknowledges is written down beside the number of flash operations done by then, so that
a check knows what had to survive a cut at any of them.
"""

import os
from binascii import crc32

import vfs

from guard.board import files
from guard.core import events as e
from guard.core.events import EventRing
from guard.core.guard import Guard
from guard.core.memory import Memory
from guard.core.parameters import Settings
from guard.core.sample import Sample
from guard.core.states import READY, STOPPING
from guard.record import blob
from guard.record.frames import seq_of
from guard.record.journal import is_carried
from guard.recorder import Recorder

files.ROOT = "/flash"
NVS = 2  # an operation of the log, beside the flash's own; NVS is whole or absent


class Acknowledged:
    """What must survive, and from which operation on it must or need not."""

    def __init__(self):
        self.frames = {}  # seq -> (from, bytes)
        self.files = {}  # name -> (from, crc)
        self.old = {}  # segments of before: name -> (crc, numbers of its events that must stay)
        self.gone = {}  # name or seq -> operation from which it may be missing
        self.settings = []  # (from, done, value): between the two both are right

    def hasten(self, operations):
        """What a board would claim that acknowledges before it has written."""
        for kept in (self.frames, self.files):
            for key, (since, what) in list(kept.items()):
                kept[key] = (since - operations, what)

    def frames_at(self, k):
        return {
            seq: made
            for seq, (since, made) in self.frames.items()
            if since <= k and self.gone.get(seq, 1 << 29) > k
        }

    def files_at(self, k):
        return {
            name: crc
            for name, (since, crc) in self.files.items()
            if since <= k and self.gone.get(name, 1 << 29) > k
        }

    def settings_at(self, k):
        """Every value that may be in force, None for a board without."""
        allowed = [None]
        for began, done, value in self.settings:
            if done <= k:
                allowed = [value]
            elif began <= k:
                allowed.append(value)
        return allowed


class Board:
    """One life: what main.py makes, without the loop."""

    def __init__(self, flash, nvs, known=None):
        mount(flash)
        self.flash = flash
        self.saves = 0
        self.nvs = nvs
        self.known = known or Acknowledged()
        self.settings = Settings()
        self.memory = Memory()
        self.memory_sound = nvs is None or blob.unpack(self.memory, nvs)
        self.memory.boot += 1
        self.events = EventRing()
        self.sample = Sample()
        self.recorder = Recorder(files, self.memory, self.events)
        self.config_status = self.recorder.load_config(self.settings)
        self.guard = Guard(self.settings, self.memory, self.events)
        self.supervisor = self.guard.supervisor
        self.supervisor.state = READY
        self.recorder.box.attach(self.guard)
        self.events.put(0, e.BOOT, 0, 0, self.memory.boot)
        self.supervisor.blob_wanted = True

    def now(self):
        return len(self.flash.log) if self.flash.log is not None else 0

    # What a board does

    def change(self, name, value):
        """A confirmed change of a setting."""
        began = self.now()
        setattr(self.settings, name, value)
        self.recorder.note_changes([(name, 0, value)], 5)
        if self.recorder.save_config(self.settings):
            self.known.settings.append((began, self.now(), value))
        self.settle()

    def walk(self, ticks):
        """A session that ends in a stop: so many ticks of black box and trace."""
        recorder = self.recorder
        self.memory.session += 1
        self.events.put(1, e.ARM, 2, self.memory.session, 0)
        s = self.sample
        for i in range(ticks):
            s.now_us = (s.now_us + 10000) & 0x3FFFFFFF
            s.now_ms = (s.now_ms + 10) & 0x3FFFFFFF
            s.channel = i % 3
            recorder.box.sample(s, self.guard.speed, 0, i & 1, s.now_us)
            recorder.trace.sample(s, self.guard.speed)
            if i == ticks - 501:
                recorder.box.trigger()
        self.events.put(2, e.STATE, STOPPING, 7, 11)
        self.events.put(2, e.STOP, 12, 900, 31)
        self.events.put(3, e.SESSION, 600, 833, 9)
        self.save_memory()
        self.settle()

    def save_memory(self):
        buf = bytearray(blob.BLOB_SIZE)
        blob.pack(self.memory, buf)
        self.nvs = bytes(buf)
        self.saves += 1
        if self.flash.log is not None:
            self.flash.log.append((NVS, 0, 0, self.nvs))
        self.supervisor.blob_wanted = False

    def settle(self, most=100000):
        """What the loop does at standstill until everything is written."""
        for _ in range(most):
            if self.supervisor.blob_wanted:
                self.save_memory()
            elif self.recorder.saving:
                self._piece()
            else:
                return
        raise RuntimeError("it never comes to rest")

    def _piece(self):
        recorder = self.recorder
        began = self.now()
        before = {name for name, _ in files.listing()}
        segment = recorder.journal._names[0] if recorder.journal._names else ""
        queued = list(recorder.journal.queue)
        recorder.save_piece(self, self.supervisor)
        left = recorder.journal.queue
        for frame in queued:
            if frame not in left:
                self.known.frames[seq_of(frame)] = (self.now(), frame)
        after = {name for name, _ in files.listing()}
        for name in after - before:
            if name[0] in "bt" and name.endswith(".bin"):
                self.known.files[name] = (self.now(), crc32(files.read(name)))
        for name in before - after:
            self.known.gone[name] = began
            if name == segment:
                self._left_with(name, began)

    def _left_with(self, name, began):
        """Ordinary events go with their segment; the next one's name says where it ended."""
        end = int(self.recorder.journal._names[0][1:9])
        for seq in self.known.frames:
            made = self.known.frames[seq][1]
            kind, a = made[11], int.from_bytes(made[12:16], "little")
            if int(name[1:9]) <= seq < end and not is_carried(kind, a):
                self.known.gone[seq] = began


def mount(flash):
    unmount()
    vfs.mount(vfs.VfsLfs2(flash), "/flash")


def unmount():
    try:
        vfs.umount("/flash")
    except OSError:
        pass


def fresh(blocks, make):
    """A formatted flash."""
    flash = make(blocks)
    vfs.VfsLfs2.mkfs(flash)
    return flash


def free_blocks():
    return os.statvfs("/flash")[3]
