# SPDX-License-Identifier: MIT
# ruff: noqa: E402
"""MicroPython only: cuts_script.py ROOT WALKS EVERY FIRST [EARLY]. Cuts power before and inside
every EVERYth operation from FIRST on, and prints what the boards that start then say."""

import gc
import json
import sys

sys.path[:0] = [sys.argv[1] + "/firmware", sys.argv[1]]

# Leaves first: MicroPython compiles on the stack, and nested imports run out of it.
for _leaf in ("states", "faults", "events", "memory", "parameters", "supervisor", "guard"):
    __import__("guard.core." + _leaf)

from tests.power_cuts.board import NVS
from tests.power_cuts.check import judge
from tests.power_cuts.nor_flash import ERASE
from tests.power_cuts.story import story

SHARES = (0, 3, 6, 7)  # eighths of an operation that were done; 0 also weakens the first byte


def main(walks, every, first, early=0):
    """early: pretend that the board acknowledged so many operations sooner than it did."""
    image, written, known = story(walks)
    known.hasten(early)
    log = written.log
    nvs = None
    done = {"operations": len(log), "erases": 0, "nvs": 0, "cuts": 0, "complaints": []}
    done["gave_way"] = sorted([name for name in known.gone if isinstance(name, str)])
    done["acknowledged"] = len(known.frames) + len(known.files) + len(known.settings)
    for k, operation in enumerate(log):
        done["erases"] += operation[0] == ERASE
        done["nvs"] += operation[0] == NVS
        if (k - first) % every == 0:
            for flash in cuts(image, operation):
                done["cuts"] += 1
                for said in judge(flash, nvs, known, k):
                    done["complaints"].append(f"operation {k}: {said}")
                gc.collect()
        if operation[0] == NVS:
            nvs = operation[3]
        else:
            image.apply(operation)
    print(json.dumps(done))


def cuts(image, operation):
    yield image.copy()
    if operation[0] != NVS:
        for share in SHARES:
            yield image.cut_in(operation, share)


main(*[int(word) for word in sys.argv[2:]])
