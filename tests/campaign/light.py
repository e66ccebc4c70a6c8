# SPDX-License-Identifier: MIT
"""The virtual board's physics around the deciding core alone: a scenario without the firmware.

Belt, gait, magnets, hands, walker, truth and timeline are the virtual board's own classes on its
own clock; only the chip is replaced. Every 10 ms the core's fast engine gets the edges as a
handler would have stamped them and the contacts as the board would have read them, and the relay
follows its command. What belongs to the program (hang, reset, flash, link) does not exist here.
"""

from __future__ import annotations

from typing import Any

from guard.core import events as e
from guard.core.faults import name as fault_name
from guard.core.memory import Memory
from guard.core.states import CLOSED, MODE_BACKWARD, MODE_FORWARD, MODE_NONE, OPEN, STATE_NAMES
from tests.campaign.light_parts import (
    OPERATE_US,
    RELEASE_US,
    Link,
    Nothing,
    Observer,
    Relay,
    board_of,
)
from treadguard.virtual.belt import Belt
from treadguard.virtual.chip import EndOfRun
from treadguard.virtual.clockwork import Clockwork
from treadguard.virtual.engine import TICK_US, Engine
from treadguard.virtual.hall import Hall
from treadguard.virtual.profiles import DEFAULT, treadmill
from treadguard.virtual.rng import Lcg
from treadguard.virtual.truth import Truth
from treadguard.virtual.variants import ESP32, VARIANTS
from treadguard.virtual.walker import Hand, Walker
from treadguard.virtual.wiring import ESTOP_SENSE, PINS, START
from treadguard.virtual.wiring import MODE_BACKWARD as BACKWARD_PIN
from treadguard.virtual.wiring import MODE_FORWARD as FORWARD_PIN
from treadguard.virtual.world import World


class CoreEngine(Engine):
    """The fast engine, with contacts and relay feedback as the world has them in this tick."""

    def __init__(self, world: LightWorld, values: dict[str, Any], memory: Memory):
        self.world = world
        super().__init__(values, memory=memory)

    def _apply_changes(self, now_us: int) -> None:
        self.world.read(self.sample)

    def _feedback(self, now_us: int) -> bool:
        return self.world.relay.feedback()


class LightWorld(Clockwork):  # type: ignore[misc]
    """Give it a checked scenario; run() returns when the scenario is over."""

    def __init__(self, scenario: dict[str, Any]):
        seed = scenario.get("seed", 1)
        numbers = treadmill(scenario.get("profile", DEFAULT), scenario.get("treadmill", {}))
        self.numbers = numbers
        self.variant = VARIANTS[scenario.get("chip", ESP32)]
        self.start_clock({})
        self.start_presses = self.requests = 0
        self.bomb = None
        self.inputs = [0] * PINS
        self.inputs[ESTOP_SENSE] = self.inputs[START] = 1
        self.estop = self.bypassed = self.loop = False
        self.key_in = True
        self.asked: list[str] = []
        self.irq = self.chip = Nothing()
        self.uart = Link(self)
        self.observer = Observer()
        self.truth = Truth(self)
        self.truth.edges = []
        self.relay = Relay(self, scenario.get("pump", "nominal"))
        self.walker = Walker(self)
        self.belt = Belt(self, numbers, Lcg(seed + 1))
        self.hall = Hall(self, numbers, Lcg(seed + 2))
        self.hall_b = None
        self.key_sense = False
        self.left = Hand(self, "left", Lcg(seed + 3))
        self.right = Hand(self, "right", Lcg(seed + 4))
        self.handler = Lcg(seed + 5)
        self.last_stamp = 0
        self.command = OPEN
        self.told = 0
        self.set_mode(scenario.get("mode", "off"))
        values, memory = board_of(scenario, numbers)
        self.touch = bool(values["rail_kind"])
        self.engine = CoreEngine(self, values, memory)
        self.sup = self.engine.supervisor
        self.sup.boot(0, 0)
        World.current = self  # people press START there

    set_mode = World.set_mode
    press_estop = World.press_estop
    loop_closed = World.loop_closed
    update_loop = World.update_loop
    contact_moved = World.contact_moved
    power = True

    def coil_supply(self, good: bool) -> None:
        good = good and not self.estop
        self.inputs[ESTOP_SENSE] = 1 if good else 0
        self.relay.power(self.now, good)

    def edge(self, _pin: int, at_us: int) -> None:
        """The handler's stamp, 21 to 46 us late and never before the last one."""
        self.truth.edges.append(at_us)
        stamp = max(at_us + 21 + self.handler.below(26), self.last_stamp + 1)
        self.last_stamp = stamp
        self.engine.edges.append(stamp)

    def read(self, s: Any) -> None:
        """What the board reads in a tick: contacts, and one analogue channel."""
        inputs = self.inputs
        s.estop_pressed = inputs[ESTOP_SENSE] == 0
        s.start_down = inputs[START] == 0
        forward, backward = inputs[FORWARD_PIN] == 0, inputs[BACKWARD_PIN] == 0
        s.mode = MODE_FORWARD if forward else MODE_BACKWARD
        if forward == backward:
            s.mode = MODE_NONE
        if s.channel == 0:
            s.left_raw = self.rail(self.left)
        elif s.channel == 1:
            s.right_raw = self.rail(self.right)
        else:
            s.hall_permille = self.hall.diag_permille()

    def rail(self, hand: Any) -> int:
        if not self.touch:
            return int(hand.permille())
        try:
            return int(hand.touch_count())
        except ValueError:
            return -1

    # Time

    def run(self) -> None:
        try:
            while True:
                self.tick()
        except EndOfRun:
            self.truth.finish()

    def end(self) -> None:
        raise EndOfRun

    def tick(self) -> None:
        engine = self.engine
        self.run_to(engine.now_us + TICK_US)
        if self.bomb is not None:
            self.stall(self.bomb[2] * 1000)
        engine.tick()
        engine.sample.late_us = 0
        engine.sample.ctrl_c = False
        if self.sup.relay_command != self.command:
            self.drive(self.sup.relay_command)
        if self.command == CLOSED:
            self.relay.last_edge_at = self.now
        while self.asked:
            what = self.asked.pop(0)
            if what:
                setattr(engine.sample, what, True)
        if len(engine.log) > self.told:
            self.tell()

    def stall(self, us: int) -> None:
        """A slow step: the tick comes late, and the pump may run out meanwhile."""
        self.bomb = None
        hold_us = self.relay.hold_up_us
        if self.command == CLOSED and us > hold_us:
            self.relay.move_in(hold_us, False)
        self.run_to(self.now + us)
        self.engine.now_us += us
        self.engine.sample.late_us = max(0, us - TICK_US)

    def drive(self, command: int) -> None:
        """The relay gets a new command."""
        was, self.command = self.command, command
        if command == CLOSED:
            self.relay.move_in(OPERATE_US, True)
        elif was == CLOSED and command != OPEN:
            self.relay.move_in(self.relay.hold_up_us, False)
        elif command == OPEN:
            self.truth.decided(self.now)
            self.relay.move_in(RELEASE_US, False)

    def tell(self) -> None:
        """What a laptop would hear: states and faults."""
        for _, kind, a, _b, _c in self.engine.log[self.told :]:
            if kind == e.STATE:
                self.observer.state = STATE_NAMES[a]
                self.log("state", STATE_NAMES[a])
            elif kind in (e.STOP, e.LOCKED, e.RENAMED):
                self.log("fault", fault_name(a))
        self.told = len(self.engine.log)
