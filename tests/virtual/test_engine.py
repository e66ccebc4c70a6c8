# SPDX-License-Identifier: MIT
"""The fast engine decides what the full stack decides: same state, same relay, same fault, in
the same tick, and the same events of the core, from what the controller told the core.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from guard.core.events import STOP
from tests.campaign import full, tape
from tests.campaign.session import draw, names
from treadguard import simulation

SEED = 11
SESSIONS = 36
LIBRARY = Path(simulation.LIBRARY)


def recorded(scenario: dict[str, Any]) -> list[tape.Part]:
    """What the full stack told its core, boot by boot."""
    worlds = []

    class Recorder(tape.Recorder):
        def __init__(self, world: Any, folder: str):
            super().__init__(world, folder)
            worlds.append(world)

    full.run(scenario, make=Recorder)
    parts: list[tape.Part] = worlds[0].parts
    assert parts
    return parts


@pytest.mark.parametrize("number", range(SESSIONS))
def test_the_engine_decides_like_the_full_stack_in_random_sessions(number: int) -> None:
    parts = recorded(draw("full", SEED, number).scenario)
    for part in parts:
        assert tape.differences(part) == []


def library() -> list[Any]:
    """An hour of virtual time takes minutes of real time."""
    slow = [pytest.mark.slow, pytest.mark.timeout(1200)]
    return [
        pytest.param(path, id=path.stem, marks=slow if "hour" in path.stem else [])
        for path in sorted(LIBRARY.glob("*.toml"))
    ]


@pytest.mark.parametrize("path", library())
def test_the_engine_decides_like_the_full_stack_in_every_scenario(path: Path) -> None:
    for part in recorded(simulation.load(path)):
        assert tape.differences(part) == []


def test_random_sessions_reach_every_hazard() -> None:
    assert len(names("full")) <= SESSIONS


def test_the_comparison_sees_a_tape_that_was_tampered_with() -> None:
    """The twin: one edge fewer, one hand more, one event fewer are each found out."""
    number = names("full").index("let_go")
    part = recorded(draw("full", SEED, number).scenario)[0]
    assert any(event[0] == STOP for event in part.events)
    assert tape.differences(part) == []
    assert tape.differences(without_an_edge(part))
    assert tape.differences(with_hands_on(part))
    fewer = copy.copy(part)
    fewer.events = part.events[:-1]
    assert tape.differences(fewer)


def test_the_comparison_sees_that_the_second_sensor_counted_fewer_edges() -> None:
    scenario = simulation.load(LIBRARY / "a_belt_that_runs_the_wrong_way_trips.toml")
    parts = recorded(scenario)
    assert [tape.differences(part) for part in parts] == [[]] * len(parts)
    deaf = copy.copy(parts[-1])
    deaf.ticks = [(*entry[:4], (), *entry[5:]) for entry in deaf.ticks]
    assert any(entry[4] for entry in parts[-1].ticks)
    assert tape.differences(deaf)


def without_an_edge(part: tape.Part) -> tape.Part:
    """The belt's first edge never came: it is seen an edge later."""
    changed = copy.copy(part)
    changed.ticks = list(part.ticks)
    at = next(i for i, entry in enumerate(part.ticks) if entry[3])
    sample, changes, fails, _, *rest = part.ticks[at]
    changed.ticks[at] = (sample, changes, fails, (), *rest)
    return changed


def with_hands_on(part: tape.Part) -> tape.Part:
    """Both rails read as held all the time."""
    left, right = tape.READ.index("left_raw"), tape.READ.index("right_raw")
    changed = copy.copy(part)
    changed.ticks = []
    for entry in part.ticks:
        sample = list(entry[0])
        sample[left] = sample[right] = 199
        changed.ticks.append((tuple(sample), *entry[1:]))
    return changed
