# SPDX-License-Identifier: MIT
"""GPIO numbers of the ESP32-S3: its map against what the chip does with each pin.

From data sheet and hardware design guidelines; no S3 has been measured.
"""

from __future__ import annotations

import pytest

from tests.hardware import test_pins as esp32
from tests.hardware.test_pins import ANALOGUE, OUTPUTS, RELAY_TRIO, TOUCH, declared

STRAPPING = {0, 3, 45, 46}
ABSENT = {22, 23, 24, 25}
FLASH = set(range(26, 33))
PSRAM = set(range(33, 38))  # octal PSRAM takes them; those without leave them free
USB = {19, 20}
CONSOLE = {43, 44}
LIGHTS_OF_KITS = {38, 48}
GLITCH_LOW_AT_POWER_UP = set(range(1, 19))
GLITCH_HIGH_AT_POWER_UP = {18, 19, 20}
SEEN_HIGH_AT_POWER_UP = {21}  # one report, 30 ms
PULLED_UP_AT_RESET = {0, 39}
ADC1 = set(range(1, 11))
TOUCHES = set(range(1, 15))
CLOSED_TO_GROUND = ("START", "MODE_FORWARD", "MODE_BACKWARD", "STOP2_FB", "KEY_SENSE", "RELAY_FB")
MOVES = (
    STRAPPING
    | GLITCH_LOW_AT_POWER_UP
    | GLITCH_HIGH_AT_POWER_UP
    | SEEN_HIGH_AT_POWER_UP
    | PULLED_UP_AT_RESET
)

PINS = declared("esp32s3/pins.py")


def test_it_names_what_the_esp32s_map_names():
    assert set(PINS) == set(esp32.PINS)


def test_no_gpio_has_two_names():
    assert len(set(PINS.values())) == len(PINS)


def test_every_gpio_exists():
    assert all(0 <= gpio <= 48 for gpio in PINS.values())
    assert not set(PINS.values()) & ABSENT


def test_nothing_is_on_flash_psram_usb_or_console_pins():
    assert not set(PINS.values()) & (FLASH | PSRAM | USB | CONSOLE)


def test_nothing_is_on_a_strapping_pin():
    assert not set(PINS.values()) & STRAPPING


@pytest.mark.parametrize("name", [*RELAY_TRIO, "STOP2_EN"])
def test_nothing_that_drives_a_relay_moves_at_power_up(name):
    assert PINS[name] not in MOVES


def test_the_relays_feedback_does_not_move_at_power_up():
    assert PINS["RELAY_FB"] not in MOVES


def test_no_output_but_buzzer_and_light_has_a_glitch():
    assert {n for n in OUTPUTS if PINS[n] in MOVES} <= {"BUZZER", "LED"}


@pytest.mark.parametrize("name", CLOSED_TO_GROUND)
def test_no_contact_to_ground_is_where_the_glitch_is_high(name):
    assert PINS[name] not in GLITCH_HIGH_AT_POWER_UP


def test_only_a_pump_or_its_enable_shares_a_light_of_a_kit():
    """Which may flicker with it, and whose input loads nothing."""
    assert {n for n, gpio in PINS.items() if gpio in LIGHTS_OF_KITS} <= set(RELAY_TRIO)


def test_voltages_are_read_on_adc1():
    assert {PINS[n] for n in ANALOGUE} <= ADC1


def test_rails_can_touch_and_be_read_as_voltages():
    assert {PINS[n] for n in TOUCH} <= TOUCHES & ADC1


def test_the_pages_table_shows_both_maps():
    text = (esp32.ROOT / "docs/reference/pins.md").read_text("utf-8")
    for name in PINS:
        assert f"| `{name}` | GPIO{esp32.PINS[name]} | GPIO{PINS[name]} |" in text
