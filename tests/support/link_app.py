# SPDX-License-Identifier: MIT
"""A controller without a board behind the link: real core, settings, changes and facade.

Runs on CPython and on MicroPython; a test sets what the real controller would have read.
"""

import json
from binascii import crc32

from guard.changes import Changes
from guard.core import states
from guard.core.events import EventRing
from guard.core.guard import Guard
from guard.core.memory import Memory
from guard.core.parameters import Settings
from guard.core.sample import Sample
from guard.facade import Facade
from guard.link.protocol import Link


class Journal:
    first_seq = 1
    next_seq = 42


class Files(dict):
    def listing(self):
        return [(n, len(self[n])) for n in self]

    def free_bytes(self):
        return 123456


class Recorder:
    """Records in a dict; `broken` makes the store fail."""

    def __init__(self):
        self.files = Files()
        self.journal = Journal()
        self.saving = False
        self.broken = False
        self.clock = []
        self.acked = []
        self.acked_seq = 0

    def size(self, name):
        if self.broken:
            raise OSError(5)
        return len(self.files[name]) if name in self.files else -1

    def read(self, name, at, n):
        if name not in self.files:
            raise OSError(2)
        return self.files[name][at : at + n]

    def set_clock(self, epoch_s, now_ms):
        self.clock.append((epoch_s, now_ms))

    def ack(self, seq):
        self.acked.append(seq)


class Crumb:
    found = False
    state = 0
    fault = 0
    crashed = False


class Controller:
    def __init__(self):
        self.settings = Settings()
        self.memory = Memory()
        self.guard = Guard(self.settings, self.memory, EventRing())
        self.supervisor = self.guard.supervisor
        self.sample = Sample()
        self.changes = Changes(self.settings)
        self.recorder = Recorder()
        self.crumb = Crumb()
        self.maintenance_granted = False
        self.maintenance_asked = 0

    def identity(self):
        return {"board": "a1b2c3d4e5f6", "version": "0.1.0", "reset": "power_on", "boot": 3}

    def ask_maintenance(self):
        self.maintenance_asked += 1
        return self.maintenance_granted

    def enter(self, state):
        """Put the supervisor into a state, relay to match."""
        closed = states.is_closed(state)
        self.supervisor.state = state
        self.supervisor.relay_command = states.CLOSED if closed else states.OPEN


def line(message, crc=True):
    """A request as a host sends it."""
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return body + (b"*%08x" % (crc32(body) & 0xFFFFFFFF) if crc else b"") + b"\n"


class Bench:
    """A link and its clock: say something, tick, read what came out."""

    def __init__(self, state=states.READY):
        self.controller = Controller()
        self.link = Link(Facade(self.controller))
        self.now_ms = 1000
        self.tx = bytearray(100)
        self.raw = b""
        self.heard = []  # every whole line, as an object
        self.broken_lines = []
        self._rest = b""
        self.controller.enter(state)
        self.ticks(30)
        self.heard = []

    def feed(self, data):
        for byte in data:
            self.link.feed(byte)

    def tick(self):
        """10 ms."""
        self.now_ms = (self.now_ms + 10) & 0x3FFFFFFF
        sample = self.controller.sample
        sample.now_ms = self.now_ms
        sample.now_us = self.now_ms * 1000 & 0x3FFFFFFF
        self.link.step(self.now_ms, self.controller.supervisor.relay_command == states.CLOSED)
        n = self.link.take(self.tx)
        self._receive(bytes(self.tx[:n]))

    def ticks(self, count):
        for _ in range(count):
            self.tick()

    def _receive(self, data):
        self.raw += data
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        for text in lines:
            body = text[:-9]
            if text[-9:] == b"*%08x" % (crc32(body) & 0xFFFFFFFF):
                self.heard.append(json.loads(body))
            else:
                self.broken_lines.append(text)

    def ask(self, message, crc=True, ticks=60):
        """Send one request and return its answer: the next line that is no event."""
        before = len(self.heard)
        self.feed(message if isinstance(message, bytes) else line(message, crc))
        for _ in range(ticks):
            self.tick()
            for found in self.heard[before:]:
                if "ev" not in found:
                    return found
        return None

    def events(self, name):
        return [found for found in self.heard if found.get("ev") == name]
