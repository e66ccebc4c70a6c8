# SPDX-License-Identifier: MIT
# ruff: noqa: E402, I001
"""Live a scenario until its black boxes are saved; print every record file as hex.

    pulled_boxes.py ROOT SCENARIO.json FIRMWARE_DIR

Runs on both interpreters, like treadguard/virtual/run.py.
"""

import json
import sys
from binascii import hexlify

sys.path[0] = sys.argv[1] + "/host_tools"

# First what lies deepest: nested imports fill MicroPython's stack.
import treadguard.virtual.world
import treadguard.virtual.presets  # noqa: F401
from treadguard.virtual.scenario import run

SAVED_AFTER_MS = 20000


def main():
    with open(sys.argv[2]) as file:  # noqa: PTH123  MicroPython has no pathlib
        scenario = json.load(file)
    scenario.pop("end_ms", None)
    scenario["end_after_ms"] = SAVED_AFTER_MS
    world, _, failures = run(scenario, sys.argv[3])
    for failure in failures:
        print("failed " + failure)
    files = world.flash.files
    for name in sorted(files.keys()):
        if name.endswith(".bin"):
            print("file", name, hexlify(files[name]).decode())


main()
