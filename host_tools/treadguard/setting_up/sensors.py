# SPDX-License-Identifier: MIT
"""What is fitted beyond the standard build: set it, check phase and order, zero the incline."""

from __future__ import annotations

from typing import Any

from treadguard import firmware, options
from treadguard.errors import BoardRefused, ExpectationFailed
from treadguard.link.frames import Message
from treadguard.setting_up import wiring
from treadguard.setting_up.answers import OneOf, yes_or_no
from treadguard.setting_up.visit import Visit
from treadguard.setting_up.watching import POLL_S, names

MOUNTINGS = ("any", "quadrature")
READINGS = 8
QUIET_PERMILLE = 5
RAISED_PERMILLE = 20
ZEROED = 2
SETTINGS = {
    "HALL_B_FITTED": {"hall_sensors": 2},
    "SECOND_STOP_FITTED": {"second_stop_fitted": 1},
    "KEY_SENSE_FITTED": {"key_sense_fitted": 1},
    "INCLINE_FITTED": {"incline_sensor": 1},
}
OWED = (*SETTINGS, "RESTART_NEEDED", "HALLS_SWAPPED", "INCLINE_NOT_ZEROED")
AXIS = ("X", "minus X", "Y", "minus Y")


def settled(status: Message) -> bool:
    """Whether the board asks for nothing of this step."""
    return not set(OWED) & set(names(status))


def check(visit: Visit) -> dict[str, Any]:
    """Every option that is fitted; without one it says so and asks nothing."""
    status = visit.watch.ready()
    _set_fitted(visit, names(status))
    fitted = options.of(visit.watch.ready())
    if not fitted:
        visit.talk.say("    nothing is fitted beyond the standard build")
        return {"options": []}
    found: dict[str, Any] = {"options": sorted(fitted)}
    if "edges_b" in fitted:
        found["phase_permille"] = second_hall(visit)
    for line in options.lines(visit.watch.status()):
        visit.talk.say(f"    {line}")
    if "incline_raw_permille" in fitted:
        found["incline_zero_permille"] = zero_incline(visit)
    return found


def _set_fitted(visit: Visit, standing: list[str]) -> None:
    """Set what is plugged in and wanted. Raises BoardRefused until the board was restarted."""
    wanted: dict[str, int] = {}
    for blocker in (name for name in SETTINGS if name in standing):
        what = options.UNSET[blocker]
        key = blocker.lower()
        if not visit.talk.ask(key, f"{what} is plugged in. Use it? yes or no?", yes_or_no, "yes"):
            raise BoardRefused(
                f"{what} is plugged in and not used: unplug it, then run the command again",
                blocker,
            )
        wanted.update(SETTINGS[blocker])
        if blocker == "HALL_B_FITTED":
            asked = "How is it mounted: a quarter of the way between two magnets behind the first"
            kind = visit.talk.ask(
                "hall_mounting", f"{asked} (quadrature), or any?", OneOf(*MOUNTINGS), "quadrature"
            )
            wanted["hall_mounting"] = MOUNTINGS.index(kind)
    if wanted:
        visit.change(wanted, meant=True)
    if wanted or "RESTART_NEEDED" in standing:
        raise BoardRefused(
            "what is fitted acts after a restart: switch the box off and on, then run the command"
            " again, it goes on here",
            "RESTART_NEEDED",
        )


