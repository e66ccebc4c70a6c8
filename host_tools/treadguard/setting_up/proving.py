# SPDX-License-Identifier: MIT
"""The monthly proof, and the way out of LOCKOUT: static proof at the board, then the stop test."""

from __future__ import annotations

import time
from typing import Any

from treadguard import firmware
from treadguard.errors import BoardRefused
from treadguard.link.frames import Message
from treadguard.setting_up import handrails, limits, running, wiring
from treadguard.setting_up.visit import Visit

DAYS = 31
# A stop is counted in whole magnets: the same belt differs by a quarter between two tests.
CHANGED_PERCENT = 35
STEPS = (
    ("estop", "prove_estop", "press the red button, then release it"),
    ("left", "prove_left", "grip the left rail, then let it go"),
    ("right", "prove_right", "grip the right rail, then let it go"),
    ("belt", "turn_belt", "push the belt slowly by hand past three magnets"),
)


def prove(visit: Visit) -> dict[str, Any]:
    """The whole proof; what was seen. Raises BoardRefused for a board that is not set up, for a
    trip, and for a new lockout; until it has passed, backward mode stays refused."""
    status = visit.watch.status()
    locked = status.get("state") == "LOCKOUT"
    found: dict[str, Any] = {"was_locked_out": str(status["latched"]) if locked else None}
    if locked:
        _leave_lockout(visit, str(status["latched"]))
    else:
        found["static"] = _static(visit)
    limits.set_clock(visit)
    before = visit.values()
    if visit.watch.ready().get("calibration") != "verified":
        raise BoardRefused("this board is not set up yet: run `treadguard setup`")
    _make_due(visit, before)
    found |= running.compare(visit)
    found["stop_test"] = running.stop_test(visit)
    found["warning"] = _changed(
        before["stop_a_min_mm_s2"], found["stop_test"]["deceleration_mm_s2"]
    )
    return found


def _static(visit: Visit) -> dict[str, Any]:
    """Red button, rails and sensor, seen in READY. T1 to T3 run with the next START."""
    visit.watch.ready()
    wiring.red_button(visit)
    fitted = visit.values()["rails_fitted"]
    for side in ("left", "right")[:fitted]:
        handrails.both_ways(visit, side, fitted)
    edges = wiring.turn_by_hand(visit)
    return {"edges": edges, "hall_permille": wiring.sensor_level(visit)}


def _leave_lockout(visit: Visit, fault: str) -> None:
    """Every step at the board, then START 5 s; the board itself judges."""
    text = firmware.fault_texts().get(fault)
    visit.talk.say(f"  Locked out by {fault}. First find and mend the cause.")
    if text is not None:
        visit.talk.say(f"  {text.remedy}")
    visit.talk.say("  Treadmill unplugged, nobody on it. Each step gives two ticks.")
    for field, act, said in STEPS:
        if _seen(visit, field):
            continue
        visit.talk.act(act, said)
        _until_seen(visit, field, said)
    visit.talk.act("hold_proof", "hold START for 5 s until the tone, then let go")
    visit.watch.until(
        lambda s: s.get("state") != "LOCKOUT",
        "the end of the lockout",
        "the cause is still there, or START was held too shortly",
        lambda s: f"locked out by {s.get('latched')}",
        ("LOCKOUT", "READY", "SELF_TEST"),
    )
    visit.talk.say("    the board is out of LOCKOUT; a stop test is due")


def _seen(visit: Visit, field: str) -> bool:
    return bool(visit.client.request("proof").get(field))


def _until_seen(visit: Visit, field: str, said: str) -> None:
    def seen(_: Message) -> bool:
        return _seen(visit, field)

    visit.watch.until(seen, said, "do it once more, slowly", None, ("LOCKOUT",))
    visit.talk.say(f"    {field}: seen")


def _make_due(visit: Visit, values: dict[str, int]) -> None:
    """A stop test in a healthy month: the board must owe one before it measures.

    It owes one after any change of the travel per edge, so that one is changed by 1 um (one part
    in 20,000 at most; never further, because the next month takes it back). Whoever gives up
    half-way leaves a board that refuses backward mode, not one that forgot.
    """
    if visit.watch.status().get("stop_test_due"):
        return
    d_um = values["distance_per_edge_um"]
    near = d_um ^ 1
    if near > firmware.parameters()["distance_per_edge_um"].highest:
        near = d_um - 1
    visit.talk.say("  The board will owe a stop test; backward mode is refused until it passed.")
    visit.change({"distance_per_edge_um": near, "calibration": values["calibration"]}, meant=True)


def _changed(before: int, now: int) -> str | None:
    """A sentence when the belt stops quite differently than at the last stop test."""
    if not before or abs(now - before) * 100 <= CHANGED_PERCENT * before:
        return None
    return (
        f"the belt stops with {now} mm/s2, last time it was {before} mm/s2: look at the belt's"
        " tension, the motor brake and the contactor"
    )


def overdue_days(status: Message, now_s: float | None = None) -> int | None:
    """Days since the last proof when they are more than 31; None when not, or not known."""
    last_min = int((status.get("proof") or {}).get("last_min", 0))
    if not last_min:
        return None
    days = int(((time.time() if now_s is None else now_s) / 60 - last_min) // 1440)
    return days if days >= DAYS else None
