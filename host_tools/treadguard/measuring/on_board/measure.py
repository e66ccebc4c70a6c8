# SPDX-License-Identifier: MIT
# Runs on the board, in maintenance: what only the chip can show. The relay's pins are not
# touched. OUT and IN are the pins of the loop-back wire, put in front of it with the rest.
import gc
import json
import os
import sys
import time

found = {}
# A time belongs to the first of these that it is not above; the last one takes all others.
UP_TO_US = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000, 100000, 500000, 1 << 30)
COUNTER_END = 32767  # as the controller sets it up: from there the count returns to 0


def spread(values):
    values = sorted(values)
    n = len(values)
    return {
        "n": n,
        "min_us": values[0],
        "median_us": values[n // 2],
        "p99_us": values[n * 99 // 100],
        "max_us": values[-1],
        "histogram": histogram(values),
    }


def histogram(values):
    rows = []
    for up_to in UP_TO_US:
        n = 0
        while values and values[0] <= up_to:
            values.pop(0)
            n += 1
        if n:
            rows.append([up_to, n])
    return rows


def since(began):
    return time.ticks_diff(time.ticks_us(), began)


def write():
    with open("bench.tmp", "ab") as file:
        file.write(bytes(512))


def flash_stalls():
    took = []
    for _ in range(WRITES):
        began = time.ticks_us()
        write()
        took.append(since(began))
    os.remove("bench.tmp")
    return spread(took)


def ticks_late():
    late = []
    due = time.ticks_us()
    for _ in range(TICKS):
        due = time.ticks_add(due, 10000)
        while time.ticks_diff(due, time.ticks_us()) > 0:
            pass
        late.append(max(0, since(due)))
    return spread(late)


def collections():
    took = []
    for _ in range(20):
        began = time.ticks_us()
        gc.collect()
        took.append(since(began))
    return spread(took)


def nothing():
    pass


def talk():
    sys.stdout.write("." * 99 + "\n")


def edges_late(meanwhile):
    from machine import Pin

    source = Pin(OUT, Pin.OUT, value=1)
    seen = []
    began = [0]

    def stamp(_):
        seen.append(since(began[0]))

    target = Pin(IN, Pin.IN)
    target.irq(stamp, Pin.IRQ_FALLING)
    for _ in range(EDGES):
        began[0] = time.ticks_us()
        source.value(0)
        meanwhile()
        while since(began[0]) < 2000:
            pass
        source.value(1)
    target.irq(None)
    return spread(seen) if seen else None


def counted(hertz, meanwhile):
    """Edges of a clock on the wire while something goes on, against the time that it took."""
    from esp32 import PCNT
    from machine import PWM, Pin

    target = Pin(IN, Pin.IN)
    counter = PCNT(
        1, pin=target, falling=PCNT.INCREMENT, rising=PCNT.IGNORE, filter=1023, max=COUNTER_END
    )
    counter.start()
    clock = PWM(Pin(OUT), freq=hertz, duty_u16=32768)
    try:
        first = counter.value()
        began = time.ticks_us()
        meanwhile()
        n = (since(began) * (hertz // 10) + 50000) // 100000
        last = counter.value()
    finally:
        clock.deinit()
        counter.deinit()
    if last == first:
        return None
    off = (last - first - n) % COUNTER_END
    return {"n": n, "off": off - COUNTER_END if off > COUNTER_END // 2 else off}


def wait():
    began = time.ticks_us()
    while since(began) < WRAP_MS * 1000:
        pass


def write_some():
    for _ in range(20):
        write()
    os.remove("bench.tmp")


for name, measure in (
    ("flash_write", flash_stalls),
    ("tick_late", ticks_late),
    ("collection", collections),
    ("edge_late", lambda: edges_late(nothing)),
    ("edge_late_collecting", lambda: edges_late(gc.collect)),
    ("edge_late_talking", lambda: edges_late(talk)),
    ("counter_wrap", lambda: counted(10000, wait)),
    ("counter_writing", lambda: counted(1000, write_some)),
):
    try:
        found[name] = measure()
    except Exception as error:
        found[name] = None
        found[name + "_error"] = repr(error)
gc.collect()
found["heap_used_bytes"] = gc.mem_alloc()
print(json.dumps(found))
