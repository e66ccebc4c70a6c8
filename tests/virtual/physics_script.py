# SPDX-License-Identifier: MIT
"""Drives a world through much of what it can do, past 2**30 us, and prints what came of it.

Run by either interpreter: `physics_script.py REPOSITORY`.
"""

import sys

sys.path.insert(0, sys.argv[1] + "/host_tools")
sys.path.insert(0, sys.argv[1] + "/host_tools/treadguard/virtual/fakes")

from treadguard.virtual import actions
from treadguard.virtual.canon import dump
from treadguard.virtual.profiles import PROFILES
from treadguard.virtual.world import World

SCRIPT = (
    (1000, "bypass", {}),
    (1500, "console", {"what": "speed", "mm_s": 833}),
    (2000, "grip", {"side": "both"}),
    (9000, "step", {"on": "on"}),
    (20000, "slip", {"side": "left", "ms": 300}),
    (30000, "chatter", {"side": "right"}),
    (40000, "burst", {"count": 5}),
    (50000, "console", {"what": "speed", "mm_s": 1100}),
    (60000, "runaway", {"mm_s": 2500, "accel_mm_s2": 500, "above_mm_s": 1200}),
    (64000, "bypass", {"on": "off"}),
    (80000, "host", {"send": {"do": "status", "z": 1, "a": [True, None, "\u00e9\n"]}}),
)


def rest(world):
    """What is left after the run, as one number a line."""
    print(world.belt.travel_um, world.hall.to_edge_nm, world.walker.place_mm, world.tick_us)
    print(world.irq.dropped, world.irq.merged, len(world.truth.edges), sum(world.truth.edges))
    print(world.left.rng.below(30000), world.hall.rng.below(30000), world.irq.rng.bell(300000))


def play(profile, seed):
    noisy = {"uneven_permille": 50, "edge_jitter_us": 500, "bounce_permille": 5, "waveform": seed}
    world = World({"profile": profile, "seed": seed, "treadmill": noisy})
    World.current = world
    world.truth.edges = []
    for ms, name, values in SCRIPT:
        world.call_at(
            ms * 1000, lambda order: actions.do(world, order[0], order[1]), (name, values)
        )
    world.run_to(90000000)
    world.belt.force(700, 0)
    world.run_to(1200000000)
    world.truth.finish()
    for event in world.events:
        print(dump(event))
    for hazard in world.truth.hazards:
        print(dump(dict(hazard.row())))
    rest(world)


for waveform in range(3):
    play(sorted(PROFILES.keys())[waveform], waveform)
