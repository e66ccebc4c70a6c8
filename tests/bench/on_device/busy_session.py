# SPDX-License-Identifier: MIT
"""A laptop that asks for everything around a session: busy_session.py FLASH.json [options].

Prints the highest live heap, looked at every 50 ms right after a
collection, and how the requests were answered.
"""

import gc
import json
import sys

import walk
from shelf import Shelf

LATER_US = 1 << 30
EVERY_MS = 400
LOOK_US = 50000
TABLES = ("parameters", "faults", "states", "modes", "contacts", "events", "commands", "records")
MORE = ("acting", "text:faults")


class Laptop:
    """Counts answers and forgets the log, which would fill the heap."""

    def __init__(self, world):
        self.world = world
        self.answered = 0
        self.refused = []
        self.most = 0
        self.alone = 0
        self.started = 0

    def look(self, _):
        for event in self.world.events:
            if event[1] == "link" and '"ok":true' in event[2]:
                self.answered += 1
            elif event[1] == "link" and '"ok":false' in event[2]:
                self.refused.append(event[2])
        self.world.events.clear()
        self.most = max(self.most, self.live())
        self.world.call_in(LOOK_US, self.look, 0)

    def live(self):
        gc.collect()
        return gc.mem_alloc()

    def take_started(self, _):
        self.started = self.live()


def asking(requests, when):
    entries = [{"do": "host", "send": request, "delay_ms": EVERY_MS} for request in requests]
    entries[0]["when"] = "state:" + when
    entries[0]["delay_ms"] = 4000
    return entries


def before():
    pages = [{"do": "describe", "of": of} for of in TABLES]
    pages += [{"do": "describe", "of": of} for of in MORE]
    more = [{"do": do} for do in ("config.get", "log.list", "selftest", "proof", "status")]
    return asking(pages + more, "READY")


def after():
    requests = [{"do": "log.list"}]
    for name, pieces in (("j00000001.bin", 1), ("t00000001.bin", 1)):
        for i in range(pieces):
            requests.append({"do": "log.read", "name": name, "at": i * 3072, "n": 3072})
    return asking(requests, "READY")


def main():
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
    with open(sys.argv[1]) as f:  # noqa: PTH123
        flash = json.load(f)
    for name in flash["files"]:
        world.flash.files[name] = bytes.fromhex(flash["files"][name])
    for key in flash["nvs"]:
        value = flash["nvs"][key]
        world.flash.nvs[key] = value if isinstance(value, int) else bytes.fromhex(value)
    world.flash.firmware_dir = walk.FIRMWARE
    began = sum([len(data) for data in world.flash.files.values()])
    session = walk.arming() + walk.belt_on(1000) + walk.turning(3000) + walk.walking(30000)
    asked_before, asked_after = before(), after()
    line = walk.scenario.Timeline(world, asked_before + session + asked_after, 0, 6000)
    line.start()
    walk.make_room_for_names()
    laptop = Laptop(world)
    flash = session = config = None
    import esp32  # noqa: F401
    import machine  # noqa: F401

    def before_main():
        laptop.alone = laptop.live()
        laptop.look(0)
        world.call_in(3500000, laptop.take_started, 0)
        world.call_in(4000000, walk.watch_for_ever, world)

    walk.run(world, before_main)
    walk.result(
        {
            "alone": laptop.alone,
            "started": laptop.started,
            "ended": laptop.live(),
            "most": laptop.most,
            "stored": sum([len(data) for data in world.flash.files.values()]) - began,
            "asked": len(asked_before) + len(asked_after),
            "answered": laptop.answered,
            "refused": laptop.refused,
            "failures": line.failures,
            "faults": walk.faults(world),
            "state": world.observer.state,
        }
    )


main()
