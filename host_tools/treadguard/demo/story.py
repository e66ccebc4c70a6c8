# SPDX-License-Identifier: MIT
"""What happens in the demo: commissioning, a walk, and three stops."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from treadguard import bounds
from treadguard.demo import RECORDS
from treadguard.demo.stage import People, Stage, served

BELT_MM = 2800
PACE_MM_S = 833
MOUNT_MM_S = 420
RUNAWAY_MM_S2 = 300
AT_THE_LAPTOP, ON_THE_BELT = 10.0, 40.0  # times real time
HOLD_START_MS = 3300


@dataclass(frozen=True)
class Told:
    """One stop: what the person did or suffered, and what really happened."""

    title: str
    fault: str
    bound_ms: float
    truth: dict[str, Any]


class Teller:
    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.step = 0

    def chapter(self, text: str) -> None:
        self.step += 1
        if not self.quiet:
            print(f"\n{self.step}. {text}", flush=True)

    def say(self, text: str) -> None:
        if not self.quiet:
            print(f"   {text}", flush=True)


def play(output: Path, *, quiet: bool) -> list[Told]:
    """The whole story; pulled records are left in output/records."""
    tell = Teller(quiet)
    with served(ON_THE_BELT) as stage:
        people = stage.people
        people.wait("state:READY")
        _commission(stage, tell)
        setup = bounds.Setup(PACE_MM_S, BELT_MM * 1000 // 40, magnets=4)
        tell.chapter("A walk at 3 km/h, facing backward")
        _walk(people, tell, 60_000)
        stops = [_let_go(people, tell, setup)]
        tell.chapter("The drive runs away under the walker")
        _walk(people, tell, 8_000)
        stops.append(_runaway(people, tell, setup))
        _reset_trip(people, tell)
        tell.chapter("The hall sensor dies while walking")
        _walk(people, tell, 8_000)
        stops.append(_sensor_dies(people, tell, setup))
        tell.chapter("The laptop pulls what the board has recorded")
        people.wait("belt:still")
        people.rest(12_000)
        stage.speed(AT_THE_LAPTOP)
        tell.say(stage.run("logs", "pull", "--into", str(output / RECORDS)).strip())
    return stops


def _commission(stage: Stage, tell: Teller) -> None:
    people = stage.people
    tell.chapter("A fresh board: it names every reason why it cannot be armed")
    for line in stage.run("status").strip().splitlines():
        tell.say(line)
    stage.speed(AT_THE_LAPTOP)
    tell.chapter("The backward limit becomes 3 km/h")
    limits = ("config", "set", "backward_limit", "3 km/h", "mount_limit", "1 mph", "--yes")
    with stage.running(*limits):
        _confirm(people)
    tell.say("confirmed at the board; no laptop can do that")
    tell.chapter("Calibration by hand: the belt is pulled three laps, relay open")
    words = ("calibrate", "laps", "--belt-length", f"{BELT_MM} mm", "--magnets", "4", "--yes")
    with stage.running(*words):
        people.rest(12_000)
        people.do(f"start hold {HOLD_START_MS}")
        people.rest(10_000)
        people.do("push 600 13650")
        people.rest(19_000)
        people.do("start press 200")
        _confirm(people)
    tell.say("70 mm per edge, confirmed by holding START for 3 s")
    tell.chapter("Forward, nobody on the belt: two speeds against the console, then the stop test")
    _forward_run(people, tell, stage)
    stage.speed(AT_THE_LAPTOP)
    with stage.running("calibrate", "verify", "1 km/h=278 mm/s", "2 km/h=556 mm/s", "--yes"):
        _confirm(people)
    tell.say("calibration verified: backward mode may be armed")
    stage.speed(ON_THE_BELT)


def _confirm(people: People) -> None:
    """The board asks with its double tick; somebody holds START."""
    people.wait("sound:change_pending", 60_000)
    people.do(f"start hold {HOLD_START_MS}")


def _forward_run(people: People, tell: Teller, stage: Stage) -> None:
    stage.speed(ON_THE_BELT)
    people.do("mode forward")
    people.rest(2_000)
    people.do("start press 200")
    people.wait("state:WAIT_BELT")
    people.do("console speed 278")
    people.wait("state:FORWARD")
    people.rest(10_000)
    people.do("console speed 556")
    people.rest(12_000)
    people.do("start press 200")
    people.wait("state:READY")
    people.rest(10_000)
    tell.say("an empty belt at 2 km/h was stopped with START: time and distance are stored")


def _walk(people: People, tell: Teller, ms: int) -> None:
    """From the side rails to walking backward at 3 km/h for ms."""
    people.do("mode backward")
    people.do("let_go both")
    people.rest(500)
    people.do("grip both")
    people.rest(800)
    people.do("let_go right")
    people.do("start press 200")
    people.rest(400)
    people.do("grip right")
    people.wait("state:WAIT_BELT")
    people.do(f"console speed {MOUNT_MM_S}")
    people.wait("state:MOUNTING")
    people.rest(3_000)
    people.do("step on")
    for side in ("left", "right"):
        people.do(f"let_go {side}")
        people.rest(700)
        people.do(f"grip {side}")
        people.rest(300)
    people.wait("state:BACKWARD")
    tell.say("START, belt seen, turned round, both rails gripped: two beeps, BACKWARD")
    people.do(f"console speed {PACE_MM_S}")
    people.rest(6_000 + ms)
    tell.say(f"walking at {people.truth()['belt_mm_s'] * 0.0036:.1f} km/h")


def _stopped(people: People, tell: Teller, title: str, fault: str, bound_ms: float) -> Told:
    people.wait("belt:still", 60_000)
    people.do("step off")
    people.do("let_go both")
    truth = people.truth()
    hazard = truth["hazards"][-1]
    after_ms = (hazard["opened_at_us"] - hazard["hazard_at_us"]) / 1000
    carried_m = hazard["carried_um"] / 1e6
    tell.say(f"{fault}: relay open after {after_ms:.0f} ms, walker carried {carried_m:.2f} m")
    people.rest(12_000)
    return Told(title, fault, bound_ms, hazard)


def _let_go(people: People, tell: Teller, setup: bounds.Setup) -> Told:
    tell.chapter("The walker stumbles and lets go of both rails")
    people.do("let_go both")
    bound_ms = bounds.rails_released_ms(setup)
    return _stopped(people, tell, "lets go of both rails", "RAILS_RELEASED", bound_ms)


def _runaway(people: People, tell: Teller, setup: bounds.Setup) -> Told:
    people.do(
        f"runaway 2500 accel_mm_s2={RUNAWAY_MM_S2} hazard=runaway above_mm_s={PACE_MM_S + 1}"
    )
    bound_ms = bounds.ramp_ms(setup, RUNAWAY_MM_S2)
    return _stopped(people, tell, "belt runs away", "OVERSPEED", bound_ms)


def _reset_trip(people: People, tell: Teller) -> None:
    people.do("start hold 1300")
    people.wait("state:READY", 30_000)
    people.rest(3_000)
    tell.say("the trip stays latched until somebody has looked: START held 1 s")


def _sensor_dies(people: People, tell: Teller, setup: bounds.Setup) -> Told:
    people.do("sensor dead hazard=sensor_dies")
    bound_ms = bounds.silence_ms(setup, PACE_MM_S)
    return _stopped(people, tell, "hall sensor dies", "SENSOR_LOST", bound_ms)
