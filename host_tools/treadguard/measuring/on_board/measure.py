# SPDX-License-Identifier: MIT
# Runs on the board, in maintenance: what only the chip can show. The relay's pins are not
# touched. OUT and IN are the pins of the loop-back wire, put in front of it with the rest.
import gc
import json
import os
import time

found = {}


def spread(values):
    values = sorted(values)
    n = len(values)
    return {
        "n": n,
        "min_us": values[0],
        "median_us": values[n // 2],
        "p99_us": values[n * 99 // 100],
        "max_us": values[-1],
    }


def flash_stalls():
    data = bytes(512)
    took = []
    for _ in range(WRITES):
        began = time.ticks_us()
        with open("bench.tmp", "ab") as file:
            file.write(data)
        took.append(time.ticks_diff(time.ticks_us(), began))
    os.remove("bench.tmp")
    return spread(took)


def ticks_late():
    late = []
    due = time.ticks_us()
    for _ in range(TICKS):
        due = time.ticks_add(due, 10000)
        while time.ticks_diff(due, time.ticks_us()) > 0:
            pass
        late.append(max(0, time.ticks_diff(time.ticks_us(), due)))
    return spread(late)


def collections():
    took = []
    for _ in range(20):
        began = time.ticks_us()
        gc.collect()
        took.append(time.ticks_diff(time.ticks_us(), began))
    return spread(took)


def edges_late():
    from machine import Pin

    source = Pin(OUT, Pin.OUT, value=1)
    seen = []
    began = [0]

    def stamp(_):
        seen.append(time.ticks_diff(time.ticks_us(), began[0]))

    target = Pin(IN, Pin.IN)
    target.irq(stamp, Pin.IRQ_FALLING)
    for _ in range(EDGES):
        began[0] = time.ticks_us()
        source.value(0)
        until = time.ticks_add(began[0], 2000)
        while time.ticks_diff(until, time.ticks_us()) > 0:
            pass
        source.value(1)
    target.irq(None)
    return spread(seen) if seen else None


for name, measure in (
    ("flash_write", flash_stalls),
    ("tick_late", ticks_late),
    ("collection", collections),
    ("edge_late", edges_late),
):
    try:
        found[name] = measure()
    except Exception as error:
        found[name] = None
        found[name + "_error"] = repr(error)
gc.collect()
found["heap_used_bytes"] = gc.mem_alloc()
print(json.dumps(found))
