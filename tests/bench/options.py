# SPDX-License-Identifier: MIT
"""What each option finds, how soon, with and without it; and what all of them cost a tick and the
heap. options_tables.py prints it.

The trials are the same hazard at another moment of the same walk each time, 3 km/h on the
recommended treadmill with footfalls of 5 %, on the full stack. The campaign judges them, so a
bound here is the campaign's.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench import device, instructions, options_tables
from tests.bench.memory import FREE_ON_A_BOARD, ROOMY_HEAP, small_heap_python
from tests.bench.report import Options, Part, progress
from tests.campaign.__main__ import prepare_path
from tests.campaign.hazards import Entry, Facts
from tests.micropython import found
from treadguard import bounds

WALK_MM_S = 833
A_MIN_MM_S2 = 560  # of a commissioned board on this treadmill
ACCEL_MM_S2 = 1500
RIPPLE_PERMILLE = 50
COAST_MM_S2 = 1000
TRIALS_OF_PHASES = (2, 5)  # a trial of the full stack takes as long as many of the core
WATCH_MS = 20_000
FOOTFALL_HOURS = ((450, 250), (600, 150))  # ms a step, mg a footfall
SETTINGS = {
    "hall_b": {"hall_sensors": 2, "hall_mounting": 1},
    "second_stop": {"second_stop_fitted": 1},
    "key_sense": {"key_sense_fitted": 1},
    "lis3dh": {"incline_sensor": 2},
}


@dataclass(frozen=True)
class Case:
    """One hazard. `shows`: the relay `opened`, the `lock`, or the belt `stood`."""

    option: str
    hazard: str
    about: str
    shows: str
    entries: tuple[Entry, ...]
    facts: tuple[tuple[str, Any], ...] = ()
    moment: str = "BACKWARD late"


STARTED = 6  # entries of the walk up to WAIT_BELT
WAITS: Entry = {"do": "note", "text": "waits", "when": "state:WAIT_BELT"}
PRESS: Entry = {"do": "start", "what": "press", "ms": 200}
CASES = (
    Case("hall_b", "one_of_two_dead", "a sensor dies", "opened",
         ({"do": "sensor", "fault": "dead", "hazard": "one_of_two_dead"},)),
    Case("hall_b", "one_magnet_of_two_sensors", "one of four magnets lost", "opened",
         ({"do": "lose_magnet", "index": 1},)),
    Case("hall_b", "opposite_magnets", "two opposite ones of four lost", "opened",
         ({"do": "lose_magnet", "index": 1}, {"do": "lose_magnet", "index": 3, "hazard": ""})),
    Case("hall_b", "reversed", "belt started the wrong way, from the console's key on", "opened",
         ({"do": "reverse", "hazard": ""},
          {"do": "console", "what": "speed", "mm_s": WALK_MM_S, "hazard": "reversed"}),
         (("gait", 0.0),), moment="WAIT_BELT"),
    Case("second_stop", "shorted_second_stop", "motor driver shorted: belt still", "stood",
         ({"do": "short_driver", "accel_mm_s2": ACCEL_MM_S2},),
         (("a_mm_s2", ACCEL_MM_S2), ("to_mm_s", 5000))),
    Case("second_stop", "disobeys_second_stop", "key loop never obeyed, START: belt still",
         "stood", ({"do": "loop", "obeys_ms": -1}, {**PRESS, "hazard": "disobeys_second_stop"})),
    Case("key_sense", "pole_key_sense", "loop's pole welded, console stops, START: lockout",
         "lock", ({"do": "relay", "fault": "weld_pole1"}, {"do": "console", "what": "stop"},
          {**PRESS, "hazard": "pole_key_sense", "delay_ms": 20})),
    Case("key_sense", "bypassed", "loop bypassed, console stops, START: lockout", "lock",
         ({"do": "bypass"}, {"do": "console", "what": "stop"},
          {**PRESS, "hazard": "bypassed", "delay_ms": 20})),
    Case("lis3dh", "deck_raised", "deck from 9 to 11 %", "opened",
         ({"do": "incline", "permille": 110, "hazard": "deck_raised"},)),
)  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """ms from the hazard; None: not while anybody looked."""

    without_ms: float | None
    fitted_ms: float | None
    bound_ms: float | None
    carried_without_mm: int
    carried_mm: int
    failed: bool


def way(moment: str) -> list[Entry]:
    walked = _walked()
    return walked if moment != "WAIT_BELT" else [*walked[:STARTED], dict(WAITS)]


def _walked() -> list[Entry]:
    return [
        {"do": "footfalls", "mg": 150, "at_ms": 20},
        {"do": "incline", "permille": 90, "at_ms": 30},
        {"do": "grip", "side": "both", "when": "state:READY", "delay_ms": 3200},
        {"do": "let_go", "side": "right", "delay_ms": 600},
        {"do": "start", "what": "press", "delay_ms": 300},
        {"do": "grip", "side": "right", "delay_ms": 400},
        {"do": "console", "what": "speed", "mm_s": WALK_MM_S, "when": "state:WAIT_BELT",
         "delay_ms": 500},
        {"do": "step", "on": "on", "when": "state:MOUNTING", "delay_ms": 500},
        {"do": "slip", "side": "left", "ms": 500, "delay_ms": 1000},
        {"do": "slip", "side": "right", "ms": 500, "delay_ms": 1000},
        {"do": "note", "text": "walking", "when": "state:BACKWARD"},
    ]  # fmt: skip


def scenario(case: Case, trial: int, fitted: bool) -> dict[str, Any]:
    entries = [dict(entry) for entry in case.entries]
    least_ms = 9000 if case.moment != "WAIT_BELT" else 300
    entries[0]["delay_ms"] = least_ms + trial * 373 % 1700
    config: dict[str, int] = {"backward_limit_mm_s": WALK_MM_S}
    return {
        "name": f"bench {case.hazard} {trial}",
        "seed": 1 + trial,
        "mode": "backward",
        "fitted": [case.option] if fitted else [],
        "treadmill": {"ripple_permille": RIPPLE_PERMILLE, "coast_mm_s2": COAST_MM_S2},
        "board": {"config": config | SETTINGS[case.option] if fitted else config},
        "timeline": [*way(case.moment), *entries],
        "end_after_ms": WATCH_MS,
    }


def facts_of(case: Case) -> Facts:
    """What the campaign's bounds want to know."""
    return {
        "options": [case.option], "speed_mm_s": WALK_MM_S, "overshoot": 56, "missed": 0,
        "ripple": RIPPLE_PERMILLE * 2.2 / 1000 + 0.05, "gait": RIPPLE_PERMILLE * 2.2 / 1000,
        "a_min": A_MIN_MM_S2, "discrepancy_ms": 500, "seen": True, "standing": False,
        "step_ms": 600, "coast": COAST_MM_S2, "incline_before": 90, "incline_after": 110,
        "incline_limit": 100, "incline_rate": 0, "blow_mg": 150, **dict(case.facts),
    }  # fmt: skip


