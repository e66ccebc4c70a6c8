# SPDX-License-Identifier: MIT
"""Every check on the safety file: functions of plain data that return one sentence per gap.

Each has a twin in test_safety_file.py that plants a gap and sees it told.
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.docs.safety import PLAIN, File, Held

RUNS = ("healthy", "explore", "mutation", "fuzz", "hazards")
BENCH_PARTS = ("latency", "naming", "speed", "memory", "instructions", "options")
MUST_HAVE = ("hazards", "code", "tests")


def unnumbered(file: File) -> list[str]:
    """Ids run SR-01, SR-02, ... without a gap, so that one taken out is seen."""
    due = [f"SR-{n:02}" for n in range(1, len(file.requirements) + 1)]
    ids = [r.id for r in file.requirements]
    return [f"{has} stands where {is_due} is due" for has, is_due in zip(ids, due, strict=True)
            if has != is_due]  # fmt: skip


def untold(file: File) -> list[str]:
    """Every requirement has its words, a known topic, and follows the order of the topics."""
    found = []
    for r in file.requirements:
        found += [f"{r.id} has no {key}" for key in sorted(PLAIN) if not getattr(r, key)]
        if r.topic not in file.topics:
            found.append(f"{r.id}: there is no topic {r.topic}")
    used = {r.topic for r in file.requirements}
    return found + [f"no requirement about {topic}" for topic in file.topics if topic not in used]


def unproven(file: File) -> list[str]:
    """A requirement without a hazard, code or test is a wish."""
    return [
        f"{r.id} names no {key}" for r in file.requirements for key in MUST_HAVE
        if not getattr(r, key)
    ]  # fmt: skip


def missing_tests(file: File, has: Held) -> list[str]:
    stand_ins = [(f, t) for f, row in file.no_scenario.items() for t in row["tests"]]
    named = [(r.id, test) for r in file.requirements for test in r.tests] + stand_ins
    return [f"{who}: there is no test {test}" for who, test in named if test not in has.tests]


def missing_code(file: File, has: Held) -> list[str]:
    return [
        f"{r.id}: there is no {code}" for r in file.requirements for code in r.code
        if code not in has.code
    ]  # fmt: skip


def missing_names(file: File, has: Held) -> list[str]:
    """Scenarios, faults, parameters, hazards, invariants and figures that do not exist."""
    known: dict[str, Iterable[str]] = {
        "scenarios": has.scenarios,
        "faults": has.faults,
        "parameters": has.parameters,
        "hazards": has.hazards,
        "invariants": file.invariants,
        "figures": figure_names(has),
    }
    found = []
    for r in file.requirements:
        for key, names in known.items():
            there = set(names)
            gone = [name for name in getattr(r, key) if name not in there]
            found += [f"{r.id}: {name} is not one of the {key}" for name in gone]
    return found


def figure_names(has: Held) -> set[str]:
    bench = {f"bench:{part}" for part in BENCH_PARTS}
    return {*RUNS, *bench, *(f"campaign:{row}" for row in has.campaign)}


def unanswered(file: File, has: Held) -> list[str]:
    """Hazards, invariants, faults and parameters that no requirement mentions."""
    found = []
    for key, names, excused in (
        ("hazards", has.hazards, set(file.open_hazards)),
        ("invariants", tuple(file.invariants), set()),
        ("faults", has.faults, set(file.not_built)),
        ("parameters", has.parameters, set()),
    ):
        named = {name for r in file.requirements for name in getattr(r, key)}
        found += [f"no requirement names {n}" for n in names if n not in named | excused]
        found += [f"{n} is excused and yet named" for n in sorted(excused & named)]
        found += [f"{n} is excused and does not exist" for n in sorted(excused - set(names))]
    return found


def without_scenario(file: File, has: Held) -> list[str]:
    """Every fault is expected by a scenario, or says why none can."""
    shown = {fault for faults in has.scenarios.values() for fault in faults}
    excused = {*file.no_scenario, *file.not_built}
    found = [f"no scenario expects {f}" for f in has.faults if f not in shown | excused]
    return found + [f"{f} has a scenario: take its excuse out" for f in sorted(excused & shown)]


def fault_not_shown(file: File, has: Held) -> list[str]:
    """A requirement with faults and scenarios has at least one scenario that expects each."""
    found = []
    for r in file.requirements:
        shown = {f for s in r.scenarios for f in has.scenarios.get(s, ())}
        for fault in r.faults:
            if r.scenarios and fault not in shown | set(file.no_scenario):
                found.append(f"{r.id}: none of its scenarios expects {fault}")
    return found


def built_after_all(file: File, has: Held) -> list[str]:
    """A fault that is said not to be built, and which the firmware names; and the reverse."""
    found = [f"{f} is used: take it out of not_built" for f in file.not_built if f in has.raised]
    idle = [f for f in has.faults if f not in has.raised | set(file.not_built)]
    return found + [f"nothing raises {f}: say so in not_built" for f in idle]


def without_range_test(has: Held) -> list[str]:
    return [f"no range test covers {name}" for name in has.parameters if name not in has.ranged]


def all_gaps(file: File, has: Held) -> list[str]:
    """Everything at once, for the command line."""
    return [
        *unnumbered(file), *untold(file), *unproven(file), *missing_tests(file, has),
        *missing_code(file, has), *missing_names(file, has), *unanswered(file, has),
        *without_scenario(file, has), *fault_not_shown(file, has), *built_after_all(file, has),
    ]  # fmt: skip
