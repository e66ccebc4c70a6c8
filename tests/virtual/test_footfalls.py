# SPDX-License-Identifier: MIT
"""The inclinometer under heavy feet: hours at 9 % stop nothing, 11 % is found in time.

The deck's registers, the board's reading of them and the core's rules, without the rest: a
reading every 20 ms, for the hours of many walks.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from guard.core import faults as f
from guard.core.incline import Incline, InclineLost, TooSteep
from guard.core.parameters import Settings
from guard.core.sample import Sample
from guard.core.states import BACKWARD, MODE_BACKWARD
from treadguard.virtual.deck import CHIPS, Deck
from treadguard.virtual.rng import Lcg

READING_MS = 20
MASK = (1 << 30) - 1
SIGNS = {"lis3dh": (1, 8), "mpu6050": (125, 1024), "adxl345": (125, 32)}


class Walk:
    """Somebody walks on a deck with a sensor, 150 mg a footfall; `step_ms` per step."""

    def __init__(self, chip: str, permille: int, blow_mg: int, step_ms: int, seed: int) -> None:
        moving = SimpleNamespace(moving=True)
        self.world: Any = SimpleNamespace(
            now=0,
            tick_us=0,
            tick_ms=0,
            belt=moving,
            walker=SimpleNamespace(on_belt=True),
            log=None,
        )
        self.deck = Deck(self.world, Lcg(seed))
        self.deck.fit(chip)
        self.deck.blow_mg = blow_mg
        self.deck.step_us = step_ms * 1000
        self.deck.raise_to(permille, 0)
        self.mul, self.div = SIGNS[chip]
        self.chip = CHIPS[chip]
        self.buf = bytearray(6)
        settings = Settings()
        settings.load({"incline_sensor": 2})
        sup = SimpleNamespace(state=BACKWARD, session_mode=MODE_BACKWARD, events=None)
        guard = SimpleNamespace(supervisor=sup, settings=settings, speed=None, rails=None)
        self.incline = Incline(guard)
        self.sample = Sample()
        self.sample.session_mode = MODE_BACKWARD
        self.sample.incline_mg = [0, 0, 0]
        self.sample.incline_fresh = True

    def reading(self) -> int:
        """The fault of one more reading, 0 for none."""
        self.world.now += READING_MS * 1000
        self.world.tick_us = self.world.now & MASK
        self.world.tick_ms = self.world.now // 1000
        s = self.sample
        s.now_ms = (self.world.now // 1000) & MASK
        self.deck.read(self.chip[5], self.buf)
        order = "big" if self.chip[6] else "little"
        for axis in range(3):
            raw = int.from_bytes(self.buf[2 * axis : 2 * axis + 2], order, signed=True)
            s.incline_mg[axis] = (raw * self.mul + self.div // 2) // self.div
        s.incline_fresh = True
        fault = self.judge()
        s.now_ms = (s.now_ms + 10) & MASK
        s.incline_fresh = False
        return fault or self.judge()

    def judge(self) -> int:
        """The worst of one tick; a reading comes every second one."""
        s = self.sample
        self.incline.tick(s)
        for rule in self.incline.rules:
            assert isinstance(rule, TooSteep | InclineLost)
            fault = rule.judge(s)
            if fault:
                return int(fault)
        return 0

    def faults(self, ms: int) -> list[int]:
        found = (self.reading() for _ in range(ms // READING_MS))
        return [fault for fault in found if fault]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_eight_hours_at_nine_percent_stop_nothing() -> None:
    hours = 0
    for step_ms in (450, 520, 600, 710):
        for blow_mg in (100, 250):
            walk = Walk("lis3dh", 90, blow_mg, step_ms, hours + 1)
            assert walk.faults(3600 * 1000) == [], (step_ms, blow_mg)
            hours += 1
    assert hours == 8


@pytest.mark.parametrize("chip", SIGNS)
@pytest.mark.parametrize("step_ms", [450, 530, 600, 710])
@pytest.mark.parametrize("before", [0, 50, 90])
def test_eleven_percent_stops_within_one_and_a_half_seconds(
    chip: str, step_ms: int, before: int
) -> None:
    walk = Walk(chip, before, 150, step_ms, 7)
    assert walk.faults(60000) == []
    for part in range(8):
        assert walk.faults(1000 + part * 60) == []
        walk.deck.raise_to(110, 0)
        began = walk.world.now
        while walk.reading() != f.INCLINE_TOO_STEEP:
            assert walk.world.now - began <= 1500000, (part, walk.incline.permille)
        walk.deck.raise_to(before, 0)
        while walk.incline.permille > before + 8:
            walk.reading()
        walk.faults(2000)
