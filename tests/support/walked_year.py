# SPDX-License-Identifier: MIT
"""A year of records of somebody who walks: journal, traces, black boxes of the trips.

Frames and blocks are made by the firmware's own functions, each trip is lived by the firmware's
own core. Speeds and days come from a seeded generator, so every run sees the same year.
"""

from __future__ import annotations

import datetime as dt
import random
import struct
from dataclasses import dataclass, field

from guard.core import events as e
from guard.core import faults as f
from guard.core import states as st
from guard.record.blackbox import BlackBox
from guard.record.frames import BLOCK_PAYLOAD, TRACE_HEADER, TRACE_RECORDS, block, frame
from guard.record.trace import HEADER, MAGIC, RECORD_BYTES, SCHEMA
from tests.support.memory_files import MemoryFiles
from tests.support.stream import bring

FIRST_DAY = dt.datetime(2025, 11, 17, 17, 40, tzinfo=dt.UTC)
EVERY_WEEK = (0, 2, 4)  # Monday, Wednesday, Friday
DISTANCE_UM = 70000
SEGMENT_BYTES = 16384
ENDS = (f.BELT_STOPPED,) * 12 + (f.START_PRESSED,) * 4 + (f.SESSION_TIME, f.RAILS_RELEASED)

# Which session trips, and what befalls it.
TRIPS = {
    21: {"speed": 1000},
    48: {"left": 1000},
    83: {"accel_mm_s2": 900},
    117: {"sensor": False},
    142: {"late_us": 30000},
}


