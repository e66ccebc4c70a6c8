# SPDX-License-Identifier: MIT
"""The belt runs, forward and empty: console against box at two speeds, then the stop test."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from treadguard import firmware, units
from treadguard.cli.calibrate import AGREE_PERCENT, SPEEDS_APART, VERIFIED
from treadguard.errors import BoardRefused, ExpectationFailed, ValueRefused
from treadguard.link.frames import Message
from treadguard.setting_up import measuring, records, wiring
from treadguard.setting_up.visit import Visit
from treadguard.setting_up.watching import names, never_left_running

EMPTY = "NOBODY on the belt, somebody at the treadmill's plug."
HARMLESS = ("SAVING", "RESTART_DELAY")  # gone by themselves
UNDER_WAY = ("ARMING", "WAIT_BELT", "FORWARD")


def verify(visit: Visit) -> dict[str, Any]:
    """Two speeds of the console against the box, within 5 %; then the calibration is verified."""
    if visit.watch.ready().get("calibration") == "none":
        raise BoardRefused("the belt is not calibrated yet: run `treadguard setup belt` first")
    found = compare(visit)
    visit.change({"calibration": VERIFIED}, meant=True)
    return found


def compare(visit: Visit) -> dict[str, Any]:
    """Both speeds, and the relay's drop-out time from the quiet end of the session."""
    d_um = visit.values()["distance_per_edge_um"]
    with never_left_running(visit.client):
        start(visit, "console_first", "the slowest steady speed, about 1 km/h")
        first = _pair(visit, "console_first", "1 km/h", d_um, 0)
        visit.talk.act("console_second", "raise the console to about 2 km/h")
        second = _pair(visit, "console_second", "2 km/h", d_um, first[0])
        visit.talk.act("console_stop", "stop the belt at the console")
        ended = over(visit, "the belt stopped at the console")
    pairs = [{"console_mm_s": c, "box_mm_s": b} for c, b in (first, second)]
    return {"speeds": pairs, "drop_ms": _drop_ms(visit, ended)}


def _drop_ms(visit: Visit, ended: Message) -> int | None:
    """The relay's drop-out time; None when this session was no quiet end that measures it."""
    if ended.get("fault") != "BELT_STOPPED":
        visit.talk.say(f"    relay: drop-out not measured, {ended.get('fault')} ended the session")
        return None
    drop_ms = int(visit.client.request("selftest").get("drop_time_ms", 0))
    visit.talk.say(f"    relay: dropped {drop_ms} ms after it was told to")
    return drop_ms


def stop_test(visit: Visit) -> dict[str, Any]:
    """An empty belt at about 2 km/h stopped with START; the board judges and stores it."""
    status = visit.watch.ready()
    if not status.get("stop_test_due"):
        visit.talk.say("  The board has a stop test and wants no other.")
        return measured(visit)
    with never_left_running(visit.client):
        start(visit, "console_second", "about 2 km/h")
        visit.talk.act(
            "press_start_to_stop", "when the speed is steady, press START: the belt stops"
        )
        status = over(visit, "the press of START")
    if status.get("stop_test_due"):
        raise ExpectationFailed(_not_a_test(status))
    return measured(visit)


