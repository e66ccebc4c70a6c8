# SPDX-License-Identifier: MIT
"""What a board says about its options, in words: for status, doctor, setup and calibration."""

from __future__ import annotations

from typing import Any

from treadguard import firmware, units

Options = dict[str, Any]
EDGES_APART = 2
"""Two sensors on the same magnets count the same; one edge at each end may fall outside."""
UNSET = {
    "HALL_B_FITTED": "a second speed sensor",
    "SECOND_STOP_FITTED": "a contactor (second stop)",
    "KEY_SENSE_FITTED": "key sense",
    "INCLINE_FITTED": "an inclinometer",
}
"""Blocker of what is plugged in and not set -> how people call it."""


def of(status: dict[str, Any]) -> Options:
    """The part of a status about options that are fitted and set; empty without one."""
    return dict(status.get("options") or {})


def lines(status: dict[str, Any]) -> list[str]:
    """Lines for `treadguard status`; none where nothing is fitted."""
    options = of(status)
    found = [_hall(options), _second_stop(options), _key(options), _incline(options)]
    return [line for line in found if line]


def _hall(options: Options) -> str:
    if "edges_b" not in options:
        return ""
    speed = units.human(int(options.get("speed_b_mm_s", 0)), "mm/s")
    said = f"sensor B  at most {speed}, {options['edges_b']} edges"
    missing = str(options.get("missing", "none"))
    if missing != "none":
        said += f", sensor {missing.upper()} WENT SILENT while the other counted"
    if "phase_permille" not in options:
        return said
    if options["phase_permille"] is not None:
        said += f", {phase_words(int(options['phase_permille']))}"
    forward, backward = (int(options.get(f"{way}_mm", 0)) for way in ("forward", "backward"))
    return said + f"; forward {metres(forward)}, backward {metres(backward)}"


def _second_stop(options: Options) -> str:
    if "second_stop" not in options:
        return ""
    contact = "has dropped" if options.get("second_dropped") else "has not dropped"
    return f"stop 2    told to be {options['second_stop']}, the contactor {contact}"


def _key(options: Options) -> str:
    return f"key loop  {options['key_loop']}" if "key_loop" in options else ""


def _incline(options: Options) -> str:
    if "incline_permille" not in options:
        return ""
    permille = options["incline_permille"]
    shown = "unknown: the inclinometer cannot be trusted" if permille is None else steep(permille)
    return f"incline   {shown}"


def steep(permille: int) -> str:
    """An incline in permille as people say it: `9.5 %`."""
    return f"{permille / 10:.1f} %"


def metres(mm: int) -> str:
    """A distance in mm as `12.3 m`."""
    return f"{mm / 1000:.1f} m"


def phase_words(permille: int) -> str:
    """What the place of one sensor's edge in the other's interval says, 0..1000 permille."""
    phase = firmware.load("guard.core.phase")
    if phase.FORWARD_LOW <= permille <= phase.FORWARD_HIGH:
        return "belt forward"
    if phase.REVERSE_LOW <= permille <= phase.REVERSE_HIGH:
        return "belt in reverse"
    return f"OUT OF ORDER ({permille} permille)"


def hall_problem(options: Options, edges_a: int, edges_b: int, magnets: int) -> str:
    """What is wrong with the second sensor after a belt pushed FORWARD by hand; "" when nothing.

    `edges_a` and `edges_b` are what each counted meanwhile.
    """
    if abs(edges_a - edges_b) > EDGES_APART:
        fewer, plug = ("A", "J5") if edges_a < edges_b else ("B", "J12")
        return (
            f"sensor A counted {edges_a} edges and B {edges_b} of the same magnets: check plug"
            f" {plug} and the gap of sensor {fewer}, 2 to 5 mm"
        )
    permille = options.get("phase_permille")
    if permille is None:
        return ""
    said = phase_words(int(permille))
    if said == "belt in reverse":
        return (
            "the sensors report a belt that runs the wrong way: swap plugs J5 (sensor A) and J12"
            " (sensor B), or push the belt the way it runs when somebody walks forward"
        )
    if said == "belt forward":
        return ""
    one_of = f"one of the {magnets} magnets" if magnets > 1 else "the magnet"
    return (
        f"sensor B answers {permille} permille of the way from magnet to magnet behind A instead"
        f" of 250: move it to a quarter of that way, and check that {one_of} is not missing"
    )


def pulled(before: dict[str, Any], after: dict[str, Any], edges_a: int, magnets: int) -> list[str]:
    """What a second sensor says of a belt pulled by hand: a line, or none without a second one."""
    options = of(after)
    if "edges_b" not in options or "edges_b" not in of(before):
        return []
    edges_b = int(options["edges_b"]) - int(of(before)["edges_b"])
    problem = hall_problem(options, edges_a, edges_b, magnets)
    return [f"second sensor: {problem or f'{edges_b} edges, as it should be'}"]