@dataclass
class Year:
    """Record files by name, as a pull leaves them."""

    sessions: int = 150
    seed: int = 1
    files: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.seq = 0
        self.boot = 0
        self.journal: list[bytes] = []
        self._put(0, e.CONFIG, 15, 100000, DISTANCE_UM, b"distance_per_edge_um")
        for number, start in enumerate(self._starts(), 1):
            self._session(number, start)
        self._write_journal()

    def _starts(self) -> list[dt.datetime]:
        found: list[dt.datetime] = []
        week = 0
        while len(found) < self.sessions:
            for day in EVERY_WEEK:
                if len(found) < self.sessions and self.random.random() > 0.04:
                    late = dt.timedelta(minutes=self.random.randrange(150))
                    found.append(FIRST_DAY + dt.timedelta(weeks=week, days=day) + late)
            week += 1
        return found

    def _put(self, ms: int, kind: int, a: int, b: int = 0, c: int = 0, text: bytes = b"") -> None:
        self.seq += 1
        self.journal.append(frame(self.seq, self.boot, ms, kind, a, b, c, text))

    def _session(self, number: int, start: dt.datetime) -> None:
        self.boot += 1
        epoch_s = int(start.timestamp())
        self._put(180, e.BOOT, 1, 0, self.boot)
        self._put(40_000, e.CLOCK, epoch_s // 60, epoch_s % 60)
        self._put(52_000, e.ARM, st.MODE_BACKWARD, number)
        self._put(53_200, e.STATE, st.WAIT_BELT, st.ARMING)
        self._put(58_000, e.STATE, st.MOUNTING, st.WAIT_BELT)
        self._put(72_000, e.STATE, st.BACKWARD, st.MOUNTING)
        progress = number / self.sessions
        pace = round(430 + 400 * min(1.0, progress * 1.3) + self.random.gauss(0, 14))
        backward_s = min(900, round(60 * (9 + 5 * progress + self.random.gauss(0, 1.1))))
        if number in TRIPS:
            backward_s = backward_s * 2 // 3
            still_ms, v, lead, fault = self._trip(number)
        else:
            fault = f.SESSION_TIME if backward_s == 900 else self.random.choice(ENDS)
            still_ms, v, lead = round(pace * 1.9 + self.random.gauss(0, 60)), pace, 0
        highest = self._trace(number, pace, backward_s)
        at = 72_000 + backward_s * 1000
        self._put(at, e.STOP, fault, v, lead)
        self._put(at, e.STATE, st.STOPPING, st.BACKWARD, fault)
        self._put(at + still_ms, e.SESSION, backward_s, max(highest, v), max(lead, highest // 90))
        self._after(at + still_ms, still_ms, v, fault, number in TRIPS)

    def _after(self, at: int, still_ms: int, v: int, fault: int, tripped: bool) -> None:
        travel = v * v / 2 / 1150 * 1000 / DISTANCE_UM
        edges = max(1, round(travel + self.random.gauss(0, 0.7)))
        proven_ms = -still_ms if fault == f.SENSOR_LOST else still_ms
        self._put(at, e.STOPPED, proven_ms, edges, -1)
        self._put(at, e.STATE, st.TRIPPED if tripped else st.READY, st.STOPPING, fault * tripped)
        if tripped:
            self._put(at + 95_000, e.RESET, fault)

    def _trace(self, number: int, pace: int, backward_s: int) -> int:
        rows = [(0, 0, st.WAIT_BELT, 3)] * 2
        rows += [(min(pace, 300 + 20 * i), 0, st.MOUNTING, 1 + i % 3) for i in range(7)]
        speed = 420.0
        for _ in range(backward_s // 2):
            speed += (pace - speed) * 0.12
            surge = abs(self.random.gauss(0, 14))
            hands = 3 if self.random.random() > 0.02 else self.random.choice((1, 2))
            rows.append((round(speed + surge), round(surge / 5), st.BACKWARD, hands))
        data = b"".join(
            struct.pack("<HBB", v, lead, state | hands << 4) for v, lead, state, hands in rows
        )
        self.files[f"t{number:08d}.bin"] = trace_file(data, number, self.boot)
        return max(v for v, *_ in rows)

    def _trip(self, number: int) -> tuple[int, int, int, int]:
        """Lived by the firmware's core; (ms to standstill, mm/s, lead mm, fault)."""
        data, stop = lived(TRIPS[number], number, self.boot)
        self.files[f"b{number:08d}.bin"] = data
        return stop

    def _write_journal(self) -> None:
        first, segment = 1, b""
        for seq, made in enumerate(self.journal, 1):
            if len(segment) + len(made) > SEGMENT_BYTES:
                self.files[f"j{first:08d}.bin"] = segment
                first, segment = seq, b""
            segment += made
        self.files[f"j{first:08d}.bin"] = segment


def trace_file(data: bytes, session: int, boot: int) -> bytes:
    """A session trace of these records."""
    head = struct.pack(
        HEADER, MAGIC, SCHEMA, RECORD_BYTES, len(data) // RECORD_BYTES, 0, session, boot, 53_200
    )
    blocks = [block(TRACE_HEADER, 0, head)]
    for index, at in enumerate(range(0, len(data), BLOCK_PAYLOAD)):
        blocks.append(block(TRACE_RECORDS, index, data[at : at + BLOCK_PAYLOAD]))
    return b"".join(blocks)


def lived(
    changes: dict[str, object], session: int, boot: int
) -> tuple[bytes, tuple[int, int, int, int]]:
    """A walk that ends in a stop: its black box, and (ms to standstill, mm/s, lead mm, fault)."""
    world = bring(st.BACKWARD)
    world.memory.session, world.memory.boot = session, boot
    box = BlackBox()
    box.attach(world.guard)
    edges = world.edges
    hazard_us = world.us + 22_000_000
    stopped = (0, 0, 0)
    while not box.frozen:
        if world.us == hazard_us:
            for name, value in changes.items():
                setattr(world, name, value)
        before = world.sup.state
        world.tick()
        if world.sup.state == st.STOPPING and before != st.STOPPING:
            box.trigger()
            speed = world.guard.speed
            stopped = (speed.v_mm_s, speed.lead_mm(), world.sup.fault)
        last_us = (world.origin_us + world.last_edge_us) & ((1 << 30) - 1)
        box.sample(world.sample, world.guard.speed, world.sup.fault, world.edges - edges, last_us)
        edges = world.edges
    files = MemoryFiles()
    pieces = box.pieces(world.settings, world.memory, world.sup.stop, 833, world.sample.now_ms)
    while box.save_piece(files, "b.tmp", pieces):
        pass
    return files.files["b.tmp"], (world.sup.stop.still_ms, *stopped)
