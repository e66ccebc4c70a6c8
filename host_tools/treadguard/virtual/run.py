# SPDX-License-Identifier: MIT
"""Run one scenario and print its event log as JSON lines, the result last.

    python -m treadguard.virtual.run SCENARIO.json [FIRMWARE_DIR]
    micropython host_tools/treadguard/virtual/run.py SCENARIO.json [FIRMWARE_DIR]

An event is [ms, kind, detail]; the last line is an object with the expectations that were not
met and the truth about each hazard. The output is the same on both interpreters, byte for byte.
Exit status 0 when all expectations are met, 1 when not.
"""

import json
import sys


def root():
    """The folder that holds the package, two above this file."""
    here = __file__.rsplit("/", 1)[0] if "/" in __file__ else "."
    return here + "/../.."


if root() not in sys.path:
    sys.path.insert(0, root())
# A script's own folder is first on the path; its journal.py must not hide anybody's module.
HERE = root()[: -len("/../..")]
if HERE in sys.path:
    sys.path.remove(HERE)


def result(scenario, world, failures):
    """The summary as one dictionary."""
    hazards = [dict(hazard.row()) for hazard in world.truth.hazards]
    summary = {
        "name": scenario.get("name", ""),
        "passed": not failures,
        "failures": failures,
        "hazards": hazards,
        "end_ms": world.now // 1000,
        "boots": world.chip.boots,
        "state": world.observer.state,
        "place_mm": world.walker.place_mm,
        "belt_mm": world.belt.travel_um // 1000,
    }
    if world.truth.edges is not None:
        summary["edges_us"] = world.truth.edges
    return summary


def main(arguments):
    # First what lies deepest: nested imports fill MicroPython's stack.
    import treadguard.virtual.world
    import treadguard.virtual.presets  # isort: skip  # noqa: F401
    from treadguard.virtual.canon import dump
    from treadguard.virtual.scenario import run

    if not arguments:
        print("usage: run.py SCENARIO.json [FIRMWARE_DIR]")
        return 2
    with open(arguments[0]) as f:
        scenario = json.load(f)
    firmware_dir = arguments[1] if len(arguments) > 1 else root() + "/../firmware"
    world, _, failures = run(scenario, firmware_dir)
    for event in world.events:
        print(dump(event))
    print(dump(result(scenario, world, failures)))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
