# SPDX-License-Identifier: MIT
"""Any settings inside the hard ranges, on any treadmill they fit: each bound of
`treadguard.bounds` holds on the full stack (I4). The bounds know nothing of the firmware."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as some

from tests.fuzz import oracle
from tests.hazards import needs_fork, outcome, way
from tests.hazards.zygote import Zygote
from treadguard import bounds, firmware

pytestmark = needs_fork
# Calibration and stop test make the board arm at all; the rails are contacts here.
FIXED = ("calibration", "stop_a_min_mm_s2", "stop_a_max_mm_s2", "rail_kind", "rails_fitted",
         "distance_per_edge_um", "magnets_per_turn")  # fmt: skip
REACHED_MS = 12_000  # until the belt has its speed
RIPPLE = 0.1  # largest, of the walker's gait
RUN_MS = 9000
STEADY = {"ripple_permille": 0, "regulation_permille": 0}  # the formula is for a constant speed
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # a board is too dear to shrink
Values = dict[str, int]


def free() -> dict[str, tuple[int, int, int]]:
    """Options are not fitted on this board: with them set it would not arm at all."""
    groups = {row[0]: row[5] for row in firmware.load("guard.core.parameters").TABLE}
    known = oracle.table().items()
    return {n: row for n, row in known if n not in FIXED and groups[n] != "options"}


def corners(lowest: int, highest: int) -> some.SearchStrategy[int]:
    return some.one_of(some.sampled_from((lowest, highest)), some.integers(lowest, highest))


@some.composite
def boards(draw: Callable[[Any], Any]) -> tuple[Values, int, int]:
    """(settings, magnets, circumference in um), every one within its hard range."""
    values = {name: draw(corners(low, high)) for name, (_, low, high) in free().items()}
    magnets = draw(some.sampled_from((1, 3, 4, 8)))
    _, low, high = oracle.table()["distance_per_edge_um"]
    slowest = min(values["backward_limit_mm_s"], values["mount_limit_mm_s"])
    distance = draw(corners(low, min(high, slowest * 4000 // 3)))
    return values, magnets, distance * magnets


def board(values: Values, magnets: int, around_um: int) -> dict[str, Any]:
    """Mounting at a pace below both limits, then a walk below the limit, hands on the rails."""
    slow = pace(min(values["backward_limit_mm_s"], values["mount_limit_mm_s"]))
    faster = {"do": "console", "what": "speed", "mm_s": pace(values["backward_limit_mm_s"])}
    timeline = [*way.running("backward", slow), *way.turned()]
    timeline += [{**faster, "when": "state:BACKWARD"}, way.note("state:BACKWARD", REACHED_MS)]
    return {
        "name": "parameters", "mode": "backward", "seed": 3, "timeline": timeline,
        "treadmill": {"circumference_um": around_um, "magnets": magnets, **STEADY},
        "board": {"config": values},
    }  # fmt: skip


def setup_of(values: Values, magnets: int, around_um: int) -> bounds.Setup:
    return bounds.Setup(
        limit_mm_s=values["backward_limit_mm_s"], distance_um=around_um // magnets,
        magnets=magnets, margin_permille=values["overspeed_margin_permille"],
        travel_mm=values["overspeed_travel_mm"], rail_grace_ms=values["rail_grace_ms"],
        one_hand_grace_ms=values["one_hand_grace_ms"],
    )  # fmt: skip


def pace(limit_mm_s: int) -> int:
    """Slow enough for what a console overshoots and a gait adds."""
    return limit_mm_s * 85 // 100


def hazards(setup: bounds.Setup) -> list[tuple[dict[str, Any], float, tuple[str, ...]]]:
    """(what happens, by when the relay must be open, its names)."""
    limit = setup.limit_mm_s
    fast = max(limit * 22 // 10, limit + 500)
    creeping = int(setup.v_ref_mm_s * 1.12) + 30
    slowest = pace(limit) * (1 - RIPPLE)
    silence = bounds.quiet_ms(bounds.silence_ms(setup, slowest))
    hands = ("RAILS_RELEASED", "ONE_HAND")  # the shorter grace names it
    over = ("OVERSPEED", "OVERSPEED_EXTREME", "ACCELERATION", "SENSOR_NOISE")
    return [
        ({"do": "let_go", "side": "both"}, bounds.rails_released_ms(setup), hands),
        ({"do": "let_go", "side": "left"}, bounds.one_hand_ms(setup), ("ONE_HAND",)),
        ({"do": "estop", "what": "press"}, bounds.estop_ms(), ("ESTOP",)),
        ({"do": "start", "what": "press"}, bounds.start_pressed_ms(), ("START_PRESSED",)),
        ({"do": "ctrl_c"}, bounds.host_stop_ms(), ("CTRL_C_STOP",)),
        ({"do": "mode", "to": "off"}, bounds.mode_changed_ms(), ("MODE_CHANGED",)),
        ({"do": "sensor", "fault": "cut"}, bounds.wiring_ms(), ("HALL_WIRING",)),
        ({"do": "sensor", "fault": "dead"}, silence, ("SENSOR_LOST", "BELT_STOPPED")),
        ({"do": "runaway", "mm_s": fast},
         bounds.overspeed_ms(setup, fast * (1 - RIPPLE)), over),
        ({"do": "runaway", "mm_s": creeping}, bounds.overspeed_ms(setup, creeping), over),
        ({"do": "inject", "kind": "hang", "where": "read"}, bounds.pump_ms(), ()),
        ({"do": "power", "to": "off"}, bounds.power_cut_ms(), ()),
    ]  # fmt: skip


def default(**changed: int) -> Values:
    return {name: row[0] for name, row in free().items()} | changed


def late(values: Values, magnets: int, around_um: int) -> list[str]:
    """What opened later than its bound, or never, or for another reason."""
    setup = setup_of(values, magnets, around_um)
    scenario = board(values, magnets, around_um)
    wrong = []
    with Zygote(scenario) as z:
        for entry, bound_ms, names in hazards(setup):
            o = z.run(outcome.act, [entry], RUN_MS)
            said = o.faults[0] if o.faults else ""
            if o.opened_ms is None or o.opened_ms > bound_ms or o.closed_again:
                wrong.append(f"{entry}: open after {o.opened_ms} ms, bound {bound_ms:.0f} ms")
            elif o.violations or (names and said not in names):
                wrong.append(f"{entry}: {said}, {o.violations}")
    return wrong


@settings(max_examples=8, phases=PHASES)
@given(drawn=boards())
@example(drawn=(default(), 4, 280_000))
@example(drawn=(default(rail_grace_ms=600, one_hand_grace_ms=5000), 1, 250_000))
def test_any_settings_in_range_keep_every_bound(drawn: tuple[Values, int, int]) -> None:
    assert late(*drawn) == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
@settings(max_examples=60, phases=PHASES)
@given(drawn=boards())
def test_many_settings_in_range_keep_every_bound(drawn: tuple[Values, int, int]) -> None:
    assert late(*drawn) == []


def test_a_bound_that_is_broken_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: with a grace that the board does not have, letting go comes too late."""
    values = default(rail_grace_ms=600)
    real = bounds.rails_released_ms
    shorter = bounds.Setup(limit_mm_s=833, distance_um=70_000, rail_grace_ms=100)
    monkeypatch.setattr(bounds, "rails_released_ms", lambda _: real(shorter))
    [found] = late(values, 4, 280_000)
    assert "let_go" in found
