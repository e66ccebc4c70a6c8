# SPDX-License-Identifier: MIT
"""What an honest stop is called: BELT_STOPPED, or SENSOR_LOST by mistake, for every profile.

Silence opens the relay either way; the name decides whether the walker must prove the sensor
before the next session. A console stops the belt as the virtual treadmill does: by its ramp, or
by switching the motor off, and once the relay has opened the belt coasts. `before` and `after`
the stop test differ in the hardest stop the guard believes in. The other mistake stands beside
it: a sensor that died while the belt ran on, called BELT_STOPPED.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.bench.latency import TREADMILLS, numbers_of
from tests.bench.report import Options, Part, Table, progress
from treadguard import firmware
from treadguard.virtual.gait import Gait
from treadguard.virtual.hall import spacing
from treadguard.virtual.profiles import distance_per_edge_um
from treadguard.virtual.rng import Lcg

TICK_US = 10_000
WALK_US = 3_000_000
GIVE_UP_US = 30_000_000
RELEASE_US = 9_000
RIPPLE_PERMILLE = 50
SLOWEST_MM_S, FASTEST_MM_S = 278, 1111  # 1 to 4 km/h
TRIALS_PER_PHASE = 4
RAMP, COAST, DEAD = "console's ramp", "motor switched off", "sensor dies"
LOST, STOPPED = "SENSOR_LOST", "BELT_STOPPED"


@dataclass
class StoppingBelt:
    """A belt at a speed that is told to slow down, and the edges it makes, a tick at a time."""

    numbers: dict[str, Any]
    mm_s: float
    rng: Lcg
    slows_mm_s2: float = 0.0
    dead: bool = False

    def __post_init__(self) -> None:
        self.gait = Gait(self.numbers, self.rng)
        self.gait.walking = True
        self.gaps_um = [gap / 1000 for gap in spacing(self.numbers, self.rng)]
        self.magnet = 0
        self.to_edge_um = self.gaps_um[0] * self.rng.below(10000) / 10000

    def advance(self, at_us: int) -> list[int]:
        """One tick that ends at at_us; the stamps of its edges."""
        mean = max(0.0, self.mm_s - self.slows_mm_s2 * TICK_US / 2e6)
        self.mm_s = max(0.0, self.mm_s - self.slows_mm_s2 * TICK_US / 1e6)
        moves = mean * (1 + self.gait.factor(TICK_US) / 100_000)
        left_um = moves * TICK_US / 1000
        edge_us = float(at_us - TICK_US)
        stamps = []
        while self.to_edge_um <= left_um:
            left_um -= self.to_edge_um
            edge_us += self.to_edge_um * 1000 / moves
            stamps.append(int(edge_us) + self.rng.below(46))
            self.magnet = (self.magnet + 1) % len(self.gaps_um)
            self.to_edge_um = self.gaps_um[self.magnet]
        self.to_edge_um -= left_um
        return [] if self.dead else stamps


class Session:
    """The deciding core on a stopping belt."""

    def __init__(self, belt: StoppingBelt, state: str, a_max_mm_s2: int):
        with firmware.importable():
            from guard.core.faults import name
            from guard.core.memory import Memory
            from treadguard.virtual.engine import STATES, Engine

        self.belt = belt
        self.fault_name = name
        memory = Memory()
        memory.stop_test_due = int(state == "forward")
        values = {
            "distance_per_edge_um": distance_per_edge_um(belt.numbers),
            "magnets_per_turn": belt.numbers["magnets"],
            "calibration": 2,
            "stop_a_max_mm_s2": a_max_mm_s2,
        }
        self.engine = Engine(values, memory=memory)
        self.engine.start_in(STATES[state], max(int(belt.mm_s), 140))

    def run(self, us: int) -> None:
        for _ in range(us // TICK_US):
            self.tick()

    def tick(self) -> None:
        engine, belt = self.engine, self.belt
        at_us = engine.now_us + TICK_US
        opened_us = engine.opened_at_us
        loop_us = RELEASE_US + belt.numbers["loop_delay_ms"] * 1000
        if opened_us is not None and at_us - opened_us > loop_us:
            coast = belt.numbers["coast_mm_s2"]
            belt.slows_mm_s2 = max(belt.slows_mm_s2, coast)
        engine.edges += belt.advance(at_us)
        engine.tick()

    def until_over(self) -> tuple[str, str]:
        """The name given when the relay opened, and the one that stays."""
        engine = self.engine
        while engine.opened_at_us is None and engine.now_us < GIVE_UP_US:
            self.tick()
        first = self.fault_name(engine.supervisor.fault)
        while engine.supervisor.stop.still_ms == 0 and engine.now_us < GIVE_UP_US:
            self.tick()
        self.run(TICK_US * 2)
        return first, self.fault_name(engine.supervisor.stop.cause)


def stop_test(numbers: dict[str, Any], seed: int) -> int:
    """stop_a_max_mm_s2 as this treadmill's stop test measures it: empty belt, START pressed."""
    rng = Lcg(seed)
    empty = {**numbers, "ripple_permille": 0}
    empty["coast_mm_s2"] = numbers["coast_mm_s2"] * numbers["coast_empty_permille"] // 1000
    session = Session(StoppingBelt(empty, 833 + rng.below(250), rng), "forward", 0)
    session.run(WALK_US)
    session.engine.sample.start_down = True
    session.run(TICK_US * 20)
    session.engine.sample.start_down = False
    session.run(GIVE_UP_US // 3)
    return int(session.engine.settings.stop_a_max_mm_s2)


def names(numbers: dict[str, Any], how: str, mm_s: int, a_max: int, seed: int) -> tuple[str, str]:
    belt = StoppingBelt(numbers, mm_s, Lcg(seed))
    session = Session(belt, "backward", a_max)
    session.run(WALK_US + belt.rng.below(300) * TICK_US)
    if how == DEAD:
        belt.dead = True
    else:
        belt.slows_mm_s2 = numbers["console_stop_mm_s2" if how == RAMP else "coast_mm_s2"]
    return session.until_over()


def run(options: Options) -> Part:
    rows, found = [], []
    for treadmill in TREADMILLS:
        numbers = numbers_of(treadmill, RIPPLE_PERMILLE, 0)
        tests = [stop_test(numbers, options.seed * 1000 + i) for i in range(9)]
        for how in (RAMP, COAST, DEAD):
            progress(f"naming: {treadmill}, {how}")
            case = named(numbers, how, sorted(tests)[4], options)
            found.append({"treadmill": treadmill, "stop": how, "stop_a_max_mm_s2": tests, **case})
            rows.append(row(treadmill, how, case))
    table = Table(
        "Names of stops, share of all",
        ["treadmill", "what happens", "mistaken for", "before: at opening", "before: in the end",
         "after: at opening", "after: in the end", "anything else"],
        rows,
        "1 to 4 km/h, ripple 5 %. `in the end`: edges that come while the belt coasts correct the "
        "name. `anything else`: neither BELT_STOPPED nor SENSOR_LOST in the end.",
    )  # fmt: skip
    return Part("naming", [table], numbers={"cases": found})


def named(numbers: dict[str, Any], how: str, a_max: int, options: Options) -> dict[str, Any]:
    """{before, after}: {at opening, in the end}: {name: times}."""
    case = {}
    for when, believed in (("before", 0), ("after", a_max)):
        first: Counter[str] = Counter()
        last: Counter[str] = Counter()
        for trial in range(options.phases * TRIALS_PER_PHASE):
            seed = options.seed * 1000 + trial * 31
            mm_s = SLOWEST_MM_S + Lcg(seed).below(FASTEST_MM_S - SLOWEST_MM_S + 1)
            at_opening, in_the_end = names(numbers, how, mm_s, believed, seed)
            first[at_opening] += 1
            last[in_the_end] += 1
        case[when] = {"at_opening": dict(first), "in_the_end": dict(last)}
    return case


def row(treadmill: str, how: str, case: dict[str, Any]) -> list[str]:
    mistake = STOPPED if how == DEAD else LOST
    cells = [treadmill, how, mistake]
    other = 0
    for when in ("before", "after"):
        total = sum(case[when]["in_the_end"].values())
        for moment in ("at_opening", "in_the_end"):
            cells.append(f"{case[when][moment].get(mistake, 0) / total:.1%}")
        expected = case[when]["in_the_end"]
        other += total - expected.get(LOST, 0) - expected.get(STOPPED, 0)
    return [*cells, str(other)]
