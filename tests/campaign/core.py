# SPDX-License-Identifier: MIT
"""A session on the core engine."""

from __future__ import annotations

from binascii import crc32
from typing import Any

from tests.campaign.light import LightWorld
from tests.campaign.outcome import Deadline, Outcome, follow, of
from treadguard.virtual.scenario import END_AFTER_MS, Timeline


def run(scenario: dict[str, Any], deadline: Deadline | None = None) -> Outcome:
    """Run it to its end."""
    world = LightWorld(scenario)
    follow(world, deadline)
    after_ms = scenario.get("end_after_ms", END_AFTER_MS)
    timeline = Timeline(world, scenario["timeline"], scenario.get("end_ms", 0), after_ms)
    timeline.start()
    world.run()
    outcome = of(world, timeline, deadline)
    outcome.events_crc = crc32(repr(world.engine.log).encode())
    return outcome
