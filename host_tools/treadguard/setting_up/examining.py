# SPDX-License-Identifier: MIT
"""Doctor, part two: the board, by what it says of itself. Changes nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator

from treadguard import __version__, chips, firmware, options
from treadguard.link import interface, last_run, pull, versions
from treadguard.link.client import Client
from treadguard.link.frames import Message
from treadguard.setting_up import proving, records, same_program, wiring
from treadguard.setting_up.findings import Finding, bad, good, note
from treadguard.setting_up.watching import names, unexpected

FREE_BYTES = 100_000
CLOCK_OFF_S = 120
SENSOR = ("SENSOR_LOST", "SENSOR_NOISE", "HALL_WIRING", "ACCELERATION")
BROKEN = (
    "FIRMWARE_DAMAGED",
    "CONFIG_DAMAGED",
    "STORE_FAILED",
    "START_STUCK",
    "RELAY_FEEDBACK",
    "RAIL_UNHEALTHY",
    "HALLS_SWAPPED",
    "SECOND_STOP_FEEDBACK",
    "INCLINE_LOST",
    "INCLINE_WRONG_CHIP",
)


def board(client: Client) -> Iterator[Finding]:
    """Every finding about an attached board. Raises LinkError when the link is lost."""
    status = client.request("status")
    yield good("board", f"{status.get('board')} answers, boot {status.get('boot')}")
    if status.get("relay") == "closed":
        yield note("session", "a session is running", "run `treadguard doctor` after it")
        return
    yield _same(client, status)
    yield same_program.finding(client, status)
    yield _state(status)
    yield from _blockers(status)
    if client.request("describe", of="records", at=0).get("hash") != interface.host_hash():
        return
    yield from _before(client)
    for check in (_records, _storage, _clock):
        yield check(client, status)
    yield _sensor(client, status)
    yield from _options(status)
    yield _proof(status)


def _same(client: Client, status: Message) -> Finding:
    theirs = str(client.request("describe", of="commands", at=0).get("hash"))
    said = f"version {status.get('version')}, interface {theirs}"
    if theirs != interface.host_hash():
        mismatch = str(interface.mismatch(str(status.get("version", ""))))
        return bad("firmware", f"{said}, these tools know {interface.host_hash()}", mismatch)
    if chips.plain(str(status.get("version"))) != __version__:
        return note("firmware", f"{said}; these tools are {__version__}", "treadguard deploy")
    return good("firmware", said)


def _state(status: Message) -> Finding:
    if status.get("latched"):
        return bad("state", f"{status.get('state')}: {status['latched']}", str(unexpected(status)))
    return good("state", str(status.get("state")))


def _blockers(status: Message) -> Iterator[Finding]:
    """What is broken; what is merely not done yet is told in one line."""
    standing = names(status)
    for name in standing:
        if name in BROKEN or name.endswith("_WIRING"):
            yield bad(name.lower(), *_words(name))
    owed = [name for name in standing if name not in BROKEN and not name.endswith("_WIRING")]
    if owed:
        yield note("arming", f"refused for {', '.join(owed)}", _words(owed[0])[1])


def _words(name: str) -> tuple[str, str]:
    text = firmware.fault_texts().get(name)
    return (text.what, text.remedy) if text is not None else (name, "treadguard status")


def _before(client: Client) -> Iterator[Finding]:
    """Nothing after a loss of power: then nobody knows."""
    found = last_run.ask(client)
    if found is not None and found.crashed:
        yield note(
            "last run",
            f"it {found.words()}",
            "`treadguard support-bundle`, for whoever can mend it",
        )
    elif found is not None:
        yield good("last run", f"it {found.words()}")


def _records(client: Client, _: Message) -> Finding:
    tables = {of: list(client.pages("describe", of=of)) for of in ("records", "events", "faults")}
    unknown = versions.unknown(tables)
    if unknown:
        return note("schema", unknown[0], "treadguard deploy")
    formats = ", ".join(f"{name} {number}" for name, number in tables["records"])
    return good("schema", formats)


def _storage(client: Client, _: Message) -> Finding:
    found = pull.listing(client)
    size = sum(record.size for record in found.records)
    said = f"{len(found.records)} records, {size // 1024} KB"
    if found.free_bytes is None:
        return good("storage", said)
    said += f", {found.free_bytes // 1024} KB free"
    if found.free_bytes < FREE_BYTES:
        return note("storage", said, "`treadguard logs pull`; the board makes room by itself")
    return good("storage", said)


def _clock(client: Client, status: Message) -> Finding:
    event = next(
        (
            e
            for e in reversed(records.tail(client))
            if e["kind"] == "clock" and e.get("boot") == status.get("boot")
        ),
        None,
    )
    if event is None:
        return note("clock", "the board has not been told the time", "treadguard clock sync")
    age_ms = (int(status["uptime_ms"]) - int(event["uptime_ms"])) & ((1 << 30) - 1)
    off_s = int(time.time()) - (int(event["epoch_s"]) + age_ms // 1000)
    if abs(off_s) > CLOCK_OFF_S:
        return note("clock", f"{abs(off_s)} s off", "treadguard clock sync")
    return good("clock", "told, and right within two minutes")


def _sensor(client: Client, status: Message) -> Finding:
    level = int(client.request("selftest").get("hall_permille", 0))
    ever: dict[str, int] = dict(status.get("counters") or {})
    counted = ", ".join(f"{name} {ever[name]}" for name in SENSOR if ever.get(name))
    said = f"{level} permille" + (f"; ever: {counted}" if counted else "; never failed")
    if not wiring.level_good(level):
        return bad("sensor", f"{said}, outside both bands", _words("HALL_WIRING")[1])
    if "SENSOR_NOT_PROVEN" in names(status):
        return bad(
            "sensor", f"{said}; it failed and is not proven", _words("SENSOR_NOT_PROVEN")[1]
        )
    return (note if counted else good)("sensor", said)


def _options(status: Message) -> Iterator[Finding]:
    """One line for each option that is fitted and set; what stands against it is a blocker."""
    missing = options.of(status).get("missing", "none")
    for line in options.lines(status):
        name, said = line[:8].strip(), line[10:]
        lost = name == "sensor B" and missing != "none"
        yield note(name, said, _words("SENSOR_LOST")[1]) if lost else good(name, said)


def _proof(status: Message) -> Finding:
    last_min = int((status.get("proof") or {}).get("last_min", 0))
    if not last_min:
        return note("proof", "no dated proof", "`treadguard proof`, once a month")
    days = proving.overdue_days(status)
    date = time.strftime("%Y-%m-%d", time.gmtime(last_min * 60))
    if days is not None:
        return bad(
            "proof", f"last on {date}, {days} days ago", "`treadguard proof`, it is overdue"
        )
    return good("proof", f"last on {date}")
