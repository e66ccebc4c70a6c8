# SPDX-License-Identifier: MIT
"""Memory readings -> tables and requirements."""

from __future__ import annotations

from typing import Any

from tests.bench.report import Requirement, Table

SHARE_AT_MOST = 96 << 10
TICKS_AT_LEAST = 10_000
CLOSED = ("WAIT_BELT", "FORWARD", "MOUNTING", "BACKWARD")
SETTLED = 10  # minutes compared at both ends of the hour
LAST_MINUTE = 58  # after it the warnings of the session's end begin
LARGEST = 8


def requirements(numbers: dict[str, Any]) -> list[Requirement]:
    locked, planted = (numbers["guard_path"][name] for name in ("locked", "planted"))
    fewest = min(locked["ticks"].get(state, 0) for state in CLOSED)
    clean = not locked["allocation"] and locked["enough"]
    share = share_of(numbers)
    heap = numbers["heap"]
    growth = growth_of(heap["hour"])
    return [
        Requirement(
            f"0 bytes on the guard path over {TICKS_AT_LEAST} ticks of each closed state",
            locked["allocation"] or f"none in {fewest} or more ticks of each",
            clean,
        ),
        Requirement(
            "an allocation planted there is seen",
            planted["allocation"] or "not seen",
            planted["allocation"].startswith("_judge: guard_path.py"),
        ),
        Requirement(
            f"firmware's share of the live heap at most {kib(SHARE_AT_MOST)}",
            kib(share),
            share <= SHARE_AT_MOST,
        ),
        Requirement(
            f"an hour of walking in a heap of {kib(heap['heap_bytes'])}",
            heap["hour_failed"] or f"{len(heap['hour']['every_minute'])} minutes",
            not heap["hour_failed"] and hour_went_well(heap["hour"]),
        ),
        Requirement("no growth over the hour", f"{growth} bytes", growth <= 0),
    ]


def share_of(numbers: dict[str, Any]) -> int:
    hour = numbers["heap"]["hour"]
    return int(hour["started"] - hour["alone"])


def growth_of(hour: dict[str, Any]) -> int:
    """Highest reading of the last minutes less that of the first."""
    minutes = hour["every_minute"][:LAST_MINUTE]
    return max(minutes[-SETTLED:]) - max(minutes[:SETTLED]) if minutes else 0


def hour_went_well(hour: dict[str, Any]) -> bool:
    ended = hour["faults"] == ["SESSION_TIME"]
    return ended and not hour["failures"] and len(hour["every_minute"]) >= LAST_MINUTE


def kib(size: float) -> str:
    return f"{size / 1024:.1f} KB"


def tables(numbers: dict[str, Any]) -> list[Table]:
    return [guard_path_table(numbers["guard_path"]), heap_table(numbers), shares_table(numbers)]


def guard_path_table(runs: dict[str, Any]) -> Table:
    locked, frames = runs["locked"], runs["frames"]
    rows = []
    for state in CLOSED:
        ticks = locked["ticks"].get(state, 0)
        rows.append([state, str(ticks), "see below" if locked["allocation"] else "0"])
    passing = sum(frames["frame_bytes"].values()) / max(1, frames["ticks"].get("BACKWARD", 1))
    found = f"Allocates: {locked['allocation']}. " if locked["allocation"] else ""
    opened = ", ".join(
        f"{state} {size}" for state, size in locked["most_bytes_a_step_open"].items()
    )
    return Table(
        "Guard path with the heap locked (_read, _judge, _drive, _record, edge handler)",
        ["state", "ticks", "bytes allocated"],
        rows,
        f"{found}{locked['edges_handled']} edges were handled, three sessions. With the relay "
        f"open, where it may allocate, most bytes of any one step: {opened}. Not counted as "
        f"allocations are the frames of calls with many locals, {passing:.0f} bytes a tick: "
        "MicroPython takes them from the heap for the length of the call (a full heap is "
        "collected first, there and then), and from the stack while the heap is locked.",
    )


def heap_table(numbers: dict[str, Any]) -> Table:
    heap = numbers["heap"]
    hour = heap["hour"]
    minutes = hour["every_minute"][:LAST_MINUTE] or [0]
    rows = [
        ["fakes, physics and scenario alone", f"{hour['alone']}", kib(hour["alone"])],
        ["with the firmware, after its start", f"{hour['started']}", kib(hour["started"])],
        ["firmware's share", f"{share_of(numbers)}", kib(share_of(numbers))],
        ["walking, first minute", f"{minutes[0]}", kib(minutes[0])],
        [f"walking, minute {len(minutes)}", f"{minutes[-1]}", kib(minutes[-1])],
        ["heap given to the hour", f"{heap['heap_bytes']}", kib(heap["heap_bytes"])],
    ]
    failed = f"In that heap the run failed: {heap['hour_failed']}. " if heap["hour_failed"] else ""
    return Table(
        "Live heap after a collection, 32-bit MicroPython",
        ["", "bytes", ""],
        rows,
        f"{failed}The heap given is 128 KB and what fakes, physics and scenario take alone.",
    )


def shares_table(numbers: dict[str, Any]) -> Table:
    shares = numbers["shares"]
    code = shares["imported"] - shares["names"]
    rows = [
        ["code and tables", kib(code)],
        ["names", kib(shares["names"])],
        ["objects and buffers", kib(shares["objects"])],
    ]
    largest = sorted(shares["modules"].items(), key=lambda item: -item[1])[:LARGEST]
    rows += [[f"of it {name}, names included", kib(size)] for name, size in largest]
    return Table("What the firmware's share is made of", ["", ""], rows)
