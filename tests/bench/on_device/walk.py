# SPDX-License-Identifier: MIT
"""What the scripts beside this one share: the virtual board, and sessions on it. Runs on both
interpreters: `micropython tests/bench/on_device/SCRIPT.py`; with `--firmware FOLDER` on a folder
that treadguard.board.build has made."""

import gc
import json
import sys

HERE = sys.argv[0].rsplit("/", 1)[0] if "/" in sys.argv[0] else "."
ROOT = HERE + "/../../.."
FIRMWARE = ROOT + "/firmware"
if "--firmware" in sys.argv:
    at = sys.argv.index("--firmware")
    FIRMWARE = sys.argv.pop(at + 1)
    sys.argv.pop(at)
if sys.implementation.name == "cpython":
    sys.dont_write_bytecode = True  # a __pycache__ in firmware/ would reach the board
sys.path.insert(0, ROOT + "/host_tools")

from treadguard.virtual import runner, scenario  # noqa: E402
from treadguard.virtual.people import host  # noqa: E402
from treadguard.virtual.runner import Runner  # noqa: E402

WALK_MM_S = 833
WATCH_S = 60
TABLE_GROWS_BYTES = 3000
TREADMILL = {"ripple_permille": 50, "uneven_permille": 30, "edge_jitter_us": 200}


def arming():
    """From READY to WAIT_BELT: both rails gripped anew, one let go to press START."""
    return [
        {"do": "let_go", "side": "both", "when": "state:READY", "delay_ms": 15000},
        {"do": "grip", "side": "both", "delay_ms": 500},
        {"do": "let_go", "side": "right", "delay_ms": 500},
        {"do": "start", "what": "press", "delay_ms": 500},
        {"do": "grip", "side": "right", "delay_ms": 700},
        {"do": "note", "text": "closed", "when": "state:WAIT_BELT"},
    ]


def belt_on(wait_ms):
    return [{"do": "console", "what": "speed", "mm_s": WALK_MM_S, "delay_ms": wait_ms}]


def turning(wait_ms):
    """On the belt, and round: each hand lets go and grips again."""
    steps = [{"do": "step", "on": "on", "when": "state:MOUNTING", "delay_ms": wait_ms}]
    for side in ("left", "right"):
        steps.append({"do": "let_go", "side": side, "delay_ms": 1000})
        steps.append({"do": "grip", "side": side, "delay_ms": 500})
    steps.append({"do": "note", "text": "backward", "when": "state:BACKWARD"})
    return steps


def walking(wait_ms):
    """A hand presses a rail button, another slips; then the console stops the belt."""
    return [
        {"do": "slip", "side": "left", "ms": 1500, "delay_ms": 10000},
        {"do": "slip", "side": "right", "ms": 200, "delay_ms": 5000},
        {"do": "console", "what": "stop", "delay_ms": wait_ms - 15000},
        {"do": "step", "on": "off", "when": "state:READY"},
    ]


def board(timeline, config=None, fitted=()):
    """A world with a commissioned board, not started."""
    runner.find_paths(FIRMWARE)
    world = scenario.build(
        {
            "mode": "backward",
            "treadmill": TREADMILL,
            "board": {"config": config or {}},
            "fitted": fitted,
        },
        FIRMWARE,
    )
    world.flash.firmware_dir = FIRMWARE
    line = scenario.Timeline(world, timeline, 0, 3000)
    line.start()
    return world, line


def watch_for_ever(world):
    """A laptop that asks for live lines, five a second, again before they end."""
    host(world, {"do": "watch", "every_ms": 200, "for_s": WATCH_S, "id": 1})
    world.call_in((WATCH_S - 5) * 1000000, watch_for_ever, world)


def run(world, before_main=None):
    """The firmware, from boot.py on; before_main() may reach into its modules."""

    def main():
        runner.fresh_modules()
        if before_main is not None:
            before_main()
        runner.execute(FIRMWARE + "/boot.py")
        runner.execute(FIRMWARE + "/main.py")

    machine = Runner(world, FIRMWARE, main)
    if runner.ON_CPYTHON:
        sys.print_exception = machine._print_exception
    machine.run()
    return machine


def faults(world):
    """Every fault that was announced."""
    return [event[2] for event in world.events if event[1] == "fault"]


def make_room_for_names():
    """Let the interpreter's table of names grow now, so that no reading later catches its jump.

    It doubles when it is full, whoever brought the name that did not fit.
    """

    class Names:
        pass

    for i in range(4096):
        before = gc.mem_alloc()
        setattr(Names(), "room_for_" + str(i), None)
        if gc.mem_alloc() - before > TABLE_GROWS_BYTES:
            return


def result(found):
    """The last line of the output."""
    print(json.dumps(found))
