# SPDX-License-Identifier: MIT
"""docs/safety/options.md: what each option buys, by running the same story with and without it.

`python -m tests.docs.options` runs the stories and writes the page.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from tests.docs.pages import SCENARIO_FOLDER, table
from tests.docs.safety import SAFETY
from treadguard import simulation

PAGE = SAFETY / "options.md"
BOM = SAFETY.parents[1] / "hardware/exports/bom.csv"
SETTINGS = (
    "hall_sensors", "hall_mounting", "second_stop_fitted", "key_sense_fitted", "incline_sensor",
)  # fmt: skip
HALL, STOP, KEY, INCLINE = "second hall", "second stop", "key sense", "inclinometer"
OPTIONS = {
    HALL: "a second hall sensor, in quadrature",
    STOP: "the second stop channel",
    KEY: "key sense",
    INCLINE: "an inclinometer",
}

Timeline = list[dict[str, Any]]
Change = Callable[[Timeline], None]


def _opposite_too(timeline: Timeline) -> None:
    at = next(i for i, entry in enumerate(timeline) if entry["do"] == "lose_magnet")
    timeline[at]["index"] = 1
    timeline.insert(at + 1, {"do": "lose_magnet", "index": 3, "hazard": ""})


@dataclass(frozen=True)
class Story:
    """One single fault, and the scenario that has it. `since` is what it begins with."""

    option: str
    fault: str
    scenario: str
    since: str
    change: Change | None = None


STORIES = (
    Story(HALL, "sensor dies at 3 km/h", "one_of_two_sensors_dies_and_the_other_measures",
          "sensor"),
    Story(HALL, "the same with one magnet on the roller",
          "a_dead_sensor_on_one_magnet_is_no_stop_with_two", "sensor"),
    Story(HALL, "sensor dead before the first edge",
          "a_sensor_dead_before_the_first_edge_is_found_by_the_other", "console"),
    Story(HALL, "one of four magnets lost", "two_sensors_find_a_lost_magnet_within_two_turns",
          "lose_magnet"),
    Story(HALL, "two opposite ones of four lost",
          "two_sensors_find_a_lost_magnet_within_two_turns", "lose_magnet", _opposite_too),
    Story(HALL, "belt turns round and runs the wrong way", "a_belt_that_runs_the_wrong_way_trips",
          "reverse"),
    Story(STOP, "shorted motor driver", "second_stop_ends_a_shorted_motor_driver",
          "short_driver"),
    Story(STOP, "console heeds its key 6 s late, and the sensor is dead",
          "second_stop_drops_when_a_stop_cannot_be_proven", "sensor"),
    Story(KEY, "relay pole in the key loop welded; the belt is stopped at the console",
          "welded_pole_is_found_while_still", "start"),
    Story(KEY, "key loop bypassed while the belt stands", "bypassed_loop_is_found_while_still",
          "bypass"),
    Story(INCLINE, "deck raised from 9 to 11 % while walking",
          "deck_raised_over_ten_percent_stops_on_lis3dh", "incline"),
)  # fmt: skip

# What an option itself can break or be mistaken for.
OWN = (
    (HALL, "lead of the second sensor cut", "cut_lead_of_the_second_sensor_trips"),
    (HALL, "plugs of the sensors swapped", "swapped_sensors_are_named_before_anyone_mounts"),
    (HALL, "set, not fitted", "second_sensor_set_but_not_fitted_blocks"),
    (STOP, "contactor unplugged while walking", "contactor_unplugged_while_walking_trips"),
    (STOP, "contactor welded", "contactor_that_welds_locks_out"),
    (STOP, "set, not fitted", "second_stop_set_but_not_fitted_blocks"),
    (KEY, "set, not fitted", "key_sense_set_but_not_fitted_trips_before_anyone_mounts"),
    (KEY, "fitted, not set", "key_sense_fitted_but_not_set_blocks"),
    (INCLINE, "unplugged while walking", "inclinometer_that_is_unplugged_trips"),
    (INCLINE, "frozen", "inclinometer_that_is_frozen_trips"),
    (INCLINE, "shaken", "inclinometer_that_is_shaken_trips"),
    (INCLINE, "another chip at its address", "wrong_chip_at_the_address_blocks"),
    (INCLINE, "set, not fitted", "inclinometer_set_but_not_fitted_blocks"),
)


def plain(scenario: dict[str, Any]) -> dict[str, Any]:
    """The same story on a box without options."""
    bare = deepcopy(scenario)
    bare.pop("fitted", None)
    config = bare.get("board", {}).get("config", {})
    for name in SETTINGS:
        config.pop(name, None)
    return bare


@cache
def runs(story: Story) -> tuple[simulation.Run, simulation.Run]:
    """(without, with) the option."""
    fitted = simulation.load(simulation.find(story.scenario))
    if story.change is not None:
        story.change(fitted["timeline"])
    command = simulation.interpreter_command(micropython=False)
    return simulation.run(plain(fitted), command), simulation.run(fitted, command)


def began_ms(story: Story, events: list[list[Any]]) -> int:
    """When the last action of that kind acted: the first ones prepare it."""
    return max(
        int(ms) for ms, kind, what in events
        if kind == "do" and str(what).split(" ")[0] == story.since
    )  # fmt: skip


def outcome(story: Story, run: simulation.Run) -> str:
    """What the box said, how soon, and what it did to the belt."""
    start = began_ms(story, run.events)
    after = [event for event in run.events if event[0] >= start]
    faults = [(int(ms), str(what)) for ms, kind, what in after if kind == "fault"]
    named = [(ms, what) for ms, what in faults if what != "START_PRESSED"]
    if not named:
        return f"not seen in {seconds(int(run.summary['end_ms']) - start)}"
    told = f"`{named[0][1]}` after {seconds(named[0][0] - start)}"
    if named[-1][1] != named[0][1]:
        told += f", `{named[-1][1]}` after {seconds(named[-1][0] - start)}"
    hazards = [h for h in run.summary["hazards"] if h["opened_at_us"] >= 0]
    if not hazards:
        return told
    hazard = hazards[-1]
    if hazard["still_at_us"] < 0:
        on_ms = int(run.summary["end_ms"]) - start
        return (
            f"{told}; **the belt runs on** until somebody pulls the plug: in {seconds(on_ms)} it"
            f" carries the walker {carry(hazard)}, far over the end of the deck"
        )
    still_ms = (hazard["still_at_us"] - hazard["hazard_at_us"]) // 1000
    return f"{told}; belt still after {seconds(still_ms)}, walker carried {carry(hazard)}"


def seconds(ms: int) -> str:
    return f"{(ms + 5) // 10 / 100:.2f} s" if ms < 10_000 else f"{ms // 1000} s"


def carry(hazard: dict[str, Any]) -> str:
    return f"{(hazard['carried_um'] + 5000) // 10_000 / 100:.2f} m"


def costs() -> dict[str, tuple[int, Decimal]]:
    """Option -> (parts, USD), from the bill of materials."""
    found = {option: (0, Decimal(0)) for option in OPTIONS}
    with BOM.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["Build"] in found:
                parts, usd = found[row["Build"]]
                many = int(row["Qty"])
                found[row["Build"]] = (
                    parts + many, usd + many * Decimal(row["Price_USD_estimate"])
                )  # fmt: skip
    return found


def own_fault(name: str) -> str:
    """What a scenario expects the box to call it: its fault, its latch, its blocker."""
    expect = simulation.read(simulation.find(name))["expect"]
    names = [str(one[key]) for one in expect for key in ("fault", "latched") if key in one]
    names += [str(one["link"]).strip('"') for one in expect if str(one.get("link"))[:1] == '"']
    return ", ".join(f"`{name}`" for name in dict.fromkeys(names))


def link(name: str) -> str:
    return f"[run]({SCENARIO_FOLDER}/{name}.toml)"


HEAD = """\
<!-- SPDX-License-Identifier: MIT -->
# What the options buy