def measured(visit: Visit) -> dict[str, Any]:
    """The last stop test in the board's journal, with the deadlines that follow from it."""
    event = records.last(visit.client, "stop_test")
    values = visit.values()
    found: dict[str, Any] = {"deceleration_mm_s2": values["stop_a_min_mm_s2"]}
    stopping = firmware.load("guard.core.stopping")
    ceiling = int(stopping.CEILING_MM_S)
    found["stop_limit_ms"] = int(stopping.limit_ms_for(found["deceleration_mm_s2"], ceiling))
    if event is not None:
        v, a = int(event["v_mm_s"]), max(1, int(event["a_min_mm_s2"]))
        found |= {"v_mm_s": v, "still_ms": int(event["still_ms"]), "distance_mm": v * v // (2 * a)}
        visit.talk.say(
            f"    stop test: from {units.human(v, 'mm/s')} still after {found['still_ms']} ms,"
            f" at most {found['distance_mm']} mm"
        )
    visit.talk.say(f"    a stop that lasts longer than {found['stop_limit_ms']} ms locks out")
    return found


def start(visit: Visit, act: str, speed: str) -> None:
    """START, then the console: the belt runs in FORWARD."""
    watch, talk = visit.watch, visit.talk
    talk.say(f"  {EMPTY}")
    if watch.ready().get("mode") != "forward":
        wiring.turn_switch(visit, "forward", "FORWARD")
    _require_free(visit)
    talk.act("press_start", "press START shortly; wait for the click")
    watch.until(
        lambda s: s.get("state") in ("WAIT_BELT", "FORWARD"),
        "START",
        "press START for less than 0.8 s; `treadguard status` names what it waits for",
        _state,
        ("READY", *UNDER_WAY),
    )
    talk.act(act, f"start the belt at the console: {speed}")
    status = watch.until(
        lambda s: s.get("state") not in ("ARMING", "WAIT_BELT"),
        "the running belt",
        "start it at the console",
        _state,
        (*UNDER_WAY, "STOPPING", "READY"),
    )
    if status.get("state") != "FORWARD":
        raise ExpectationFailed(
            f"the box opened the relay ({status.get('fault')}) before it saw the belt: start the"
            " console within its time, check the sensor, then run the command again"
        )
    talk.say("    belt seen")


def over(visit: Visit, what: str) -> Message:
    """The status after the session, saved. Raises BoardRefused for a trip or lockout."""
    visit.watch.until(
        lambda s: s.get("relay") == "open",
        what,
        "use the safety key if the belt still runs",
        _speed,
        ("FORWARD", "STOPPING", "READY", "TRIPPED", "LOCKOUT"),
    )
    return visit.watch.ready()


def _pair(visit: Visit, key: str, usual: str, d_um: int, before_mm_s: int) -> tuple[int, int]:
    def read(text: str) -> int:
        mm_s = units.parse_quantity(text, "mm/s").value
        if mm_s <= 0 or Fraction(mm_s, max(before_mm_s, 1)) < SPEEDS_APART:
            raise ValueRefused(f"{text.strip()} must be 1.5 times the first speed or more")
        return mm_s

    console = visit.talk.ask(key, "When it is steady: what does the console show?", read, usual)
    box = measuring.running_speed(visit, d_um)
    visit.talk.say(f"    console {units.human(console, 'mm/s')}, box {units.human(box, 'mm/s')}")
    if abs(console - box) * 100 > AGREE_PERCENT * console:
        raise ExpectationFailed(
            f"console {console} mm/s and box {box} mm/s differ by more than {AGREE_PERCENT} %, the"
            " belt was stopped: check the console with a stopwatch, count the magnets, then"
            " measure again with `treadguard setup belt`"
        )
    return console, box


def _require_free(visit: Visit) -> None:
    """No blocker in FORWARD but those that pass."""
    status = visit.watch.until(
        lambda s: not [n for n in names(s) if n in HARMLESS],
        "a free START",
        "wait a little",
        _state,
    )
    standing = names(status)
    if standing:
        text = firmware.fault_texts().get(standing[0])
        remedy = f": {text.remedy}" if text is not None else ""
        raise BoardRefused(f"the box refuses START, {', '.join(standing)}{remedy}", standing[0])


def _not_a_test(status: Message) -> str:
    stopping = firmware.load("guard.core.stopping")
    low, high = (units.speed(int(v)) for v in (stopping.TEST_MIN_MM_S, stopping.CEILING_MM_S))
    return (
        f"this was no stop test (ended by {status.get('fault')}): it counts only when START ends"
        f" it between {low} and {high}; run the command again"
    )


def _state(status: Message) -> str:
    return f"{status.get('state')}, {status.get('speed_mm_s')} mm/s"


def _speed(status: Message) -> str:
    return f"{status.get('speed_mm_s')} mm/s"
