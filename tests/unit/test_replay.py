# SPDX-License-Identifier: MIT
"""A black box holds enough to decide again: same states, same fault, same tick."""

from __future__ import annotations

import pytest

from guard.core import faults as f
from guard.core import states as st
from guard.record.blackbox import BlackBox
from tests.support.box_replay import decisions
from tests.support.memory_files import MemoryFiles
from tests.support.stream import bring
from treadguard.logbook import decode

# What befalls the world -> the fault it must end in.
HAZARDS = {
    "belt runs away": ({"accel_mm_s2": 1200}, None),
    "belt a little too fast": ({"speed": 1000}, f.OVERSPEED),
    "sensor dies": ({"sensor": False}, f.SENSOR_LOST),
    "sensor lead cut": ({"hall_permille": 1000}, f.HALL_WIRING),
    "both hands off": ({"left": False, "right": False}, f.RAILS_RELEASED),
    "one hand off": ({"right": False}, f.ONE_HAND),
    "rail lead cut": ({"left": 1000}, f.RAIL_WIRING),
    "e-stop": ({"estop": True}, f.ESTOP),
    "mode switch": ({"mode": st.MODE_NONE}, f.MODE_CHANGED),
    "START": ({"start": True}, f.START_PRESSED),
    "late tick": ({"late_us": 30000}, f.LOOP_OVERRUN),
    "lost interrupts": ({"count_ahead": 2}, f.SENSOR_NOISE),
}


def recorded(changes, walk_ms):
    """(decoded box, what was decided live) of a walk that ends in a stop."""
    world = bring(st.BACKWARD)
    box = BlackBox()
    box.attach(world.guard)
    lived = []
    edges = world.edges
    hazard_us = world.us + walk_ms * 1000
    while not box.frozen:
        if world.us == hazard_us:
            for name, value in changes.items():
                setattr(world, name, value)
        before = world.sup.state
        world.tick()
        if world.sup.state == st.STOPPING and before != st.STOPPING:
            box.trigger()
        last_us = (world.origin_us + world.last_edge_us) & ((1 << 30) - 1)
        box.sample(world.sample, world.guard.speed, world.sup.fault, world.edges - edges, last_us)
        edges = world.edges
        lived.append((st.STATE_NAMES[world.sup.state], world.sup.fault))
        assert len(lived) < 9000, world
    files = MemoryFiles()
    pieces = box.pieces(world.settings, world.memory, world.sup.stop, 833, 0)
    while box.save_piece(files, "b.tmp", pieces):
        pass
    return decode.blackbox(files.files["b.tmp"]), lived


@pytest.mark.parametrize("walk_ms", [700, 5000, 31000])
@pytest.mark.parametrize("hazard", HAZARDS)
def test_a_stored_stop_is_decided_again_in_the_same_tick(hazard, walk_ms):
    changes, fault = HAZARDS[hazard]
    box, lived = recorded(changes, walk_ms)
    again = decisions(box)
    assert len(again) >= min(len(lived), 1500) - 1
    assert again == lived[-len(again) :]
    stops = [code for state, code in again if state == "STOPPING"]
    assert stops
    assert fault is None or stops[0] == fault


def test_up_to_a_tick_with_several_edges_the_replay_is_the_same_and_the_tick_is_flagged():
    """8 bytes hold one stamp; what a second edge in the same 10 ms decided may differ."""
    box, lived = recorded({"bounce_us": 3000}, 5000)
    again = decisions(box)
    flags = [row["several"] for row in box.rows[box.checkpoint["after"] :]]
    assert True in flags
    first = flags.index(True)
    assert again[:first] == lived[-len(again) :][:first]
    assert lived[-1][1] == f.SENSOR_NOISE
