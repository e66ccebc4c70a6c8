# SPDX-License-Identifier: MIT
"""What a board's flash holds when a run begins, written by the firmware's own code.

"fresh": the firmware and its manifest. "commissioned": besides, calibrated to the treadmill,
verified, stop test done.
"""

import treadguard.virtual.adaptors.files as files
from treadguard import manifest
from treadguard.virtual.profiles import distance_per_edge_um
from treadguard.virtual.runner import fresh_modules

PRESETS = ("fresh", "commissioned")
MEMORY_KEY = "treadguard/memory"


def prepare(world, board, firmware_dir):
    """Lay out flash as the scenario's [board] says. World.current must be this world."""
    world.flash.files[manifest.NAME] = manifest.build(firmware_dir).encode()
    if board.get("preset", "commissioned") == "fresh":
        return
    fresh_modules()
    world.flash.instant = True
    config(world, board.get("config", {}))
    memory(world, board.get("memory", {}))
    world.flash.instant = False


def config(world, overrides):
    """A confirmed configuration that fits the treadmill."""
    from guard.core.parameters import Settings, check, cross_check
    from guard.record.config_store import ConfigStore

    coast = world.numbers["coast_mm_s2"] * world.numbers["coast_empty_permille"] // 1000
    values = Settings().as_dict()
    values["distance_per_edge_um"] = distance_per_edge_um(world.numbers)
    values["magnets_per_turn"] = world.numbers["magnets"]
    values["calibration"] = 2
    values["stop_a_min_mm_s2"] = coast * 8 // 10
    values["stop_a_max_mm_s2"] = coast * 11 // 10
    # Without rail buttons the pace is chosen before mounting: both limits are the same.
    values["mount_limit_mm_s"] = values["backward_limit_mm_s"]
    values.update(overrides)
    for name in sorted(values.keys()):
        reason = check(name, values[name])
        if reason:
            raise ValueError(reason)
    crossed = cross_check(values)
    if crossed:
        raise ValueError(crossed[1])
    ConfigStore(files).save(values)


def memory(world, overrides):
    """The NVS blob of a board that owes nothing."""
    from guard.core.memory import Memory
    from guard.record import blob

    durable = Memory()
    durable.stop_test_due = 0
    for name in sorted(overrides.keys()):
        if not hasattr(durable, name):
            raise ValueError("the board's memory has no " + name)
        setattr(durable, name, overrides[name])
    buf = bytearray(blob.BLOB_SIZE)
    blob.pack(durable, buf)
    world.flash.nvs_set(MEMORY_KEY, bytes(buf))
