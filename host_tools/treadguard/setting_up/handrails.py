# SPDX-License-Identifier: MIT
"""The handrails: how many, of which kind, with speed buttons or not; each seen held and free."""

from __future__ import annotations

from typing import Any

from treadguard import firmware, units
from treadguard.errors import ExpectationFailed
from treadguard.link.frames import Message
from treadguard.setting_up.answers import Count, OneOf, yes_or_no
from treadguard.setting_up.visit import Visit

KINDS = ("contact", "touch")
SAMPLES = 12
APART_PERMILLE = 150  # a touch nearer to no touch than this would be a guess
BUTTONS = (
    "Are there speed buttons on the rails? Without them the pace is chosen before turning round,"
    " so that the mount limit becomes the backward limit"
)


def check(visit: Visit) -> dict[str, Any]:
    """Ask, store, see each rail gripped and let go, and fit the threshold of touch rails."""
    watch, talk = visit.watch, visit.talk
    watch.ready()
    values = visit.values()
    fitted = talk.ask(
        "rails", "How many handrails have a contact, 1 or 2?", Count(1, 2), _now(values)
    )
    kind = talk.ask(
        "rail_kind",
        "Are they contacts, or touch pads? (contact, touch)",
        OneOf(*KINDS),
        KINDS[values["rail_kind"]],
    )
    buttons = talk.ask("speed_buttons", BUTTONS + f" ({_backward(values)}). yes or no?", yes_or_no)
    wanted = {"rails_fitted": fitted, "rail_kind": KINDS.index(kind)}
    wanted["mount_limit_mm_s"] = mount_limit(values["backward_limit_mm_s"], buttons)
    visit.change(wanted, meant=True)
    seen = {side: both_ways(visit, side, fitted) for side in ("left", "right")[:fitted]}
    found: dict[str, Any] = {"rails": fitted, "kind": kind, "speed_buttons": buttons}
    if kind == "touch":
        found["touch_threshold_permille"] = _fit_threshold(visit, seen)
    return found


def mount_limit(backward_mm_s: int, buttons: bool) -> int:
    """The mount limit that belongs to a backward limit: the default with speed buttons, never
    above the backward limit; equal to it without them."""
    if not buttons:
        return backward_mm_s
    return min(firmware.parameters()["mount_limit_mm_s"].default, backward_mm_s)


def _now(values: dict[str, int]) -> str:
    return str(values["rails_fitted"])


def _backward(values: dict[str, int]) -> str:
    return units.human(values["backward_limit_mm_s"], "mm/s")


def both_ways(visit: Visit, side: str, fitted: int) -> dict[str, list[int]]:
    """See one rail free, held and free again; the raw readings while free and while held."""
    other = "right" if side == "left" else "left"
    remedy = f"check the {side} rail's plug and resistors; `wiring` means cut or shorted"
    named = f"the {side} rail" if fitted == 2 else "the rail"
    raw: dict[str, list[int]] = {}
    for act, contact, text in (
        (f"let_go_{side}", "released", f"let go of {named}"),
        (f"grip_{side}", "held", f"grip {named} and hold it"),
        (f"let_go_{side}", "free", f"let go of {named}"),
    ):
        wanted = "released" if contact == "free" else contact
        visit.talk.act(act, text)
        visit.watch.until(
            _is(side, wanted, other, fitted),
            f"{named} {wanted}",
            remedy,
            _hands,
            belt_still=True,
        )
        visit.talk.say(f"    {side} rail: {wanted}")
        if contact != "free":
            raw[contact] = _raw(visit, side)
    return raw


def _is(side: str, contact: str, other: str, fitted: int) -> Any:
    def seen(status: Message) -> bool:
        # Gripping one rail must not show on the other: crossed plugs would.
        alone = fitted == 1 or status.get(other) == "released"
        return status.get(side) == contact and alone

    return seen


def _raw(visit: Visit, side: str) -> list[int]:
    found = []
    for _ in range(SAMPLES):
        found.append(int(visit.client.request("selftest").get(f"{side}_raw", 0)))
        visit.client.listen(0.03)
    return found


def _hands(status: Message) -> str:
    return f"left {status.get('left')}, right {status.get('right')}"


def _fit_threshold(visit: Visit, seen: dict[str, dict[str, list[int]]]) -> int:
    readings = [(r["released"], r["held"]) for r in seen.values()]
    permille = touch_threshold(readings)
    free, held = touch_span(readings)
    visit.talk.say(f"    touch pads: free {free}, held {held}, apart {free - held} permille")
    visit.change({"touch_threshold_permille": permille}, meant=True)
    return permille


def touch_threshold(readings: list[tuple[list[int], list[int]]]) -> int:
    """Half way between the strongest free and the weakest held reading of every pad, in permille
    of the free one.

    Raises ExpectationFailed when a hand hardly shows, or outside the parameter's hard range.
    """
    free, held = touch_span(readings)
    if free - held < APART_PERMILLE:
        raise ExpectationFailed(
            f"a hand changes the pads too little ({free} permille free, {held} held): use larger"
            " pads or shorter wires; grip with the whole hand"
        )
    middle = (free + held) // 2
    units.check_range(middle, firmware.parameters()["touch_threshold_permille"])
    return middle


def touch_span(readings: list[tuple[list[int], list[int]]]) -> tuple[int, int]:
    """The weakest free and the strongest held reading in permille of the free one. Each pair is
    (counts while free, counts while held); a touch lowers them."""
    free, held = 1000, 0
    for released, touched in readings:
        base = max(released)
        if base <= 0:
            raise ExpectationFailed("a touch pad reads nothing: check its wire")
        free = min(free, min(released) * 1000 // base)
        held = max(held, max(touched) * 1000 // base)
    return free, held