def second_hall(visit: Visit) -> int | None:
    """Push the belt forward by hand; compare counts and phase. Raises ExpectationFailed."""
    magnets = visit.values()["magnets_per_turn"]
    wiring.open_window(visit)
    before = visit.watch.status()
    visit.talk.act("push_forward", "push the belt slowly the way it runs when you walk FORWARD")
    need = max(wiring.EDGES_SEEN, 2 * magnets)
    a, b = int(before.get("edges", 0)), int(options.of(before)["edges_b"])

    def counts(status: Message) -> tuple[int, int]:
        return int(status.get("edges", 0)) - a, int(options.of(status)["edges_b"]) - b

    after = visit.watch.until(
        lambda s: max(counts(s)) >= need or not s.get("hand_turn"),
        "edges of both speed sensors",
        "check plugs J5 and J12, and the gaps of 2 to 5 mm",
        lambda s: "{} edges of A, {} of B".format(*counts(s)),
    )
    after = _at_rest(visit, after)
    edges_a, edges_b = counts(after)
    told = options.of(after)
    visit.talk.act("press_start", "press START shortly")
    wiring.close_window(visit)
    if max(edges_a, edges_b) < need:
        raise ExpectationFailed(
            f"only {max(edges_a, edges_b)} edges were seen before START was pressed:"
            " run the command again"
        )
    problem = options.hall_problem(told, edges_a, edges_b, magnets)
    if problem:
        raise ExpectationFailed(f"{problem}; then run the command again, it goes on here")
    visit.talk.say(f"    {edges_a} edges of sensor A, {edges_b} of B")
    permille = told.get("phase_permille")
    if permille is not None:
        visit.talk.say(f"    order right: B follows A at {permille} permille")
    return None if permille is None else int(permille)


def _at_rest(visit: Visit, status: Message) -> Message:
    """The status once the pushed belt stands, so that both counts are of the same travel."""
    edges = -1
    while status.get("hand_turn") and int(status.get("edges", 0)) != edges:
        edges = int(status.get("edges", 0))
        visit.client.listen(2 * POLL_S)
        latest = visit.watch.status()
        status = latest if latest.get("hand_turn") else status
    return status


def zero_incline(visit: Visit) -> int:
    """Flat deck, then a raised one: the zero in permille, and whether the axis is the right one.

    Raises ExpectationFailed when the reading moves, is outside the zero's range, or hardly changes
    with the deck.
    """
    visit.talk.act("deck_flat", "lower the deck until it is level, nobody on it")
    flat = steady_permille(visit)
    allowed = firmware.parameters()["incline_zero_permille"]
    if not allowed.lowest <= flat <= allowed.highest:
        raise ExpectationFailed(
            f"the inclinometer shows {options.steep(flat)} on a level deck: mount it flat, or set"
            " incline_axis to the side that looks to the front; then run the command again"
        )
    visit.talk.act("deck_raised", "raise the front of the deck by 3 to 10 %, nobody on it")
    raised = steady_permille(visit) - flat
    axis = visit.values()["incline_axis"]
    problem = axis_problem(raised, axis)
    if problem:
        raise ExpectationFailed(f"{problem}; then run the command again, it goes on here")
    visit.talk.say(f"    flat shows {options.steep(flat)}, raised {options.steep(raised)} more")
    visit.change({"incline_zero_permille": flat, "incline_sensor": ZEROED}, meant=True)
    return flat


def axis_problem(raised_permille: int, axis: int) -> str:
    """What a raised deck says about `incline_axis`; "" when it is right."""
    if raised_permille >= RAISED_PERMILLE:
        return ""
    if raised_permille <= -RAISED_PERMILLE:
        return (
            f"the raised deck shows {options.steep(raised_permille)}, downhill:"
            f" set incline_axis to {axis ^ 1} ({AXIS[axis ^ 1]})"
        )
    other = axis ^ 2
    return (
        f"the raised deck changes the reading by {options.steep(raised_permille)} only:"
        f" raise it by 3 % at least, or set incline_axis to {other} ({AXIS[other]})"
    )


def steady_permille(visit: Visit) -> int:
    """The mean of several readings that agree within 0.5 %."""
    found: list[int] = []
    while len(found) < READINGS:
        raw = options.of(visit.watch.ready()).get("incline_raw_permille")
        if raw is None:
            raise ExpectationFailed(
                "the inclinometer cannot be trusted: check plug J11 and that the sensor sits tight"
                " and flat, its parts upward; then run the command again"
            )
        found.append(int(raw))
        visit.client.listen(2 * POLL_S)
        if max(found) - min(found) > QUIET_PERMILLE:
            found = found[-1:]
            visit.talk.live(f"    {options.steep(int(raw))}, still moving")
    visit.talk.out.end_progress()
    return sum(found) // len(found)
