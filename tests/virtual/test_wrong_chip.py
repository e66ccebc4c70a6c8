# SPDX-License-Identifier: MIT
"""A program copied by hand onto the other chip: the relay's pins do not exist there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import ROOT
from treadguard.virtual import scenario, variants

PRESS = {
    "name": "wrong chip",
    "mode": "backward",
    "end_ms": 15000,
    "timeline": [
        {"do": "grip", "side": "both", "at_ms": 4000},
        {"do": "let_go", "side": "right", "at_ms": 5000},
        {"do": "start", "what": "press", "at_ms": 6000},
        {"do": "grip", "side": "right", "at_ms": 7000},
    ],
}


class S3UnderTheEsp32sProgram(variants.Esp32S3):
    name = variants.ESP32


class Esp32UnderTheS3sProgram(variants.Esp32):
    name = variants.S3

    def line(self, gpio):
        """34 to 39 are inputs, which the fake does not know; nothing is above."""
        if gpio > 33:
            raise ValueError("invalid pin")
        return gpio


def ran(chip: str) -> Any:
    world, _, _ = scenario.run({**PRESS, "chip": chip}, str(ROOT / "firmware"))
    return world


@pytest.mark.parametrize("chip", variants.NAMES)
def test_the_right_program_answers_the_press(chip: str) -> None:
    assert "closed" in [detail for _, kind, detail in ran(chip).events if kind == "relay"]


@pytest.mark.parametrize(
    ("chip", "under"),
    [("esp32", S3UnderTheEsp32sProgram()), ("esp32s3", Esp32UnderTheS3sProgram())],
    ids=["an ESP32's on an S3", "an S3's on an ESP32"],
)
def test_the_wrong_program_drives_no_relay_at_all(
    monkeypatch: pytest.MonkeyPatch, chip: str, under: Any
) -> None:
    monkeypatch.setitem(variants.VARIANTS, chip, under)
    world = ran(chip)
    assert [event for event in world.events if event[1] == "relay"] == []
    assert not any(world.outputs)
    assert any("uncaught ValueError" in detail for _, _, detail in world.events)
