# SPDX-License-Identifier: MIT
"""One session: a number becomes a scenario, a scenario an outcome."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from tests.campaign import options
from tests.campaign.draw import STANDING, Draw
from tests.campaign.hazards import Hazard
from tests.campaign.hazards_belt import ALL
from tests.campaign.hazards_deck import incline_watch_ms
from tests.campaign.hazards_options import EVERY, OPTIONS, ORDINARY
from tests.campaign.options import INCLINE
from tests.campaign.outcome import Outcome
from tests.campaign.way import to_moment
from treadguard import bounds, firmware

ENGINES = ("core", "full", "options")  # the third: the full stack, with options fitted
SPARE_MS = 1500


@dataclass
class Session:
    """All that is needed to run it again and to judge it, as plain data."""

    engine: str
    seed: int
    number: int
    hazard: str
    moment: str
    scenario: dict[str, Any]
    setup: dict[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def kind(self) -> Hazard:
        return EVERY[self.hazard]

    def bounds_setup(self) -> bounds.Setup:
        return bounds.Setup(**self.setup)

    def run(self) -> Outcome:
        deadline = self.kind.deadline(self.bounds_setup(), self.facts)
        if self.engine == "core":
            from tests.campaign import core

            return core.run(self.scenario, deadline)
        from tests.campaign import full

        outcome = full.run(self.scenario, deadline)
        if self.moment == STANDING and outcome.caused_at_ms is not None:
            # The world counts a hazard only while the relay is closed.
            outcome.hazard_at_us = outcome.caused_at_ms * 1000
        return outcome


def names(engine: str) -> list[str]:
    """The hazards that an engine knows, in their order."""
    if engine == "options":
        return [*OPTIONS, *ORDINARY]
    return [name for name, hazard in ALL.items() if engine == "full" or not hazard.program]


def draw(engine: str, seed: int, number: int) -> Session:
    """The session of that number: hazards take turns, all else is drawn."""
    known = names(engine)
    hazard = EVERY[known[number % len(known)]]
    d = Draw(seed, number, engine)
    d.moment = d.rng.choice(hazard.moments)
    if hazard.prepare:
        hazard.prepare(d)
    if engine == "options":
        options.fit(d, hazard)
    entries = hazard.draw(d)
    way = to_moment(d)
    d.refresh()
    _facts(d)
    entries[0]["delay_ms"] = d.facts["wait_ms"]
    if len(entries) > 1:
        entries[1].setdefault("delay_ms", 100)
    scenario = {
        "name": f"{engine} {seed} {number}: {hazard.name}, {d.moment}",
        "seed": d.between(1, 900_000_000),
        "profile": d.profile,
        "pump": d.pump,
        "mode": "forward" if d.moment == "FORWARD" else "backward",
        "treadmill": d.treadmill,
        "board": {"config": d.config},
        "timeline": [*d.first, *way, *entries],
        "end_after_ms": watch_ms(d, hazard),
    }
    if d.fitted:
        scenario["fitted"] = d.fitted
    _check(scenario, d)
    return Session(
        engine, seed, number, hazard.name, d.moment, scenario, asdict(d.setup()), d.facts
    )


def _facts(d: Draw) -> None:
    d.facts["rails_fitted"] = d.setting("rails_fitted")
    d.facts["start_timeout_s"] = d.setting("start_timeout_s")
    d.facts["ripple"] = min(0.3, d.numbers["ripple_permille"] * 2.2 / 1000 + 0.05)
    d.facts["usual"] = d.usual and d.setting("rails_fitted") == 2 and d.moment != "FORWARD"
    d.facts["overshoot"] = d.numbers["overshoot_mm_s"]
    d.facts["missed"] = d.numbers["missed_permille"]
    coast = d.numbers["coast_mm_s2"] * d.numbers["coast_empty_permille"] // 1000
    d.facts["a_min"] = d.config.get("stop_a_min_mm_s2", coast * 8 // 10)
    if d.fitted:
        d.facts |= options.facts(d)


def watch_ms(d: Draw, hazard: Hazard) -> int:
    """How long to look after the last entry: the slowest thing that can still be promised."""
    setup = d.setup()
    speed = max(d.facts["speed_mm_s"], 200)
    ms = 1000 * max(d.limit_mm_s(), speed) // d.numbers["coast_mm_s2"] + SPARE_MS
    if hazard.name in ("sensor_dead", "sensor_stuck", "key_pulled"):
        timeout_ms = setup.still_ms * 2 + ms
        if d.moment == "WAIT_BELT":
            timeout_ms += d.setting("start_timeout_s") * 1000
        return timeout_ms
    if hazard.name in ("let_go", "fall", "one_hand"):
        return ms + setup.one_hand_grace_ms + setup.rail_grace_ms
    if hazard.name == "lose_magnet":
        return ms + int(4 * setup.magnets * setup.d_mm / speed * 2500) + 2000
    if INCLINE in hazard.needs:
        return ms + incline_watch_ms(d.facts)
    if hazard.stands:
        ms += 12_000 + 1000 * max(d.facts.get("to_mm_s", 0), speed) // d.numbers["coast_mm_s2"]
    if hazard.locks:
        ms += 8000 + int(2500 * setup.longest_mm / speed)
    if hazard.belt or hazard.follows:
        a = d.facts.get("a_mm_s2", d.numbers["accel_mm_s2"])
        ms += 1000 * d.limit_mm_s() // a + 6000 + 4000 * d.facts.get("to_mm_s", 0) // 1000
        ms += int(4000 * setup.longest_mm / d.limit_mm_s())
    return ms


def _check(scenario: dict[str, Any], d: Draw) -> None:
    """The settings are such as the box would take."""
    parameters = firmware.load("guard.core.parameters")
    values = {row[0]: row[2] for row in parameters.TABLE} | scenario["board"]["config"]
    values["distance_per_edge_um"] = d.distance_um
    values["magnets_per_turn"] = d.numbers["magnets"]
    refused = [parameters.check(name, value) for name, value in values.items()]
    wrong = [text for text in [*refused, parameters.cross_check(values)] if text]
    if wrong:
        raise ValueError(f"{scenario['name']}: {wrong[0]}")
