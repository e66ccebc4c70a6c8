# SPDX-License-Identifier: MIT
"""Every hazard of the campaign: how it is drawn, what must come of it, and by when.

A hazard draws its own timeline entries (the first waits for the session's moment) and puts what
its bound needs into `facts`. Its bound is told the setup, the facts and what was seen, and
answers in ms from the hazard to the contact open: math.inf where nothing is promised.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.campaign.draw import Draw
from tests.campaign.outcome import Deadline, Outcome
from treadguard import bounds

Entry = dict[str, Any]
Facts = dict[str, Any]
Bound = Callable[[bounds.Setup, Facts, Outcome], float]

WALKING = ("MOUNTING", "BACKWARD early", "accelerating", "BACKWARD late")
IN_BACKWARD = WALKING[1:]
MOVING = (*WALKING, "FORWARD")
CLOSED = ("WAIT_BELT", *MOVING)
SENSOR = ("SENSOR_LOST", "BELT_STOPPED", "SENSOR_NOISE")
FAST = ("OVERSPEED", "OVERSPEED_EXTREME", "ACCELERATION")
NO_HANDS = ("RAILS_RELEASED", "ONE_HAND")  # the second, when its grace is set shorter
DROPPED = ("second_stop",)  # with it the belt stops, and nothing locks out
STOPPED_BY_OTHERS = ("BELT_STOPPED", "START_TIMEOUT")


@dataclass(frozen=True)
class Hazard:
    """One row. `faults` are the names that fit; others are counted as wrong names."""

    name: str
    about: str
    moments: tuple[str, ...]
    draw: Callable[[Draw], list[Entry]]
    bound: Bound
    faults: tuple[str, ...]
    prepare: Callable[[Draw], None] | None = None
    belt: bool = False  # judged on the true belt, by a Deadline
    locks: Callable[[bounds.Setup, Facts, Outcome], float] | None = None
    opens: bool = True  # the relay can still open
    program: bool = False  # full stack only
    needs: tuple[str, ...] = ()  # options that must be fitted
    avoids: tuple[str, ...] = ()  # options that would change what is promised
    stands: Callable[[bounds.Setup, Facts, Outcome], float] | None = None  # the belt, by then
    follows: Callable[[bounds.Setup, Facts], Deadline] | None = None

    def deadline(self, setup: bounds.Setup, facts: Facts) -> Deadline | None:
        if self.follows:
            return self.follows(setup, facts)
        if not self.belt:
            return None
        a_mm_s2, to_mm_s = facts.get("a_mm_s2", 0), facts.get("to_mm_s", 0)
        return Deadline(setup, self.name == "lose_magnet", a_mm_s2, to_mm_s)


def fixed(ms: float) -> Bound:
    return lambda _setup, _facts, _outcome: ms


def belt_bound(_setup: bounds.Setup, _facts: Facts, o: Outcome) -> float:
    """From the true belt: infinite when it never got as far ahead as the rule allows."""
    if o.deadline_us is None or o.hazard_at_us is None:
        return math.inf
    truly_ms = (o.deadline_us - o.hazard_at_us) / 1000
    return bounds.after_detection_ms(truly_ms + bounds.STAMP_DELAY_MS)


# Hands


def judged(setup: bounds.Setup, o: Outcome, within_ms: float) -> bool:
    """The belt shows, from the interval before the hazard to the bound, that it is faster than
    one that halts: slower than that, hands are not judged."""
    floor = min(setup.limit_mm_s // 2, 150)
    longest_us = setup.distance_um * 1000 / floor - bounds.STAMP_DELAY_MS * 1000
    at_us = o.hazard_at_us or 0
    end_us = min(at_us + within_ms * 1000, o.decided_at_us or math.inf)
    before = [t for t in o.edges_us if t <= at_us][-2:]
    during = [t for t in o.edges_us if at_us < t <= end_us]
    stamps = [*before, *during, end_us]
    return len(before) == 2 and all(b - a < longest_us for a, b in pairwise(stamps))


def hands_bound(setup: bounds.Setup, facts: Facts, o: Outcome) -> float:
    bar = facts["rails_fitted"] == 1 and o.state_at_hazard == "MOUNTING"
    ms = bounds.one_hand_ms(setup) if bar else bounds.rails_released_ms(setup)
    return ms if judged(setup, o, ms) else math.inf


def one_hand_bound(setup: bounds.Setup, _facts: Facts, o: Outcome) -> float:
    ms = bounds.one_hand_ms(setup)
    return ms if judged(setup, o, ms) else math.inf


def two_rails(d: Draw) -> None:
    d.config["rails_fitted"] = 2


def drop_one(d: Draw) -> list[Entry]:
    side = d.rng.choice(("left", "right"))
    return [{"do": "let_go", "side": side, "hazard": "one_hand"}]


# Buttons and switches


def other_mode(d: Draw) -> list[Entry]:
    here = "forward" if d.moment == "FORWARD" else "backward"
    to = d.rng.choice([m for m in ("forward", "backward", "off", "both") if m != here])
    return [{"do": "mode", "to": to, "hazard": "mode_switch"}]


def press_start(name: str) -> Callable[[Draw], list[Entry]]:
    entry = {"do": "start", "what": "press", "ms": 200, "hazard": name}
    return lambda _d: [dict(entry)]


# Relay, loop and drive that do not obey


def welded(fault: str, name: str) -> Callable[[Draw], list[Entry]]:
    def draw(d: Draw) -> list[Entry]:
        return [{"do": "relay", "fault": fault}, *press_start(name)(d)]

    return draw


def weld_locks(_setup: bounds.Setup, _facts: Facts, _o: Outcome) -> float:
    return bounds.start_pressed_ms() - bounds.RELEASE_MS + bounds.welded_ms()


def runs_on_locks(setup: bounds.Setup, facts: Facts, o: Outcome) -> float:
    """The belt goes on at its setting, if it moves at all; v0 is what the last interval showed."""
    v = min(o.speed_at_hazard, facts["speed_mm_s"]) * (1 - facts["ripple"])
    v0 = o.speed_at_hazard * (1 + facts["ripple"])
    v -= facts["overshoot"]  # a console that settles goes below its setting first
    if v <= 0 or o.state_at_hazard == "WAIT_BELT":
        return math.inf
    decided_ms = bounds.start_pressed_ms() - bounds.RELEASE_MS
    return decided_ms + bounds.stop_failed_ms(setup, v0, v, facts["a_min"])


def late_loop(d: Draw) -> list[Entry]:
    obeys_ms = d.rng.choice((-1, d.between(200, 6000)))
    d.facts["obeys_ms"] = obeys_ms
    return [{"do": "loop", "obeys_ms": obeys_ms}, *press_start("late_loop")(d)]


def late_loop_locks(setup: bounds.Setup, facts: Facts, o: Outcome) -> float:
    ms = runs_on_locks(setup, facts, o)
    obeys = facts["obeys_ms"]
    return ms if obeys < 0 or obeys > ms else math.inf


def drop_hands(name: str) -> Callable[[Draw], list[Entry]]:
    entry: Entry = {"do": "fall"} if name == "fall" else {"do": "let_go", "side": "both"}
    return lambda _d: [dict(entry)]


PEOPLE = (
    Hazard("let_go", "lets go of both rails", WALKING, drop_hands("let_go"), hands_bound,
           NO_HANDS),
    Hazard("fall", "falls", WALKING, drop_hands("fall"), hands_bound, NO_HANDS),
    Hazard("one_hand", "one hand off, too long", IN_BACKWARD, drop_one, one_hand_bound,
           ("ONE_HAND",), prepare=two_rails),
    Hazard("estop", "e-stop pressed", CLOSED, lambda _d: [{"do": "estop", "what": "press"}],
           fixed(bounds.estop_ms()), ("ESTOP",)),
    Hazard("start_pressed", "START pressed", CLOSED, press_start("start_pressed"),
           fixed(bounds.start_pressed_ms()), ("START_PRESSED",)),
    Hazard("mode_switch", "mode switch moved, or its wire broken", CLOSED, other_mode,
           fixed(bounds.mode_changed_ms()), ("MODE_CHANGED",)),
    Hazard("host_stop", "stop from the laptop", CLOSED,
           lambda _d: [{"do": "host", "send": {"do": "stop"}, "hazard": "host_stop"}],
           fixed(bounds.host_stop_ms()), ("HOST_STOP",)),
    Hazard("weld", "relay welded, then START pressed", CLOSED, welded("weld", "weld"),
           fixed(math.inf), ("START_PRESSED", "RELAY_WELDED"), locks=weld_locks, opens=False),
    Hazard("weld_pole1", "key-loop pole welded, then START pressed", CLOSED,
           welded("weld_pole1", "weld_pole1"), fixed(math.inf),
           ("START_PRESSED", "STOP_FAILED"), locks=runs_on_locks, opens=False,
           avoids=DROPPED),
    Hazard("late_loop", "treadmill obeys its key loop late or never", CLOSED, late_loop,
           fixed(bounds.start_pressed_ms()), ("START_PRESSED", "STOP_FAILED"),
           locks=late_loop_locks, avoids=DROPPED),
)  # fmt: skip