def run_trial(case: Case, number: int) -> Trial:
    from tests.campaign import full
    from tests.campaign.session import Session
    from tests.campaign.verdict import judge

    setup = asdict(bounds.Setup(WALK_MM_S, 70_000, 4))
    story = scenario(case, number, True)
    session = Session("options", 1, number, case.hazard, case.moment, story, setup, facts_of(case))
    outcome = session.run()
    verdict = judge(session, outcome)
    bare = full.run(scenario(case, number, False))
    hazard_ms = (bare.hazard_at_us or 0) / 1000
    at_ms = {
        "opened": None if bare.opened_at_us is None else bare.opened_at_us / 1000,
        "lock": bare.lockout_ms,
        "stood": bare.stood_ms,
    }[case.shows]
    fitted_ms, bound_ms = {
        "opened": (verdict.latency_ms, verdict.bound_ms),
        "lock": (verdict.lock_ms, verdict.lock_bound_ms),
        "stood": (verdict.stood_ms, verdict.stood_bound_ms),
    }[case.shows]
    return Trial(
        None if at_ms is None else at_ms - hazard_ms,
        fitted_ms,
        bound_ms,
        bare.carried_mm,
        outcome.carried_mm,
        verdict.failed or bound_ms is None,
    )


def footfalls() -> dict[str, Any]:
    """Hours of heavy feet at 9 %: the deck's registers, the board's reading, the core's rules."""
    from tests.virtual.test_footfalls import Walk

    began = time.monotonic()
    stops = 0
    for number, (step_ms, blow_mg) in enumerate(FOOTFALL_HOURS):
        progress(f"options: an hour of footfalls of {blow_mg} mg")
        stops += len(Walk("lis3dh", 90, blow_mg, step_ms, number + 1).faults(3600 * 1000))
    return {"hours": len(FOOTFALL_HOURS), "stops": stops, "took_s": time.monotonic() - began}


