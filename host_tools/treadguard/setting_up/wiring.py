# SPDX-License-Identifier: MIT
"""Every wire, one by one, with live readings; the relay stays open throughout."""

from __future__ import annotations

from typing import Any

from treadguard import firmware
from treadguard.errors import ExpectationFailed
from treadguard.link.frames import Message
from treadguard.setting_up.visit import Visit
from treadguard.setting_up.watching import names

EDGES_SEEN = 4
UNPLUGGED = "check its plug and its two wires"


def check(visit: Visit) -> dict[str, Any]:
    """Red button, mode switch, START and the speed sensor."""
    visit.watch.ready()
    red_button(visit)
    _mode_switch(visit)
    edges = turn_by_hand(visit)
    return {"edges": edges, "hall_permille": sensor_level(visit)}


def red_button(visit: Visit) -> None:
    """Pressed and released, both seen."""
    visit.talk.act("press_estop", "press the red button")
    visit.watch.until(
        lambda s: bool(s.get("estop")),
        "the pressed red button",
        UNPLUGGED,
        _estop,
        belt_still=True,
    )
    visit.talk.say("    red button: pressed")
    visit.talk.act("release_estop", "release the red button")
    visit.watch.until(
        lambda s: not s.get("estop"), "the released red button", UNPLUGGED, _estop, belt_still=True
    )
    visit.talk.say("    red button: released")


def _mode_switch(visit: Visit) -> None:
    for mode, said in (("forward", "FORWARD"), ("none", "off"), ("backward", "BACKWARD")):
        turn_switch(visit, mode, said)
        visit.talk.say(f"    mode switch: {mode}")


def turn_switch(visit: Visit, mode: str, said: str) -> None:
    """Have the mode switch turned, and see it."""
    visit.talk.act(f"mode_{mode}", f"turn the mode switch to {said}")
    visit.watch.until(
        lambda s: s.get("mode") == mode,
        f"mode switch {said}",
        "check the switch's plug; both of its contacts are needed",
        lambda s: f"mode switch: {s.get('mode')}",
        belt_still=True,
    )


def turn_by_hand(visit: Visit) -> int:
    """Hold START, turn the belt, press START: edges seen."""
    open_window(visit)
    visit.talk.act("turn_belt", "turn the belt slowly by hand, past some magnets")
    status = visit.watch.until(
        lambda s: int(s.get("edges", 0)) >= EDGES_SEEN or not s.get("hand_turn"),
        "edges of the speed sensor",
        "check the sensor's plug, its gap of 2 to 5 mm, and which side of the magnets faces it",
        lambda s: f"{s.get('edges', 0)} edges seen",
    )
    edges = int(status.get("edges", 0))
    visit.talk.say(f"    {edges} edges seen")
    if status.get("hand_turn"):
        visit.talk.act("press_start", "press START shortly")
        close_window(visit)
    if edges < EDGES_SEEN:
        raise ExpectationFailed(
            f"only {edges} edges were seen before START was pressed: run the command again"
        )
    return edges


def open_window(visit: Visit) -> None:
    """START held 3 s opens the time for turning by hand; the relay cannot close in it."""
    if visit.watch.ready().get("hand_turn"):
        return
    visit.talk.act("hold_start", "hold START for 3 s until the tone, then let go")
    visit.watch.until(
        lambda s: bool(s.get("hand_turn")),
        "START held for 3 s",
        "check START's plug; status names START_STUCK when it never opens",
        lambda s: "START: " + (", ".join(n for n in names(s) if n == "START_STUCK") or "waiting"),
        belt_still=True,
    )
    visit.talk.say("    START: held for 3 s; the box ticks, the belt may be turned by hand")


def close_window(visit: Visit) -> Message:
    """A short press of START ends it."""
    return visit.watch.until(
        lambda s: not s.get("hand_turn"),
        "a short press of START",
        "press START for less than 0.8 s",
        lambda s: f"{s.get('edges', 0)} edges seen",
    )


def sensor_level(visit: Visit) -> int:
    """The sensor's level in permille of 3.3 V. Raises ExpectationFailed outside both bands."""
    level = int(visit.client.request("selftest").get("hall_permille", 0))
    if not level_good(level):
        raise ExpectationFailed(
            f"the speed sensor reads {level} permille, which is neither a magnet nor none:"
            " check its plug, supply and resistors"
        )
    visit.talk.say(f"    speed sensor: {level} permille, good")
    return level


def level_good(permille: int) -> bool:
    """Whether the firmware would take this level for a healthy sensor."""
    return bool(firmware.load("guard.core.interlocks").hall_band_good(permille))


def _estop(status: Message) -> str:
    return f"red button: {'pressed' if status.get('estop') else 'released'}"
