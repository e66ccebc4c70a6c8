# SPDX-License-Identifier: MIT
"""Memory readings -> tables and requirements."""

from __future__ import annotations

from typing import Any

from tests.bench.report import Requirement, Table

SHARE_AT_MOST = 96 << 10
PEAK_AT_MOST = 128 << 10
TICKS_AT_LEAST = 10_000
CLOSED = ("WAIT_BELT", "FORWARD", "MOUNTING", "BACKWARD")
ENTRIES_FIRST, ENTRY_BYTES, POOL_HEAD = 20, 7, 24
FORMS = ("built", "source")
SETTLED = 10  # minutes compared at both ends of the hour
LAST_MINUTE = 58  # after it the warnings of the session's end begin
PATH = "_read, _judge, _drive, _record, edge handler"


def requirements(numbers: dict[str, Any]) -> list[Requirement]:
    guard = [r for form in FORMS for r in guard_requirements(form, numbers[form]["guard_path"])]
    return [*guard, *heap_requirements(numbers["built"])]


def guard_requirements(form: str, runs: dict[str, Any]) -> list[Requirement]:
    planted = runs["plant"]["allocation"]
    return [
        clean(f"{form}: 0 bytes on the guard path", runs["locked"]),
        clean(f"{form}: 0 bytes in whole ticks while the link is quiet", runs["whole"]),
        Requirement(
            f"{form}: an allocation planted there is seen",
            planted or "not seen",
            planted.startswith("_judge: "),
        ),
    ]


def clean(what: str, run: dict[str, Any]) -> Requirement:
    fewest = min(run["ticks"].get(state, 0) for state in CLOSED)
    return Requirement(
        f"{what}, over {TICKS_AT_LEAST} ticks of each closed state",
        run["allocation"] or f"none in {fewest} or more ticks of each",
        not run["allocation"] and fewest >= TICKS_AT_LEAST and not run["failures"],
    )


def heap_requirements(built: dict[str, Any]) -> list[Requirement]:
    hour, busy = built["hour"], built["busy"]
    share, walking = share_of(hour), walking_of(hour)
    growth = growth_of(hour)
    tight = built["busy_tight"]
    return [
        Requirement(
            f"share of the live heap after the start at most {kib(SHARE_AT_MOST)}",
            kib(share),
            share <= SHARE_AT_MOST,
        ),
        Requirement(
            f"the same in every minute of the hour, a laptop watching, {kib(SHARE_AT_MOST)}",
            kib(walking),
            walking <= SHARE_AT_MOST,
        ),
        Requirement(
            f"an hour of walking in a heap of {kib(built['heap_bytes'])}",
            built["hour_failed"] or f"{len(hour['every_minute'])} minutes",
            not built["hour_failed"] and hour_went_well(hour),
        ),
        Requirement("no growth over the hour", f"{growth} bytes", growth <= 0),
        Requirement(
            f"highest live heap while a laptop asks for everything, {kib(PEAK_AT_MOST)}",
            kib(peak_of(busy)),
            all_answered(busy) and peak_of(busy) <= PEAK_AT_MOST,
        ),
        Requirement(
            "all of it is answered in a heap of 160 KB (the stock image has 161 free)",
            f"{tight['answered']} of {tight['asked']} answered",
            all_answered(tight),
        ),
    ]


def all_answered(busy: dict[str, Any]) -> bool:
    asked = busy["answered"] >= busy["asked"] > 0
    return asked and not busy["refused"] and not busy["failures"]


def share_of(run: dict[str, Any]) -> int:
    return int(run["started"] - run["alone"])


def walking_of(hour: dict[str, Any]) -> int:
    """The most in any minute; without a minute nothing was shown."""
    return int(max(hour["every_minute"], default=1 << 30) - hour["alone"])


def peak_of(busy: dict[str, Any]) -> int:
    """At any look, right after a collection."""
    return int(busy["most"] - busy["alone"])


def growth_of(hour: dict[str, Any]) -> int:
    """Highest reading of the last minutes less that of the first."""
    minutes = hour["every_minute"][:LAST_MINUTE]
    return max(minutes[-SETTLED:]) - max(minutes[:SETTLED]) if minutes else 1 << 30


def hour_went_well(hour: dict[str, Any]) -> bool:
    ended = hour["faults"] == ["SESSION_TIME"]
    return ended and not hour["failures"] and len(hour["every_minute"]) >= LAST_MINUTE