def guard_path() -> dict[str, Any]:
    """The locked runs with everything fitted, on the form a board gets."""
    runs = {}
    for name in ("locked", "whole", "plant"):
        progress(f"options: guard path, {name}")
        python = small_heap_python(ROOMY_HEAP)
        runs[name] = device.result(
            python, "guard_path.py", name, "options", firmware=device.built()
        )
    return runs


def heap() -> dict[str, Any]:
    """Live heap of the default build and of one with every option, after the start and walking."""
    shares = {}
    for name, words in (("default", ()), ("options", ("options",))):
        progress(f"options: live heap, {name}")
        laid_out = device.flash(device.BUILD / f"flash.{name}.json", device.built(), *words)
        python = small_heap_python(ROOMY_HEAP)
        done = device.result(python, "live_heap.py", laid_out, 2, *words, firmware=device.built())
        shares[name] = {
            "boots": done["boots"],
            "failures": done["failures"],
            "started": done["started"] - done["alone"],
            "walking": max(done["every_minute"], default=1 << 30) - done["alone"],
        }
    return shares


def busy() -> dict[str, Any]:
    """A laptop that asks for everything, in what the stock image has free."""
    progress("options: a laptop that asks for everything")
    laid_out = device.flash(device.BUILD / "flash.options.json", device.built(), "options")

    def asked(heap_bytes: int) -> dict[str, Any]:
        words = (laid_out, "options")
        python = small_heap_python(heap_bytes)
        return device.result(python, "busy_session.py", *words, firmware=device.built())

    return asked(FREE_ON_A_BOARD + asked(ROOMY_HEAP)["alone"])


def rounds() -> dict[str, float]:
    """A tick with every option, in rounds of the reference loop, and the default beside it."""
    progress("options: valgrind")
    ticks, loops = instructions.TICKS, instructions.ROUNDS
    built = device.built()

    def per_tick(*words: str) -> float:
        twice = instructions.counted("ticks.py", 2 * ticks, *words, firmware=built)
        return (twice - instructions.counted("ticks.py", ticks, *words, firmware=built)) / ticks

    loop = instructions.counted("reference.py", 2 * loops) - instructions.counted(
        "reference.py", loops
    )
    found = {"default": per_tick("watch"), "options": per_tick("watch", "options")}
    return {name: count / (loop / loops) for name, count in found.items()}


def run(options: Options) -> Part:
    prepare_path()
    trials = max(2, options.phases * TRIALS_OF_PHASES[0] // TRIALS_OF_PHASES[1])
    numbers: dict[str, Any] = {"cases": {}}
    for case in CASES:
        progress(f"options: {case.about}")
        numbers["cases"][case.hazard] = [vars(run_trial(case, n)) for n in range(trials)]
    numbers["footfalls"] = footfalls()
    interpreter = found()
    reason = "" if interpreter and interpreter.small_int_bits == 31 else device.NO_MICROPYTHON
    if not reason:
        numbers |= {"guard_path": guard_path(), "heap": heap(), "busy": busy()}
        reason = instructions.missing()
    if not reason:
        numbers["rounds"] = rounds()
    shown = options_tables.tables(CASES, numbers)
    return Part("options", shown, options_tables.requirements(numbers), numbers, skipped=reason)
