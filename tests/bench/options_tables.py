# SPDX-License-Identifier: MIT
"""What the options do and cost -> tables and requirements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tests.bench.instructions import BUDGET_ROUNDS
from tests.bench.memory_tables import SHARE_AT_MOST, all_answered, clean, kib
from tests.bench.report import Requirement, Table, number, share

if TYPE_CHECKING:
    from tests.bench.options import Case

NAMES = {
    "hall_b": "second hall sensor", "second_stop": "second stop", "key_sense": "key sense",
    "lis3dh": "inclinometer",
}  # fmt: skip
OPTIONS_AT_MOST = 128 << 10


def requirements(numbers: dict[str, Any]) -> list[Requirement]:
    trials = [trial for case in numbers["cases"].values() for trial in case]
    failed = sum(trial["failed"] for trial in trials)
    walked = numbers["footfalls"]
    said = [
        Requirement("every hazard of an option within its bound",
                    f"{failed} of {len(trials)} missed or late", failed == 0),
        Requirement("footfalls at 9 % stop nothing",
                    f"{walked['stops']} stops in {walked['hours']} h", walked["stops"] == 0),
    ]  # fmt: skip
    if "guard_path" in numbers:
        said += memory(numbers)
    if "rounds" in numbers:
        found = numbers["rounds"]["options"]
        what = f"a tick with every option, a laptop watching, within {BUDGET_ROUNDS} rounds"
        said.append(Requirement(what, f"{found:.0f} rounds", 0 < found <= BUDGET_ROUNDS))
    return said


def memory(numbers: dict[str, Any]) -> list[Requirement]:
    runs, heap, busy = numbers["guard_path"], numbers["heap"]["options"], numbers["busy"]
    planted = runs["plant"]["allocation"]
    return [
        clean("every option: 0 bytes on the guard path", runs["locked"]),
        clean("every option: 0 bytes in whole ticks while the link is quiet", runs["whole"]),
        Requirement("every option: an allocation planted there is seen", planted or "not seen",
                    planted.startswith("_judge: ")),
        Requirement(
            f"share of the live heap with every option at most {kib(OPTIONS_AT_MOST)} (the limit "
            f"of {kib(SHARE_AT_MOST)} is the default build's)",
            kib(max(heap["started"], heap["walking"])),
            well(heap) and max(heap["started"], heap["walking"]) <= OPTIONS_AT_MOST,
        ),
        Requirement(
            "all a laptop may ask is answered with every option in a heap of 160 KB",
            f"{busy['answered']} of {busy['asked']} answered",
            all_answered(busy),
        ),
    ]  # fmt: skip


def well(run: dict[str, Any]) -> bool:
    return run["boots"] == 1 and not run["failures"]


def tables(cases: Iterable[Case], numbers: dict[str, Any]) -> list[Table]:
    shown = [latency(cases, numbers["cases"])]
    if "heap" in numbers:
        shown.append(costs(numbers))
    return shown


def latency(cases: Iterable[Case], found: dict[str, Any]) -> Table:
    rows = []
    for case in cases:
        trials = found[case.hazard]
        slack = [t["bound_ms"] - t["fitted_ms"] for t in trials if known(t)]
        rows.append([
            NAMES[case.option], case.about,
            *[number(share((t["without_ms"] for t in trials), p)) for p in (50, 100)],
            *[number(share((t["fitted_ms"] for t in trials), p)) for p in (50, 100)],
            number(share((t["bound_ms"] for t in trials), 100)),
            number(min(slack)) if slack else "-",
            carried(trials, "carried_without_mm"), carried(trials, "carried_mm"),
        ])  # fmt: skip
    return Table(
        "From the hazard to what must come of it, ms",
        ["option", "hazard", "without: median", "worst", "with: median", "worst", "bound",
         "least slack", "carried m without", "with"],
        rows,
        f"{len(next(iter(found.values())))} trials each, on the full stack. What must come: the "
        "relay's contact open, or what the row says. `never`: not in 20 s, and the belt that "
        "runs on carries the walker as long. Each trial has a bound of its own; shown is the "
        "longest.",
    )  # fmt: skip


def known(trial: dict[str, Any]) -> bool:
    return trial["bound_ms"] is not None and trial["fitted_ms"] is not None


def carried(trials: list[dict[str, Any]], what: str) -> str:
    return f"{max(trial[what] for trial in trials) / 1000:.2f}"


def costs(numbers: dict[str, Any]) -> Table:
    heap, found = numbers["heap"], numbers.get("rounds")
    rows = [
        [what, *[kib(heap[name][key]) for name in ("default", "options")]]
        for what, key in (("heap after the start", "started"), ("heap walking", "walking"))
    ]
    if found:
        rows.append(["rounds of the loop in a tick, a laptop watching",
                     *[f"{found[name]:.0f}" for name in ("default", "options")]])  # fmt: skip
    return Table(
        "What all options together cost, the form a board gets",
        ["", "default build", "every option"],
        rows,
        "Second sensor in quadrature, second stop, key sense and an MPU-6050. The stock image has "
        "161 KB of heap.",
    )