def kib(size: float) -> str:
    return f"{size / 1024:.1f} KB"


def tables(numbers: dict[str, Any]) -> list[Table]:
    return [guard_path_table(numbers), heap_table(numbers["built"]), shares_table(numbers)]


def guard_path_table(numbers: dict[str, Any]) -> Table:
    rows = []
    for form in FORMS:
        for name, what in (("locked", "guard path"), ("whole", "whole ticks")):
            run = numbers[form]["guard_path"][name]
            ticks = [str(run["ticks"].get(state, 0)) for state in CLOSED]
            rows.append([f"{form}, {what}", *ticks, run["allocation"] or "0"])
    runs = numbers["built"]["guard_path"]
    frames = runs["frames"]
    passing = sum(frames["frame_bytes"].values()) / max(1, frames["ticks"].get("BACKWARD", 1))
    opened = ", ".join(
        f"{state} {size}" for state, size in runs["locked"]["most_bytes_a_step_open"].items()
    )
    return Table(
        "Ticks with the heap locked",
        ["", *CLOSED, "bytes allocated"],
        rows,
        f"The guard path is {PATH}, with a laptop watching, three sessions, "
        f"{runs['locked']['edges_handled']} edges. Whole ticks are Controller.step, link, saving "
        "and watchdog included, in the same sessions without a laptop; the link is left out in "
        "ticks in which it tells of a new state or fault, because a line may allocate. With the "
        f"relay open, where it may too, most bytes of any one step: {opened}. Not counted as "
        f"allocations are the frames of calls with many locals, {passing:.0f} bytes a tick: "
        "MicroPython takes them from the heap for the length of the call (a full heap is "
        "collected first, there and then), and from the stack while the heap is locked.",
    )


def heap_table(built: dict[str, Any]) -> Table:
    hour, busy = built["hour"], built["busy"]
    minutes = hour["every_minute"][:LAST_MINUTE] or [0]
    walking = minutes[-1] - hour["alone"]
    rows = [
        sized("fakes, physics and scenario alone", hour["alone"]),
        sized("with the firmware, after its start", hour["started"]),
        sized("firmware's share", share_of(hour)),
        sized("share walking, a laptop watching, first minute", minutes[0] - hour["alone"]),
        sized(f"share walking, a laptop watching, minute {len(minutes)}", walking),
        sized("share at most, while a laptop asks for everything", peak_of(busy)),
        sized("heap given to the hour", built["heap_bytes"]),
    ]
    failed = f"In that heap the run failed: {built['hour_failed']}. "
    return Table(
        "Live heap after a collection, the form a board gets, 32-bit MicroPython",
        ["", "bytes", ""],
        rows,
        f"{failed if built['hour_failed'] else ''}The heap given is 128 KB and what fakes, "
        "physics, scenario and the files of the virtual flash take alone. Names that fakes and "
        "firmware share count as the fakes', and so does the room in the table of names. The "
        "handlers of requests that need an open relay are loaded when the first of "
        "them comes and then stay.",
    )


def name_table(count: int) -> int:
    """What MicroPython takes for the table of so many names: tables of 20, 40, 80 ... entries."""
    taken, entries = 0, ENTRIES_FIRST
    while count > 0:
        taken += POOL_HEAD + entries * ENTRY_BYTES
        count -= entries
        entries *= 2
    return taken


def sized(what: str, size: int) -> list[str]:
    return [what, str(size), kib(size)]


def shares_table(numbers: dict[str, Any]) -> Table:
    shares = [numbers[form]["shares"] for form in FORMS]
    rows = [
        ["code and tables", *[kib(s["imported"] - s["names"]) for s in shares]],
        ["names", *[kib(s["names"]) for s in shares]],
        [
            "table of as many names, on a board",
            *[kib(name_table(s["names_count"])) for s in shares],
        ],
        ["objects and buffers", *[kib(s["objects"]) for s in shares]],
        ["all of it, after the start", *[kib(share_of(numbers[f]["minute"])) for f in FORMS]],
    ]
    return Table(
        "What the firmware's share is made of",
        ["", *FORMS],
        rows,
        "The table of names has room from the fakes' names here, so it is not in the share. "
        "After the start the built form forgets what only the start needed, and loads some of "
        "the link's part only when it is asked for.",
    )
