# SPDX-License-Identifier: MIT
# ruff: noqa: E402
"""Run by test_records_on_both.py on CPython and on MicroPython: the same story, the same bytes."""

import sys

sys.path.insert(0, sys.argv[1] + "/firmware")
sys.path.insert(0, sys.argv[1])
if sys.implementation.name == "cpython":
    sys.dont_write_bytecode = True
    sys.path.append(sys.argv[1] + "/host_tools/treadguard/virtual/fakes_cpython")

# Leaves first: MicroPython compiles on the stack, and nested imports run out of it.
for _leaf in ("states", "faults", "events", "memory", "parameters", "supervisor", "guard"):
    __import__("guard.core." + _leaf)

from binascii import crc32

from guard.core import events as e
from guard.core import faults as f
from guard.core.events import EventRing
from guard.core.guard import Guard
from guard.core.memory import Memory
from guard.core.parameters import Settings
from guard.core.sample import Sample
from guard.record.blackbox import BlackBox
from guard.record.config_store import ConfigStore
from guard.record.journal import Journal
from guard.record.trace import Trace
from tests.support.memory_files import MemoryFiles, PowerCut


def tell(what, files):
    for name in sorted(files.names()):
        data = files.read(name)
        print(what, name, len(data), "%08x" % (crc32(data) & 0xFFFFFFFF))


def journal_story():
    files = MemoryFiles()
    journal = Journal(files)
    journal.resume(1, 1)
    for i in range(40):
        journal.append(i, e.CONFIG, i, -i, 0x3FFFFFFF, b"rail_grace_ms")
        journal.append(i, e.STOP, f.OVERSPEED, i, 0)
    while journal.save_piece():
        pass
    tell("journal", files)
    whole = files.read("j00000001.bin")
    for cut in range(len(whole) - 70, len(whole)):
        torn = MemoryFiles({"j00000001.bin": whole[:cut]})
        again = Journal(torn)
        again.resume(2, 1)
        while again.save_piece():
            pass
        print("torn", cut, again.torn, again.next_seq, torn.size("j00000001.bin"))


def eviction_story():
    """Seventeen small segments stand for full ones."""
    files = MemoryFiles()
    journal = Journal(files)
    for number in range(17):
        part = Journal(files)
        part.resume(1, number * 3 + 1)
        part._size = 20000
        part.append(number, e.STOP, f.OVERSPEED if number % 2 else f.BELT_STOPPED, 1, 2)
        part.append(number, e.STATE, 1, 2, 3)
        while part.save_piece():
            pass
    journal.resume(2, 1)
    steps = 0
    while journal.evict_piece():
        steps += 1
    while journal.save_piece():
        pass
    print("evicted in", steps)
    tell("evicted", files)


def config_story():
    files = MemoryFiles()
    store = ConfigStore(files)
    print("config", store.load())
    values = Settings().as_dict()
    store.save(values)
    values["rail_grace_ms"] = 300
    files.cut_after = 100
    try:
        store.save(values)
    except PowerCut:
        print("power cut")
    files.cut_after = -1
    found, status = ConfigStore(files).load()
    print("config", status, found["rail_grace_ms"])
    files.files["config.json"] = b'{"schema": 1\xff'
    print("config", ConfigStore(files).load()[1])


def box_story():
    guard = Guard(Settings(), Memory(), EventRing())
    box = BlackBox()
    box.attach(guard)
    trace = Trace()
    s = Sample()
    for i in range(2400):
        s.now_us = (s.now_us - 0x3FF0000) & 0x3FFFFFFF
        s.now_ms = i
        s.channel = i % 3
        s.left = i >> 4 & 1
        guard.speed.v_mm_s = i
        box.sample(s, guard.speed, i & 31, i % 3, (s.now_us - i) & 0x3FFFFFFF)
        trace.sample(s, guard.speed)
        if i == 1800:
            box.trigger()
    print("deciding", box.deciding(), box.frozen)
    files = MemoryFiles()
    pieces = box.pieces(guard.settings, guard.memory, guard.supervisor.stop, 833, 5)
    while box.save_piece(files, "b.bin", pieces):
        pass
    while trace.save_piece(files, "t.bin", 1, 2, 3):
        pass
    # The checkpoint's hash depends on the names MicroPython's objects show, so only sizes here.
    print("box", files.size("b.bin"), files.largest)
    files.remove("b.bin")
    tell("trace", files)


journal_story()
eviction_story()
config_story()
box_story()
