# SPDX-License-Identifier: MIT
"""The steps of `treadguard setup`, in their order, and how they are gone through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from treadguard.link.frames import Message
from treadguard.setting_up import belt, handrails, limits, running, sensors, wiring
from treadguard.setting_up.visit import Visit


def _always(_: Message) -> bool:
    return True


def _never(_: Message) -> bool:
    return False


@dataclass(frozen=True)
class Step:
    """One step. `still` is the board's own word on whether it is still true."""

    name: str
    title: str
    run: Callable[[Visit], dict[str, Any]]
    still: Callable[[Message], bool] = _always
    voids: tuple[str, ...] = ()


STEPS = (
    Step("name", "A name", limits.give_name),
    Step("clock", "The time", limits.set_clock, _never),
    Step("wires", "Every wire, one by one", wiring.check),
    Step(
        "rails",
        "The handrails",
        handrails.check,
        lambda s: "NOT_CONFIGURED" not in (s.get("blockers") or ()),
    ),
    Step(
        "belt",
        "The belt by hand, the treadmill unplugged",
        belt.calibrate,
        lambda s: s.get("calibration") != "none",
        ("verify", "stop-test"),
    ),
    Step("sensors", "Options: second sensor, inclinometer", sensors.check, sensors.settled),
    Step(
        "verify",
        "Two speeds, the belt empty",
        running.verify,
        lambda s: s.get("calibration") == "verified",
    ),
    Step(
        "stop-test",
        "The stop test, the belt empty",
        running.stop_test,
        lambda s: not s.get("stop_test_due"),
    ),
    Step("limits", "The limits", limits.set_limits),
)
NAMES = tuple(step.name for step in STEPS)


def left(visit: Visit, chosen: Sequence[str], again: bool) -> list[Step]:
    """The steps to do: the chosen ones, or without a choice those that are not done yet."""
    if chosen:
        return [step for step in STEPS if step.name in chosen]
    if again:
        visit.notes.forget(*NAMES)
    status = visit.watch.status()
    return [s for s in STEPS if not (visit.notes.done(s.name) and s.still(status))]


def walk(visit: Visit, steps: Sequence[Step]) -> None:
    """Do the steps; each is noted when it is done, so that the next run goes on behind it."""
    for step in steps:
        number = NAMES.index(step.name) + 1
        visit.talk.say(f"\n{number}/{len(STEPS)} {step.title}")
        found = step.run(visit)
        visit.notes.forget(*step.voids)
        visit.notes.finish(step.name, found)
