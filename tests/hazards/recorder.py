# SPDX-License-Identifier: MIT
"""An oscilloscope on the virtual board: every change of output, input, contact and NVS, in us.

It sees what a probe would see, and besides holds the running controller, so that settings can be
compared while the relay is closed.
"""

from __future__ import annotations

from typing import Any

from treadguard.virtual.wiring import ESTOP_SENSE, PUMP_A, PUMP_B, RELAY_EN, START


class Inputs(list):  # type: ignore[type-arg]
    """The levels of the input pins; notes START and the e-stop sense."""

    recorder: Recorder

    def __setitem__(self, pin: Any, level: Any) -> None:
        if self[pin] != level and pin in (START, ESTOP_SENSE):
            times = self.recorder.start if pin == START else self.recorder.estop
            times.append((self.recorder.world.now, level == 0))
        super().__setitem__(pin, level)


class Blobs(dict):  # type: ignore[type-arg]
    """NVS; notes every commit."""

    recorder: Recorder

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        self.recorder.commits.append((self.recorder.world.now, bytes(value)))


class Recorder:
    def __init__(self, world: Any):
        self.world = world
        self.levels: list[tuple[int, int, int, int]] = []  # us, RELAY_EN, pump A, pump B
        self.contact: list[tuple[int, bool]] = []  # us, closed
        self.start: list[tuple[int, bool]] = []  # us, down
        self.estop: list[tuple[int, bool]] = []  # us, pressed (or without supply)
        self.commits: list[tuple[int, bytes]] = []  # us, the NVS blob
        self.boots: list[int] = []
        self.changed: list[int] = []  # us of a tick that found other settings, relay closed
        self.late_us = 0  # the latest tick with the relay closed
        self.controller: Any = None
        self.injected_us = -1
        self._settings: dict[str, int] | None = None
        self._settings_of: Any = None
        self._wrap()

    def _wrap(self) -> None:
        world = self.world
        inputs = Inputs(world.inputs)
        inputs.recorder = self
        world.inputs = inputs
        blobs = Blobs(world.flash.nvs)
        blobs.recorder = self
        world.flash.nvs = blobs
        self._drive, world.drive = world.drive, self.drive
        self._moved, world.contact_moved = world.contact_moved, self.moved
        self._spin, world.spin = world.spin, self.spin
        self._restart, world.restart = world.restart, self.restart

    def drive(self) -> None:
        world = self.world
        self._drive()
        out = world.outputs if world.frozen_outputs is None else world.frozen_outputs
        en, a, b = out[RELAY_EN], out[PUMP_A], out[PUMP_B]
        if not self.levels or self.levels[-1][1:] != (en, a, b):
            self.levels.append((world.now, en, a, b))

    def moved(self, closed: bool) -> None:
        self.contact.append((self.world.now, bool(closed)))
        self._moved(closed)

    def restart(self, kind: str) -> None:
        self.controller = None
        self._restart(kind)
        self.boots.append(self.world.now)

    def spin(self, deadline_us: int, poll: Any) -> None:
        """Between two ticks."""
        if poll is not None:
            self.controller = poll.__self__
            self._look_at_settings()
        self._spin(deadline_us, poll)

    def _look_at_settings(self) -> None:
        controller = self.controller
        values = dict(controller.settings.__dict__)
        same = self._settings_of is controller and values == self._settings
        if self.closed:
            if not same and self._settings_of is controller:
                self.changed.append(self.world.now)
            self.late_us = max(self.late_us, controller.sample.late_us)
        self._settings, self._settings_of = values, controller

    # Afterwards

    @property
    def closed(self) -> bool:
        """The contact in the key loop, now."""
        return bool(self.contact) and self.contact[-1][1]

    def opened_after(self, us: int) -> int | None:
        """us from a moment to the contact open; 0 if it was, None if it stays closed."""
        before = [closed for at, closed in self.contact if at <= us]
        if not before or not before[-1]:
            return 0
        for at, closed in self.contact:
            if at > us and not closed:
                return at - us
        return None

    def closings_after(self, us: int) -> list[int]:
        return [at for at, closed in self.contact if at > us and closed]

    def presses(self) -> list[tuple[int, int]]:
        """(down, up) of every press of START; up is -1 while it is down."""
        found: list[tuple[int, int]] = []
        for at, down in self.start:
            if down:
                found.append((at, -1))
            elif found:
                found[-1] = (found[-1][0], at)
        return found
