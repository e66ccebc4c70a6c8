# SPDX-License-Identifier: MIT
"""Runs on MicroPython: what a request allocates. Prints one JSON line per request.

feed() and take() run with the heap locked: an allocation there raises MemoryError.
"""

import gc
import json
import sys

import micropython

sys.path.insert(0, sys.argv[1])
sys.path.insert(0, sys.argv[1] + "/firmware")

from guard.board import files
from guard.core import faults, states
from guard.link import requests  # noqa: F401  loaded with the first request otherwise
from tests.support.link_app import Bench, line

files.ROOT = sys.argv[1] + "/firmware"
bench = Bench()
controller = bench.controller
tx = bytearray(100)


def cost(name, message):
    """Send one request, tick until all is said; total and highest tick in bytes."""
    data = message if isinstance(message, bytes) else line(message)
    micropython.heap_lock()
    for byte in data:
        bench.link.feed(byte)
    micropython.heap_unlock()
    gc.collect()
    gc.disable()
    total = highest = 0
    for _ in range(60):
        bench.now_ms += 10
        controller.sample.now_ms = bench.now_ms
        closed = controller.supervisor.relay_command == states.CLOSED
        before = gc.mem_alloc()
        bench.link.step(bench.now_ms, closed)
        used = gc.mem_alloc() - before
        total += used
        highest = max(highest, used)
        micropython.heap_lock()
        bench.link.take(tx)
        micropython.heap_unlock()
    gc.enable()
    print(json.dumps({"name": name, "total": total, "tick": highest}))


controller.recorder.files["j00000001.bin"] = bytes(5000)
for number in range(1, 13):
    controller.recorder.files[f"b{number:08d}.bin"] = b"box"

cost("idle", b"")
cost("noise", b"nothing useful\n")
for do in ("status", "selftest", "proof", "config.get", "stop", "log.list", "config.defaults"):
    cost(do, {"id": 7, "do": do})
cost("config.set", {"id": 8, "do": "config.set", "values": {"rail_grace_ms": 300}})
for of in ("parameters", "faults", "states", "events", "commands", "acting", "text:faults"):
    cost("describe " + of, {"id": 7, "do": "describe", "of": of})
cost("clock.set", {"id": 9, "do": "clock.set", "epoch_s": 1800000000})
cost("log.ack", {"id": 9, "do": "log.ack", "seq": 5})
cost("maintenance", {"id": 9, "do": "maintenance"})
cost("log.read", {"id": 9, "do": "log.read", "name": "j00000001.bin", "n": 3072})

for code in range(faults.CODES):
    controller.memory.counters[code] = 255
controller.enter(states.BACKWARD)
cost("state event", b"")
cost("closed status", {"id": 7, "do": "status"})
cost("closed busy", {"id": 7, "do": "log.list"})
cost("closed stop", {"id": 7, "do": "stop"})
cost("closed watch", {"id": 7, "do": "watch", "every_ms": 200, "for_s": 1})
cost("closed longest", b'{"id":7,"do":"' + b"x" * 183 + b'"}\n')
print(json.dumps({"failures": bench.link.internal_errors}))
