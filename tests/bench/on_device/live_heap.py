# SPDX-License-Identifier: MIT
"""What is alive on the heap: live_heap.py FLASH.json MINUTES [options], MicroPython only.

First what fakes, physics and scenario take alone, then with the firmware after its start, and
then every minute of one long session with a laptop watching. Each reading is made right after a
collection, with the world's own log emptied and no line half sent.
"""

import gc
import json
import sys

gc.threshold(2048)  # collect often: what the harness keeps lies together, not all over the heap
import walk  # noqa: E402
from shelf import Shelf  # noqa: E402

from treadguard.virtual.people import slip  # noqa: E402

RETRY_US = 3000
FORGET_US = 500000
START_US = 5000000  # READY since 3 s, nothing asked yet
MINUTE_US = 60000000
LATER_US = 1 << 30  # the world's clock never wraps: let its numbers be long at once
ALONE, STARTED = 0, 1


class Readings:
    def __init__(self, world):
        self.world = world
        self.bytes = [0, 0]
        self.minutes = 0
        self.every_minute = [0] * 60
        self.least_free = 1 << 29
        self.faults = []

    def forget(self, _):
        """The world's log is not the firmware's: a laptop's live lines would fill the heap."""
        self.faults += walk.faults(self.world)
        self.world.events.clear()
        self.world.call_in(FORGET_US, self.forget, 0)

    def live(self):
        self.least_free = min(self.least_free, gc.mem_free())
        self.faults += walk.faults(self.world)
        self.world.events.clear()
        gc.collect()
        return gc.mem_alloc()

    def take(self, what):
        if self.world.uart.line:
            self.world.call_in(RETRY_US, self.take, what)
        else:
            self.bytes[what] = self.live()

    def minute(self, _):
        """One more minute of walking; now and then a hand slips."""
        world = self.world
        if world.observer.state != "BACKWARD":
            return
        if world.uart.line:
            world.call_in(RETRY_US, self.minute, 0)
            return
        self.every_minute[self.minutes] = self.live()
        self.minutes += 1
        slip(world, "left", 1500)
        world.call_in(MINUTE_US, self.minute, 0)


def load_flash(world, path):
    with open(path) as f:  # noqa: PTH123
        flash = json.load(f)
    for name in flash["files"]:
        world.flash.files[name] = bytes.fromhex(flash["files"][name])
    for key in flash["nvs"]:
        value = flash["nvs"][key]
        world.flash.nvs[key] = value if isinstance(value, int) else bytes.fromhex(value)
    world.flash.firmware_dir = walk.FIRMWARE


def session(minutes):
    """Until the session time is over; the belt coasts, the walker steps off."""
    steps = walk.arming() + walk.belt_on(1000) + walk.turning(3000)
    over = {"do": "step", "on": "off", "when": "state:STOPPING", "timeout_ms": 70 * 60000}
    if minutes < 60:
        over = {"do": "console", "what": "stop", "delay_ms": minutes * 60000 - 1000}
    return steps + [over, {"do": "let_go", "side": "both", "when": "state:READY"}]  # noqa: RUF005


def main():
    minutes = int(sys.argv[2])
    walk.runner.find_paths(walk.FIRMWARE)
    config = {"mode": "backward", "treadmill": walk.TREADMILL}
    if "options" in sys.argv:
        import everything

        config["fitted"] = everything.FITTED
    world = walk.scenario.World(config)
    world.now = LATER_US
    world.belt.travel_um = LATER_US
    walk.scenario.World.current = world
    world.flash = Shelf(world)
    world.set_mode("backward")
    load_flash(world, sys.argv[1])
    line = walk.scenario.Timeline(world, session(minutes), 0, 30000)
    line.start()
    walk.make_room_for_names()
    readings = Readings(world)
    world.call_in(START_US, readings.take, STARTED)
    world.call_in(START_US + 1000000, walk.watch_for_ever, world)
    import esp32  # noqa: F401  the fakes are no share of the firmware
    import machine  # noqa: F401

    def before_main():
        if world.chip.boots > 1:
            world.end()  # it crashed: what follows is no session
        gc.threshold(-1)  # as the firmware has it
        readings.bytes[ALONE] = readings.live()

    wait_for_backward(world, readings)
    readings.forget(0)
    began = world.flash.files.copy()
    walk.run(world, before_main)
    walk.result(
        {
            "boots": world.chip.boots,
            "heap": gc.mem_alloc() + gc.mem_free(),
            "alone": readings.bytes[ALONE],
            "started": readings.bytes[STARTED],
            "every_minute": readings.every_minute[: readings.minutes],
            "least_free": readings.least_free,
            "files_written": len(world.flash.files) - len(began),
            "faults": readings.faults + walk.faults(world),
            "failures": line.failures,
        }
    )


def wait_for_backward(world, readings):
    def look(_):
        if world.observer.state == "BACKWARD":
            world.call_in(MINUTE_US, readings.minute, 0)
        else:
            world.call_in(500000, look, 0)

    look(0)


main()