Generated with `python -m tests.docs.options`: each row is one single fault, in the same story on
the virtual treadmill with and without the option. Nothing of it was measured on a real one. Times
count from the fault to the name; the relay opens at most 10 ms later. *Carried* is how far the
belt takes the walker, over the end of the deck too.
"""
AFTER_FAULTS = """\
*Not seen* in the third column: the fault can stand unnoticed in the default build until a second
one hurts. A bypassed loop, for one, is `UNEXPECTED_MOTION` as soon as a belt moves with the relay
open. A dead sensor opens the relay with either build; with two, the other one measures the stop
to its end, so the box knows that the belt stands.
"""
TAIL = """\
What no option closes: a belt that slips on the roller (both sensors look at the same one), a
wrong number of magnets, one microcontroller, one program, one clock. [limits.md](limits.md) has
the rest.
"""
OWN_HEAD = """\
## What an option can break

Each is off until it is set and confirmed at the board, and acts after a restart. What is plugged
in and not set, or set and not plugged in, blocks by its name.
"""
COST_HEAD = """\
## What they cost

Parts of the [bill of materials](../../hardware/exports/bom.csv), prices estimated. The second
stop's contactor, its box and the electrician who fits it in the treadmill's supply are not in the
sum.
"""


def cost_rows() -> list[tuple[str, str, str]]:
    return [
        (what, str(costs()[option][0]), f"{costs()[option][1]:.2f}")
        for option, what in OPTIONS.items()
    ]


def fault_rows() -> list[tuple[str, ...]]:
    rows = []
    for story in STORIES:
        without, fitted = runs(story)
        rows.append((
            OPTIONS[story.option], story.fault, outcome(story, without), outcome(story, fitted),
            link(story.scenario),
        ))  # fmt: skip
    return rows


def page() -> str:
    """The whole page; runs every story twice."""
    faults = table(("option", "single fault", "without it", "with it", ""), fault_rows())
    own = [(OPTIONS[o], what, own_fault(name), link(name)) for o, what, name in OWN]
    parts = (
        HEAD, "\n".join(faults) + "\n", AFTER_FAULTS, TAIL, COST_HEAD,
        "\n".join(table(("option", "parts", "USD"), cost_rows())) + "\n", OWN_HEAD,
        "\n".join(table(("option", "what is wrong", "the box says", ""), own)) + "\n",
    )  # fmt: skip
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
