# SPDX-License-Identifier: MIT
"""A firmware of forty lines, to test the world without the real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from treadguard.virtual.adaptors import clock, stdio
from treadguard.virtual.runner import Runner
from treadguard.virtual.wiring import HALL_A, PUMP_A, PUMP_B, RELAY_EN, RELAY_FB
from treadguard.virtual.world import World

TICK_US = 10000


class Stub:
    """Pumps the relay every tick and keeps what it sees; `on_tick` does what a test wants."""

    def __init__(
        self,
        config: dict[str, Any] | None = None,
        on_tick: Callable[[Stub], None] | None = None,
        watchdog_ms: int = 0,
        tick_us: int = TICK_US,
    ) -> None:
        self.world = World({"seed": 7, **(config or {})})
        self.on_tick = on_tick or (lambda stub: None)
        self.watchdog_ms = watchdog_ms
        self.tick_us = tick_us
        self.pumping = True
        self.one_phase = False
        self.ticks = 0
        self.boots: list[tuple[int, int]] = []  # (reset_cause(), raw cause)
        self.pairs: list[tuple[int, int]] = []  # (stamp, count) of each handler call
        self.read: list[int] = []
        self.setup: Callable[[Stub], None] = lambda stub: None
        self.left: Callable[[], None] | None = None

    def main(self) -> None:
        """One life of the program."""
        import machine
        from esp32 import PCNT
        from machine import Pin

        self.machine, self.pin = machine, Pin
        self.boots.append((machine.reset_cause(), machine.mem32[0x3FF48034] & 0x3F))
        self.setup(self)
        self.en, self.a, self.b = (Pin(number, Pin.OUT) for number in (RELAY_EN, PUMP_A, PUMP_B))
        self.feedback = Pin(RELAY_FB, Pin.IN)
        hall = Pin(HALL_A, Pin.IN)
        self.counter = PCNT(0, pin=hall, falling=PCNT.INCREMENT, rising=PCNT.IGNORE)
        self.counter.start()
        hall.irq(self._edge, Pin.IRQ_FALLING)
        if self.watchdog_ms:
            self.watchdog = machine.WDT(timeout=self.watchdog_ms)
        try:
            self._loop()
        finally:
            if self.left is not None:
                self.left()

    def _edge(self, _pin: Any) -> None:
        self.pairs.append((clock.now_us(), self.counter.value()))

    def _loop(self) -> None:
        deadline = clock.now_us()
        phase = 0
        while True:
            self.ticks += 1
            self.on_tick(self)
            if self.pumping:
                phase ^= 1
                self.en.value(1)
                self.a.value(phase)
                self.b.value(0 if self.one_phase else phase ^ 1)
            if self.watchdog_ms:
                self.watchdog.feed()
            deadline = (deadline + self.tick_us) & 0x3FFFFFFF
            clock.spin_to(deadline, self._poll)

    def _poll(self) -> None:
        while (byte := stdio.read_byte()) >= 0:
            self.read.append(byte)

    def at(self, ms: int, function: Callable[[World], None]) -> Stub:
        """Do something to the world at a time."""
        self.world.call_at(ms * 1000, lambda _: function(self.world), 0)
        return self

    def run(self, ms: int) -> Stub:
        """Run to a time since the world began."""
        self.at(ms, lambda world: world.end())
        Runner(self.world, "", self.main).run()
        return self

    def log(self, kind: str) -> list[tuple[int, str]]:
        return [(event[0], event[2]) for event in self.world.events if event[1] == kind]

    def relay_open_ms(self) -> int:
        """When the relay's contact opened last."""
        return [ms for ms, detail in self.log("relay") if detail == "open"][-1]
