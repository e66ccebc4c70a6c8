# SPDX-License-Identifier: MIT
"""The virtual board in real time (or a multiple of it), for any client of a serial port.

The world runs as in a scenario; before each step a pacer waits for the wall clock and meanwhile
passes bytes between the wire and the UART and answers the control channel. One thread.

Control lines: any action of docs/scenarios.md as words (`grip both`, `start press 200`,
`console speed 833`), and `wait CONDITION [ms]`, `time`, `truth`, `events [n]`,
`speed-factor N`, `help`, `quit`. Answers begin with `ok` or `error`.
"""

from __future__ import annotations

import json
import select
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from treadguard.virtual import actions, scenario
from treadguard.virtual.check import check
from treadguard.virtual.chip import BoardReset
from treadguard.virtual.runner import Runner, find_paths
from treadguard.virtual.wires import Control, PtyWire, TcpWire, Wire
from treadguard.virtual.words import NotUnderstoodError, parse, usages

BEHIND_S = 0.5  # later than this, time is lost rather than caught up


class Waiting(NamedTuple):
    """A control client that waits for a condition."""

    client: int
    condition: str
    mark: int
    until_ms: int


class Server:
    def __init__(self, world: Any, wire: Wire, control: Control, factor: float) -> None:
        self.world = world
        self.wire = wire
        self.control = control
        self.factor = factor
        self.waiting: list[Waiting] = []
        self.stopping = False
        self._sync()
        world.pacer = self.pace
        world.uart.sink = wire.write

    def _sync(self) -> None:
        self.wall_s = time.monotonic()
        self.virtual_us = self.world.now

    def pace(self, to_us: int) -> None:
        """Wait until the wall clock has come to to_us; serve everybody meanwhile."""
        due_s = self.wall_s + (to_us - self.virtual_us) / 1e6 / self.factor
        while True:
            if self.stopping:
                self.world.end()
            left_s = due_s - time.monotonic()
            readers = self.wire.readers() + self.control.readers()
            ready, _, _ = select.select(readers, [], [], max(0.0, left_s))
            if ready:
                self._serve(ready)
            if left_s <= 0:
                break
        if left_s < -BEHIND_S:
            self._sync()
        if self.waiting:
            self._look()

    def _serve(self, ready: list[int]) -> None:
        data = self.wire.read(ready)
        if data and self.world.power:
            self.world.uart.host_send(data)
        self.control.serve(ready, self.handle)

    def _look(self) -> None:
        """Tell those who wait what has come true."""
        for entry in self.waiting[:]:
            if scenario.true_now(self.world, entry.condition, entry.mark):
                self.control.answer(entry.client, "ok")
            elif self.world.now // 1000 > entry.until_ms:
                self.control.answer(entry.client, f"error waited in vain for {entry.condition}")
            else:
                continue
            self.waiting.remove(entry)

    # -- control lines

    def handle(self, line: str, client: int) -> str | None:
        """The answer to a control line; None when it comes later."""
        word, _, rest = line.partition(" ")
        special = {
            "wait": lambda: self._wait(rest, client),
            "time": lambda: "ok " + json.dumps({"ms": self.world.now // 1000}),
            "truth": lambda: "ok " + json.dumps(truth(self.world)),
            "events": lambda: "ok " + json.dumps(self.world.events[-int(rest or "20") :]),
            "speed-factor": lambda: self._speed(rest),
            "help": lambda: "ok " + json.dumps(usages()),
            "quit": self._quit,
        }
        try:
            if word in special:
                return special[word]()
            return self._act(line, client)
        except (NotUnderstoodError, actions.Refused) as error:
            return f"error {error}"
        except ValueError as error:
            return f"error {word}: {error}"

    def _act(self, line: str, client: int) -> str | None:
        name, values = parse(line)
        self.world.log("do", line)
        try:
            actions.do(self.world, name, values)
        except BoardReset:
            self.control.answer(client, "ok")
            raise
        return "ok"

    def _wait(self, rest: str, client: int) -> str | None:
        condition, _, limit = rest.partition(" ")
        if condition.split(":")[0] not in scenario.LEVELS + scenario.HAPPENINGS:
            raise NotUnderstoodError(f"there is nothing to wait for called '{condition}'")
        until_ms = self.world.now // 1000 + int(limit or "60000")
        self.waiting.append(Waiting(client, condition, len(self.world.events), until_ms))
        return None

    def _speed(self, rest: str) -> str:
        factor = float(rest)
        if not 0.01 <= factor <= 1000:
            raise NotUnderstoodError("the speed factor must be 0.01 to 1000")
        self._sync()
        self.factor = factor
        return "ok"

    def _quit(self) -> str:
        self.stopping = True
        return "ok"


def truth(world: Any) -> dict[str, Any]:
    """What a control client may know and the firmware may not."""
    active = world.truth.active
    return {
        "ms": world.now // 1000,
        "belt_mm_s": world.belt.mean_um_s // 1000,
        "belt_mm": world.belt.travel_um // 1000,
        "console_running": world.belt.running,
        "relay": "closed" if world.relay.contact else "open",
        "power": world.power,
        "state": world.observer.state,
        "fault": world.observer.fault,
        "place_mm": world.walker.place_mm,
        "hazard": active.name if active is not None else None,
        "hazards": [dict(hazard.row()) for hazard in world.truth.hazards],
        "boots": world.chip.boots,
        "dropped_bytes": world.uart.dropped,
    }


class NotServableError(Exception):
    """The scenario to start from is wrong; one sentence each."""


def serve(
    setup: dict[str, Any],
    firmware_dir: Path,
    *,
    pty_link: Path | None = None,
    tcp_port: int | None = None,
    control_port: int = 0,
    factor: float = 1.0,
    on_ready: Callable[[str, str], None] = lambda wire, control: None,
) -> Any:
    """Serve until `quit` or Ctrl-C; the world as it was left. `setup` is a scenario's head."""
    complaints = check({"name": "serve", **setup}, "serve", firmware_dir)
    if complaints:
        raise NotServableError("\n".join(complaints))
    find_paths(str(firmware_dir))
    world = scenario.build(setup, str(firmware_dir))
    wire: Wire = TcpWire(tcp_port) if tcp_port is not None else PtyWire(pty_link)
    control = Control(control_port)
    server = Server(world, wire, control, factor)

    def stop(*_: object) -> None:
        # The firmware's interrupt handlers catch everything: a flag, not an exception.
        server.stopping = True

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)
    on_ready(wire.name, control.name)
    try:
        Runner(world, str(firmware_dir)).run()
    finally:
        wire.close()
        control.close()
    return world
