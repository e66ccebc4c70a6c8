# SPDX-License-Identifier: MIT
"""How long pulling records takes, beside mpremote copying the same files over the same line.

Ours runs against the whole firmware in virtual time, with the real client. mpremote is the real
one, in real time, against MicroPython behind a line that is paced at 115200 baud.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.report import Options, Part, Requirement, Table, progress
from tests.micropython import found
from tests.micropython.interpreter import ROOT
from tests.support import raw_repl, year
from tests.support.virtual_line import HOST_US, VirtualLine
from treadguard.link import pull
from treadguard.link.client import Client

BUDGET_BYTES_S = 10_000  # 100 bytes a tick of 10 ms
SHARE_PERCENT = 85
LATE_MS = 10  # a tick
SAMPLE = ("j00000001.bin", "b00000001.bin", "t00000001.bin")
START_US = 8_000_000
TIMEOUT_S = 300


def run(options: Options) -> Part:
    with tempfile.TemporaryDirectory() as folder:
        numbers = measured(Path(folder))
    return Part("pull", [table(numbers)], requirements(numbers), numbers)


def measured(folder: Path) -> dict[str, Any]:
    records = year.files()
    some = {name: records[name] for name in SAMPLE}
    progress("pull: some files")
    found_some = ours(some, folder / "some")
    progress("pull: a year")
    found_year = ours(records, folder / "year", again=True)
    progress("pull: mpremote")
    return {"some": found_some, "year": found_year, "mpremote": theirs(some, folder)}


def ours(files: dict[str, bytes], folder: Path, again: bool = False) -> dict[str, Any]:
    """Pull from the virtual board; with `again` a second time, which must find nothing new."""
    folder.mkdir()
    line = VirtualLine(ROOT / "firmware", files)
    try:
        line.wait(START_US)
        client = Client(line)
        client.attach()
        listed_from = line.now_us
        listing = pull.listing(client)
        began, wire, ticks = line.now_us, line.wire_bytes, line.ticks
        line.latest_us = 0
        done = pull.pull(client, listing, folder, "bench")
        took_us = line.now_us - began
        numbers: dict[str, Any] = {
            "files": len(listing.records),
            "bytes": done.transferred_bytes,
            "listing_s": round((began - listed_from) / 1e6, 2),
            "seconds": round(took_us / 1e6, 2),
            "wire_bytes": line.wire_bytes - wire,
            "ticks": line.ticks - ticks,
            "latest_us": line.latest_us,
            "identical": _same(folder, line.world.flash.files),
        }
        if again:
            wire = line.wire_bytes
            listing = pull.listing(client)
            second = pull.pull(client, listing, folder, "bench")
            numbers["second_bytes"] = second.transferred_bytes
            numbers["second_wire_bytes"] = line.wire_bytes - wire
    finally:
        line.close()
    numbers["wire_bytes_s"] = round(numbers["wire_bytes"] / took_us * 1e6)
    numbers["bytes_s"] = round(numbers["bytes"] / took_us * 1e6)
    return numbers


def _same(folder: Path, on_board: dict[str, bytes]) -> bool:
    """Every record of the board is here as it is there. (Its own start added an event.)"""
    records = {name: data for name, data in on_board.items() if name.endswith(".bin")}
    return {path.name: path.read_bytes() for path in folder.glob("*.bin")} == records


def theirs(files: dict[str, bytes], folder: Path) -> dict[str, Any] | None:
    """`mpremote fs cp` of the same files; None without a MicroPython."""
    interpreter = found()
    if interpreter is None:
        return None
    board, out = folder / "board", folder / "copied"
    board.mkdir()
    out.mkdir()
    for name, data in files.items():
        (board / name).write_bytes(data)
    with raw_repl.board(interpreter.command, board, folder / "port") as port:
        began = time.monotonic()
        _mpremote(port, "exec", "pass")
        empty_s = time.monotonic() - began
        began = time.monotonic()
        _mpremote(port, "fs", "cp", *[f":{name}" for name in files], f"{out}/")
        took_s = time.monotonic() - began - empty_s
    size = sum(len(data) for data in files.values())
    return {
        "bytes": size,
        "start_s": round(empty_s, 2),
        "seconds": round(took_s, 2),
        "bytes_s": round(size / took_s),
        "identical": all((out / n).read_bytes() == d for n, d in files.items()),
    }


def _mpremote(port: Path, *words: str) -> None:
    command = [sys.executable, "-m", "mpremote", "connect", str(port), "resume", *words]
    subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_S)


def table(numbers: dict[str, Any]) -> Table:
    rows = []
    for name, what in (("some", "these tools"), ("mpremote", "mpremote fs cp")):
        one = numbers[name]
        if one is None:
            rows.append((what, "no MicroPython", "", "", ""))
            continue
        wire = str(one["wire_bytes_s"]) if "wire_bytes_s" in one else ""
        rows.append((what, str(one["bytes"]), str(one["seconds"]), str(one["bytes_s"]), wire))
    one = numbers["year"]
    rows.append(
        (
            f"these tools, a year: {one['files']} files",
            str(one["bytes"]),
            str(one["seconds"]),
            str(one["bytes_s"]),
            str(one["wire_bytes_s"]),
        )
    )
    return Table(
        "Pulling records at 115200 baud",
        ("with", "bytes", "seconds", "bytes/s", "on the wire, bytes/s"),
        rows,
        f"Ours in virtual time, mpremote in real time (a busy machine slows it); the computer is"
        f" given {HOST_US // 1000} ms to answer. Base64 makes four bytes of three;"
        " mpremote's own start is not counted. Its board only copies; ours keeps its loop.",
    )


def requirements(numbers: dict[str, Any]) -> list[Requirement]:
    some, all_year, other = numbers["some"], numbers["year"], numbers["mpremote"]
    share = 100 * some["wire_bytes_s"] / BUDGET_BYTES_S
    late = max(some["latest_us"], all_year["latest_us"])
    found_all = [some, all_year, *([other] if other else [])]
    made = [
        Requirement(
            f"a pull uses at least {SHARE_PERCENT} % of 100 bytes a tick",
            f"{share:.1f} %",
            share >= SHARE_PERCENT,
        ),
        Requirement(
            f"no tick is more than {LATE_MS} ms late meanwhile",
            f"{late / 1000:.1f} ms",
            late <= LATE_MS * 1000,
        ),
        Requirement(
            "what arrives is identical",
            "yes" if all(one["identical"] for one in found_all) else "no",
            all(one["identical"] for one in found_all),
        ),
        Requirement(
            "a second pull of the year transfers no record byte",
            f"{all_year['second_bytes']} bytes",
            all_year["second_bytes"] == 0,
        ),
    ]
    if other:
        times = some["bytes_s"] / other["bytes_s"]
        made.append(
            Requirement(
                "a pull is faster than mpremote over the same line", f"{times:.1f} x", times > 1
            )
        )
    return made
