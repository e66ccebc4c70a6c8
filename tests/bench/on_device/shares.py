# SPDX-License-Identifier: MIT
"""What the firmware's share of the heap is made of: shares.py, MicroPython only.

Each module is weighed while it is imported for the first time, less what it imports itself.
Names are what the interpreter keeps of every identifier and short string. qstr_info() prints
their total before and after, and they are part of the modules' weights.
"""

import builtins
import gc

import walk
from micropython import qstr_info

plain_import = __import__
weights = {}
nested = []


def weighing_import(name, *more):
    """__import__, with a reading before and after."""
    before = live()
    nested.append(0)
    module = plain_import(name, *more)
    took = live() - before
    inside = nested.pop()
    if name.startswith("guard.") and took > inside:
        weights[name] = weights.get(name, 0) + took - inside
    if nested:
        nested[-1] += took
    return module


def live():
    gc.collect()
    return gc.mem_alloc()


def main():
    walk.runner.find_paths(walk.FIRMWARE)
    world = walk.scenario.World({"mode": "backward"})
    walk.scenario.World.current = world
    import esp32  # noqa: F401
    import machine  # noqa: F401

    walk.runner.fresh_modules()
    alone = live()
    qstr_info()
    builtins.__import__ = weighing_import
    import guard.controller
    import guard.facade
    import guard.link.protocol

    builtins.__import__ = plain_import
    weights_bytes = sum([weights[name] for name in weights])
    imported = live()
    qstr_info()
    controller = guard.controller.Controller()
    gc.collect()
    objects = live() - imported
    walk.result(
        {
            "modules": weights,
            "modules_bytes": weights_bytes,
            "imported": imported - alone,
            "objects": objects,
            "state": controller.supervisor.state,
        }
    )


main()
